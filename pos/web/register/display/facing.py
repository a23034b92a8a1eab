"""What the screen that faces the client shows: cart, sums, tips, a code to scan, thanks. Of the client only a first name."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from pos.core.database.base import reading
from pos.core.errors import PosError
from pos.core.hashing import sha256_hex
from pos.core.i18n.translator import Translator, translator
from pos.domain.locations.queries import DeskPlace
from pos.reports.desk.at_the_desk import JustSold, TicketInWork, just_sold, ticket_in_work
from pos.services.payments.payment_state import PARTLY_PAID
from pos.web.register.api.tickets import ticket_view

Json = dict[str, Any]
# How long thanks and the code of the receipt stay, where nothing else begins.
THANKS = timedelta(seconds=90)


def facing(desk: DeskPlace, seen: str) -> Json:
    """What the display of a desk shows now; only that it is the same where `seen` is what it shows."""
    session = reading()
    ticket = ticket_in_work(session, desk.id)
    # An open ticket changes by its version: as long as that is the same nothing is priced.
    if ticket is not None and ticket.state == "open" and seen == (key := f"{ticket.id.hex}:{ticket.version}"):
        return {"key": key}
    found = _shown(session, desk, ticket)
    if ticket is not None and ticket.state == "open" and found["state"] == "cart":
        return found | {"key": f"{ticket.id.hex}:{ticket.version}"}
    key = sha256_hex(repr(sorted(found.items())).encode())[:32]
    return {"key": key} if key == seen else found | {"key": key}


def _shown(session: Session, desk: DeskPlace, ticket: TicketInWork | None) -> Json:
    w = translator(desk.place.locale)
    idle: Json = {"state": "idle", "clinic": desk.place.clinic_name}
    if ticket is not None:
        try:
            return _cart(desk, w, ticket_view(ticket.id, desk))
        except PosError:
            return idle
    paid = just_sold(session, desk, THANKS)
    return _thanks(desk, w, paid) if paid else idle


def _cart(desk: DeskPlace, w: Translator, view: Json) -> Json:
    code, totals, client = desk.place.currency, view["totals"], view["client"]
    sums = [(_("Discounts"), -totals["discount_minor"])] if totals["discount_minor"] else []
    sums += [(one["name"], one["amount_minor"]) for one in view["charges"] if one["charged"]]
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
    received = sum(part["amount_minor"] for part in payment["parts"]) if payment else 0
    if received:
        sums.append((_("Paid so far"), -received))
    state, image = "cart", None
    if payment is not None:
        shows = {"declined": "declined", "unknown": "checking", PARTLY_PAID: "cart"}
        state = shows.get(payment["state"], "card")
        if payment["code"]:
            state, image = "code", f"/register/display/code.svg?k={payment['order_id']}"
    due = payment["amount_minor"] if payment else totals["rest_minor"]
    if payment is not None and state == "cart":
        due = payment["rest_minor"]
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


def _thanks(desk: DeskPlace, w: Translator, sold: JustSold) -> Json:
    code = desk.place.currency
    return {
        "state": "paid",
        "total": w.money(sold.total_minor, code) if sold.total_minor else None,
        "change": w.money(sold.change_minor, code) if sold.change_minor else None,
        "receipt": sold.receipt,
        "image": f"/register/display/receipt.svg?k={sold.sale_id}",
    }
