"""Gift cards as lines of a ticket: what may be sold, and the card that comes into the world when the sale completes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy.orm import Session

from pos.core import outbox
from pos.core.app_context import settings
from pos.core.clock import zone
from pos.core.errors import Invalid
from pos.core.i18n.translator import translator
from pos.core.ids import new_id
from pos.core.messages.stored_value import (
    GIFT_CARD_AMOUNT_MISSING,
    GIFT_CARD_BALANCE_TOO_HIGH,
    GIFT_CARD_NOT_PAID_BY_GIFT_CARD,
    GIFT_CARD_NOT_RELOADABLE_HERE,
    SEND_DAY_TOO_LATE,
)
from pos.domain.catalogue.gift_card_item import GIFT_CARD, GIFT_CARD_ITEM
from pos.domain.catalogue.queries import Picked
from pos.domain.clients.registration import normal_email
from pos.domain.locations.action_context import ActionContext
from pos.domain.locations.queries import Place
from pos.domain.receipts.receipt_document import PrintedCard
from pos.domain.sales.carts import CartLineRequest
from pos.domain.sales.models import Sale
from pos.domain.sales.pricing import Cart, Settlement
from pos.domain.sales.tender_kinds import STORED
from pos.domain.stored_value import queries
from pos.domain.stored_value import wallet as stored_value
from pos.domain.stored_value.balances import StoredValueEntry
from pos.domain.stored_value.queries import certificate_key
from pos.services.buyers import recipient

# The hour of the day, at the location, at which a certificate sent on a later day arrives.
_MORNING = time(8)
_FARTHEST = timedelta(days=366)


@dataclass(frozen=True)
class SoldCard:
    """A gift card a sale made or reloaded."""

    card_id: UUID
    last4: str
    amount_minor: int
    balance_minor: int
    expires_on: date | None


def pick_gift(session: Session, place: Place, line: CartLineRequest, day: date) -> Picked:
    """The line's gift card as something to price: its amount, untaxed.

    Raises Invalid outside the location's limits, for a card that cannot be reloaded, or a day that cannot be sent on.
    """
    gift = line.gift
    if gift is None:
        raise Invalid(GIFT_CARD_AMOUNT_MISSING, field="amount_minor")
    terms = queries.terms_of(session, place, day)
    terms.require_amount(gift.amount_minor)
    if gift.to_email:
        normal_email(gift.to_email, field="to_email")
    if gift.send_on is not None and gift.send_on - day > _FARTHEST:
        raise Invalid(SEND_DAY_TOO_LATE, field="send_on")
    w = translator(place.locale)
    name = w("Gift card")
    if gift.card_id is not None:
        card = queries.card(session, gift.card_id, day)
        if card.location_id != place.id or card.state not in ("active", "used_up"):
            raise Invalid(GIFT_CARD_NOT_RELOADABLE_HERE, field="card_id")
        if card.balance_minor + card.held_minor + gift.amount_minor > terms.balance_most_minor:
            raise Invalid(
                GIFT_CARD_BALANCE_TOO_HIGH,
                field="amount_minor",
                balance_most_minor=terms.balance_most_minor,
            )
        name = w("Gift card •••• %(last4)s, reloaded", last4=card.last4)
    return Picked(
        item_id=GIFT_CARD_ITEM,
        kind=GIFT_CARD,
        name=name,
        service_id=None,
        service_name=None,
        minutes=None,
        code=None,
        key=None,
        tax_category="none",
        price_minor=gift.amount_minor,
        tax_percent=Decimal(0),
    )


def require_gift_card_money(cart: Cart, settlement: Settlement) -> None:
    """Refuse a gift card that would be paid with stored value, whoever priced the sale; raises Invalid."""
    if (
        sum(part.amount_minor for part in settlement.stored if part.kind in STORED)
        > settlement.due_minor - cart.gift_minor
    ):
        raise Invalid(GIFT_CARD_NOT_PAID_BY_GIFT_CARD, field="stored")


def _send_at(place: Place, day: date | None, now: datetime) -> datetime | None:
    """When a certificate goes out: the morning of the day asked for, at the location; at once when that is past."""
    if day is None:
        return None
    morning = datetime.combine(day, _MORNING, zone(place.time_zone))
    return morning if morning > now else None


def make_cards(session: Session, context: ActionContext, sale: Sale, cart: Cart) -> dict[int, SoldCard]:
    """Make or reload the cards of a completed sale, by position of their line, and have certificates mailed.

    What is bought online goes to its buyer when nobody else is named.
    """
    made: dict[int, SoldCard] = {}
    place = context.location
    for position, priced in enumerate(cart.lines, start=1):
        gift = priced.line.gift
        if gift is None:
            continue
        amount = priced.gross_minor
        if gift.card_id is not None:
            entry = StoredValueEntry(
                "reload",
                context.keyed(f"reload:{sale.id}:{position}"),
                sale_id=sale.id,
            )
            balance = stored_value.credit_card(session, gift.card_id, amount, entry)
            card = queries.card(session, gift.card_id, sale.business_on)
            made[position] = SoldCard(card.card_id, card.last4, amount, balance, card.expires_on)
            continue
        to_email = gift.to_email
        if to_email is None and sale.channel == "shop" and (buyer := recipient(session, sale)):
            to_email = buyer.to
        card_id = new_id()
        new = stored_value.NewCard(
            card_id=card_id,
            currency=sale.currency,
            amount_minor=amount,
            expires_on=queries.terms_of(session, place, sale.business_on).expires_on(sale.business_on),
            sale_id=sale.id,
            sale_position=position,
            buyer_id=sale.client_id,
            to_name=gift.to_name,
            to_email=to_email,
            message=gift.message,
        )
        keyed = context.keyed(f"issue:{sale.id}:{position}")
        row = stored_value.issue_card(session, new, keyed, secret=settings().secret_key)
        made[position] = SoldCard(card_id, row.last4, amount, amount, row.expires_on)
        if to_email:
            outbox.record(
                session,
                "gift_certificate",
                {"card_id": str(card_id)},
                key=certificate_key(card_id),
                due_at=_send_at(place, gift.send_on, sale.completed_at),
            )
    return made


def printed_cards(made: dict[int, SoldCard]) -> dict[int, PrintedCard]:
    """What the receipt says of each card, by position of its line: never the code, which only the certificate shows."""
    return {position: PrintedCard(card.last4, card.balance_minor, card.expires_on) for position, card in made.items()}
