"""Invariants of closes: every closed shift has its Z, numbered and chained, and no closed day or month is changed later."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from pos.core.i18n.message import Message
from pos.core.messages.kept import book_checks as messages
from pos.domain.ledger.entries import GENESIS
from pos.domain.ledger.models import Closing, JournalEntry
from pos.domain.locations.models import Desk, Location
from pos.domain.till.models import Drawer, Shift, ZReport
from pos.domain.till.rules import z_hash
from pos.reports.books.period_snapshot import closing_hash, period_end, postings_of, running_total
from pos.reports.invariants.base import Check, CheckScope

_FROZEN = ("expected_minor", "counted_minor", "left_minor")


def _other_z(look: CheckScope) -> Iterator[Message]:
    missing = look.rows(
        select(Location.slug, Shift.id)
        .join(Location, Location.id == Shift.location_id)
        .outerjoin(ZReport, ZReport.shift_id == Shift.id)
        .where(look.in_scope(Shift.location_id), Shift.state == "closed", ZReport.id.is_(None))
        .order_by(Location.slug, Shift.closed_at, Shift.id)
    )
    for slug, shift_id in missing:
        yield messages.SHIFT_WITHOUT_Z(shift=shift_id, location=slug)
    rows = look.rows(
        select(Location.slug, Desk.name, ZReport, Shift)
        .join(Location, Location.id == ZReport.location_id)
        .join(Drawer, Drawer.id == ZReport.drawer_id)
        .join(Desk, Desk.id == Drawer.desk_id)
        .outerjoin(Shift, Shift.id == ZReport.shift_id)
        .where(look.in_scope(ZReport.location_id))
        .order_by(Location.slug, Desk.name, ZReport.drawer_id, ZReport.number)
    )
    ends: dict[UUID, tuple[int, str, int]] = {}
    for slug, desk, z, shift in rows:
        subject = messages.Z_OF_DESK(number=z.number, location=slug, desk=desk)
        number, previous, running = ends.get(z.drawer_id, (0, GENESIS, 0))
        if z.number != number + 1:
            yield messages.Z_MISSING(location=slug, desk=desk, before=number, number=z.number)
        elif z.previous_hash != previous:
            yield messages.Z_UNLINKED(subject=subject)
        elif z.document.get("running_minor") != running_total(running, z.document):
            yield messages.Z_RUNS_OTHERWISE(subject=subject)
        if z_hash(z.number, z.document, z.previous_hash) != z.hash:
            yield messages.HASH_DOES_NOT_FIT(subject=subject)
        if shift is None or shift.state != "closed":
            yield messages.Z_WITHOUT_SHIFT(subject=subject)
        elif any(getattr(shift, part) != z.document.get(part) for part in _FROZEN):
            yield messages.Z_COUNTED_OTHERWISE(subject=subject)
        ends[z.drawer_id] = z.number, z.hash, int(z.document.get("running_minor", 0))


def _named(slug: str, closing: Closing) -> Message:
    if closing.kind == "day":
        return messages.CLOSING_OF_DAY(number=closing.number, location=slug, day=closing.period_on)
    return messages.CLOSING_OF_MONTH(number=closing.number, location=slug, day=closing.period_on)


def _other_closings(look: CheckScope) -> Iterator[Message]:
    rows = look.rows(
        select(Location.slug, Closing)
        .join(Location, Location.id == Closing.location_id)
        .where(look.in_scope(Closing.location_id))
        .order_by(Location.slug, Closing.kind, Closing.number)
    )
    ends: dict[tuple[UUID, str], Closing] = {}
    for slug, closing in rows:
        subject = _named(slug, closing)
        before = ends.get((closing.location_id, closing.kind))
        number, previous = (before.number, before.hash) if before else (0, GENESIS)
        if closing.number != number + 1:
            if closing.kind == "day":
                yield messages.DAYS_MISSING(location=slug, before=number, number=closing.number)
            else:
                yield messages.MONTHS_MISSING(location=slug, before=number, number=closing.number)
        elif closing.previous_hash != previous:
            yield messages.CLOSING_UNLINKED(subject=subject)
        elif before and closing.period_on <= before.period_on:
            yield messages.CLOSING_NOT_LATER(subject=subject)
        if closing_hash(closing) != closing.hash:
            yield messages.HASH_DOES_NOT_FIT(subject=subject)
        yield from _moved_since(look, subject, closing)
        yield from _off_the_chain(look, subject, closing)
        ends[closing.location_id, closing.kind] = closing


def _moved_since(look: CheckScope, subject: Message, closing: Closing) -> Iterator[Message]:
    end = period_end(closing.kind, closing.period_on)
    found = postings_of(look.session, closing.location_id, closing.period_on, end)
    if found != closing.document.get("accounts"):
        yield messages.CLOSING_UNLIKE_JOURNAL(subject=subject)


def _off_the_chain(look: CheckScope, subject: Message, closing: Closing) -> Iterator[Message]:
    """The head a closing froze must still be the hash of that entry."""
    in_scope = (JournalEntry.location_id == closing.location_id) & (JournalEntry.seq == closing.ledger_seq)
    own: Any = look.session.scalar(select(JournalEntry.hash).where(in_scope))
    if (own or GENESIS) != closing.ledger_head:
        yield messages.HEAD_NOT_IN_CHAIN(subject=subject)


def _heads_of_z(look: CheckScope) -> Iterator[Message]:
    """The heads printed on Z reports must still be in the chain; they show an end that was cut off."""
    rows = look.rows(
        select(Location.slug, ZReport.number, ZReport.document, JournalEntry.hash)
        .join(Location, Location.id == ZReport.location_id)
        .outerjoin(
            JournalEntry,
            (JournalEntry.location_id == ZReport.location_id)
            & (JournalEntry.seq == func.coalesce(ZReport.document["ledger_seq"].as_integer(), -1)),
        )
        .where(look.in_scope(ZReport.location_id))
        .order_by(Location.slug, ZReport.closed_at, ZReport.number)
    )
    for slug, number, document, own in rows:
        if (own or GENESIS) != document.get("ledger_head"):
            yield messages.HEAD_NOT_IN_CHAIN(subject=messages.Z_OF_LOCATION(number=number, location=slug))


CHECKS = (
    Check("z", "Every closed shift has a Z report, numbered and chained", Shift.location_id, _other_z),
    Check("z_heads", "The heads on Z reports are in the chain", ZReport.location_id, _heads_of_z),
    Check("closings", "Closed days and months say what the journal says", Closing.location_id, _other_closings),
)
