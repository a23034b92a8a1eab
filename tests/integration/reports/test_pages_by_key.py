"""Reports of many rows are read by page from the row that a page begins after: pages and sums are those of the rows."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from pos.core import clock
from pos.core.ids import new_id
from pos.domain.locations.queries import all_places
from pos.domain.sales.carts import Tip
from pos.domain.sales.pricing import Discount
from pos.domain.staff.models import CommissionRule
from pos.domain.till.shifts import MovementRequest
from pos.reports.analysis.narrowing import choices, parse_only
from pos.reports.listed import reports
from pos.reports.period import Scope
from pos.services.till.cash_movements import record_movement
from tests.integration.refunds.conftest import Desk
from tests.support.books import tamper
from tests.support.clinic import Clinic, line
from tests.support.paged import pages_differ

PAGED = {
    "card-lines", "cash-movements", "commission-lines", "credit-moves", "discounts", "items", "journal", "overrides",
    "receipts", "refunds", "sales", "tip-lines", "visit-lines",
}  # fmt: skip


def move_cash(world: Clinic, kind: str, minor: int) -> None:
    with world.app.app_context():
        movement = MovementRequest(new_id(), kind, minor, "Change")
        record_movement(desk_id=world.usd.desk, staff_id=world.manager.id, wanted=movement)


def trade(desk: Desk) -> Clinic:
    """Two days with rows for each list, several of one moment, at two locations; commission changes between them."""
    world, theo, now = desk.clinic, desk.clinic.therapist, clock.now()
    rates = {now.date() - timedelta(days=9): 40, now.date() + timedelta(days=1): 50}
    world.write(
        lambda session: session.add_all(
            CommissionRule(staff_id=theo.id, from_on=on, visit_percent=Decimal(part), sale_percent=Decimal(10))
            for on, part in rates.items()
        )
    )
    sold: list[UUID] = []
    for days in (0, 0, 1):
        with clock.at(now + timedelta(days=days)):
            world.sell(line("ten", therapist=theo), client=world.ana)
            visits = world.sell(line("trigger_60", 2, therapist=theo), client=world.ana, tip=Tip(amount_minor=5_00))
            off = Discount(amount_minor=2_00, reason="Spring")
            goods = world.sell(line("oil", 2, therapist=theo, discount=off), line("swedish_60", therapist=theo))
            world.sell(line("oil", discount=off), site=world.eur)
            sold += [visits.sale_id, goods.sale_id]
            for kind, minor in (("paid_in", 3_00), ("drop", 2_00), ("no_sale", 0)):
                move_cash(world, kind, minor)
    # Refunds of one moment: a void gives two credits of one line back at once.
    with clock.at(now):
        desk.void(sold[0])
        desk.refund(sold[1], amount_minor=10_00)
        desk.refund(sold[1], amount_minor=1_00)
    tamper(world, "UPDATE sale_lines SET catalogue_minor = unit_minor + 500 - 700 * position WHERE kind = 'retail'")
    return world


def days_around(session: Session) -> Scope:
    """All locations, from two days ago to the day after tomorrow."""
    places = all_places(session)
    today = places[0].today()
    return Scope(places, today - timedelta(days=2), today + timedelta(days=2))


def telling(session: Session, name: str, narrowed: list[Scope]) -> list[Scope]:
    """Those that find rows, and one that finds none: an empty report is read alike whatever leaves it empty."""
    empty = [scope for scope in narrowed if not list(reports()[name].rows(session, scope))]
    return [scope for scope in narrowed if scope not in empty[1:]]


def test_pages_of_a_report_are_its_rows_and_their_sums_are_known(desk: Desk) -> None:
    world = trade(desk)
    assert {one.name for one in reports().values() if one.keyed} == PAGED
    with world.read() as session:
        whole = days_around(session)
        for name in PAGED - {"card-lines"}:
            assert len(list(reports()[name].rows(session, whole))) > 2, name
        for a_page in (2, 3, 50):
            assert pages_differ(session, whole, a_page) == []
        assert pages_differ(session, replace(whole, places=whole.places[:1], to_on=whole.places[0].today()), 3) == []


@pytest.mark.long
def test_pages_of_a_filtered_report_are_its_rows_and_their_sums_are_known(desk: Desk) -> None:
    world = trade(desk)
    with world.read() as session:
        whole = days_around(session)
        for name in PAGED:
            for word, options in choices(session, whole, reports()[name].filters).items():
                for narrowed in telling(
                    session, name, [replace(whole, only=parse_only({word: v})) for v, _ in options]
                ):
                    assert pages_differ(session, narrowed, 3, names=(name,)) == []
