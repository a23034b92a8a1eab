"""What the screen that faces the client shows: cart, sums, tips, a code to scan, thanks. Of the client only a first name."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from pos.core import clock
from pos.core.database.base import reading
from pos.core.errors import PosError
from pos.core.hashing import sha256_hex
from pos.core.i18n.translator import Translator, translator
from pos.domain.locations.queries import DeskPlace
from pos.domain.payments.models import Tender
from pos.domain.receipts.models import Receipt
from pos.domain.receipts.repository import TEST_SERIES
from pos.domain.sales.models import Sale, Ticket
from pos.services.checkout.cart import current_ticket
from pos.web.register.api.tickets import ticket_view

Json = dict[str, Any]
# How long thanks and the code of the receipt stay, where nothing else begins.
THANKS = timedelta(seconds=90)


def open_ticket_of(session: Session, desk_id: UUID) -> Ticket | None:
    """The ticket a desk is working on, where there is anything on it."""
    found = current_ticket(session, desk_id)
    row = session.get(Ticket, found) if found else None
    return row if row is not None and row.content["lines"] else None


def last_sale(session: Session, desk: DeskPlace) -> tuple[Sale, Receipt] | None:
    """The sale a desk has just completed."""
    since = clock.now() - THANKS
    query = (
        select(Sale, Receipt)
        .join(Receipt, Receipt.sale_id == Sale.id)
        .where(
            Sale.location_id == desk.place.id, Sale.desk_id == desk.id, Sale.completed_at >= since,
            Sale.business_on >= desk.place.today() - timedelta(days=1), Receipt.series != TEST_SERIES,
        )
        .order_by(Sale.completed_at.desc(), Sale.id.desc())
        .limit(1)
    )  # fmt: skip
    row = session.execute(query).first()
    return (row[0], row[1]) if row else None


def facing(desk: DeskPlace, seen: str) -> Json:
    """What the display of a desk shows now; only that it is the same where `seen` is what it shows."""
    session = reading()
    ticket = open_ticket_of(session, desk.id)
    # An open ticket changes by its version: as long as that is the same nothing is priced.
    if ticket is not None and ticket.state == "open" and seen == (key := f"{ticket.id.hex}:{ticket.version}"):
        return {"key": key}
    found = _shown(session, desk, ticket)
    if ticket is not None and found["state"] == "cart":
        return found | {"key": f"{ticket.id.hex}:{ticket.version}"}
    key = sha256_hex(repr(sorted(found.items())).encode())[:32]
    return {"key": key} if key == seen else found | {"key": key}


def _shown(session: Session, desk: DeskPlace, ticket: Ticket | None) -> Json:
    w = translator(desk.place.locale)
    idle: Json = {"state": "idle", "clinic": desk.place.clinic_name}
    if ticket is not None:
        try:
            return _cart(desk, w, ticket_view(ticket.id, desk))
        except PosError:
            return idle
    paid = last_sale(session, desk)
    return _thanks(session, desk, w, *paid) if paid else idle


def _cart(desk: DeskPlace, w: Translator, view: Json) -> Json:
    code, totals, client = desk.place.currency, view["totals"], view["client"]
    sums = [(_("Discounts"), -totals["discount_minor"])] if totals["discount_minor"] else []
    if not desk.place.tax_inclusive:
        sums += [(tax["name"], tax["tax_minor"]) for tax in totals["taxes"] if tax["tax_minor"]]
    if totals["tip_minor"]:
        sums.append((_("Tip"), totals["tip_minor"]))
    if totals["stored_minor"]:
        sums.append((_("Paid before"), -totals["stored_minor"]))
    lines = []
    for one in view["lines"]:
        covered = one["cover"] and not one["amount_minor"]
        amount = _("included") if covered else w.amount(one["amount_minor"], code)
        if covered and one["cover"]["kind"] == "credit":
            amount = _("your package")
        name = f"{one['quantity']} × {one['name']}" if one["quantity"] > 1 else one["name"]
        lines.append({"name": name, "amount": amount})
    payment = view["payment"]
    state, image = "cart", None
    if payment is not None:
        state = {"declined": "declined", "unknown": "checking"}.get(payment["state"], "card")
        if payment["code"]:
            state, image = "code", f"/register/display/code.svg?k={payment['order_id']}"
    due = payment["amount_minor"] if payment else totals["rest_minor"]
    chosen = (view["tip"] or {}).get("percent")
    tips = [
        {
            "percent": one["percent"],
            "words": f"{one['percent']} %",
            "amount": w.amount(one["amount_minor"], code),
            "chosen": chosen is not None and float(chosen) == float(one["percent"]),
        }
        for one in view["tip_choices"]
    ]
    return {
        "state": state,
        "ticket_id": view["ticket_id"],
        "first_name": client["name"].split(" ")[0] if client else None,
        "lines": lines,
        "sums": [{"words": words, "amount": w.amount(minor, code)} for words, minor in sums],
        "due": w.money(due, code),
        "tips": tips if totals["tip_base_minor"] and payment is None else [],
        "has_tip": bool(totals["tip_minor"]),
        "image": image,
    }


def _thanks(session: Session, desk: DeskPlace, w: Translator, sale: Sale, receipt: Receipt) -> Json:
    change = sum(session.scalars(select(Tender.change_minor).where(Tender.sale_id == sale.id)))
    total = sale.total_minor + sale.tip_minor
    return {
        "state": "paid",
        "total": w.money(total, desk.place.currency) if total else None,
        "change": w.money(change, desk.place.currency) if change else None,
        "receipt": receipt.label,
        "image": f"/register/display/receipt.svg?k={sale.id}",
    }
