"""What the register's scripts receive of gift cards and account credit."""

from __future__ import annotations

from typing import Any

from pos.core.database.base import reading
from pos.core.errors import Conflict, Locked, NotFound
from pos.domain.locations.queries import DeskPlace
from pos.domain.stored_value.queries import CardFacts, terms_of
from pos.services.checkout.stored_value_tenders import AppliedTender
from pos.services.stored_value.gift_cards import code_to_print, look_up
from pos.web.common.template_context import page_text


def stored_json(applied: AppliedTender) -> dict[str, Any]:
    """A gift card or account credit on a ticket: what it pays, what is on it, and why it pays nothing.

    `is_visit`: what was paid for a visit that becomes the first of a package on this ticket.
    """
    return {
        **applied.requested.to_json(),
        "last4": applied.last4,
        "balance_minor": applied.balance_minor,
        "pays_minor": applied.part.amount_minor if applied.part else 0,
        "problem": page_text(applied.problem),
        "is_visit": bool(applied.part and applied.part.visit_conversion),
    }


def card_json(card: CardFacts, desk: DeskPlace) -> dict[str, Any]:
    """A card as the desk sees it after its code was shown."""
    terms = terms_of(reading(), desk.place, desk.place.today())
    is_ours = card.location_id == desk.place.id
    may_cash_out = (
        terms.cash_out_minor is not None
        and card.state == "active"
        and not card.held_minor
        and card.balance_minor <= terms.cash_out_minor
    )
    return {
        "card_id": str(card.card_id),
        "last4": card.last4,
        "state": card.state if is_ours else "elsewhere",
        "balance_minor": card.balance_minor,
        "expires_on": card.expires_on.isoformat() if card.expires_on else None,
        "can_pay": is_ours and card.state == "active" and card.balance_minor > 0,
        "can_reload": is_ours and card.state in ("active", "used_up"),
        "can_cash_out": is_ours and may_cash_out,
    }


def found_cards(text: str, desk: DeskPlace) -> tuple[list[dict[str, Any]], str | None]:
    """The card behind a code in the search box, and a sentence where the code is nobody's or too many were tried."""
    try:
        card = look_up(text, door=str(desk.id))
    except (Locked, NotFound) as refusal:
        return [], page_text(refusal.sentence)
    return ([card_json(card, desk)] if card else []), None


def sold_json(card: CardFacts) -> dict[str, Any]:
    """A card just sold, with its code for the person it is handed to."""
    base = f"/register/gift-cards/{card.card_id}/certificate"
    try:
        code = code_to_print(card.card_id)
    except Conflict:
        code = None
    return {
        "card_id": str(card.card_id),
        "last4": card.last4,
        "code": code,
        "face_minor": card.face_minor,
        "balance_minor": card.balance_minor,
        "to_email": card.to_email,
        "pdf": f"{base}.pdf",
        "html": f"{base}.html",
    }
