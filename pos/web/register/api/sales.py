"""The register's JSON interface: one sale looked at, and a fresh form token."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from flask import Response, jsonify
from flask_wtf.csrf import generate_csrf

from pos.core.database.base import reading
from pos.core.errors import Invalid, NotFound
from pos.core.messages.sales import CODE_MISSING, NO_SUCH_SALE, RECEIPT_ADDRESS_MISSING
from pos.domain.clients import queries as clients
from pos.domain.clients.registration import normal_email
from pos.domain.payments import repository as payments
from pos.domain.promotions.queries import find
from pos.domain.receipts import repository as receipts
from pos.domain.sales import repository as sales
from pos.domain.sales.repository import lines_of
from pos.domain.staff.permissions import Permission
from pos.services.buyers import recipient
from pos.services.checkout.visit_conversion import offers
from pos.services.documents.receipts import reprint
from pos.services.jobs.event_handlers import request_mail
from pos.services.payments.payment_state import card_name
from pos.web.common.json_body import Body
from pos.web.common.permissions import public, requires
from pos.web.common.sessions import current_staff
from pos.web.register.api.serializers import sale_json
from pos.web.register.blueprint import bp
from pos.web.register.current_desk import current_desk

if TYPE_CHECKING:
    from pos.domain.sales.models import Sale


@bp.post("/api/promo-codes/look-up")
@requires(Permission.RING_UP)
def look_up_promo() -> Response:
    """Whether a text is a promo code; whether it holds for the ticket is said when that is priced."""
    typed = Body().text("code", most=80)
    if not typed:
        raise Invalid(CODE_MISSING, field="code")
    found = find(reading(), typed)
    return jsonify({"promo": {"code": found.code, "label": found.label} if found else None})


def own_sale(sale_id: UUID) -> Sale:
    """A sale of this location; raises NotFound for any other."""
    sale = sales.sale(reading(), sale_id)
    if sale is None or sale.location_id != current_desk().place.id:
        raise NotFound(NO_SUCH_SALE)
    return sale


@bp.get("/api/token")
@public
def get_token() -> Response:
    """A form token, for a page that stayed open longer than its first one lives."""
    return jsonify({"token": generate_csrf()})


@bp.get("/api/sales/<uuid:sale_id>")
@requires(Permission.RING_UP)
def get_sale(sale_id: UUID) -> Response:
    """A completed sale: lines, tenders, change, and where its paper is."""
    session, sale = reading(), own_sale(sale_id)
    tenders = payments.tenders_of(session, sale.id)
    client = clients.client(session, sale.client_id) if sale.client_id else None
    lines = lines_of(session, sale.id)
    persons = {line.person_id: clients.name_of(session, line.person_id) for line in lines if line.person_id}
    cards = {one.id: card_name(one) for one in payments.attempts_of(session, sale.id)}
    return jsonify(sale_json(sale, receipts.of_sale(session, sale.id), lines, tenders, client, persons, cards))


@bp.get("/api/sales/<uuid:sale_id>/visit-conversion")
@requires(Permission.RING_UP)
def get_visit_conversion_offers(sale_id: UUID) -> Response:
    """The packages that a visit of a sale could be the first of, or a package be changed for, with what is left to pay.

    `kind` says which of both it is; no packages where none can.
    """
    own_sale(sale_id)
    visit, packages = offers(reading(), current_desk().place, sale_id)
    found = [{"item_id": str(one.item_id), "name": one.name, "rest_minor": one.rest_minor} for one in packages]
    kind = next((line.kind for line in lines_of(reading(), sale_id) if visit and line.position == visit.position), None)
    kind = "package" if kind == "package" else "visit"
    return jsonify({"visit_conversion": visit.to_json() if visit else None, "kind": kind, "packages": found})


@bp.post("/api/sales/<uuid:sale_id>/reprint")
@requires(Permission.RING_UP)
def create_reprint(sale_id: UUID) -> tuple[Response, int]:
    """Count a reprint; the answer names where the duplicate is."""
    own_sale(sale_id)
    number = reprint(sale_id, current_staff().person.id)
    return jsonify({"number": number, "pdf": f"/register/sales/{sale_id}/duplicate/{number}.pdf"}), 201


@bp.post("/api/sales/<uuid:sale_id>/mail")
@requires(Permission.RING_UP)
def mail_receipt(sale_id: UUID) -> tuple[Response, int]:
    """Mail a receipt to an address, or to the client's own; raises Invalid when nobody knows where to."""
    sale = own_sale(sale_id)
    given = Body().text("to", most=320)
    if not given and recipient(reading(), sale) is None:
        raise Invalid(RECEIPT_ADDRESS_MISSING, field="to")
    request_mail(sale_id=sale_id, to=normal_email(given, field="to") if given else None)
    return jsonify({"queued": True}), 202
