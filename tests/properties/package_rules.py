"""What a clinic does with packages, visits and gift cards, at random."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import rule

from pos.core.database.base import db, reading
from pos.domain.credits.models import (
    CreditLot,
    CreditMove,
    LotShare,
    PurchasedPackage,
)
from pos.domain.locations.queries import place
from pos.domain.sales.cart_options import Gift, Stored
from pos.domain.sales.carts import CartRequest, Tip
from pos.domain.sales.pricing import Discount
from pos.domain.stored_value.models import GiftCard
from pos.services.checkout.ring_up import ring_up
from pos.services.packages.adjust_credits import forfeit_credit, reverse_redemption, undo_forfeit
from pos.services.packages.breakage import recognise_breakage
from pos.services.packages.complimentary_credits import REASONS, ComplimentaryGrant, grant_complimentary_credits
from pos.services.packages.expiry import end_freezes_and_expire
from pos.services.packages.freeze_and_extend import extend_package, freeze_package, unfreeze_package
from pos.services.packages.share_and_transfer import end_share, share_package, transfer_credits
from tests.integration.instalments.conftest import part_of
from tests.integration.upgrades.test_visit_conversion import with_visit
from tests.properties.clinic_life import ClinicLife, some
from tests.support.clinic import (
    PLANS,
    line,
)
from tests.support.gift_card_desk import by_account, command, content


class PackageLife(ClinicLife):
    """A clinic that sells packages and visits, and changes what its clients have."""

    @rule(
        plan=st.sampled_from(sorted(PLANS)),
        who=some,
        count=st.sampled_from((1, 1, 1, 2)),
        off=st.sampled_from((0, 0, 7)),
    )
    def sells_a_package(self, plan: str, who: int, count: int, off: int) -> None:
        discount = Discount(amount_minor=off * 1_00 + 1, reason="Friend") if off else None
        self.attempt("package", lambda: self.world.sell(line(plan, count), client=self.client(who), discount=discount))

    @rule(
        minutes=st.sampled_from((60, 60, 60, 90)), count=st.sampled_from((1, 1, 2)), who=some,
        tip=st.sampled_from((0, 15_00)), add_on=st.sampled_from(("", "aromatherapy", "cupping")), stored=st.booleans(),
        senior=st.booleans(),
    )  # fmt: skip
    def a_visit(self, minutes: int, count: int, who: int, tip: int, add_on: str, *, stored: bool, senior: bool) -> None:
        client = self.client(who)

        def visit() -> Any:
            by = self.world.therapist if senior else None
            lines = [line(f"trigger_{minutes}", count, therapist=by), *([line(add_on)] if add_on else [])]
            thanks = Tip(amount_minor=tip, staff_id=self.world.therapist.id) if tip else None
            wanted = content(self.world, *lines, tip=thanks, stored=(by_account(),) if stored else ())
            return self._pay(wanted, client)

        self.attempt("visit", visit)

    @rule(plan=st.sampled_from(sorted(PLANS)), who=some, percent=st.sampled_from((20, 33, 71, 99)))
    def sells_a_package_in_parts(self, plan: str, who: int, percent: int) -> None:
        wanted = part_of(self.world, PLANS[plan][3] * percent // 100, plan=plan)
        self.attempt("first part", lambda: self._pay(wanted, self.client(who)))

    @rule(which=some, amount=st.sampled_from((1, 60_00, 100_01, None)), stored=st.booleans())
    def takes_a_part(self, which: int, amount: int | None, *, stored: bool) -> None:
        lot = self.pick(which, CreditLot, CreditLot.unpaid_minor > 0)
        if lot is not None:
            wanted = self._part(lot, amount or lot.unpaid_minor)
            wanted = replace(wanted, stored=(by_account(),) if stored else ())
            self.attempt("later part", lambda: self._pay(wanted, lot.client_id))

    def _part(self, lot: CreditLot, amount_minor: int) -> CartRequest:
        with self.app.app_context():
            item = UUID(reading().get_one(PurchasedPackage, lot.package_id).terms["plan_item_id"])
            db.session.remove()
        plan = next(key for key in PLANS if self.world.items[key] == item)
        return part_of(self.world, amount_minor, plan=plan, lot_id=lot.id)

    @rule(who=some, plan=st.sampled_from(("three", "five", "ten")), senior=st.booleans())
    def a_visit_of_today_becomes_the_first(self, who: int, plan: str, *, senior: bool) -> None:
        client, by = self.client(who), self.world.therapist if senior else None

        def visit_conversion() -> Any:
            single = self.world.sell(line("trigger_60", credit="none", therapist=by), client=client)
            wanted = with_visit(self.world, single.sale_id, plan)
            return self._pay(wanted, client)

        self.attempt("look back", visit_conversion)

    @rule(which=some, plan=st.sampled_from(("five", "ten", "ten")))
    def a_package_becomes_a_bigger_one(self, which: int, plan: str) -> None:
        package = self.pick(which, PurchasedPackage, PurchasedPackage.sale_id.is_not(None))
        if package is not None:
            wanted = with_visit(self.world, package.sale_id, plan, position=package.sale_position)
            self.attempt("bigger pack", lambda: self._pay(wanted, package.client_id))

    @rule(amount=st.sampled_from((10_00, 50_00, 333_33)))
    def sells_a_gift_card(self, amount: int) -> None:
        wanted = content(self.world, gifts=(Gift(amount),))
        self.attempt("gift card", lambda: ring_up(command(self.world, wanted, cash=amount)))

    @rule(which=some, item=st.sampled_from(("foot_30", "oil", "three")), who=some)
    def a_gift_card_pays(self, which: int, item: str, who: int) -> None:
        card = self.pick(which, GiftCard)
        if card is not None:
            wanted = content(self.world, line(item), stored=(Stored("gift_card", card.id, None),))
            self.attempt("gift card pays", lambda: self._pay(wanted, self.client(who)))

    # ---- the life of a package

    @rule(which=some, cause=st.sampled_from(("late_cancel", "no_show")))
    def burns(self, which: int, cause: str) -> None:
        lot = self.pick(which, CreditLot)
        if lot is not None:
            self.attempt("burn", lambda: forfeit_credit(self.action(), lot.id, cause=cause))

    @rule(which=some)
    def restores(self, which: int) -> None:
        move = self.pick(which, CreditMove, CreditMove.kind == "burn")
        if move is not None:
            self.attempt("restore", lambda: undo_forfeit(self.action(), move.id))

    @rule(which=some)
    def reverses(self, which: int) -> None:
        move = self.pick(which, CreditMove, CreditMove.kind == "redeem")
        if move is not None:
            self.attempt("reverse", lambda: reverse_redemption(self.action(), move.id))

    @rule(which=some, days=st.sampled_from((None, 10, 45, 200)), medical=st.booleans())
    def freezes(self, which: int, days: int | None, *, medical: bool) -> None:
        lot = self.pick(which, CreditLot)
        if lot is not None:
            until = self.now.date() + timedelta(days=days) if days else None
            self.attempt("freeze", lambda: freeze_package(self.action(), lot.id, until_on=until, medical=medical))

    @rule(which=some)
    def unfreezes(self, which: int) -> None:
        lot = self.pick(which, CreditLot, CreditLot.status == "frozen")
        if lot is not None:
            self.attempt("unfreeze", lambda: unfreeze_package(self.action(), lot.id))

    @rule(which=some, days=st.sampled_from((5, 60)))
    def extends(self, which: int, days: int) -> None:
        lot = self.pick(which, CreditLot, CreditLot.expires_on.is_not(None))
        if lot is not None:
            to = lot.expires_on + timedelta(days=days)
            self.attempt("extend", lambda: extend_package(self.action(), lot.id, to=to))

    @rule(which=some, cap=st.sampled_from((None, 1, 3)))
    def shares(self, which: int, cap: int | None) -> None:
        lot = self.pick(which, CreditLot)
        if lot is not None:
            other = self.world.ben if lot.client_id == self.world.ana else self.world.ana
            self.attempt("share", lambda: share_package(self.action(), lot.id, client_id=other, cap=cap))

    @rule(which=some)
    def ends_a_share(self, which: int) -> None:
        share = self.pick(which, LotShare)
        if share is not None:
            self.attempt("end share", lambda: end_share(self.action(), share.lot_id, share.id))

    @rule(which=some, count=st.integers(1, 4))
    def gives_away(self, which: int, count: int) -> None:
        lot = self.pick(which, CreditLot)
        if lot is not None:
            other = self.world.ben if lot.client_id == self.world.ana else self.world.ana
            self.attempt("transfer", lambda: transfer_credits(self.action(), lot.id, credits=count, receiver_id=other))

    @rule(who=some, count=st.integers(1, 3))
    def gives_a_complimentary(self, who: int, count: int) -> None:
        until = self.now.date() + timedelta(days=60)
        gift = ComplimentaryGrant(
            self.client(who), self.world.usd.location_id, self.world.items["trigger_60"], count, REASONS[0], until
        )
        self.attempt("complimentary", lambda: grant_complimentary_credits(self.action(), gift))

    @rule()
    def night_falls(self) -> None:
        def night() -> Any:
            places = tuple(place(reading(), site.location_id) for site in (self.world.usd, self.world.eur))
            return end_freezes_and_expire(places), recognise_breakage(places)

        self.attempt("expire", night)
