"""The X report: a look at an open shift, whole, or without what would tell somebody who counts the drawer what is in it."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.orm import Session

from invoices.documents import ReportDocument, Section
from pos.core import audit, clock
from pos.core.database.unit_of_work import unit_of_work
from pos.core.errors import Conflict
from pos.core.messages.till import DRAWER_CLOSED
from pos.domain.locations.queries import DeskPlace, desk_place
from pos.domain.sales.tender_kinds import STORED, label_of
from pos.domain.till.models import Shift
from pos.domain.till.rules import KINDS
from pos.domain.till.shifts import current_shift
from pos.reports.books.shift_snapshot import shift_facts
from pos.services.documents.till_reports import (
    CORRECTION_WORDS,
    SOLD_KINDS,
    TillWriter,
    shift_about,
    shift_sections,
)
from pos.services.till.shifts import expected_in


def _open_shift(session: Session, desk: DeskPlace) -> tuple[Shift, TillWriter]:
    """The open shift of a desk and a writer of its facts until now; raises Conflict where the drawer is closed."""
    shift = current_shift(session, desk.id)
    if shift is None:
        raise Conflict(DRAWER_CLOSED)
    return shift, TillWriter(shift_facts(session, shift, desk, until=clock.now()))


def _paper(p: TillWriter, shift: Shift, title: str, sections: list[Section]) -> ReportDocument:
    f, w = p.facts, p.w
    subtitle = f"{f['location']} · {f['desk']} · {w.day(shift.business_on)}"
    return p.head(
        title, subtitle, f["until"], sections, w("A look at an open shift. It is no close and has no number.")
    )


def x_document(session: Session, desk: DeskPlace) -> ReportDocument:
    """A look at the open shift of a desk, which changes and numbers nothing; raises Conflict where the drawer is closed."""
    shift, p = _open_shift(session, desk)
    f, w = p.facts, p.w
    sections = shift_sections(p)
    sections.append(
        p.section(
            w("Drawer"),
            [
                (w("Float"), "", p.money(f["float_minor"])),
                (w("Expected now"), "", p.money(expected_in(session, shift))),
                (w("Expected from Stripe"), "", p.money(f["stripe_minor"])),
            ],
        )
    )
    return _paper(p, shift, w("X report"), sections)


def blind_x_document(session: Session, desk: DeskPlace) -> ReportDocument:
    """The open shift for those who count its drawer blind: how many of everything, and what was paid other than in cash.

    No sum in it has cash in it, and none is there from which cash could be computed. Raises Conflict where the drawer is
    closed.
    """
    shift, p = _open_shift(session, desk)
    f, w = p.facts, p.w
    sold = [(w(SOLD_KINDS.get(one["kind"], one["kind"])), str(one["count"]), "") for one in f["sold"]]
    sold.append((w("Credits used (delivered)"), str(f["redeemed"]["count"]), ""))
    paid = [
        (w(label_of(one["kind"])), str(one["count"]), "" if one["kind"] == "cash" else p.money(one["minor"]))
        for one in f["tenders"]
        if one["kind"] not in STORED
    ]
    back = [(w(CORRECTION_WORDS[one["event"]]), str(one["count"]), "") for one in f["corrections"]]
    moved = [
        (w(kind.words), str(f["movements"][name]["count"]), "")
        for name, kind in KINDS.items()
        if name in f["movements"]
    ]
    note = w("Cash is counted blind: what should be in the drawer is told after the count.")
    sections = [
        shift_about(p),
        p.section(w("Sold and delivered"), [(w("Sales"), str(f["sales"]), ""), *sold], heads=(w("Count"), "")),
        p.section(w("Paid by"), paid, note=note),
    ]
    if back:
        sections.append(p.section(w("Given back"), back, heads=(w("Count"), "")))
    if moved:
        sections.append(p.section(w("Cash that moved"), moved, heads=(w("Count"), "")))
    return _paper(p, shift, w("X report, without cash"), sections)


@unit_of_work
def note_look(session: Session, *, desk_id: UUID, staff_id: UUID, blind: bool) -> None:
    """Write into the audit log who looked at an open shift, and whether cash was in what they saw."""
    shift, place = current_shift(session, desk_id), desk_place(session, desk_id).place
    if shift is not None:
        audit.note(
            session, "shift.x_report", actor_id=staff_id, location_id=place.id, subject_id=shift.id, with_cash=not blind
        )
