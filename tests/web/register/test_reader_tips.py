"""A tip that the client chooses on the reader is that of whoever is named on the ticket."""

from __future__ import annotations

from pos.domain.locations.models import Location
from pos.domain.tips import repository as tips
from tests.support.cards import CARDS, Till
from tests.support.clinic import line


@CARDS
def test_tip_of_the_reader_belongs_to_the_therapist_of_the_line_and_without_one_to_the_pool(till: Till) -> None:
    clinic = till.clinic
    clinic.write(lambda s: setattr(s.get_one(Location, clinic.usd.location_id), "reader_tips", True))
    for lines, minor in (
        ((line("trigger_60", therapist=clinic.therapist), line("foot_60"), line("oil")), 10_00),
        ((line("foot_60"),), 5_00),
    ):
        state = till.charge(till.command(till.ticket(*lines), tip_on_reader=True))
        till.tap(tip=minor)
        till.look(state.order_id)
    with clinic.read() as session:
        assert tips.owed(session, clinic.usd.location_id) == {clinic.therapist.id: 10_00}
        assert list(tips.pools(session, clinic.usd.location_id).values()) == [5_00]
