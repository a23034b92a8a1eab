"""Commissions by person, and line by line: on visits, on what they sold, and what giving back took of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from pos.core.clock import local_minute
from pos.core.messages.books import NO_COMMISSION_RULES
from pos.core.money import Money, percent_of
from pos.core.paging.window import Window
from pos.domain.staff.models import CommissionRule
from pos.domain.staff.queries import names
from pos.reports.analysis.by_month import months
from pos.reports.analysis.opens import Behind, opens, words
from pos.reports.exporters import Cell, Sheet
from pos.reports.people.commission_arithmetic import SALE, VISIT, Rates, rates_on, stretches, taken_back
from pos.reports.people.commission_lines import BaseLine, base_lines, base_sums, lines_back
from pos.reports.period import Scope
from pos.reports.registry import Keyed, Remark, Summed, report, sum_row

COLUMNS = (
    "Location", "Person", "Base of visits", "Commission on visits", "Base of sales", "Commission on sales",
    "Taken back", "Commission", "Currency",
)  # fmt: skip
LINES = (
    "Date", "Time", "Location", "Person", "Receipt", "Item", "Earned on", "Base", "Percent", "Commission", "Currency",
)  # fmt: skip
_WORDS = words(
    {
        (VISIT, False): "Visit",
        (SALE, False): "Sale",
        (VISIT, True): "Visit given back",
        (SALE, True): "Sale given back",
    }
)

# The grounds of one line in the order of its rows.
_GROUNDS = (VISIT, SALE)


@dataclass
class Earned:
    """One person's commission at one place, minor units; `back` is what was taken back, positive."""

    visit_base: int = 0
    visit: int = 0
    sale_base: int = 0
    sale: int = 0
    back: int = 0

    @property
    def commission(self) -> int:
        """What is left."""
        return self.visit + self.sale - self.back


def _rates(session: Session, scope: Scope) -> dict[UUID, list[Rates]]:
    """The rates of everybody, or of the person asked for, that begin before the last day is over."""
    rules = select(CommissionRule).where(CommissionRule.from_on <= scope.to_on)
    if scope.only.therapist:
        rules = rules.where(CommissionRule.staff_id == scope.only.therapist)
    found: dict[UUID, list[Rates]] = defaultdict(list)
    for rule in session.scalars(rules):
        found[rule.staff_id].append(Rates(rule.from_on, rule.visit_percent, rule.sale_percent))
    return found


def _earning(rates: dict[UUID, list[Rates]], scope: Scope) -> Iterator[tuple[Scope, dict[str, dict[UUID, Rates]]]]:
    """The days cut where rates change; for each ground who earns anything in them, and at which rates."""
    begins = {one.from_on for own in rates.values() for one in own}
    for first, last in stretches(scope.from_on, scope.to_on, begins):
        held = {person: rates_on(own, first) for person, own in rates.items()}
        earn = {
            ground: {person: one for person, one in held.items() if one and one.of(ground)} for ground in (VISIT, SALE)
        }
        if any(earn.values()):
            yield replace(scope, from_on=first, to_on=last), earn


def _taken_back(
    session: Session, scope: Scope, rates: dict[UUID, list[Rates]]
) -> Iterator[tuple[BaseLine, Rates, int]]:
    """What giving back took in the days, at the rates of the day the line was sold on."""
    for ground in _GROUNDS if rates else ():
        for line in lines_back(session, scope, ground, sorted(rates, key=str)):
            own = rates_on(rates[line.back[0].person_id], line.back[0].sold_on)
            if own is None or not own.of(ground):
                continue
            parts = taken_back(line.base_minor, [one.base_minor for one in line.back], own.of(ground))
            for one, minor in zip(line.back, parts, strict=True):
                if scope.from_on <= one.on <= scope.to_on:
                    yield one, own, minor


def commissions(session: Session, scope: Scope) -> dict[tuple[UUID, UUID], Earned]:
    """The commission of each person with a rule, by location and person."""
    rates = _rates(session, scope)
    found: dict[tuple[UUID, UUID], Earned] = defaultdict(Earned)
    for days, earn in _earning(rates, scope):
        for place, person, ground, base, count in base_sums(session, days, earn):
            one, minor = found[place, person], count * percent_of(base, earn[ground][person].of(ground))
            if ground == VISIT:
                one.visit_base, one.visit = one.visit_base + count * base, one.visit + minor
            else:
                one.sale_base, one.sale = one.sale_base + count * base, one.sale + minor
    for line, _, minor in _taken_back(session, scope, rates):
        found[line.location_id, line.person_id].back += minor
    return found


def _remarks(session: Session, _scope: Scope) -> Sequence[Remark]:
    has_rules = session.scalar(select(CommissionRule.staff_id).limit(1)) is not None
    return [] if has_rules else [Remark(NO_COMMISSION_RULES)]


def commission_lines(session: Session, scope: Scope) -> Iterator[tuple[Cell, ...]]:
    """One row for each line that earned something, then one for each that gave something back."""
    rates, known = _rates(session, scope), names(session)
    parts = (
        (month, earn, ground)
        for days, earn in _earning(rates, scope)
        for month in months(session, days)
        for ground in earn
    )
    for days, earn, ground in parts:
        for line in base_lines(session, days, ground, sorted(earn[ground], key=str)):
            yield _cells(scope, known, _earned(line, earn[ground][line.person_id]))
    for line, own, minor in sorted(_taken_back(session, scope, rates), key=lambda row: (row[0].at, str(row[0].key))):
        yield _cells(scope, known, Line(line, own, -minor, is_back=True))


@dataclass(frozen=True)
class Line:
    """A line with the rates of its day and what it earned in minor units, or gave back, negative."""

    base: BaseLine
    own: Rates
    minor: int
    is_back: bool

    @property
    def key(self) -> tuple[date, datetime, int, UUID, int, int]:
        """Its place in the order of time: of one moment what was earned, then what was given back."""
        base = self.base
        return base.on, base.at, int(self.is_back), base.key, base.position, _GROUNDS.index(base.ground)


def _earned(line: BaseLine, own: Rates) -> Line:
    return Line(line, own, percent_of(line.base_minor, own.of(line.ground)), is_back=False)


def _cells(scope: Scope, known: Mapping[UUID, str], line: Line) -> tuple[Cell, ...]:
    base, place = line.base, scope.place(line.base.location_id)
    whole = Money(-base.base_minor if line.is_back else base.base_minor, place.currency)
    return (
        base.on, local_minute(base.at, place.time_zone), place.name, known.get(base.person_id, ""),
        opens(base.number, base.what, base.key), base.item, _WORDS[base.ground, line.is_back], whole,
        line.own.of(base.ground), Money(line.minor, place.currency), place.currency,
    )  # fmt: skip


def _window_of(ground: str, window: Window) -> Window:
    """The window over the lines that earn on one ground: of a line with two, the grounds stand in their order."""
    if window.key is None:
        return window
    on, at, is_back, row, position, ground_at, _more = window.key
    if is_back:
        return replace(window, key=(on, at, UUID(int=2**128 - 1), 0))
    mine = _GROUNDS.index(ground)
    is_beyond = mine != ground_at and (mine < ground_at) != window.backwards
    step = -1 if window.backwards else 1
    return replace(window, key=(on, at, row, position + step if is_beyond else position))


def _earned_in(session: Session, scope: Scope, rates: dict[UUID, list[Rates]], window: Window) -> list[Line]:
    """As many lines that earned something as a window has, in its direction; stretch by stretch of the rates."""
    found: list[Line] = []
    cut = list(_earning(rates, scope))
    for days, earn in cut if window.backwards else reversed(cut):
        some = [
            _earned(line, earn[ground][line.person_id])
            for ground in earn
            if earn[ground]
            for place in days.places
            for line in base_lines(
                session,
                replace(days, places=(place,)),
                ground,
                sorted(earn[ground], key=str),
                _window_of(ground, window),
            )
        ]
        found += sorted(some, key=lambda line: line.key, reverse=not window.backwards)
        if len(found) >= window.limit:
            break
    return found[: window.limit]


def _page(session: Session, scope: Scope, window: Window) -> Iterator[tuple[tuple[Any, ...], tuple[Cell, ...]]]:
    """The lines of a window, newest first. What was given back is read of the days that the earned ones reach over alone."""
    rates, known, days = _rates(session, scope), names(session), scope
    if window.key is not None:
        on = window.key[0]
        first, last = (max(days.from_on, on), days.to_on) if window.backwards else (days.from_on, min(days.to_on, on))
        days = replace(days, from_on=first, to_on=last)
    earned = _earned_in(session, days, rates, window) if days.days > 0 else []
    if len(earned) == window.limit:
        end = earned[-1].base.on
        days = replace(days, to_on=end) if window.backwards else replace(days, from_on=end)
    back = _taken_back(session, days, rates) if days.days > 0 else ()
    lines = [*earned, *(Line(line, own, -minor, is_back=True) for line, own, minor in back)]
    # A void gives several credits of one line back at once: these are told apart by their number.
    times: dict[Any, int] = defaultdict(int)
    found = []
    for line in sorted(lines, key=lambda line: (line.key, line.base.base_minor, line.minor)):
        found.append(((*line.key, times[line.key]), line))
        times[line.key] += 1
    if window.key is not None:
        found = [pair for pair in found if (pair[0] > window.key if window.backwards else pair[0] < window.key)]
    if not window.backwards:
        found.reverse()
    for key, line in window.in_order(found[: window.limit]):
        yield key, _cells(scope, known, line)


def _sums(session: Session, scope: Scope) -> Iterator[tuple[Cell, ...]]:
    for (where, _person), one in commissions(session, scope).items():
        code = scope.place(where).currency
        yield sum_row(LINES, {"Commission": Money(one.commission, code), "Currency": code})


def _lines_report(session: Session, scope: Scope) -> Summed:
    return Summed(commission_lines(session, scope), lambda: _sums(session, scope))


def _sheet(session: Session, scope: Scope) -> Sequence[Sheet]:
    return [Sheet("Lines", LINES, commission_lines(session, scope))]


@report(
    "commissions",
    title="Commissions",
    about="What people earn on their visits and on what they sell, by their rules, less what refunds and voids took back.",
    columns=COLUMNS,
    summed=COLUMNS[2:-1],
    by=("Location", "Person"),
    pictured="Commission",
    behind="commission-lines",
    more_sheets=_sheet,
    remarks=_remarks,
    filters=("therapist",),
)
def commissions_report(session: Session, scope: Scope) -> Iterator[tuple[Cell, ...]]:
    """A row for each person with a rule who earned something or had something taken back, by name."""
    found, known = commissions(session, scope), names(session)
    for place in scope.places:
        own = [(known.get(person, ""), str(person), one) for (where, person), one in found.items() if where == place.id]
        for name, person, one in sorted(own, key=lambda row: row[:2]):
            amounts = (one.visit_base, one.visit, one.sale_base, one.sale, -one.back, one.commission)
            words = Behind(name, location=place.slug, therapist=person)
            yield (place.name, words, *(Money(minor, place.currency) for minor in amounts), place.currency)


report(
    "commission-lines",
    title="Commissions, line by line",
    about="Each line of a sale that earned somebody a commission, and each that was given back, at the rate of its sale.",
    columns=LINES,
    summed=("Commission",),
    remarks=_remarks,
    filters=("therapist",),
    keyed=Keyed((date, datetime, int, UUID, int, int, int), _page),
)(_lines_report)
