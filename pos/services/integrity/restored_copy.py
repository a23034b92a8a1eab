"""An older copy of the database was put in place: noticed at the start, before a receipt number is given a second time.

A mark beside the database holds, for each location, the head of its books and its last numbers as they were seen last, and
the same for each prefix its receipts ever had. What the books no longer hold is lost here: cards and credits stop at that
location, and its receipts and credit notes go on under a prefix the mark does not know, because the numbers that follow may
be on paper already. Stripe is asked as well, once after each start: a payment of an order that this database does not know
says the same where the mark was lost with the disk.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import astuple, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pos.core import audit, clock
from pos.core.app_context import settings
from pos.core.database.base import reading
from pos.core.database.unit_of_work import unit_of_work
from pos.core.errors import Invalid
from pos.core.files import replace_privately
from pos.core.i18n.message import Message
from pos.core.ids import parse_id
from pos.core.messages.kept.restored import (
    BOOKS_END_EARLIER,
    CREDIT_NOTES_END_EARLIER,
    NEWEST_DATABASE,
    OLDER_COPY_IN_USE,
    RECEIPTS_END_EARLIER,
    RESTORED_WITHOUT_MARK,
    STRIPE_TOOK_A_PAYMENT,
    STRIPE_TOOK_PAYMENTS,
)
from pos.domain.ledger.models import Chain, JournalEntry
from pos.domain.locations.models import Location
from pos.domain.payments.models import PaymentAttempt
from pos.domain.receipts.credit_note_models import CreditNoteSeries
from pos.domain.receipts.credit_notes import SERIES as CREDIT_NOTE_SERIES
from pos.domain.receipts.models import ReceiptSeries
from pos.domain.receipts.repository import SERIES
from pos.domain.sales.models import Order
from pos.integrations.stripe.current import gateway
from pos.integrations.stripe.disputes_payouts.types import FoundPayment
from pos.reports.books.journal import RESTORED
from pos.reports.verify import CheckResult
from pos.services.integrity import stops
from pos.services.integrity.stops import active_stops

log = logging.getLogger(__name__)
MARK = "last_seen.json"
CHECK = "restored"
# A receipt of nothing posts no entry, so the last numbers are a part of the head.
_HEADS = (
    select(
        Chain.location_id,
        Location.receipt_prefix,
        Chain.seq,
        Chain.head_hash,
        func.coalesce(ReceiptSeries.last_number, 0),
        func.coalesce(CreditNoteSeries.last_number, 0),
    )
    .join(Location, Location.id == Chain.location_id)
    .outerjoin(ReceiptSeries, (ReceiptSeries.location_id == Chain.location_id) & (ReceiptSeries.series == SERIES))
    .outerjoin(
        CreditNoteSeries,
        (CreditNoteSeries.location_id == Chain.location_id) & (CreditNoteSeries.series == CREDIT_NOTE_SERIES),
    )
)
# Stripe's clock and ours may differ by a little.
_MARGIN = timedelta(hours=1)


_RESTORED = "restored"


def _path(folder: Path | None = None) -> Path:
    return (folder or settings().instance_dir) / MARK


@dataclass(frozen=True)
class Head:
    """How far a location has come: its newest journal entry, and the last numbers of its receipts and credit notes."""

    seq: int
    hash: str
    receipts: int
    credit_notes: int


@dataclass
class Seen:
    """What the mark holds of a location: the head it goes on from, and the head last seen under each prefix number.

    While a location is stopped `main` stays at what was lost; `given` moves with every receipt.
    """

    main: Head | None = None
    given: dict[int, Head] = field(default_factory=dict)

    @property
    def highest(self) -> int:
        """The highest prefix number that was ever in use here; 0 where none is known."""
        return max(self.given, default=0)

    def to_json(self) -> dict[str, Any]:
        """As it is written into the mark."""
        given = {str(number): list(astuple(head)) for number, head in sorted(self.given.items())}
        return {"main": list(astuple(self.main)) if self.main else None, "given": given}


def _head_of(written: object) -> Head | None:
    match written:
        case [int(seq), str(digest), int(receipts), int(credit_notes)]:
            return Head(seq, digest, receipts, credit_notes)
    return None


def _seen_of(mark: dict[str, Any], location_id: UUID) -> Seen:
    """What the mark says of a location; nothing where it is damaged."""
    written = mark.get(str(location_id))
    if not isinstance(written, dict):
        return Seen()
    seen, given = Seen(_head_of(written.get("main"))), written.get("given")
    for number, head in given.items() if isinstance(given, dict) else ():
        if number.isdecimal() and (found := _head_of(head)) is not None:
            seen.given[int(number)] = found
    return seen


def _read_mark(folder: Path | None = None) -> dict[str, Any]:
    try:
        found = json.loads(_path(folder).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _write_mark(mark: dict[str, Any], folder: Path | None = None) -> None:
    replace_privately(_path(folder), json.dumps(mark).encode())


@contextmanager
def noted_as_restored(folder: Path, made_at: datetime, location_ids: Iterable[UUID]) -> Iterator[None]:
    """Note in the mark that a backup of `made_at` comes into place inside the block; taken back where the block fails.

    What the mark holds of the newest books stays. A location it does not know (the mark was lost with the disk) is stopped
    at the next start, because nobody can say what happened there after the backup.
    """
    path = _path(folder)
    before = path.read_bytes() if path.is_file() else None
    mark = _read_mark(folder)
    mark[_RESTORED] = {str(location_id): made_at.isoformat() for location_id in location_ids}
    _write_mark(mark, folder)
    try:
        yield
    except BaseException:
        path.unlink() if before is None else path.write_bytes(before)
        raise


def _restored_unseen(mark: dict[str, Any], location_id: UUID, seen: Seen) -> Message | None:
    """The sentence for a location that was restored where no mark was; None for every other one."""
    restored = mark.get(_RESTORED)
    if seen.main is not None or not isinstance(restored, dict) or str(location_id) not in restored:
        return None
    at = datetime.fromisoformat(str(restored[str(location_id)])).astimezone(UTC)
    return RESTORED_WITHOUT_MARK(day=at.date(), time=f"{at:%H:%M}")


def prefix_number(prefix: str) -> int:
    """Which prefix of a location this is: 1 for `RIV`, 2 for `RIV.2`."""
    number = prefix.partition(".")[2]
    return int(number) if number.isdecimal() else 1


def _heads(session: Session, location_id: UUID | None = None) -> list[tuple[UUID, str, Head]]:
    """Each location, or one, with its prefix and how far it has come."""
    query = _HEADS if location_id is None else _HEADS.where(Chain.location_id == location_id)
    return [
        (place_id, prefix, Head(seq, digest, receipts, notes))
        for place_id, prefix, seq, digest, receipts, notes in session.execute(query)
    ]


def _stopped(session: Session, location_id: UUID) -> bool:
    return any(stop.check_key == CHECK for stop in active_stops(session, (location_id,)))


def note_heads() -> None:
    """Write the head of each location's books into the mark, where it has moved.

    Where an older copy was found, only the head of its prefix moves until a manager lets the location go on.
    """
    session = reading()
    mark, changed = _read_mark(), False
    for location_id, prefix, head in _heads(session):
        seen, number = _seen_of(mark, location_id), prefix_number(prefix)
        if seen.main == head and seen.given.get(number) == head:
            continue
        seen.given[number] = head
        if not _stopped(session, location_id):
            seen.main = head
        if mark.get(str(location_id)) != seen.to_json():
            mark[str(location_id)], changed = seen.to_json(), True
    session.rollback()
    if changed:
        _write_mark(mark)


def _lost(session: Session, location_id: UUID, seen: Head | None, here: Head) -> Message | None:
    """What was seen before and is not held here, in words; None where nothing is missing."""
    if seen is None:
        return None
    entry = select(JournalEntry.hash).where(JournalEntry.location_id == location_id, JournalEntry.seq == seen.seq)
    if seen.seq and session.scalar(entry) != seen.hash:
        return BOOKS_END_EARLIER(seen=seen.seq, hash=seen.hash[:8], last=here.seq)
    if seen.receipts > here.receipts:
        return RECEIPTS_END_EARLIER(seen=seen.receipts, last=here.receipts)
    if seen.credit_notes > here.credit_notes:
        return CREDIT_NOTES_END_EARLIER(seen=seen.credit_notes, last=here.credit_notes)
    return None


def _is_used_up(session: Session, location_id: UUID, seen: Seen, prefix: str, here: Head) -> bool:
    """Whether numbers may have been given under this prefix that the books do not hold."""
    number = prefix_number(prefix)
    if number in seen.given:
        return _lost(session, location_id, seen.given[number], here) is not None
    # A stopped location has a prefix that was noted when it was taken. A mark that does not know it was lost since.
    return number < seen.highest or _stopped(session, location_id)


def require_newest() -> list[UUID]:
    """Stop each location whose books end before the mark; returns them. A location the mark does not know is new.

    A location that is stopped already gets another prefix where receipts given since are missing.
    """
    session, mark = reading(), _read_mark()
    behind: list[tuple[UUID, Message | None]] = []
    for location_id, prefix, here in _heads(session):
        seen = _seen_of(mark, location_id)
        own = seen.given.get(prefix_number(prefix))
        why = (
            _lost(session, location_id, seen.main, here)
            or _lost(session, location_id, own, here)
            or _restored_unseen(mark, location_id, seen)
        )
        if why or _is_used_up(session, location_id, seen, prefix, here):
            behind.append((location_id, OLDER_COPY_IN_USE(why=why) if why else None))
    session.rollback()
    return _stop_each(behind)


def _stop_each(behind: Iterable[tuple[UUID, Message | None]]) -> list[UUID]:
    return [location_id for location_id, sentence in behind if _stop(location_id, sentence)]


def compare_with_stripe() -> list[UUID]:
    """Stop every location where Stripe took money for an order that this database does not know; returns them.

    Raises nothing for a Stripe that does not answer; asked again at the next start.
    """
    if not settings().payments.on:
        return []
    session = reading()
    last = session.scalar(select(func.max(PaymentAttempt.created_at)))
    if last is None:
        return []  # a new installation: what else the account holds is not of this database
    fetched = gateway().list_payments(last - _MARGIN)
    unknown = [one for one in fetched if _is_lost(one)] if isinstance(fetched, tuple) else []
    if not unknown:
        return []
    why = STRIPE_TOOK_A_PAYMENT if len(unknown) == 1 else STRIPE_TOOK_PAYMENTS(payments=len(unknown))
    sentence = OLDER_COPY_IN_USE(why=why)
    places = list(reading().scalars(select(Location.id).where(Location.active)))
    return _stop_each((location_id, sentence) for location_id in places)


def _is_lost(fetched: FoundPayment) -> bool:
    live = settings().payments.mode == "live"
    if fetched.status != "succeeded" or fetched.livemode != live or not fetched.order_id:
        return False
    try:
        order_id = parse_id(fetched.order_id)
    except Invalid:
        return False
    return reading().get(Order, order_id) is None


@unit_of_work
def _stop(session: Session, location_id: UUID, sentence: Message | None) -> bool:
    """Stop a location, once, and give its receipts a prefix that was never in use; False where it was stopped before or a
    manager let it go on.

    `sentence` is None where only the prefix is in doubt. The mark is read again under the lock: another process of this
    start may have done it.
    """
    row = session.get_one(Location, location_id, with_for_update=True, populate_existing=True)
    mark = _read_mark()
    seen = _seen_of(mark, location_id)
    stopped = False
    # Judged before the stop is written: a location that was stopped all along is another thing than one stopped now.
    ((_, _, here),) = _heads(session, location_id)
    used_up = _is_used_up(session, location_id, seen, row.receipt_prefix, here)
    if sentence is not None:
        stopped = (
            CHECK in stops.apply(session, location_id, [CheckResult(CHECK, NEWEST_DATABASE, 1, 1, sentence)]).stopped
        )
    if stopped:
        log.error("an older copy of the database is in use: %s", sentence)
        audit.note(session, "books.stopped", location_id=location_id, check=CHECK)
    if stopped or used_up:
        _next_prefix(session, row, mark, seen, here)
    return stopped


def _next_prefix(session: Session, row: Location, mark: dict[str, Any], seen: Seen, here: Head) -> None:
    """Take the next prefix. The mark has it first: where the commit fails a prefix is left out, but none is used twice."""
    before = row.receipt_prefix
    number = max(prefix_number(before), seen.highest) + 1
    seen.given[number] = here
    mark[str(row.id)] = seen.to_json()
    _write_mark(mark)
    row.receipt_prefix = f"{before.partition('.')[0]}.{number}"
    audit.note(
        session, RESTORED, location_id=row.id, prefix_before=before,
        prefix=row.receipt_prefix, after_entry=here.seq, at=clock.now().isoformat(),
    )  # fmt: skip
