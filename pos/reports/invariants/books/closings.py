"""Invariants of closes: every closed shift has its Z, numbered and chained, and no closed day or month is changed later."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from pos.core.i18n.message import plain_day
from pos.domain.ledger.entries import GENESIS
from pos.domain.ledger.models import Closing, JournalEntry
from pos.domain.locations.models import Desk, Location
from pos.domain.till.models import Drawer, Shift, ZReport
from pos.domain.till.rules import z_hash
from pos.reports.books.period_snapshot import closing_hash, period_end, postings_of, running_total
from pos.reports.invariants.base import Check, CheckScope

_FROZEN = ("expected_minor", "counted_minor", "left_minor")


def _other_z(look: CheckScope) -> Iterator[str]:
    missing = look.rows(
        select(Location.slug, Shift.id)
        .join(Location, Location.id == Shift.location_id)
        .outerjoin(ZReport, ZReport.shift_id == Shift.id)
        .where(look.in_scope(Shift.location_id), Shift.state == "closed", ZReport.id.is_(None))
        .order_by(Location.slug, Shift.closed_at, Shift.id)
    )
    for slug, shift_id in missing:
        yield f"Shift {shift_id} of {slug} is closed and has no Z report."
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
        name = f"Z {z.number} of {slug}, {desk}"
        number, previous, running = ends.get(z.drawer_id, (0, GENESIS, 0))
        if z.number != number + 1:
            yield f"The Z reports of {slug}, {desk}, go from {number} to {z.number}: one or more are missing."
        elif z.previous_hash != previous:
            yield f"{name} does not carry the hash of the Z before."
        elif z.document.get("running_minor") != running_total(running, z.document):
            yield f"{name}: its running total does not follow from the Z before."
        if z_hash(z.number, z.document, z.previous_hash) != z.hash:
            yield f"{name} was changed: its hash does not fit what it says."
        if shift is None or shift.state != "closed":
            yield f"{name} belongs to no closed shift."
        elif any(getattr(shift, part) != z.document.get(part) for part in _FROZEN):
            yield f"{name} and its shift were counted differently."
        ends[z.drawer_id] = z.number, z.hash, int(z.document.get("running_minor", 0))


def _other_closings(look: CheckScope) -> Iterator[str]:
    rows = look.rows(
        select(Location.slug, Closing)
        .join(Location, Location.id == Closing.location_id)
        .where(look.in_scope(Closing.location_id))
        .order_by(Location.slug, Closing.kind, Closing.number)
    )
    ends: dict[tuple[UUID, str], Closing] = {}
    for slug, closing in rows:
        name = f"The closing {closing.number} of {slug} ({closing.kind} {plain_day(closing.period_on)})"
        before = ends.get((closing.location_id, closing.kind))
        number, previous = (before.number, before.hash) if before else (0, GENESIS)
        if closing.number != number + 1:
            yield f"The closings of {slug} ({closing.kind}) go from {number} to {closing.number}: some are missing."
        elif closing.previous_hash != previous:
            yield f"{name} does not carry the hash of the closing before."
        elif before and closing.period_on <= before.period_on:
            yield f"{name} is not after the closing before."
        if closing_hash(closing) != closing.hash:
            yield f"{name} was changed: its hash does not fit what it says."
        yield from _moved_since(look, name, closing)
        yield from _off_the_chain(look, name, closing)
        ends[closing.location_id, closing.kind] = closing


def _moved_since(look: CheckScope, name: str, closing: Closing) -> Iterator[str]:
    end = period_end(closing.kind, closing.period_on)
    found = postings_of(look.session, closing.location_id, closing.period_on, end)
    if found != closing.document.get("accounts"):
        yield f"{name} says other sums than the journal of those days."


def _off_the_chain(look: CheckScope, name: str, closing: Closing) -> Iterator[str]:
    """The head a closing froze must still be the hash of that entry."""
    in_scope = (JournalEntry.location_id == closing.location_id) & (JournalEntry.seq == closing.ledger_seq)
    own: Any = look.session.scalar(select(JournalEntry.hash).where(in_scope))
    if (own or GENESIS) != closing.ledger_head:
        yield f"{name} names a head that is not in the chain: entries were cut off or rewritten."


def _heads_of_z(look: CheckScope) -> Iterator[str]:
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
            yield f"Z {number} of {slug} names a head that is not in the chain: entries were cut off or rewritten."


CHECKS = (
    Check("z", "Every closed shift has a Z report, numbered and chained", Shift.location_id, _other_z),
    Check("z_heads", "The heads on Z reports are in the chain", ZReport.location_id, _heads_of_z),
    Check("closings", "Closed days and months say what the journal says", Closing.location_id, _other_closings),
)
