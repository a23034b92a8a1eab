"""A report's rows as bars: one column of amounts, drawn for the eye; a reader of screens has the table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pos.core.money import Money
from pos.reports.analysis.opens import Behind
from pos.reports.analysis.said import said
from pos.reports.comparison.compared import Beside
from pos.reports.exporters import Cell
from pos.reports.registry import Report
from pos.web.common.template_context import page_translator
from pos.web.office.report_pages.cells import Href

# As many bars as a day has hours; of more rows the largest are drawn.
_MOST, _LARGEST = 24, 12


@dataclass(frozen=True)
class Bar:
    """One bar: lengths in percent of the longest, `was` what it was before. `below`: the amount is below zero."""

    label: str
    text: str
    href: str
    length: str
    was: str | None
    below: bool


@dataclass(frozen=True)
class Picture:
    """The bars of one currency; `rows` is of how many rows they are the largest, 0 where all are drawn."""

    currency: str
    bars: Sequence[Bar]
    rows: int


@dataclass
class _Sum:
    name: Cell
    minor: int = 0
    was: int = 0


def _filters(name: Cell) -> tuple[tuple[str, str], ...]:
    """What a name opens, whatever the location and days."""
    found = name.args.items() if isinstance(name, Behind) else ()
    return tuple(pair for pair in found if pair[0] not in ("location", "from", "to"))


def _is_of_before(name: Cell) -> bool:
    """Whether a row is there in the days before alone, whose name opens those."""
    return isinstance(name, Behind) and "from" in name.args


class Pictured:
    """Adds up the drawn column as rows are read: of all locations together, each currency by itself."""

    def __init__(self, report: Report) -> None:
        columns = list(report.columns)
        self._at = columns.index(report.pictured) if report.pictured else None
        self._was = next(
            (at for at, name in enumerate(columns) if isinstance(name, Beside) and name.figure == report.pictured), None
        )
        named = [name for name in report.by if name != "Location"]
        self._name = columns.index(named[0]) if named else 0
        self._sums: dict[str, dict[object, _Sum]] = {}

    def counted(self, rows: Iterable[Sequence[Cell]]) -> Iterable[Sequence[Cell]]:
        """Rows as they come, each added up."""
        for row in rows:
            if self._at is not None and isinstance(amount := row[self._at], Money):
                name = row[self._name]
                one = self._sums.setdefault(amount.currency, {}).setdefault((name, _filters(name)), _Sum(name))
                if not _is_of_before(name):
                    one.name = name
                one.minor += amount.minor
                past = row[self._was] if self._was is not None else None
                one.was += past.minor if isinstance(past, Money) else 0
            yield row

    def pictures(self, behind: Href, currencies: Sequence[str]) -> list[Picture]:
        """A picture for each of some currencies that has at least two bars."""
        found = []
        for currency in currencies:
            sums = self._sums.get(currency, {})
            rows = [one for one in sums.values() if one.minor or one.was]
            drawn = rows if len(rows) <= _MOST else sorted(rows, key=lambda one: -abs(one.minor))[:_LARGEST]
            if len(drawn) > 1:
                bars = self._bars(drawn, currency, behind)
                found.append(Picture(currency, bars, len(rows) if len(drawn) < len(rows) else 0))
        return found

    def _bars(self, sums: Sequence[_Sum], currency: str, behind: Href) -> list[Bar]:
        longest = max(max(abs(one.minor), abs(one.was)) for one in sums)
        w = page_translator()

        def percent(minor: int) -> str:
            return f"{100 * abs(minor) / longest:.2f}%"

        return [
            Bar(
                label=said(w, one.name) if isinstance(one.name, str) else str(one.name),
                text=w.amount(one.minor, currency),
                href=behind(one.name) if isinstance(one.name, Behind) else "",
                length=percent(one.minor),
                was=percent(one.was) if self._was is not None else None,
                below=one.minor < 0,
            )
            for one in sums
        ]
