"""What the register's scripts receive: tickets, clients, menus and payments as JSON. Money is minor units."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy.orm import Session

from pos.core.app_context import settings
from pos.core.money import percent_of
from pos.domain.clients.queries import client as client_of
from pos.domain.credits.queries import (
    Left,
    labels,
    left_of,
    lots_of,
    plan_items_of,
)
from pos.domain.credits.rules.value import LATE_CHECKOUT, LotFacts
from pos.domain.locations.queries import Place
from pos.domain.payments.attempt_states import PENDING
from pos.domain.sales.cart_options import Part
from pos.domain.sales.service_charges import charges_json
from pos.domain.sales.tender_kinds import TENDER_KINDS
from pos.domain.stored_value.wallet import account_balance
from pos.domain.tips.rules import share_tip
from pos.services.checkout.cart import TicketOwner, TicketState
from pos.services.checkout.price_cart import PricedCart
from pos.services.checkout.promo_codes import AppliedPromo
from pos.services.checkout.ring_up import RungUp
from pos.services.credit_cover.line_persons import persons_of
from pos.services.payments.payment_state import PARTLY_PAID, PaymentState
from pos.web.common.template_context import page_text
from pos.web.register.api.cash_suggestions import suggestions
from pos.web.register.api.gift_card_serializers import stored_json
from pos.web.register.ticket_discounts import discounts_json

if TYPE_CHECKING:
    from pos.domain.clients.models import Client
    from pos.domain.payments.models import Tender
    from pos.domain.receipts.models import Receipt
    from pos.domain.sales.models import Sale, SaleLine

TIP_PERCENTS = (Decimal(10), Decimal(15), Decimal(20))

Json = dict[str, Any]


def tenders_json() -> dict[str, Json]:
    """The kinds of tender by their key, named in the language of the page."""
    return {
        kind.key: {
            "label": page_text(kind.label),
            "refund_label": page_text(kind.refund_label),
            "has_reference": kind.has_reference,
        }
        for kind in TENDER_KINDS.values()
    }


def left_json(left: Left | None) -> Json:
    """What the chip of a client says: credits left, and how many of them end on the next day that any does."""
    return {
        "credits_left": left.credits if left else 0,
        "next_expiry": left.next_expiry.isoformat() if left and left.next_expiry else None,
        "next_left": left.next_left if left else 0,
    }


def client_json(session: Session, place: Place, client: Client, owner: TicketOwner | None = None) -> Json:
    """A client with the chip “8 left · exp 12 May”, and each package; `owner` is what was looked up of them already."""
    if owner is None:
        owner = TicketOwner(
            client, tuple(lots_of(session, client.id, place.id)), account_balance(session, client.id, place.id)
        )
    found: Json = {
        "client_id": str(client.id),
        "name": client.name,
        "email": client.email,
        "phone": client.phone,
        **left_json(left_of(owner.lots, place.today())),
    }
    found["account_credit_minor"] = owner.account_credit_minor
    lots = [lot for lot in owner.lots if lot.valid_on(place.today())]
    plans = plan_items_of(session, [lot.package_id for lot in lots if lot.unpaid_minor])
    found["lots"] = [lot_json(lot) | {"item_id": plans.get(lot.package_id)} for lot in lots]
    return found


def lot_json(lot: LotFacts) -> Json:
    """One package of a client with something left."""
    return {
        "lot_id": str(lot.lot_id),
        "name": lot.name,
        "remaining": lot.remaining,
        "quantity": lot.quantity,
        "expires_on": lot.expires_on.isoformat() if lot.expires_on else None,
        "eligible": [str(item) for item in lot.eligible],
        "included": [str(item) for item in lot.included],
        "shared_by": lot.shared_by,
        "unpaid_minor": lot.unpaid_minor,
        "next_due_minor": lot.next_due_minor,
    }


def _line_json(state: TicketState, index: int, packages: dict[UUID, str]) -> Json:
    priced, wanted = state.priced.cart.lines[index], state.wanted.lines[index]
    cover = priced.line.cover
    return {
        "line_id": str(wanted.line_id),
        "item_id": str(wanted.item_id),
        "kind": priced.line.kind,
        "name": priced.line.name,
        "quantity": priced.line.quantity,
        "unit_minor": priced.line.unit_minor,
        "list_minor": priced.list_minor,
        "covered_minor": priced.covered_minor,
        "discount_minor": priced.discount_minor,
        "amount_minor": priced.displayed_minor,
        "tax_percent": str(priced.line.tax_percent),
        "therapist_id": str(wanted.therapist_id) if wanted.therapist_id else None,
        "credit": wanted.credit,
        "discount": state.wanted.to_json()["lines"][index]["discount"],
        **({"price": wanted.price.to_json()} if wanted.price else {}),
        **({"open_item": wanted.open_item.to_json()} if wanted.open_item else {}),
        **({"gift": wanted.gift.to_json()} if wanted.gift else {}),
        **({"visit_conversion": wanted.visit_conversion.to_json()} if wanted.visit_conversion else {}),
        **({"exemption": asdict(wanted.exemption)} if wanted.exemption else {}),
        "exempt_units": priced.line.exempt_units,
        "units": priced.line.units,
        **({"person_id": str(wanted.person_id)} if wanted.person_id else {}),
        **_part_json(priced.line.part),
        "cover": {
            "kind": cover.kind,
            "lot_id": str(cover.lot_id),
            "uses": cover.uses,
            "upgrade_minor": cover.upgrade_minor,
            "surcharge": cover.surcharge,
            "package": packages[cover.lot_id],
        }
        if cover
        else None,
    }


def promo_json(applied: AppliedPromo) -> Json:
    """A promo code on a ticket, and why it takes nothing off where that is so."""
    return {
        "code": applied.code,
        "label": applied.label,
        "amount_minor": applied.amount_minor,
        "problem": page_text(applied.problem),
    }


def _part_json(part: Part | None) -> Json:
    if part is None:
        return {}
    lot_id = str(part.lot_id) if part.lot_id else None
    return {"part": {"amount_minor": part.amount_minor, "lot_id": lot_id}, "price_minor": part.price_minor}


def totals_json(place: Place, priced: PricedCart) -> Json:
    """The sums below the lines."""
    cart = priced.cart
    return {
        "list_minor": cart.list_minor,
        "covered_minor": cart.covered_minor,
        "discount_minor": cart.discount_minor,
        "net_minor": cart.net_minor,
        "tax_minor": cart.tax_minor,
        "taxes": [
            {
                "name": place.tax_name(is_second=tax.second),
                "percent": str(tax.percent),
                "net_minor": tax.net_minor,
                "tax_minor": tax.tax_minor,
            }
            for tax in cart.taxes
        ],
        "total_minor": cart.total_minor,
        "tip_minor": priced.tip_minor,
        "tip_base_minor": cart.tip_base_minor,
        "due_minor": priced.due_minor,
        "stored_minor": priced.stored_minor,
        "rest_minor": priced.rest_minor,
        "cash_minor": place.cash.rounded(priced.rest_minor),
        "credits_used": priced.cart.credits_used,
    }


def ticket_json(session: Session, place: Place, state: TicketState, payment: PaymentState | None = None) -> Json:
    """A ticket as it stands, priced now."""
    priced = state.priced
    owner = state.owner
    client = owner.client if owner else client_of(session, state.client_id) if state.client_id else None
    content = state.wanted.to_json()
    covers = [row.line.cover for row in priced.cart.lines if row.line.cover]
    lot_ids = [cover.lot_id for cover in covers if cover.kind != "first"]
    packages = {lot.lot_id: lot.name for lot in priced.lots}
    if not packages.keys() >= set(lot_ids):
        packages = {lot_id: name for lot_id, (name, _) in labels(session, lot_ids).items()}
    return {
        "ticket_id": str(state.ticket_id),
        "state": state.state,
        "version": state.version,
        "note": state.note,
        "client": client_json(session, place, client, owner) if client else None,
        "persons": [client_json(session, place, client_of(session, one)) for one in persons_of(state.wanted)],
        "lines": [_line_json(state, index, packages) for index in range(len(state.wanted.lines))],
        "discount": content["discount"],
        "discounts": discounts_json(state.wanted, priced.cart),
        "tip": content["tip"],
        "tip_shares": tip_shares_json(priced),
        "stored": [stored_json(applied) for applied in priced.applied],
        "service_charges": content.get("service_charges", []),
        "charges": charges_json(place.service_charges, priced.charges, state.wanted.service_on or place.today()),
        "promo": promo_json(priced.promo) if priced.promo else None,
        "service_on": content.get("service_on"),
        "late_on": late_on(place, state),
        "totals": totals_json(place, priced),
        "tip_choices": [
            {"percent": str(p), "amount_minor": percent_of(priced.cart.tip_base_minor, p)} for p in TIP_PERCENTS
        ],
        "cash_suggestions": suggestions(place.cash.rounded(priced.rest_minor), place.currency),
        "needs_client": priced.needs_client and client is None,
        "payment": payment_json(payment) if payment else None,
    }


def tip_shares_json(priced: PricedCart) -> list[Json]:
    """Whose the tip on a ticket is; the pool has no `staff_id`."""
    lines = ((p.line.therapist_id, p.line.kind, p.list_minor) for p in priced.cart.lines)
    shares = share_tip(priced.tip_minor, priced.tip_staff_id, lines)
    return [{"staff_id": str(holder) if holder else None, "amount_minor": minor} for holder, minor in shares]


def late_on(place: Place, state: TicketState) -> str | None:
    """The day before, where saying that the visit was then lets a credit be used that has ended since."""
    day = place.today() - LATE_CHECKOUT
    lots = [lot for own in (state.priced.lots, *state.priced.person_lots.values()) for lot in own]
    helps = state.wanted.service_on is not None or any(lot.expires_on == day for lot in lots)
    return day.isoformat() if helps else None


def payment_json(state: PaymentState) -> Json:
    """How far a payment is, with the parts received; `sale` is there once all of it is paid."""
    return {
        "order_id": str(state.order_id),
        "state": state.state,
        "amount_minor": state.amount_minor,
        "cash_minor": state.cash_minor,
        "stored_minor": state.stored_minor,
        "currency": state.currency,
        "reason_code": state.reason_code,
        "sentence": page_text(state.sentence) or None,
        "card": state.card,
        "due_minor": state.due_minor,
        "rest_minor": state.rest_minor,
        "rest_cash_minor": state.rest_cash_minor,
        "cash_suggestions": suggestions(state.rest_cash_minor, state.currency) if state.state == PARTLY_PAID else [],
        "parts": [
            {"kind": part.kind, "amount_minor": part.amount_minor, "card": part.card or None} for part in state.parts
        ],
        "change_minor": state.change_minor,
        "rounding_minor": state.rounding_minor,
        "may_tip_on_reader": state.may_tip_on_reader,
        "kind": state.kind,
        "tip_minor": state.tip_minor,
        "tip_asked": state.tip_asked,
        "reader": state.reader,
        "code": _code_json(state) if state.kind == "checkout" and state.url and state.state == PENDING else None,
        "sale": sale_links(state.paid.sale_id, state.paid.receipt_label) if state.paid else None,
    }


def short_url(state: PaymentState) -> str:
    """What a client types who cannot scan: short, without signs that are read as others."""
    code = state.short_code or ""
    return f"{settings().base_url}/p/{code[:4]}-{code[4:]}"


def _code_json(state: PaymentState) -> Json:
    return {
        "image": f"/register/api/payments/{state.order_id}/code.svg",
        "page": f"/register/payments/{state.order_id}/code",
        "short_url": short_url(state).partition("://")[2],
        "expires_at": state.expires_at.isoformat() if state.expires_at else None,
    }


def sale_links(sale_id: UUID, label: str) -> Json:
    """A sale and where its paper is; the PDF takes `format`, a paper of the desk."""
    base = f"/register/sales/{sale_id}/receipt"
    return {
        "sale_id": str(sale_id),
        "receipt": label,
        "pdf": f"{base}.pdf",
        "html": f"{base}.html",
    }


def sale_json(
    sale: Sale,
    receipt: Receipt,
    lines: Sequence[SaleLine],
    tenders: Sequence[Tender],
    client: Client | None,
    persons: Mapping[UUID, str],
    cards: Mapping[UUID, str],
) -> Json:
    """A completed sale as the desk looks at it again.

    `persons` are the names of those that lines are for, `cards` name the cards that paid, by their attempts.
    """
    return {
        **sale_links(sale.id, receipt.label),
        "completed_at": sale.completed_at.isoformat(),
        "client": {"client_id": str(client.id), "name": client.name, "email": client.email} if client else None,
        "lines": [
            {
                "kind": line.kind,
                "name": line.name,
                "quantity": line.quantity,
                "amount_minor": line.list_minor - line.covered_minor - line.discount_minor,
                "cover": line.cover,
                "person": persons[line.person_id] if line.person_id else None,
            }
            for line in lines
        ],
        "total_minor": sale.total_minor,
        "tip_minor": sale.tip_minor,
        "tenders": [
            {"kind": t.kind, "amount_minor": t.moved_minor}
            | ({"card": cards[t.attempt_id]} if t.attempt_id and t.attempt_id in cards else {})
            for t in tenders
        ],
        "rounding_minor": sum(t.rounding_minor for t in tenders),
        "change_minor": sum(t.change_minor for t in tenders),
    }


def rung_up_json(done: RungUp) -> Json:
    """A completed sale."""
    return {
        **sale_links(done.sale_id, done.receipt_label),
        "total_minor": done.total_minor,
        "tip_minor": done.tip_minor,
        "change_minor": done.change_minor,
        "rounding_minor": done.rounding_minor,
        "replayed": done.replayed,
    }
