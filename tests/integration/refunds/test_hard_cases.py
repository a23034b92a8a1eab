"""Refunds that clinics get wrong, figure by figure; the cash sale reversed on another day is in test_lines."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, update

from pos.core import clock
from pos.core.errors import NeedsApproval
from pos.core.ids import new_id
from pos.domain.catalogue.models import PackagePlan, Price
from pos.domain.credits.models import CreditLot
from pos.domain.payments.models import PaymentAttempt
from pos.domain.staff.queries import Person
from pos.services.packages.authorization import PackageAction
from pos.services.packages.share_and_transfer import transfer_credits
from pos.services.payments.online_checkout import BuyOnline, buy_online
from pos.services.payments.refresh_payment import refresh_payment
from pos.services.refunds.withdrawal_consent import record_express_request
from tests.integration.refunds.conftest import Desk
from tests.support.books import failing
from tests.support.cards import CARDS, take_cards
from tests.support.clinic import Clinic, TaxHabit, line

UNTAXED = TaxHabit("0")
pytestmark = CARDS


@pytest.fixture
def untaxed(build_clinic: Callable[..., Clinic]) -> Iterator[Desk]:
    """A desk with cards, untaxed in both clinics, whose readers and pages wait for a client."""
    clinic = build_clinic(usd=UNTAXED, eur=TaxHabit("0", inclusive=True))
    with take_cards(clinic) as till:
        yield Desk(clinic, till)


def sold_at(desk: Desk, price_minor: int, policy: str) -> None:
    """What the package of ten costs and how it is refunded from now on."""
    item = desk.clinic.items["ten"]

    def change(session: object) -> None:
        session.execute(update(Price).where(Price.item_id == item).values(price_minor=price_minor))
        session.execute(update(PackagePlan).where(PackagePlan.item_id == item).values(refund_policy=policy))

    desk.clinic.write(change)


def bought_online(desk: Desk, *, begin_early: bool = False) -> UUID:
    """Ten for 900.00 bought by Ben at the clinic in Germany."""
    assert desk.till is not None
    order_id = new_id()
    command = BuyOnline(
        order_id=order_id,
        place_slug="altstadt",
        item_id=desk.clinic.items["ten"],
        given_name="Ben",
        family_name="Fischer",
        email="ben@mail.example",
        phone=None,
        locale="de",
        terms_accepted=True,
        success_url="http://localhost/done?session_id={CHECKOUT_SESSION_ID}",
        cancel_url="http://localhost/back",
        begin_early=begin_early,
    )
    with desk.clinic.app.app_context():
        buy_online(command)
    with desk.clinic.read() as session:
        attempt = session.scalars(select(PaymentAttempt).where(PaymentAttempt.order_id == order_id)).one()
    desk.till.stripe.press(f"sessions/{attempt.session_id}/pay")
    with desk.clinic.app.app_context():
        assert refresh_payment(order_id).paid
    return order_id


@pytest.mark.parametrize(("asked", "back"), [(True, 810_00), (False, 900_00)], ids=["asked to begin", "did not ask"])
def test_refund_withdrawal_day_eleven_deducts_visit_only_if_requested(untaxed: Desk, asked: bool, back: int) -> None:
    desk = untaxed
    start = datetime.fromtimestamp(desk.till.stripe.clock.now(), UTC)
    sale_id = bought_online(desk)
    if asked:
        with desk.clinic.app.app_context():
            record_express_request(sale_id, staff_id=desk.clinic.owner.id)
    with clock.at(start + timedelta(days=4)):
        desk.clinic.sell(line("trigger_60"), client=desk.clinic.ben, site=desk.clinic.eur)
    with clock.at(start + timedelta(days=11)):
        done = desk.refund(sale_id, package_id=desk.package(sale_id), by=desk.clinic.owner, office=True)
        assert (done.total_minor, done.state) == (back, "paid_back")
        entry = desk.entry("refund", done.refund_id)
        assert entry["stripe_clearing"] == -back
        # Without a recorded request the visit is free: its 90.00 are no revenue any more.
        assert entry.get("service_revenue", 0) == (0 if asked else 90_00)
        assert entry["package_liability"] == 810_00
    assert [key for key in failing(desk.clinic) if key != "drawers"] == []


def test_withdrawal_request_to_begin_made_in_shop_is_recorded(untaxed: Desk) -> None:
    assert not untaxed.found(bought_online(untaxed)).packages[0].begun_on_request
    assert untaxed.found(bought_online(untaxed, begin_early=True)).packages[0].begun_on_request


def test_refund_after_fourteen_days_uses_package_terms(untaxed: Desk) -> None:
    desk = untaxed
    start = datetime.fromtimestamp(desk.till.stripe.clock.now(), UTC)
    sold_at(desk, 900_00, "single_price")
    sale_id = bought_online(desk)
    desk.clinic.sell(line("trigger_60"), client=desk.clinic.ben, site=desk.clinic.eur)
    with clock.at(start + timedelta(days=14)):
        assert desk.preview(sale_id, package_id=desk.package(sale_id)).policy == "statutory"
    with clock.at(start + timedelta(days=15)):
        shown = desk.preview(sale_id, package_id=desk.package(sale_id))
        assert (shown.policy, shown.total_minor) == ("single_price", 800_00)


def test_refund_more_used_than_paid_returns_nothing(untaxed: Desk) -> None:
    desk = untaxed
    sold_at(desk, 700_00, "single_price")
    sale_id = desk.clinic.sell(line("ten"), client=desk.clinic.ana).sale_id
    for _ in range(8):
        desk.clinic.sell(line("trigger_60"), client=desk.clinic.ana)
    # A later list price changes nothing.
    item = desk.clinic.items["trigger_60"]
    desk.clinic.write(lambda s: s.execute(update(Price).where(Price.item_id == item).values(price_minor=110_00)))
    shown = desk.preview(sale_id, package_id=desk.package(sale_id))
    assert [step.minor for step in shown.steps] == [700_00, -800_00, 100_00]
    assert shown.total_minor == 0
    assert shown.package is not None
    assert shown.package.left == 2  # offered to be kept: nothing happens until they are given up
    done = desk.refund(sale_id, package_id=desk.package(sale_id))
    assert (done.state, done.total_minor, done.parts) == ("paid_back", 0, ())
    # Surrendered all the same, what was still owed is revenue.
    assert desk.entry("refund", done.refund_id) == {"package_liability": 140_00, "service_revenue": -140_00}
    assert desk.balance("package_liability") == 0
    assert [key for key in failing(desk.clinic) if key != "drawers"] == []


def test_refund_of_split_sale_goes_to_card_first_then_cash_with_approval(untaxed: Desk) -> None:
    desk, till = untaxed, untaxed.till
    assert till is not None

    def paid_900() -> UUID:
        waiting = till.charge(till.command(till.ticket(line("trigger_60", 9)), cash=300_00))
        till.tap()
        assert till.look(waiting.order_id).state == "succeeded"
        return waiting.order_id

    first = desk.refund(paid_900(), amount_minor=600_00)
    assert [(part.kind, part.amount_minor) for part in first.parts] == [("card", 600_00)]
    second = paid_900()
    with pytest.raises(NeedsApproval) as asked:
        desk.refund(second, amount_minor=630_00)
    assert asked.value.extra["amount_minor"] == 630_00
    consent = desk.approval("refund", second, 630_00, asked_by=desk.clinic.manager)
    done = desk.refund(second, amount_minor=630_00, approval_id=consent)
    assert [(part.kind, part.amount_minor) for part in done.parts] == [("card", 600_00), ("cash", 30_00)]
    assert done.approver_id == desk.clinic.owner.id


@pytest.mark.parametrize(
    ("policy", "back", "extra"), [("pro_rata", 450_00, 0), ("single_price", 400_00, 50_00)], ids=["P1", "P2"]
)
def test_refund_of_package_leaves_transferred_credits_to_receiver(
    untaxed: Desk, policy: str, back: int, extra: int
) -> None:
    desk = untaxed
    sold_at(desk, 900_00, policy)
    clinic = desk.clinic
    sale_id = clinic.sell(line("ten"), client=clinic.ana).sale_id
    for _ in range(3):
        clinic.sell(line("trigger_60"), client=clinic.ana)
    with clinic.read() as session:
        lot_id = session.scalars(select(CreditLot.id).where(CreditLot.client_id == clinic.ana)).one()
    mara = Person(clinic.manager.id, clinic.manager.name, clinic.manager.role, frozenset({clinic.usd.location_id}))
    with clinic.app.app_context():
        transfer_credits(PackageAction(new_id(), mara, "For her sister"), lot_id, credits=2, receiver_id=clinic.ben)
    done = desk.refund(sale_id, package_id=desk.package(sale_id))
    assert done.total_minor == back
    assert desk.entry("refund", done.refund_id).get("service_revenue", 0) == -extra
    assert desk.balance("package_liability") == -180_00
    # Hers are as good as before.
    visit = clinic.sell(line("trigger_60"), client=clinic.ben)
    assert clinic.postings(visit.sale_id) == {"package_liability": 90_00, "service_revenue": -90_00}
