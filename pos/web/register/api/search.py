"""The register's JSON interface: the search box."""

from __future__ import annotations

from flask import Response, jsonify, request

from pos.core.database.base import reading
from pos.core.i18n.name_folding import found_in, search_words, searchable
from pos.domain.catalogue.barcodes import same_code
from pos.domain.catalogue.queries import menu
from pos.domain.clients import queries as clients
from pos.domain.credits.queries import left_by_client
from pos.domain.receipts.repository import found_by_label
from pos.domain.staff.permissions import Permission
from pos.web.common.permissions import requires
from pos.web.register.api.gift_card_serializers import found_cards
from pos.web.register.api.serializers import (
    left_json,
    sale_links,
)
from pos.web.register.blueprint import bp
from pos.web.register.current_desk import current_desk


@bp.get("/api/search")
@requires(Permission.SEE_CLIENTS)
def search() -> Response:
    """One box for everything: clients by part of a name or phone, items by name, key or barcode, receipts by number.

    With `scan` a scanner typed it: only what has exactly this code is found, and a client only by their card.
    """
    desk, session = current_desk(), reading()
    text = request.args.get("q", "")[:80].strip()
    if not text:
        return jsonify({"clients": [], "items": [], "receipts": []})
    cards, sentence = found_cards(text, desk)
    scanned = "scan" in request.args
    owner = clients.by_card(session, text)
    found = [owner] if owner else [] if scanned else clients.search(session, text)
    on_sale = menu(session, desk.place, desk.place.today()).all()
    left = left_by_client(session, [c.id for c in found], desk.place.id, desk.place.today())
    words = [] if scanned else search_words(text)
    by_code = {item.item_id for item in on_sale if item.code and same_code(item.code, text)}
    items = [item for item in on_sale if item.item_id in by_code or found_in(words, searchable(item.name))]
    receipts = found_by_label(session, desk.place.id, text, whole=scanned, limit=4)
    return jsonify(
        {
            "clients": [
                {
                    "client_id": str(c.id),
                    "name": c.name,
                    "email": c.email,
                    "phone": c.phone,
                    **left_json(left.get(c.id)),
                }
                for c in found
            ],
            "items": [
                {
                    "item_id": str(i.item_id),
                    "kind": i.kind,
                    "name": i.name,
                    "price_minor": i.price_minor,
                    "by_code": i.item_id in by_code,
                }
                for i in items[:6]
            ],
            "receipts": [sale_links(sale_id, label) for sale_id, label in receipts] if len(text) >= 3 else [],
            "gift_cards": cards,
            "sentence": sentence,
            "scanned": scanned or owner is not None,
        }
    )
