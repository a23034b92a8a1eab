"""The verbs of these tests: sell a card, pay with one, look at what it holds."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from pos.core import clock
from pos.core.ids import new_id
from pos.domain.catalogue.gift_card_item import GIFT_CARD_ITEM
from pos.domain.sales.cart_options import (
    ACCOUNT_CREDIT,
    GIFT_CARD,
    Gift,
    Stored,
)
from pos.domain.sales.carts import CartLineRequest, CartRequest, Tip
from pos.domain.stored_value import queries, wallet
from pos.domain.stored_value.balances import StoredValueEntry
from pos.domain.stored_value.queries import CardFacts
from pos.services.checkout.ring_up import RingUpSale, RungUp
from tests.support.actions import action
from tests.support.clinic import Clinic, LineRequest, Site


def by_card(card_id: UUID, amount_minor: int | None = None) -> Stored:
    """Pay with a gift card, as far as it goes or up to an amount."""
    return Stored(GIFT_CARD, card_id, amount_minor)


def by_account(amount_minor: int | None = None) -> Stored:
    """Pay with the client's account credit."""
    return Stored(ACCOUNT_CREDIT, None, amount_minor)


def content(
    world: Clinic,
    *lines: LineRequest,
    gifts: tuple[Gift, ...] = (),
    stored: tuple[Stored, ...] = (),
    tip: Tip | None = None,
    **more: Any,
) -> CartRequest:
    """A ticket of items and gift cards, paid with stored value first."""
    asked = world.wanted(*lines, tip=tip, **more)
    cards = tuple(CartLineRequest(new_id(), GIFT_CARD_ITEM, gift=gift) for gift in gifts)
    return CartRequest(asked.lines + cards, asked.discount, asked.tip, stored)


def command(world: Clinic, wanted: CartRequest, *, cash: int, client: UUID | None = None, **more: Any) -> RingUpSale:
    """The command that rings a ticket up at the first desk."""
    given = {"sale_id": new_id(), "desk_id": world.usd.desk, "staff_id": world.receptionist.id, **more}
    return RingUpSale(cash_tendered_minor=cash, client_id=client, wanted=wanted, **given)


def sell_card(world: Clinic, amount_minor: int, *, client: UUID | None = None, **gift: Any) -> CardFacts:
    """Sell a gift card for cash at the USD clinic."""
    done = world.ring_up(
        command(world, content(world, gifts=(Gift(amount_minor, **gift),)), cash=amount_minor, client=client)
    )
    return cards_of(world, done.sale_id)[0]


def cards_of(world: Clinic, sale_id: UUID) -> list[CardFacts]:
    with world.read() as session:
        return queries.cards_of_sale(session, sale_id, clock.now().date())


def pay(world: Clinic, wanted: CartRequest, *, cash: int = 0, client: UUID | None = None, **more: Any) -> RungUp:
    """Ring a ticket up."""
    return world.ring_up(command(world, wanted, cash=cash, client=client, **more))


def on_card(world: Clinic, card_id: UUID) -> int:
    """What a card can pay now."""
    with world.read() as session:
        return queries.card(session, card_id, clock.now().date()).balance_minor


def give_credit(
    world: Clinic, client: UUID, amount_minor: int, *, site: Site | None = None, key: str = "given"
) -> None:
    """Raise a client's account credit, without the entry its use case would write."""
    at = site or world.usd
    world.write(
        lambda session: wallet.credit_account(
            session,
            client,
            amount_minor,
            StoredValueEntry("goodwill", action(session, at.location_id, key=key)),
            currency=at.currency,
        )
    )


def on_account(world: Clinic, client: UUID) -> int:
    with world.read() as session:
        return wallet.account_balance(session, client, world.usd.location_id)
