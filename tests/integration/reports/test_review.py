"""Events to review: each kind is listed with who did it and opens what it is about, from the limits of the location on."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from sqlalchemy import update

from pos.core import clock
from pos.core.audit import AuditEvent
from pos.core.database.base import reading
from pos.core.ids import new_id
from pos.domain.clients.models import Client
from pos.domain.credits.models import CreditLot
from pos.domain.locations.public_details import PublicDetails
from pos.domain.locations.review_limits import ReviewLimits
from pos.domain.sales.carts import Tip
from pos.domain.sales.pricing import Discount
from pos.domain.staff.models import Staff
from pos.domain.staff.queries import by_key
from pos.domain.till.models import Shift
from pos.domain.till.shifts import MovementRequest, current_shift
from pos.reports.review.credit_events import is_open
from pos.services.locations.review_limits import set_review_limits
from pos.services.packages.adjust_credits import forfeit_credit, undo_forfeit
from pos.services.packages.complimentary_credits import ComplimentaryGrant, grant_complimentary_credits
from pos.services.packages.freeze_and_extend import extend_package
from pos.services.till.cash_movements import record_movement
from pos.services.till.shifts import close_shift, expected_in, open_shift
from pos.services.tips import MoveTip, move_tip
from tests.integration.refunds.conftest import Desk, card_desk
from tests.integration.refunds.test_cards import paid, refund_id_at_stripe
from tests.integration.reports.test_people import said
from tests.support.cards import CARDS
from tests.support.clinic import Clinic, line
from tests.support.package_actions import moves, package_action

__all__ = ["card_desk"]  # fixtures


def happened(world: Clinic, days: int = 0) -> list[tuple[str, str, str, int | None]]:
    """What is listed: what happened, by whom, what it opens, the amount."""
    rows = said(world, "events-to-review", days=days)
    return [(row["What happened"], row["By"], row["About"].what, row["Amount"]) for row in rows]


def limit(world: Clinic, limits: ReviewLimits) -> None:
    with world.app.app_context():
        person = by_key(reading(), world.manager.id)
        reading().rollback()
        set_review_limits(location_id=world.usd.location_id, limits=limits, person=person)


def no_sale(world: Clinic) -> None:
    with world.app.app_context():
        wanted = MovementRequest(new_id(), "no_sale", 0, "Change")
        record_movement(desk_id=world.usd.desk, staff_id=world.receptionist.id, wanted=wanted)


def test_review_lists_voids_in_cash_and_drawers_opened_after_them(desk: Desk) -> None:
    world, manager, anna = desk.clinic, desk.clinic.manager.name, desk.clinic.receptionist.name
    no_sale(world)  # before the void
    with clock.at(clock.now() + timedelta(minutes=1)):
        slip = world.sell(line("trigger_60"))
        desk.void(slip.sale_id)
    with clock.at(clock.now() + timedelta(minutes=11)):
        no_sale(world)
        assert happened(world) == [
            ("Sale paid in cash was voided", manager, "refund", 108_00),
            ("Drawer opened after a void", anna, "refund", None),
        ]
        limit(world, ReviewLimits(void_minor=108_01, no_sale_minutes=9))
        assert happened(world) == []
        with world.read() as session:
            event = session.query(AuditEvent).filter_by(action="location.review_limits").one()
            assert [event.detail[when]["void_minor"] for when in ("before", "after")] == [0, 108_01]


def test_review_lists_drawer_opened_on_the_day_after_a_void_when_asked_for_that_day(desk: Desk) -> None:
    world = desk.clinic
    midnight = datetime.combine(clock.now().date() + timedelta(days=1), time(4), tzinfo=UTC)  # of New York in summer
    with clock.at(midnight - timedelta(minutes=2)):
        desk.void(world.sell(line("trigger_60")).sale_id)
    with clock.at(midnight + timedelta(minutes=3)):
        no_sale(world)
        assert [what for what, *_ in happened(world)] == ["Drawer opened after a void"]


@CARDS
def test_review_lists_card_sale_refunded_in_cash(card_desk: Desk) -> None:
    desk, world = card_desk, card_desk.clinic
    assert desk.till is not None
    sale_id = paid(desk, line("trigger_60"), client=world.ana)
    desk.till.stripe.arm("refund_pending")
    waiting = desk.refund(sale_id)
    desk.till.stripe.press(f"refunds/{refund_id_at_stripe(desk)}/fail", reason="expired_or_canceled_card")
    with clock.at(clock.now() + timedelta(days=3)):
        desk.news(refund_id_at_stripe(desk))
        world.sell(line("oil"))  # the drawer's float of 100.00 is not enough
        desk.another_way(desk.parts(waiting.refund_id)[0].id, "cash")
        assert happened(world) == [("Card sale refunded in cash", world.manager.name, "refund", 108_00)]
        limit(world, ReviewLimits(cash_refund_minor=108_01))
        assert happened(world) == []


def test_review_lists_large_discounts_by_hand_and_agreed_share(desk: Desk) -> None:
    world, anna = desk.clinic, desk.clinic.receptionist.name
    world.sell(line("trigger_60"), discount=Discount(amount_minor=19_00, reason="Friend"))
    world.sell(line("trigger_60"), discount=Discount(amount_minor=20_00, reason="Friend"))
    assert happened(world) == [("Discount or agreed price", anna, "sale", 20_00)]
    limit(world, ReviewLimits(discount_percent=Decimal("20.5")))
    assert happened(world) == []


def test_review_lists_shortages_that_repeat(desk: Desk) -> None:
    world, anna = desk.clinic, desk.clinic.receptionist.name
    for short in (1_00, 0, 2_00, 3_00):
        with world.app.app_context():
            shift = current_shift(reading(), world.usd.desk)
            if shift is None:
                open_shift(desk_id=world.usd.desk, staff_id=world.receptionist.id, float_minor=100_00, note="Counted.")
                shift = current_shift(reading(), world.usd.desk)
            assert isinstance(shift, Shift)
            counted = expected_in(reading(), shift) - short
            reading().rollback()
            close_shift(desk_id=world.usd.desk, staff_id=world.receptionist.id, counted_minor=counted, left_minor=0)
        if short == 2_00:
            assert happened(world) == []
    assert happened(world) == [("Drawer short, repeatedly", anna, "z", minor) for minor in (1_00, 2_00, 3_00)]
    (row,) = said(world, "events-by-person")
    assert (row["By"], row["Times"], row["Amount"]) == (anna, 3, 6_00)


def test_review_lists_credits_moved_restored_and_used_by_a_colleague(desk: Desk) -> None:
    world, manager, anna = desk.clinic, desk.clinic.manager.name, desk.clinic.receptionist.name
    lot = world.buy("ten", world.ana)
    with world.app.app_context():
        forfeit_credit(package_action(world), lot, cause="no_show")
        (burned,) = moves(world, lot, "burn")
        undo_forfeit(package_action(world), burned)
        last = reading().get_one(CreditLot, lot).expires_on
        assert isinstance(last, date)
        reading().rollback()
        extend_package(package_action(world), lot, to=last + timedelta(days=40))
        gift = ComplimentaryGrant(world.ben, world.usd.location_id, world.items["trigger_60"], 2, "goodwill", last)
        grant_complimentary_credits(package_action(world), gift)
    world.write(lambda s: s.execute(update(Staff).where(Staff.id == world.therapist.id).values(email="T@clinic.test")))
    world.write(lambda s: s.execute(update(Client).where(Client.id == world.ana).values(email="t@clinic.test")))
    world.sell(line("trigger_60", therapist=world.therapist), client=world.ana)
    assert sorted(happened(world)) == [
        ("Credit of a colleague used by themselves", anna, "sale", 90_00),
        ("Credits given free of charge", manager, "package", None),
        ("Last day of credits moved", manager, "package", None),
        ("Late cancel taken back", manager, "package", 90_00),
    ]
    limit(world, ReviewLimits(extension_days=41))
    assert "Last day of credits moved" not in {what for what, *_ in happened(world)}


def test_review_lists_tips_moved_after_the_drawer_closed(desk: Desk) -> None:
    world, manager = desk.clinic, desk.clinic.manager.name
    sale = world.sell(line("trigger_60"), tip=Tip(amount_minor=10_00, staff_id=world.therapist.id))

    def moved() -> None:
        with world.app.app_context():
            to, by = world.manager.id, world.manager.id
            move_tip(MoveTip(new_id(), sale.sale_id, world.therapist.id, to, 1_00, "Half", by))

    moved()
    assert happened(world) == []
    with clock.at(clock.now() + timedelta(days=1)):
        moved()
        assert happened(world) == [("Tip moved after the drawer was closed", manager, "sale", 1_00)]


def test_review_opening_hours_are_local_and_without_any_always_open() -> None:
    monday = datetime(2026, 6, 15, 12, 29, tzinfo=UTC)
    details = PublicDetails((((9 * 60, 12 * 60 + 30), (14 * 60, 18 * 60)), *((),) * 6), ((date(2026, 6, 22), "Feast"),))
    at = (monday, monday + timedelta(minutes=1), monday + timedelta(days=1), monday + timedelta(days=7))
    assert [is_open(details, when) for when in at] == [True, False, False, False]
    assert is_open(PublicDetails(), monday)
