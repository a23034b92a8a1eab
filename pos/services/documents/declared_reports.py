"""A declared report on paper: A4 or Letter as the location prints, on its side where there are many columns.

Wide reports leave out the columns in which nothing stands, and set two columns above each other, so that what is printed can
be read. A report of many rows is no paper: it is refused with the files to take instead.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from datetime import date, time
from decimal import Decimal
from itertools import islice

from sqlalchemy.orm import Session

from invoices.documents import REPORT_LABELS, Clinic, Column, ReportDocument, Section
from pos.core import clock
from pos.core.app_context import running
from pos.core.errors import Invalid
from pos.core.i18n.message import translated_text
from pos.core.i18n.translator import Translator, translator
from pos.core.messages.books import TOO_LONG_FOR_PAPER
from pos.core.money import Money
from pos.reports.analysis.narrowing import FILTERS, choices
from pos.reports.analysis.said import said
from pos.reports.comparison.compared import PARTS, Beside
from pos.reports.comparison.words import change_words
from pos.reports.exporters import Cell, Totals
from pos.reports.period import Scope
from pos.reports.registry import Report
from pos.services.documents.renderer import own_pool, sheet_of

# So many cells take some seconds to set, and four times as long on a busy machine.
MOST_CELLS = 10_000
_SECONDS = 60.0
# More columns than these lie on their side; more than those stand in pairs.
_UPRIGHT, _SIDE_BY_SIDE = 7, 10
_NAMED_PLACES = 4

Cells = Sequence[Sequence[Cell]]


def _cell(w: Translator, cell: Cell) -> str:
    match cell:
        case None:
            return ""
        case Money(minor=minor, currency=currency):
            return w.amount(minor, currency)
        case time():
            return cell.strftime("%H:%M")
        case date():
            return w.day(cell)
        case Decimal():
            return f"{cell.normalize():f}"
        case str():
            return said(w, cell)
        case _:
            return str(cell)


def _is_nothing(cell: Cell) -> bool:
    return cell is None or cell == "" or (isinstance(cell, Money) and not cell) or (type(cell) is int and cell == 0)


def _filters(session: Session, scope: Scope, report: Report, w: Translator) -> list[str]:
    """What the report was narrowed to, each in words."""
    chosen = scope.only.args()
    offered = choices(session, scope, [name for name in report.filters if name in chosen])
    return [
        f"{w(FILTERS[name][0])}: {said(w, dict(options).get(chosen[name], ''))}" for name, options in offered.items()
    ]


def _with_before(at: int, beside: Mapping[int, Beside]) -> list[int]:
    """A column and the two that stand beside it, or it alone."""
    return [at, at + 1, at + 2] if at + 1 in beside and at not in beside else [at]


def _table(report: Report, rows: Cells, sums: Cells, w: Translator) -> tuple[Section, list[str]]:
    """The rows as a section, and the heads of the columns that were left out."""
    kept = list(range(len(report.columns)))
    beside = {at: name for at, name in enumerate(report.columns) if isinstance(name, Beside)}
    if len(kept) - len(beside) > _SIDE_BY_SIDE and rows:
        # A figure stays with what it was before.
        nothing = [all(_is_nothing(row[at]) for row in rows) for at in kept]
        kept = [at for at in kept if not all(nothing[one] for one in _with_before(at, beside))]
    left_out = [w(name) for at, name in enumerate(report.columns) if at not in kept and at not in beside]
    figures = {at for at in kept if rows and all(isinstance(row[at], Money | int | Decimal | None) for row in rows)}
    groups = [[at] for at in kept]
    if beside:
        groups = [_with_before(at, beside) for at in kept if at not in beside]
    elif len(kept) > _SIDE_BY_SIDE:
        groups = []
        for at in kept:
            if groups and len(groups[-1]) == 1 and (groups[-1][0] in figures) == (at in figures):
                groups[-1].append(at)
            else:
                groups.append([at])

    def text(row: Sequence[Cell], at: int) -> str:
        name = beside.get(at)
        return change_words(w, row[at - 2], row[at - 1]) if name and name.part == "change" else _cell(w, row[at])

    def head(at: int) -> str:
        name = beside.get(at)
        return w(report.columns[at]) if name is None else w(PARTS[name.part])

    def texts(row: Sequence[Cell]) -> tuple[str, ...]:
        return tuple("\n".join(text(row, at) for at in group) for group in groups)

    heads = tuple(
        Column(heading="\n".join(head(at) for at in group), align="end" if group[0] in figures else "start")
        for group in groups
    )
    section = Section(columns=heads, rows=tuple(map(texts, rows)), total_rows=tuple(map(texts, sums)))
    return section, left_out


def report_document(report: Report, session: Session, scope: Scope) -> ReportDocument:
    """A report of some days as paper; raises Invalid where it has more cells than MOST_CELLS."""
    where, now = scope.places[0], clock.now()
    w = translator(where.locale)
    totals = Totals(report.columns, report.summed, scope.currencies)
    most = MOST_CELLS // len(report.columns)
    rows = list(islice(totals.counted(report.rows(session, scope)), most + 1))
    if len(rows) > most:
        raise Invalid(TOO_LONG_FOR_PAPER(most=most))
    section, left_out = _table(report, rows, totals.rows(w("Total")), w)
    days = w.day(scope.from_on) if scope.days == 1 else f"{w.day(scope.from_on)} – {w.day(scope.to_on)}"
    names = [place.name for place in scope.places]
    shown = names if len(names) <= _NAMED_PLACES else [w("%(count)s locations", count=len(names))]
    remarks = [translated_text(remark.sentence, w) for remark in report.remarks_on(session, scope)]
    notes = [w("Nothing stands in these columns, so they are left out: %(names)s.", names=", ".join(left_out))]
    return ReportDocument(
        language=where.locale.replace("_", "-"),
        title=w(report.title),
        subtitle=" · ".join([days, ", ".join(shown), *_filters(session, scope, report, w)]),
        clinic=Clinic(name=where.clinic_name),
        issued_at=w("Made %(moment)s", moment=w.moment(now, where.time_zone)),
        issued_iso=now.isoformat(),
        sections=(section,),
        labels={key: w(text) for key, text in REPORT_LABELS.items()},
        footer="\n".join([*remarks, *(notes if left_out else ())]),
        landscape=len(section.columns) > _UPRIGHT,
    )


def as_pdf(document: ReportDocument, scope: Scope) -> bytes:
    """The paper as PDF, on the sheet of the first location; raises PaperError where this host makes none.

    One after the other, in a process of its own that ends with it: the one that is kept warm sets the receipts of the desk.
    """
    sheet = sheet_of("report", scope.places[0].paper_format)
    with running().once("report_paper", lambda _settings: threading.Lock()), own_pool(_SECONDS) as pool:
        return pool.render(document, sheet)
