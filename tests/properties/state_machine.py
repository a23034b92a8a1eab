"""A clinic that does anything, in any order: sells, in parts too, redeems, looks back, reverses, burns, freezes, shares,
gives away, expires, refunds, voids, sells and takes gift cards, counts its drawers and closes its days. After each step
every invariant must hold.

Deeds that the rules of the house refuse are part of it: a refusal must leave everything as it was.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from pos.app import create_app
from pos.core import clock
from pos.core.config import read_settings
from pos.core.database.base import db, reading, sqlite_driver
from pos.core.database.unit_of_work import unit_of_work
from pos.core.errors import PosError
from pos.core.ids import new_id
from pos.domain.catalogue.models import PackagePlan, TierPrice
from pos.domain.credits.freezes import resume_package, suspend_package
from pos.domain.credits.models import (
    CreditLot,
    CreditMove,
    LotShare,
    PurchasedPackage,
)
from pos.domain.credits.rules.breakage import Expectation
from pos.domain.credits.rules.breakage_recognition import set_rule
from pos.domain.disputes.models import Dispute
from pos.domain.disputes.rules import INQUIRIES
from pos.domain.locations.models import Tier
from pos.domain.locations.queries import desk_place, place
from pos.domain.payments import repository as payments
from pos.domain.payments.models import PaymentAttempt, Reader
from pos.domain.sales.cart_options import Gift, Stored
from pos.domain.sales.carts import Tip, Wanted
from pos.domain.sales.models import Sale
from pos.domain.sales.pricing import Discount
from pos.domain.staff.models import Staff
from pos.domain.staff.queries import Person
from pos.domain.stored_value.models import GiftCard
from pos.domain.till.models import Drawer, Shift
from pos.domain.till.shifts import WantedMovement
from pos.integrations.stripe import Succeeded
from pos.integrations.stripe.disputes_payouts.types import BalanceTransactionFacts, CardDispute
from pos.reports.verify import verify
from pos.services.checkout.place_order import place_desk_order
from pos.services.checkout.price_cart import price_request
from pos.services.checkout.ring_up import ring_up
from pos.services.packages.adjust_credits import forfeit_credit, reverse_redemption, undo_forfeit
from pos.services.packages.authorization import Deed
from pos.services.packages.breakage import recognise_breakage
from pos.services.packages.complimentary_credits import REASONS, ComplimentaryGrant, grant_complimentary_credits
from pos.services.packages.expiry import end_freezes_and_expire
from pos.services.packages.freeze_and_extend import extend_package, freeze_package, unfreeze_package
from pos.services.packages.share_and_transfer import end_share, share_package, transfer_credits
from pos.services.payments.settle_payment import apply_outcome
from pos.services.reconciliation.disputes import apply_dispute
from pos.services.refunds.calculate import Wanted as Back
from pos.services.refunds.issue_refund import RefundCommand, refund
from pos.services.refunds.void_sale import VoidSale, void_sale
from pos.services.till.cash_movements import record_movement
from pos.services.till.close_period import close_periods
from pos.services.till.shifts import close_shift, expected_in, open_shift
from tests.conftest import NOON, SECRET_KEY
from tests.integration.instalments.conftest import part_of
from tests.integration.upgrades.test_visit_conversion import with_visit
from tests.support.agreeing import disagreements
from tests.support.books import book_floats
from tests.support.cards import Till
from tests.support.clinic import (
    EUR_TAX,
    PLANS,
    PRICES_FROM,
    USD_TAX,
    TaxHabit,
    World,
    build_world,
    line,
)
from tests.support.gift_card_desk import by_account, command, content

TAXES = (
    USD_TAX,
    TaxHabit("10", inclusive=True, point="redemption"),
    TaxHabit("20", inclusive=True, method="line"),
    TaxHabit("6", point="redemption"),
)
BREAKAGE = (Expectation(), Expectation("proportional", Decimal(20)), Expectation("remote", remote_months=1))
some = st.integers(0, 10_000)


class ClinicMachine(RuleBasedStateMachine):
    """One clinic's life. `template` is a migrated, empty SQLite file."""

    template: Path
    # Counted over all lives of a run.
    accepted: ClassVar[dict[str, int]] = {}
    refused: ClassVar[dict[str, int]] = {}
    steps = 0

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        self.now = NOON
        self.seen: tuple[datetime, int] | None = None

    @initialize(tax=st.sampled_from(TAXES), breakage=st.sampled_from(BREAKAGE))
    def begin(self, tax: TaxHabit, breakage: Expectation) -> None:
        folder = Path(self.stack.enter_context(tempfile.TemporaryDirectory()))
        shutil.copyfile(self.template, folder / "life.sqlite3")
        env = {
            "DATABASE_URL": f"sqlite:///{folder / 'life.sqlite3'}", "SECRET_KEY": SECRET_KEY,
            "WORKER_THREAD": "off", "BASE_URL": "http://localhost",
        }  # fmt: skip
        self.app = create_app(read_settings(env, instance_dir=folder))
        self.stack.callback(self._end)
        self.watch = sqlite_driver().connect(str(folder / "life.sqlite3"))
        self.stack.callback(self.watch.close)
        with clock.at(self.now):
            self.world: World = book_floats(build_world(self.app, SECRET_KEY, usd=tax, eur=EUR_TAX))
            if breakage.method != "lapse":
                self.world.write(lambda s: s.execute(update(PackagePlan).values(expiry_policy="lapse")))
                self.world.write(lambda s: set_rule(s, self.world.usd.location_id, self.now.date(), breakage))
            reader = {"desk_id": self.world.usd.desk, "stripe_reader_id": "tmr_1", "label": "Reader"}
            self.world.write(lambda session: session.add(Reader(**reader)))
            self.world.write(self._prepare)
            # Something to act upon, so that few steps are lost to an empty house.
            self.world.buy("ten", self.world.ana)
            self.world.buy("five", self.world.ben)
            self.world.sell(line("trigger_60", 2), line("aromatherapy"), client=self.world.ana)
        # Refused where tax is due at redemption: such packages are paid whole.
        first = part_of(self.world, 150_00, plan="five")
        self.attempt("first part", lambda: self._pay(first, self.world.ben))

    def _prepare(self, session: Session) -> None:
        """Packages may be paid in parts, and the therapist is senior."""
        session.execute(update(PackagePlan).values(deposit_percent=Decimal(20)))
        session.add(Tier(level=1, name="Senior"))
        session.execute(update(Staff).where(Staff.id == self.world.therapist.id).values(tier=1))
        session.flush()
        for item, minor in (("trigger_60", 20_00), ("trigger_90", 33_33)):
            place_id, key = self.world.usd.location_id, self.world.items[item]
            session.add(
                TierPrice(level=1, item_id=key, location_id=place_id, from_on=PRICES_FROM, surcharge_minor=minor)
            )

    def _end(self) -> None:
        with self.app.app_context():
            db.session.remove()
            for engine in db.engines.values():
                engine.dispose()

    def teardown(self) -> None:
        try:
            self.reports_agree()
        finally:
            self.stack.close()

    def reports_agree(self) -> None:
        """At the end of a life every report and file says the same of it, day by day and to the cent."""
        if not hasattr(self, "world"):
            return
        with clock.at(self.now), self.app.app_context():
            for site in (self.world.usd, self.world.eur):
                assert disagreements(reading(), place(reading(), site.location_id)) == []
            db.session.remove()

    # ---- helpers

    def written(self) -> int:
        """A number that is another one after anybody has written."""
        return int(self.watch.execute("PRAGMA data_version").fetchone()[0])

    def attempt(self, name: str, deed: Callable[[], Any]) -> Any:
        """Do something the house may refuse."""
        with clock.at(self.now), self.app.app_context():
            try:
                done = deed()
            except PosError as error:
                self.refused[name] = self.refused.get(name, 0) + 1
                if os.environ.get("SHOW_REFUSALS"):
                    print(name, error.sentence)  # noqa: T201  (asked for)
                return None
            finally:
                db.session.remove()
        self.accepted[name] = self.accepted.get(name, 0) + 1
        return done

    def _pay(self, wanted: Wanted, client: UUID | None) -> Any:
        """Ring a ticket up with notes of five and their change."""
        with self.world.read() as session:
            where = desk_place(session, self.world.usd.desk).place
            rest = price_request(session, where, wanted, client_id=client, day=where.today()).rest_minor
        return ring_up(command(self.world, wanted, cash=-(-rest // 5_00) * 5_00, client=client))

    def pick(self, number: int, model: Any, *where: Any) -> Any | None:
        """One of the rows there are, if there is any."""
        with self.app.app_context():
            rows = reading().scalars(select(model).where(*where).order_by(model.id)).all()
            db.session.remove()
        return rows[number % len(rows)] if rows else None

    def deed(self) -> Deed:
        owner = self.world.owner
        places = frozenset({self.world.usd.location_id, self.world.eur.location_id})
        return Deed(new_id(), Person(owner.id, owner.name, owner.role, places), "It was asked for.")

    def client(self, number: int) -> UUID:
        return (self.world.ana, self.world.ben)[number % 2]

    # ---- time

    @rule(hours=st.sampled_from((1, 5, 24, 24 * 7, 24 * 40, 24 * 200)))
    def time_passes(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    # ---- selling

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

    def _part(self, lot: CreditLot, amount_minor: int) -> Wanted:
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
            self.attempt("burn", lambda: forfeit_credit(self.deed(), lot.id, cause=cause))

    @rule(which=some)
    def restores(self, which: int) -> None:
        move = self.pick(which, CreditMove, CreditMove.kind == "burn")
        if move is not None:
            self.attempt("restore", lambda: undo_forfeit(self.deed(), move.id))

    @rule(which=some)
    def reverses(self, which: int) -> None:
        move = self.pick(which, CreditMove, CreditMove.kind == "redeem")
        if move is not None:
            self.attempt("reverse", lambda: reverse_redemption(self.deed(), move.id))

    @rule(which=some, days=st.sampled_from((None, 10, 45, 200)), medical=st.booleans())
    def freezes(self, which: int, days: int | None, *, medical: bool) -> None:
        lot = self.pick(which, CreditLot)
        if lot is not None:
            until = self.now.date() + timedelta(days=days) if days else None
            self.attempt("freeze", lambda: freeze_package(self.deed(), lot.id, until_on=until, medical=medical))

    @rule(which=some)
    def unfreezes(self, which: int) -> None:
        lot = self.pick(which, CreditLot, CreditLot.status == "frozen")
        if lot is not None:
            self.attempt("unfreeze", lambda: unfreeze_package(self.deed(), lot.id))

    @rule(which=some, days=st.sampled_from((5, 60)))
    def extends(self, which: int, days: int) -> None:
        lot = self.pick(which, CreditLot, CreditLot.expires_on.is_not(None))
        if lot is not None:
            to = lot.expires_on + timedelta(days=days)
            self.attempt("extend", lambda: extend_package(self.deed(), lot.id, to=to))

    @rule(which=some, cap=st.sampled_from((None, 1, 3)))
    def shares(self, which: int, cap: int | None) -> None:
        lot = self.pick(which, CreditLot)
        if lot is not None:
            other = self.world.ben if lot.client_id == self.world.ana else self.world.ana
            self.attempt("share", lambda: share_package(self.deed(), lot.id, client_id=other, cap=cap))

    @rule(which=some)
    def ends_a_share(self, which: int) -> None:
        share = self.pick(which, LotShare)
        if share is not None:
            self.attempt("end share", lambda: end_share(self.deed(), share.lot_id, share.id))

    @rule(which=some, count=st.integers(1, 4))
    def gives_away(self, which: int, count: int) -> None:
        lot = self.pick(which, CreditLot)
        if lot is not None:
            other = self.world.ben if lot.client_id == self.world.ana else self.world.ana
            self.attempt("transfer", lambda: transfer_credits(self.deed(), lot.id, credits=count, receiver_id=other))

    @rule(who=some, count=st.integers(1, 3))
    def gives_a_complimentary(self, who: int, count: int) -> None:
        until = self.now.date() + timedelta(days=60)
        gift = ComplimentaryGrant(
            self.client(who), self.world.usd.location_id, self.world.items["trigger_60"], count, REASONS[0], until
        )
        self.attempt("complimentary", lambda: grant_complimentary_credits(self.deed(), gift))

    @rule()
    def night_falls(self) -> None:
        def night() -> Any:
            places = tuple(place(reading(), site.location_id) for site in (self.world.usd, self.world.eur))
            return end_freezes_and_expire(places), recognise_breakage(places)

        self.attempt("expire", night)

    @rule(which=some)
    def is_disputed(self, which: int) -> None:
        package = self.pick(which, PurchasedPackage)
        if package is not None:
            self._dispute("dispute", suspend_package, package.id)

    @rule(which=some)
    def wins_the_dispute(self, which: int) -> None:
        lot = self.pick(which, CreditLot, CreditLot.status == "suspended")
        if lot is not None:
            self._dispute("dispute won", resume_package, lot.package_id)

    @rule(plan=st.sampled_from(("ten", "five", "buy_5_get_1", "oil")), who=some)
    def sells_by_card(self, plan: str, who: int) -> None:
        """A card that was accepted; no Stripe is asked in this life."""
        till = Till(self.world, None, {})  # type: ignore[arg-type]  # nothing is pressed there

        def paid() -> Any:
            order_id = place_desk_order(till.command(till.ticket(line(plan), client=self.client(who))))
            attempt = payments.attempt_of(reading(), order_id)
            assert attempt is not None
            names = {"intent_id": f"pi_{order_id}", "charge_id": f"ch_{order_id}", "session_id": None}
            card = {"card_brand": "visa", "card_last4": "4242", "livemode": False, "tip_minor": 0}
            sums = {"amount_minor": attempt.amount_minor, "currency": attempt.currency}
            told = Succeeded(metadata={"order_id": str(order_id)}, **names, **card, **sums)
            apply_outcome(order_id, told, attempt_id=attempt.id)

        self.attempt("card", paid)

    @rule(which=some, part=st.sampled_from((1, 1, 3)), asks=st.booleans())
    def a_bank_disputes(self, which: int, part: int, *, asks: bool) -> None:
        attempt = self.pick(which, PaymentAttempt, PaymentAttempt.state == "succeeded")
        if attempt is None:
            return
        taken = self.pick(0, Dispute, Dispute.attempt_id == attempt.id)
        if taken is None or part > 1:
            told = self._told(attempt, f"dp_{new_id()}", attempt.amount_minor // part, asks=asks)
            self.attempt("bank disputes", lambda: apply_dispute(told))

    @rule(which=some, status=st.sampled_from(("needs_response", "under_review", "won", "lost", "prevented")))
    def a_bank_decides(self, which: int, status: str) -> None:
        dispute = self.pick(which, Dispute)
        if dispute is None:
            return
        with self.app.app_context():
            attempt = reading().get_one(PaymentAttempt, dispute.attempt_id)
            db.session.remove()
        told = self._told(attempt, dispute.stripe_dispute_id, dispute.amount_minor, asks=False)
        moves = told.moves if status != "prevented" or dispute.status not in INQUIRIES else ()
        self.attempt(f"bank: {status}", lambda: apply_dispute(replace(told, status=status, moves=moves)))

    def _told(self, attempt: PaymentAttempt, stripe_id: str, amount: int, *, asks: bool) -> CardDispute:
        when = {"created_at": self.now, "available_at": self.now}
        move = BalanceTransactionFacts(
            f"txn_{stripe_id}", "adjustment", "dispute", stripe_id, -amount, 15_00, attempt.currency,
            description="", **when,
        )  # fmt: skip
        return CardDispute(
            stripe_id, attempt.charge_id or "", attempt.intent_id, "warning_needs_response" if asks else "needs_response",
            "general", amount, attempt.currency, self.now, None, 0, False, () if asks else (move,),
        )  # fmt: skip

    def _dispute(self, name: str, move: Callable[..., Any], package_id: UUID) -> None:
        told = {"key": f"{name}:{new_id()}", "on": self.now.date(), "reason": "The bank."}
        self.attempt(name, unit_of_work(lambda session: move(session, package_id, **told)))

    # ---- giving back

    @rule(which=some, as_credit=st.booleans())
    def refunds_a_package(self, which: int, *, as_credit: bool) -> None:
        package = self.pick(which, PurchasedPackage, PurchasedPackage.sale_id.is_not(None))
        if package is not None:
            back = Back(package.sale_id, package_id=package.id, as_credit=as_credit)
            self._refund("refund package", back)

    @rule(which=some, part=st.booleans())
    def refunds_a_sale(self, which: int, *, part: bool) -> None:
        sale = self.pick(which, Sale)
        if sale is not None:
            self._refund("refund sale", Back(sale.id, amount_minor=7_77 if part else None))

    def _refund(self, name: str, back: Back) -> None:
        asked = RefundCommand(new_id(), back, "Asked for.", self.world.owner, desk_id=self.world.usd.desk)
        self.attempt(name, lambda: refund(asked))

    @rule(which=some)
    def voids(self, which: int) -> None:
        sale = self.pick(which, Sale)
        if sale is not None:
            asked = VoidSale(new_id(), sale.id, "A slip.", self.world.owner, self.world.usd.desk)
            self.attempt("void", lambda: void_sale(asked))

    # ---- the drawer and the day

    @rule(kind=st.sampled_from(("paid_in", "paid_out", "drop")), amount=st.sampled_from((5_00, 80_00)))
    def moves_cash(self, kind: str, amount: int) -> None:
        wanted = WantedMovement(new_id(), kind, amount, "Change")
        desk, owner = self.world.usd.desk, self.world.owner.id
        self.attempt(kind, lambda: record_movement(desk_id=desk, staff_id=owner, wanted=wanted))

    @rule(off=st.sampled_from((0, 0, 3, -40)), left=st.sampled_from((0, 50_00)))
    def closes_a_drawer(self, off: int, left: int) -> None:
        shift = self.pick(0, Shift, Shift.state == "open", Shift.location_id == self.world.usd.location_id)
        if shift is None:
            return

        def close() -> Any:
            counted = max(0, expected_in(reading(), shift) + off)
            desk = reading().scalars(select(Drawer.desk_id).where(Drawer.id == shift.drawer_id)).one()
            return close_shift(
                desk_id=desk, staff_id=self.world.owner.id, counted_minor=counted, left_minor=min(left, counted)
            )

        self.attempt("close drawer", close)

    @rule(counted=st.sampled_from((100_00, 50_00)))
    def opens_a_drawer(self, counted: int) -> None:
        desk, owner = self.world.usd.desk, self.world.owner.id
        self.attempt(
            "open drawer", lambda: open_shift(desk_id=desk, staff_id=owner, float_minor=counted, note="Counted.")
        )

    @rule()
    def closes_the_days(self) -> None:
        self.attempt("close days", lambda: close_periods(self.world.usd.location_id, staff_id=self.world.owner.id))

    # ---- always

    @invariant()
    @precondition(lambda self: hasattr(self, "world"))
    def everything_holds(self) -> None:
        ClinicMachine.steps += 1
        seen = (self.now, self.written())
        if seen == self.seen:
            return  # what held before a step that wrote nothing, in which no time went by, holds after it
        self.seen = seen
        with clock.at(self.now), self.app.app_context():
            broken = [(result.key, result.first) for result in verify(reading()) if not result.holds]
            db.session.remove()
        assert broken == []
