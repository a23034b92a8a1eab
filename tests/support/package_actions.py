"""What tests of packages share: who does a package_action, and short names for looking."""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import UUID

from sqlalchemy import select

from pos.core import clock
from pos.core.ids import new_id
from pos.domain.credits.models import CreditMove
from pos.domain.credits.statement import StatementLine, statement
from pos.domain.ledger.models import JournalEntry, Posting
from pos.domain.staff.queries import Person
from pos.services.packages.authorization import PackageAction
from tests.support.clinic import Clinic, Colleague


def package_action(
    world: Clinic, reason: str = "The client called.", *, by: Colleague | None = None, key: UUID | None = None
) -> PackageAction:
    """A package_action of the manager, or of somebody else, at Riverside."""
    who = by or world.manager
    places = frozenset({world.usd.location_id, world.eur.location_id} if by is world.owner else {world.usd.location_id})
    return PackageAction(key or new_id(), Person(who.id, who.name, who.role, places), reason)


def noon(day: date) -> object:
    """The clock held at noon in New York."""
    return clock.at(datetime(day.year, day.month, day.day, 17, tzinfo=UTC))


def moves(world: Clinic, lot_id: UUID, kind: str) -> list[UUID]:
    """The moves of one kind of a lot, in order."""
    with world.read() as session:
        query = (
            select(CreditMove.id).where(CreditMove.lot_id == lot_id, CreditMove.kind == kind).order_by(CreditMove.seq)
        )
        return list(session.scalars(query))


def lines(world: Clinic, *lots: UUID, on: date | None = None) -> list[StatementLine]:
    """The statement of some lots, newest first."""
    with world.read() as session:
        return statement(session, lots, on=on, limit=500)


def entries(world: Clinic, event: str) -> list[tuple[date, dict[str, int]]]:
    """The journal entries of an event: business date and signed amounts by account."""
    with world.read() as session:
        found: dict[UUID, tuple[date, dict[str, int]]] = {}
        rows = session.execute(
            select(JournalEntry.id, JournalEntry.business_on, Posting.account_key, Posting.amount_minor)
            .join(Posting, Posting.entry_id == JournalEntry.id)
            .where(JournalEntry.event == event)
            .order_by(JournalEntry.seq)
        )
        for entry, on, account, minor in rows:
            found.setdefault(entry, (on, {}))[1][account] = minor
        return list(found.values())
