"""Posting entries and keeping the chain."""

from __future__ import annotations

from uuid import UUID
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, bindparam, select, update
from sqlalchemy.orm import Session

from pos.core.database.change_log import LOG_HEAD, LOG_SEQ
from pos.core.database.history import note_day, take_items
from pos.core.database.pipelined_queries import PreparedQuery, run_query
from pos.core.database.prepared import add_row, add_rows, run
from pos.core.hashing import sha256_hex
from pos.core.ids import new_id
from pos.domain.ledger.entries import (
    GENESIS,
    Draft,
    EntryFacts,
    chart_line,
    entry_hash,
)
from pos.domain.ledger.models import (
    Account,
    Chain,
    JournalEntry,
    Posting,
)
from pos.domain.locations.action_context import ActionContext
from pos.domain.locations.queries import Place

_ACCOUNTS = select(Account.key).where(
    Account.location_id == bindparam("place"), Account.key.in_(bindparam("wanted", expanding=True))
)
_HERE = Chain.location_id == bindparam("place")
_NEXT = (
    update(Chain)
    .where(_HERE)
    .values(seq=Chain.seq + 1)
    .returning(Chain.seq, Chain.head_hash, LOG_SEQ.label("log_seq"), LOG_HEAD.label("log_head"))
)
_LINK = update(Chain).where(_HERE).values(head_hash=bindparam("own"))


def open_books(session: Session, location_id: UUID) -> None:
    """Start the chain of a new location."""
    session.add(Chain(location_id=location_id, seq=0, head_hash=GENESIS))


# Accounts this process has read from each database; an account is never removed.
_ADDED = "accounts_added"
_seen_accounts: WeakKeyDictionary[Engine, set[tuple[UUID, str]]] = WeakKeyDictionary()


def _have_accounts(session: Session, location: Place, keys: list[str]) -> None:
    location_id = location.id
    seen = _seen_accounts.setdefault(session.get_bind().engine, set())
    missing = [key for key in keys if (location_id, key) not in seen]
    if not missing:
        return
    known = {row.key for row in run(session, _ACCOUNTS, place=location_id, wanted=missing)}
    # Only what others wrote is remembered: what this transaction added, and reads again, may yet be rolled back.
    added: set[tuple[UUID, str]] = session.info.setdefault(_ADDED, set())
    seen.update({(location_id, key) for key in known} - added)
    for key in missing:
        if key not in known:
            added.add((location_id, key))
            code, name = chart_line(key, location.tax_names)
            add_row(session, Account, location_id=location_id, key=key, code=code, name=str(name))


def client_reference(client_id: UUID | None) -> str | None:
    """What the chain knows of a client: a hash of the key, never a name, so that erasure keeps the chain whole."""
    return sha256_hex(client_id.bytes)[:32] if client_id else None


def link_query(location_id: UUID) -> PreparedQuery:
    """What `post` asks for an entry of something: the next place in the chain, taken."""
    return PreparedQuery(_NEXT, {"place": location_id})


def post(
    session: Session,
    draft: Draft,
    context: ActionContext,
    *,
    reference: str,
    shift_id: UUID | None = None,
    client_id: UUID | None = None,
) -> UUID | None:
    """Write a balanced entry and link it to the chain; an entry of nothing is not written. Raises Unbalanced.

    Call it late in the transaction: from here on the other desks of the location wait. The entry records what of history
    the transaction has written so far, and names the head of the change log.
    """
    lines = draft.lines()
    if not lines:
        return None
    location_id = context.location.id
    _have_accounts(session, context.location, [key for key, _ in lines])
    head = run_query(session, link_query(location_id)).first()
    if head is None:
        raise LookupError(f"location {location_id} has no books")
    seq, previous = head.seq, head.head_hash
    facts = EntryFacts(
        location_id,
        seq,
        draft.event,
        draft.subject_id,
        reference,
        context.business_date,
        context.now,
        context.actor_id,
        shift_id,
        client_reference(client_id),
        draft.currency,
        previous,
        lines,
        tuple(take_items(session)),
        head.log_seq,
        head.log_head,
    )
    own = entry_hash(facts)
    note_day(session, location_id, context.business_date)
    entry_id = new_id()
    add_row(
        session,
        JournalEntry,
        id=entry_id,
        location_id=location_id,
        seq=seq,
        event=facts.event,
        subject_id=facts.subject_id,
        reference=reference,
        business_on=facts.business_on,
        posted_at=facts.posted_at,
        actor_id=facts.actor_id,
        shift_id=shift_id,
        client_ref=facts.client_ref,
        currency=draft.currency,
        previous_hash=previous,
        recorded=list(facts.recorded or ()),
        log_seq=facts.log_seq,
        log_head=facts.log_head,
        hash=own,
    )
    add_rows(
        session,
        Posting,
        [
            {
                "entry_id": entry_id,
                "position": position,
                "location_id": location_id,
                "account_key": key,
                "amount_minor": minor,
            }
            for position, (key, minor) in enumerate(lines, start=1)
        ],
    )
    run(session, _LINK, place=location_id, own=own)
    return entry_id
