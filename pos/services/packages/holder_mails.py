"""Mails to the holders of credits that end soon, when a manager asks for them: one to each person, with all that ends.

The night sends its reminders by itself (`pos.services.packages.expiry`); who got one lately is said and not chosen again.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from pos.core import audit, outbox
from pos.core.database.unit_of_work import unit_of_work
from pos.core.errors import Invalid
from pos.core.messages.packages import NOBODY_CHOSEN_TO_MAIL
from pos.domain.clients.models import Client
from pos.domain.credits.models import CreditLot
from pos.domain.locations.queries import Place
from pos.services.packages.expiry import REMINDER_DAYS, ending_lots, reminder_key

TOPIC = "credits_end"
# Whoever had a mail in so many days is not chosen until somebody does.
LATELY = 7


@dataclass(frozen=True)
class EndingLot:
    """Credits of one package that can still be used."""

    lot_id: UUID
    package: str
    credits: int
    expires_on: date


@dataclass(frozen=True)
class Holder:
    """A person with credits of a location that end; `mailed_on` is the business date of the last mail about them, of the
    last week."""

    place: Place
    client_id: UUID
    client: str
    email: str | None
    phone: str | None
    lots: tuple[EndingLot, ...]
    mailed_on: date | None

    @property
    def key(self) -> str:
        """What names this row in a form."""
        return f"{self.place.slug}:{self.client_id}"

    @property
    def credits(self) -> int:
        """How many sessions end."""
        return sum(lot.credits for lot in self.lots)


def _asked_key(place_id: UUID, client_id: UUID, day: date) -> str:
    return f"{TOPIC}:{place_id}:{client_id}:{day.isoformat()}"


def _mailed(session: Session, where: Place, found: Sequence[Holder], today: date) -> dict[UUID, date]:
    """Clients of a location who had a mail about these credits in the last days, with its day."""
    of_key: dict[str, UUID] = {}
    for holder in found:
        for back in range(LATELY):
            of_key[_asked_key(where.id, holder.client_id, today - timedelta(days=back))] = holder.client_id
        for lot in holder.lots:
            for stage in REMINDER_DAYS:
                of_key[reminder_key(lot.lot_id, lot.expires_on, stage)] = holder.client_id
    latest: dict[UUID, date] = {}
    for key, at in outbox.recorded(session, list(of_key)).items():
        day, client_id = where.business_date(at), of_key[key]
        if day > today - timedelta(days=LATELY):
            latest[client_id] = max(day, latest.get(client_id, day))
    return latest


def _at(session: Session, where: Place, from_on: date, to_on: date) -> list[Holder]:
    today = where.today()
    ending = ending_lots(where, max(from_on, today), to_on)
    lots: dict[UUID, list[EndingLot]] = {}
    clients: dict[UUID, Client] = {}
    rows = session.execute(ending.order_by(CreditLot.expires_on, Client.sort_key, CreditLot.id))
    for lot, package, client in rows:
        assert lot.expires_on is not None
        clients[client.id] = client
        lots.setdefault(client.id, []).append(EndingLot(lot.id, package, lot.remaining, lot.expires_on))
    found = [
        Holder(where, key, client.name, client.email, client.phone, tuple(lots[key]), None)
        for key, client in clients.items()
    ]
    mailed = _mailed(session, where, found, today)
    return [replace(one, mailed_on=mailed.get(one.client_id)) for one in found]


def holders(session: Session, places: Sequence[Place], from_on: date, to_on: date) -> list[Holder]:
    """Who holds credits whose last day is one of these days, today or later: by location, the earliest day first.

    Frozen packages are left out: their day moves when the freeze ends.
    """
    return [holder for where in places for holder in _at(session, where, from_on, to_on)]


@unit_of_work
def mail_holders(
    session: Session, places: Sequence[Place], from_on: date, to_on: date, *, chosen: Collection[str], staff_id: UUID
) -> int:
    """Put a mail to each chosen holder (`Holder.key`) into the outbox; returns to how many.

    Nobody gets two from a location on one day, however often it is asked for, nor beside a reminder of the night about the
    same credits. Who has no address, or nothing that ends any more, gets none.
    Raises Invalid where nobody is chosen.
    """
    if not chosen:
        raise Invalid(NOBODY_CHOSEN_TO_MAIL, field="to")
    sent = 0
    for where in places:
        today, found = where.today(), _at(session, where, from_on, to_on)
        asked = [one for one in found if one.email and one.key in chosen and one.mailed_on != today]
        for one in asked:
            lots = [[str(lot.lot_id), lot.expires_on.isoformat()] for lot in one.lots]
            key = _asked_key(where.id, one.client_id, today)
            outbox.record(session, TOPIC, {"client_id": str(one.client_id), "lots": lots}, key=key)
        if asked:
            audit.note(
                session, "packages.mail_holders", actor_id=staff_id, location_id=where.id, clients=len(asked),
                from_on=from_on.isoformat(), to_on=to_on.isoformat(),
            )  # fmt: skip
        sent += len(asked)
    return sent
