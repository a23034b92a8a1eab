"""The events to review of some days, in the order of time, and their sums by person."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from sqlalchemy.orm import Session

from pos.core.clock import local_minute
from pos.core.messages.till import REVIEW_LIMITS_WHERE
from pos.core.money import Money
from pos.domain.locations.review_limits import review_limits
from pos.reports.analysis.opens import Behind
from pos.reports.exporters import Cell, Sheet
from pos.reports.period import NOBODY, Scope
from pos.reports.registry import Remark, report
from pos.reports.review import credit_events, money_events
from pos.reports.review.event import Event

COLUMNS = (
    "Date", "Time", "Location", "What happened", "By", "Approved by", "About", "Amount", "Currency", "Reason"
)  # fmt: skip
BY_PERSON = ("Location", "By", "What happened", "Times", "Amount", "Currency")
_SOURCES = (
    money_events.cash_voids,
    money_events.drawers_opened,
    money_events.cards_in_cash,
    money_events.price_cuts,
    money_events.shortages,
    money_events.tips_moved,
    credit_events.credits_used,
    credit_events.credits_given,
    credit_events.last_days_moved,
    credit_events.cancels_restored,
)


def events(session: Session, scope: Scope) -> list[Event]:
    """Every event that is as large as its location's limits say, in the order of time."""
    limits = {place.id: review_limits(session, place.id) for place in scope.places}
    only = scope.only
    found = [
        one
        for source in _SOURCES
        for one in source(session, scope, limits)
        if only.person in ("", one.by or str(NOBODY)) and only.event in ("", one.what)
    ]
    return sorted(found, key=lambda one: (one.on, one.at, one.what, one.about))


def _remarks(_session: Session, _scope: Scope) -> Sequence[Remark]:
    return [Remark(REVIEW_LIMITS_WHERE)]


def events_by_person(session: Session, scope: Scope) -> Iterator[tuple[Cell, ...]]:
    """How often each person did what, by location and name."""
    sums: dict[tuple[int, str, str], list[int]] = defaultdict(lambda: [0, 0])
    numbers = {place.id: at for at, place in enumerate(scope.places)}
    for one in events(session, scope):
        whole = sums[numbers[one.location_id], one.by, one.what]
        whole[0] += 1
        whole[1] += one.minor or 0
    for (at, by, what), (count, minor) in sorted(sums.items()):
        place = scope.places[at]
        # What happened opens the rows: a name is missing where no person did it.
        name = Behind(what, location=place.slug, person=by or NOBODY, event=what)
        yield place.name, by, name, count, Money(minor, place.currency), place.currency


def _by_person(session: Session, scope: Scope) -> Sequence[Sheet]:
    return [Sheet("By person", BY_PERSON, events_by_person(session, scope))]


@report(
    "events-to-review",
    title="Events to review",
    about="Voids and refunds in cash, drawers opened or short, large discounts, credits given or moved: to be looked at.",
    columns=COLUMNS,
    more_sheets=_by_person,
    remarks=_remarks,
    filters=("person", "event"),
)
def events_report(session: Session, scope: Scope) -> Iterator[tuple[Cell, ...]]:
    """One row for each event; it opens the sale, refund, package, client or Z that it is about."""
    for one in events(session, scope):
        place = scope.place(one.location_id)
        amount = None if one.minor is None else Money(one.minor, place.currency)
        head = (one.on, local_minute(one.at, place.time_zone), place.name, one.what, one.by, one.approved)
        yield (*head, one.about, amount, place.currency, one.detail)


report(
    "events-by-person",
    title="Events to review by person",
    about="How often each person did what is listed under Events to review, and what it comes to.",
    columns=BY_PERSON,
    summed=("Times", "Amount"),
    by=BY_PERSON[:3],
    behind="events-to-review",
    remarks=_remarks,
)(events_by_person)
