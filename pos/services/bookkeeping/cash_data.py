"""The cash data of a location in Germany as a ZIP in the order of the DSFinV-K, for a tax auditor. Reads only."""

from __future__ import annotations

from datetime import date
from typing import BinaryIO

from pos.core.database.base import reading
from pos.core.errors import Conflict, Invalid
from pos.core.messages.books import CASH_DATA_NO_CLOSING, CASH_DATA_NOT_GERMAN, CASH_DATA_TOO_MANY_DAYS
from pos.core.version import installed_version
from pos.domain.locations.queries import Place
from pos.reports.bookkeeping.dsfinvk.closings import closing_count, till_closings
from pos.reports.bookkeeping.dsfinvk.files import index_xml, write_zip
from pos.reports.bookkeeping.dsfinvk.rows import address_of, rows_of
from pos.reports.period import one_moment

# A quarter: what a page makes while somebody waits. The command line has no such limit.
MOST_DAYS = 92
_COUNTRY, _CURRENCY = "DE", "EUR"


def is_for(place: Place) -> bool:
    """Whether a location is one that a German auditor can ask: in Germany, and its tills are in euro."""
    return place.country == _COUNTRY and place.currency == _CURRENCY


def cash_data_name(place: Place, from_on: date, to_on: date) -> str:
    """What the file is saved as."""
    return f"dsfinvk-{place.slug}-{from_on}-{to_on}.zip"


def write_cash_data(
    place: Place, from_on: date, to_on: date, out: BinaryIO, *, most_days: int | None = MOST_DAYS
) -> int:
    """Write the closings of some business days, with everything in them; returns how many there are.

    The same days give the same bytes with the same version. Raises Conflict for a location outside Germany, Invalid for days
    without a closing or more than `most_days`, and Conflict where a closing does not agree with the books.
    """
    if not is_for(place):
        raise Conflict(CASH_DATA_NOT_GERMAN)
    if most_days is not None and (to_on - from_on).days >= most_days:
        raise Invalid(CASH_DATA_TOO_MANY_DAYS(most=most_days), field="to")
    session = reading()
    one_moment(session)
    count = closing_count(session, place, from_on, to_on)
    if not count:
        raise Invalid(CASH_DATA_NO_CLOSING, field="from")
    _, _, town = address_of(place.address_lines)
    index = index_xml(place.clinic_name, town, f"{place.name}, {from_on} – {to_on}")
    found = till_closings(session, place, from_on, to_on, installed_version())
    write_zip(out, (row for one in found for row in rows_of(one)), index)
    return count
