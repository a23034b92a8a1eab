"""Commissions by person, and line by line: on visits, on what they sold, and what giving back took of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from pos.core.clock import local_minute
from pos.core.messages.books import NO_COMMISSION_RULES
from pos.core.money import Money, percent_of
from pos.domain.staff.models import CommissionRule
from pos.domain.staff.queries import names
from pos.reports.analysis.by_month import months
from pos.reports.analysis.opens import opens
from pos.reports.exporters import Cell, Sheet
from pos.reports.people.commission_arithmetic import SALE, VISIT, Rates, rates_on, stretches, taken_back
from pos.reports.people.commission_lines import BaseLine, base_lines, base_sums, lines_back
from pos.reports.period import Scope
from pos.reports.registry import Remark, report

COLUMNS = (
    "Location", "Person", "Base of visits", "Commission on visits", "Base of sales", "Commission on sales",
    "Taken back", "Commission", "Currency",
)  # fmt: skip
LINES = (
    "Date", "Time", "Location", "Person", "Receipt", "Item", "Earned on", "Base", "Percent", "Commission", "Currency",
)  # fmt: skip
_WORDS = {
    (VISIT, False): "Visit",
    (SALE, False): "Sale",
    (VISIT, True): "Visit given back",
    (SALE, True): "Sale given back",
}


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
    for ground in (VISIT, SALE):
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

    def cells(line: BaseLine, own: Rates, base: int, minor: int, *, back: bool) -> tuple[Cell, ...]:
        place = scope.place(line.location_id)
        return (
            line.on, local_minute(line.at, place.time_zone), place.name, known.get(line.person_id, ""),
            opens(line.number, line.what, line.key), line.item, _WORDS[line.ground, back], Money(base, place.currency),
            own.of(line.ground), Money(minor, place.currency), place.currency,
        )  # fmt: skip

    parts = (
        (month, earn, ground) for days, earn in _earning(rates, scope) for month in months(days) for ground in earn
    )
    for days, earn, ground in parts:
        for line in base_lines(session, days, ground, sorted(earn[ground], key=str)):
            own = earn[ground][line.person_id]
            yield cells(line, own, line.base_minor, percent_of(line.base_minor, own.of(ground)), back=False)
    for line, own, minor in sorted(_taken_back(session, scope, rates), key=lambda row: (row[0].at, str(row[0].key))):
        yield cells(line, own, -line.base_minor, -minor, back=True)


def _sheet(session: Session, scope: Scope) -> Sequence[Sheet]:
    return [Sheet("Lines", LINES, commission_lines(session, scope))]


@report(
    "commissions",
    title="Commissions",
    about="What people earn on their visits and on what they sell, by their rules, less what refunds and voids took back.",
    columns=COLUMNS,
    summed=COLUMNS[2:-1],
    more_sheets=_sheet,
    remarks=_remarks,
    filters=("therapist",),
)
def commissions_report(session: Session, scope: Scope) -> Iterator[tuple[Cell, ...]]:
    """A row for each person with a rule who earned something or had something taken back, by name."""
    found, known = commissions(session, scope), names(session)
    for place in scope.places:
        own = [(known.get(person, ""), str(person), one) for (where, person), one in found.items() if where == place.id]
        for name, _, one in sorted(own, key=lambda row: row[:2]):
            amounts = (one.visit_base, one.visit, one.sale_base, one.sale, -one.back, one.commission)
            yield (place.name, name, *(Money(minor, place.currency) for minor in amounts), place.currency)


report(
    "commission-lines",
    title="Commissions, line by line",
    about="Each line of a sale that earned somebody a commission, and each that was given back, at the rate of its sale.",
    columns=LINES,
    summed=("Commission",),
    remarks=_remarks,
    filters=("therapist",),
)(commission_lines)
