"""Z reports: the numbered, frozen close of a shift, chained by hash; and the list of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from pos.core.errors import NotFound
from pos.core.ids import new_id
from pos.core.messages.till import NO_SUCH_Z_REPORT
from pos.domain.ledger.entries import GENESIS
from pos.domain.ledger.queries import head
from pos.domain.locations.models import Desk
from pos.domain.locations.queries import DeskPlace, Place
from pos.domain.staff.queries import names
from pos.domain.till.models import Drawer, Shift, ZReport
from pos.domain.till.rules import z_hash
from pos.reports.books.period_snapshot import running_total
from pos.reports.books.shift_snapshot import shift_facts
from pos.reports.period import Scope


def last_z(session: Session, drawer_id: UUID) -> ZReport | None:
    """The newest Z of a drawer."""
    return session.scalar(
        select(ZReport).where(ZReport.drawer_id == drawer_id).order_by(ZReport.number.desc()).limit(1)
    )


def snapshot(session: Session, shift: Shift, desk: DeskPlace) -> ZReport:
    """Write the Z of a shift that was just closed; call it after the entries of the close, which its head covers."""
    assert shift.closed_at is not None
    before = last_z(session, shift.drawer_id)
    number = before.number + 1 if before else 1
    previous = before.hash if before else GENESIS
    running = int(before.document["running_minor"]) if before else 0
    staff = names(session)
    seq, own_head = head(session, shift.location_id)
    facts = shift_facts(session, shift, desk, until=shift.closed_at)
    expected, counted = shift.expected_minor or 0, shift.counted_minor or 0
    document = facts | {
        "number": number,
        "closed_at": shift.closed_at.isoformat(),
        "closed_by": staff.get(shift.closed_by, "") if shift.closed_by else "",
        "approved_by": staff.get(shift.close_approved_by, "") if shift.close_approved_by else "",
        "closing_note": shift.closing_note,
        "expected_minor": expected,
        "counted_minor": counted,
        "over_short_minor": counted - expected,
        "left_minor": shift.left_minor,
        "banked_minor": counted - shift.left_minor,
        "counts": shift.closing_counts or {},
        "running_minor": running_total(running, facts),
        "previous_hash": previous,
        "ledger_seq": seq,
        "ledger_head": own_head,
    }
    report = ZReport(
        id=new_id(),
        location_id=shift.location_id,
        drawer_id=shift.drawer_id,
        shift_id=shift.id,
        number=number,
        business_on=shift.business_on,
        closed_at=shift.closed_at,
        document=document,
        previous_hash=previous,
        hash=z_hash(number, document, previous),
    )
    session.add(report)
    session.flush()
    return report


def z_of(session: Session, z_id: UUID, location_ids: frozenset[UUID]) -> ZReport:
    """A Z report of one of some locations; raises NotFound."""
    row = session.get(ZReport, z_id)
    if row is None or row.location_id not in location_ids:
        raise NotFound(NO_SUCH_Z_REPORT)
    return row


@dataclass(frozen=True)
class ZLine:
    """A Z report in a list; minor units of the location's currency."""

    z_id: UUID
    place: Place
    desk: str
    number: int
    business_on: date
    closed_at: datetime
    closed_by: str
    total_minor: int
    tip_minor: int
    expected_minor: int
    counted_minor: int

    @property
    def over_short_minor(self) -> int:
        """Over is positive, short negative."""
        return self.counted_minor - self.expected_minor


def z_list(session: Session, scope: Scope) -> list[ZLine]:
    """The Z reports of a scope, newest first."""
    rows = session.execute(
        select(ZReport, Desk.name)
        .join(Drawer, Drawer.id == ZReport.drawer_id)
        .join(Desk, Desk.id == Drawer.desk_id)
        .where(ZReport.location_id.in_(scope.location_ids), ZReport.business_on.between(scope.from_on, scope.to_on))
        .order_by(ZReport.closed_at.desc(), ZReport.id.desc())
    )
    return [
        ZLine(
            z_id=z.id,
            place=scope.place(z.location_id),
            desk=desk,
            number=z.number,
            business_on=z.business_on,
            closed_at=z.closed_at,
            closed_by=z.document["closed_by"],
            total_minor=z.document["total_minor"] - z.document.get("gift_cards_minor", 0),
            tip_minor=z.document["tip_minor"],
            expected_minor=z.document["expected_minor"],
            counted_minor=z.document["counted_minor"],
        )
        for z, desk in rows
    ]
