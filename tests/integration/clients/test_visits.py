"""Who this is, at the desk: the visits of a client, and what they usually have."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest

from pos.core import clock
from pos.core.ids import new_id
from pos.domain.clients.habits import Habits, Visit, habits
from pos.reports.clients.visits import visits_of
from tests.integration.refunds.conftest import Desk
from tests.support.client_actions import merge
from tests.support.clinic import Clinic, line
from tests.support.query_plans import plans, reads_whole

DAY = date(2026, 6, 1)
FOOT, TRIGGER, MAYA, NOAH = (new_id() for _ in range(4))


def visit(item: UUID, therapist: UUID | None, days_ago: int) -> Visit:
    return Visit(new_id(), DAY - timedelta(days=days_ago), item, "", therapist, "")


@pytest.mark.parametrize(
    ("visits", "usual"),
    [
        ([], Habits(None, None)),
        ([visit(FOOT, None, 1)], Habits(FOOT, None)),
        ([visit(FOOT, NOAH, 1), visit(TRIGGER, MAYA, 20), visit(TRIGGER, MAYA, 40)], Habits(TRIGGER, MAYA)),
        # As often one as the other: the one had last.
        ([visit(FOOT, None, 1), visit(TRIGGER, MAYA, 20)], Habits(FOOT, MAYA)),
        # Longer ago than a year says nothing any more.
        ([visit(FOOT, None, 365), visit(TRIGGER, MAYA, 366), visit(TRIGGER, MAYA, 380)], Habits(FOOT, None)),
        # Twelve visits are lately; what was had before them is not counted.
        ([visit(FOOT, None, n) for n in range(7)] + [visit(TRIGGER, None, 8) for _ in range(9)], Habits(FOOT, None)),
    ],
)
def test_habits_are_most_often_had_lately(visits: list[Visit], usual: Habits) -> None:
    assert habits(visits, DAY) == usual


def test_visits_of_client_newest_first_of_all_records_without_voided(clinic: Clinic) -> None:
    start = clock.now()
    for days, item, who in ((3, "foot_60", clinic.ben), (1, "trigger_60", clinic.ana)):
        with clock.at(start - timedelta(days=days)):
            clinic.sell(line(item, therapist=clinic.therapist), line("oil"), client=who)
    Desk(clinic).void(clinic.sell(line("swedish_60"), client=clinic.ana).sale_id)
    merge(clinic, clinic.ana, clinic.ben)
    with clinic.read() as session:
        for record in (clinic.ana, clinic.ben):
            found = visits_of(session, record)
            assert [one.item_id for one in found] == [clinic.items["trigger_60"], clinic.items["foot_60"]]
            assert {one.therapist for one in found} == {clinic.therapist.name}


def test_visits_are_asked_by_index(clinic: Clinic) -> None:
    """With a million sale lines, a search of the whole table would be felt with each client chosen."""
    with clinic.read() as session, plans(session) as steps:
        visits_of(session, clinic.ana)
    assert steps
    assert not reads_whole(steps, "sales", "sale_lines", "clients"), steps
