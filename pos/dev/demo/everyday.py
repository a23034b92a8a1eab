"""What else happens at a clinic in some weeks: gift cards, promo codes, discounts, refunds, voids, tips paid out, a card
payment disputed, payouts, and credits of an older system that end soon. Every page of the office has something to show.
"""

from __future__ import annotations

import json
import random
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from urllib.request import Request, urlopen
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from pos.core.database.base import reading
from pos.core.ids import new_id
from pos.domain.catalogue.gift_card_item import GIFT_CARD_ITEM
from pos.domain.locations.queries import DeskPlace
from pos.domain.promotions.rules import PromoTerms
from pos.domain.sales.cart_options import Gift, Stored
from pos.domain.sales.carts import CartLineRequest, CartRequest
from pos.domain.sales.models import Sale, SaleLine
from pos.domain.sales.pricing import Discount
from pos.domain.staff.queries import Person, therapists
from pos.domain.stored_value.models import GiftCard
from pos.domain.till.shifts import MovementRequest
from pos.domain.tips import repository as tips
from pos.services.checkout.promo_codes import write_promo
from pos.services.imports.import_balances import import_balances
from pos.services.reconciliation.disputes import news_of_dispute
from pos.services.reconciliation.payouts import news_of_payout
from pos.services.refunds.calculate import RefundChoice
from pos.services.refunds.issue_refund import RefundCommand, refund
from pos.services.refunds.void_sale import VoidSale, void_sale
from pos.services.till.cash_movements import record_movement

CODE = "WELCOME10"
_GIFT_MINOR = 100_00
_PAID_OUT_MINOR = 12_50
# Credits of an older system: given name, family name, left of ten, and in how many days they end.
_OLDER = (("Olive", "Marsh", 4, 9), ("Peter", "Novak", 2, 18), ("Hana", "Sato", 6, 27), ("Iris", "Lund", 3, 55))


@dataclass
class Everyday:
    """What happens beside the visits at one desk; `manager` does what reception may not, `days` counts the days traded."""

    desk: DeskPlace
    staff_id: UUID
    manager: Person
    chance: random.Random
    days: int = 0
    gift_cards: list[UUID] = field(default_factory=list)
    welcomed: set[UUID] = field(default_factory=set)

    def before_all(self, first: date) -> None:
        """Make the promo code that new clients get."""
        terms = PromoTerms(
            new_id(), CODE, "10 % for new clients", Decimal(10), None, self.desk.place.currency, self.desk.place.id,
            frozenset(), first, None, None, 1,
        )  # fmt: skip
        write_promo(terms.checked(), person=self.manager)

    def with_reduction(self, wanted: CartRequest, client_id: UUID) -> CartRequest:
        """Now and then a visit has a promo code or a small discount by hand, or is paid with a gift card."""
        drawn = self.chance.random()
        if self.gift_cards and drawn < 0.05:
            return CartRequest(wanted.lines, tip=wanted.tip, stored=(Stored("gift_card", self.gift_cards[0]),))
        if drawn < 0.09 and client_id not in self.welcomed:
            self.welcomed.add(client_id)
            return CartRequest(wanted.lines, tip=wanted.tip, promo=CODE)
        if drawn < 0.13:
            by_hand = Discount(percent=Decimal(5), reason="Comes every week")
            return CartRequest(wanted.lines, tip=wanted.tip, discount=by_hand)
        return wanted

    def gift(self) -> CartRequest | None:
        """Every sixth day somebody buys a gift card."""
        if self.days % 6 != 2:
            return None
        return CartRequest((CartLineRequest(new_id(), GIFT_CARD_ITEM, gift=Gift(_GIFT_MINOR, to_name="A friend")),))

    def at_the_drawer(self) -> None:
        """A drawer is opened for flowers, or for nothing."""
        if self.days % 9 == 4:
            self._move("paid_out", _PAID_OUT_MINOR, "Flowers for the desk")
        elif self.days % 11 == 7:
            self._move("no_sale", 0, "Change for a client")

    def before_closing(self) -> None:
        """What goes back that day, and on some days a tip paid out; then the day is over."""
        if self.days % 5 == 3:
            self._refund()
        elif self.days % 10 == 6:
            self._void()
        if self.days % 6 == 5:
            self._pay_tip_out()
        self.gift_cards = list(reading().scalars(select(GiftCard.id).where(GiftCard.balance_minor > 0)))
        self.days += 1

    def _move(self, kind: str, minor: int, reason: str, recipient_id: UUID | None = None) -> None:
        record_movement(
            desk_id=self.desk.id, staff_id=self.staff_id,
            wanted=MovementRequest(new_id(), kind, minor, reason, recipient_id),
        )  # fmt: skip

    def _today(self, session: Session, *kinds: str) -> tuple[UUID, int] | None:
        """The last sale of the day at this desk with a line of one of these kinds that money was paid for."""
        row = session.execute(
            select(SaleLine.sale_id, SaleLine.position)
            .join(Sale, Sale.id == SaleLine.sale_id)
            .where(
                Sale.desk_id == self.desk.id, Sale.business_on == self.desk.place.today(), SaleLine.kind.in_(kinds),
                SaleLine.net_minor > 0,
            )
            .order_by(Sale.completed_at.desc(), SaleLine.position)
            .limit(1)
        ).first()  # fmt: skip
        return (row[0], row[1]) if row else None

    def _refund(self) -> None:
        found = self._today(reading(), "retail", "add_on") or self._today(reading(), "variant")
        if found:
            wanted = RefundChoice(found[0], positions=(found[1],))
            refund(RefundCommand(new_id(), wanted, "Was not what the client wanted", self.manager, self.desk.id))

    def _void(self) -> None:
        found = self._today(reading(), "variant")
        if found:
            void_sale(VoidSale(new_id(), found[0], "Rung up for the wrong client", self.manager, self.desk.id))

    def _pay_tip_out(self) -> None:
        for person, _name, _tier in therapists(reading(), self.desk.place.id):
            owed = tips.owed_to(reading(), self.desk.place.id, person)
            if 0 < owed < 40_00:
                return self._move("tip_paid_out", owed, "End of the week", person)
        return None


def bring_older_credits(desk: DeskPlace, staff_id: UUID) -> None:
    """Sessions that clients had in an older system, some of which end soon."""
    today = desk.place.today()
    head = "given_name,family_name,email,package,sessions,left,net_paid,expires_on,tax_paid,tax_percent,reference"
    rows = [
        f"{given},{family},{given.lower()}@mail.example,10 × Trigger point 60,10,{left},"
        f"{left * 90}.00,{(today + timedelta(days=days)).isoformat()},yes,8,OLD-{number}"
        for number, (given, family, left, days) in enumerate(_OLDER, start=1)
    ]
    import_balances(
        import_id=new_id(), location_id=desk.place.id, content="\n".join([head, *rows]).encode(), name="older-system.csv",
        staff_id=staff_id,
    )  # fmt: skip


def _ask(url: str, body: dict[str, Any] | None = None) -> Any:
    asked = Request(url)  # noqa: S310 - loopback
    if body is not None:
        asked = Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})  # noqa: S310 - loopback
    with urlopen(asked, timeout=10) as answer:  # noqa: S310 - loopback
        return json.load(answer)


def move_at_stripe(api_base: str) -> None:
    """Stripe pays out what the cards brought, and two banks take a payment back; both are fetched as the worker would."""
    known = _ask(f"{api_base}/_sim/state")
    returned = {one["charge"] for one in known["refunds"]}
    paid = [one for one in known["intents"] if one.get("latest_charge") not in {None, *returned}]
    for currency in sorted({one["currency"] for one in paid}):
        made = _ask(f"{api_base}/_sim/payouts", {"currency": currency})
        _ask(f"{api_base}/_sim/payouts/{made['id']}/arrive", {})
        news_of_payout(made["id"])
    for one, reason in zip(paid[-8:-6], ("fraudulent", "product_not_received"), strict=True):
        opened = _ask(f"{api_base}/_sim/charges/{one['latest_charge']}/dispute", {"reason": reason})
        news_of_dispute(opened["id"])
