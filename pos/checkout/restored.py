"""An older copy of the database was put in place: noticed at the start, before a receipt number is given a second time.

A mark beside the database holds the head of each location's books as it was seen last. A head that the books no longer hold
means that what came after the copy is lost here: cards and credits stop at that location, and its receipts and credit notes
go on under another prefix, because the numbers that follow may be on paper already. Stripe is asked as well, once after each
start: a payment of an order that this database does not know says the same where the mark was lost with the disk.
"""

from __future__ import annotations

import json
import logging
import os
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pos.kernel import audit, clock
from pos.kernel.db import reading
from pos.kernel.errors import Invalid
from pos.kernel.ids import parse_id
from pos.kernel.running import settings
from pos.kernel.unit_of_work import unit_of_work
from pos.ledger.models import Chain, JournalEntry
from pos.locations.models import Location
from pos.payments.gateway.after import FoundPayment
from pos.payments.gateway.current import gateway
from pos.payments.models import PaymentAttempt
from pos.reports import stops
from pos.reports.stops import live_stops
from pos.reports.verify import CheckResult
from pos.sales.models import Order

log = logging.getLogger(__name__)
MARK = "last_seen.json"
CHECK = "restored"
WORDS = "The database is the newest one that was used here"
# Stripe's clock and ours may differ by a little.
_MARGIN = timedelta(hours=1)
_TODO = (
    "Run “pos reconcile” to see what Stripe knows, compare the paper of the lost time, enter what is missing, then let cards"
    " and credits go on here. Receipts go on under a new prefix, so that no number is given twice."
)


def _path() -> Path:
    return settings().instance_dir / MARK


def _read_mark() -> dict[str, dict[str, str | int]]:
    try:
        found = json.loads(_path().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _stopped(session: Session, location_id: UUID) -> bool:
    return any(stop.check_key == CHECK for stop in live_stops(session, (location_id,)))


def note_heads() -> None:
    """Write the head of each location's books into the mark, where it has moved; not where an older copy was found."""
    session = reading()
    mark = _read_mark()
    seen = dict(mark)
    for location_id, seq, head in session.execute(select(Chain.location_id, Chain.seq, Chain.head_hash)):
        if mark.get(str(location_id), {}).get("hash") != head and not _stopped(session, location_id):
            seen[str(location_id)] = {"seq": seq, "hash": head}
    session.rollback()
    if seen == mark:
        return
    path = _path()
    beside = path.with_suffix(f".{os.getpid()}")
    beside.write_text(json.dumps(seen), encoding="utf-8")
    beside.chmod(0o600)
    beside.replace(path)


def expect_newest() -> list[UUID]:
    """Stop each location whose books end before the mark; returns them. A location the mark does not know is new."""
    session, behind = reading(), []
    for location_id, seq in session.execute(select(Chain.location_id, Chain.seq)).all():
        seen = _read_mark().get(str(location_id))
        if not seen or not seen["seq"]:
            continue
        kept = session.scalar(
            select(JournalEntry.hash).where(JournalEntry.location_id == location_id, JournalEntry.seq == seen["seq"])
        )
        if kept != seen["hash"]:
            found = f"Entry {seen['seq']} of the books was seen here before, and they now end at entry {seq}. {_TODO}"
            behind.append((location_id, found))
    session.rollback()
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
    session.rollback()
    told = gateway().list_payments(last - _MARGIN)
    unknown = [one for one in told if _is_lost(one)] if isinstance(told, tuple) else []
    if not unknown:
        return []
    count = "a payment" if len(unknown) == 1 else f"{len(unknown)} payments"
    sentence = f"Stripe took {count} for an order that this database does not hold. {_TODO}"
    places = list(reading().scalars(select(Location.id).where(Location.active)))
    reading().rollback()
    return [location_id for location_id in places if _stop(location_id, sentence)]


def _is_lost(told: FoundPayment) -> bool:
    live = settings().payments.mode == "live"
    if told.status != "succeeded" or told.livemode != live or not told.order_id:
        return False
    try:
        order_id = parse_id(told.order_id)
    except Invalid:
        return False
    return reading().get(Order, order_id) is None


@unit_of_work
def _stop(session: Session, location_id: UUID, sentence: str) -> bool:
    """Stop a location, once, and give its receipts another prefix; False where that was done or a manager let it go on."""
    changed = stops.apply(session, location_id, [CheckResult(CHECK, WORDS, 1, 1, sentence)])
    if CHECK not in changed.stopped:
        return False
    log.error("an older copy of the database is in use: %s", sentence)
    audit.note(session, "books.stopped", actor_kind="system", actor_id=None, location_id=location_id, check=CHECK)
    _next_prefix(session, location_id)
    return True


def _next_prefix(session: Session, location_id: UUID) -> None:
    row = session.get_one(Location, location_id, with_for_update=True, populate_existing=True)
    before = row.receipt_prefix
    first, _, number = before.partition(".")
    row.receipt_prefix = f"{first}.{int(number or 1) + 1}"
    audit.note(
        session, "books.restored", actor_kind="system", actor_id=None, location_id=location_id,
        prefix_before=before, prefix=row.receipt_prefix, at=clock.now().isoformat(),
    )  # fmt: skip
