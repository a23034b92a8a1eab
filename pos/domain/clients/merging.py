"""Merging two records of one person: what both say becomes one, and one record points to the other.

Nothing that names the merged record is changed. Its own row keeps what it said; only an address changes hands, because an
address stands on one record.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from pos.core import clock
from pos.core.errors import Conflict, Invalid, NotFound
from pos.core.messages.people import (
    CLIENT_IS_ERASED,
    CLIENT_MERGED_ALREADY,
    CLIENT_WITH_ITSELF,
    MERGE_NOT_FOUND,
    MERGE_TEXT_TOO_LONG,
    NO_SUCH_CLIENT,
)
from pos.domain.clients.models import Client, ClientMerge
from pos.domain.clients.persons import is_of
from pos.domain.clients.records import MOST_ALLERGY, MOST_NOTE, ClientFacts, change, end_sign_ins, facts_of

Side = Literal["kept", "merged"]


@dataclass(frozen=True)
class Choices:
    """Whose value stays. A note may stay of `both`; an allergy always stays of both."""

    name: Side = "kept"
    email: Side = "kept"
    phone: Side = "kept"
    locale: Side = "kept"
    note: Literal["kept", "merged", "both"] = "both"


def usual_choices(kept: ClientFacts, merged: ClientFacts) -> Choices:
    """What is offered first: what the remaining record says, and what it does not say the other one's."""
    return Choices(
        email="kept" if kept.email or not merged.email else "merged",
        phone="kept" if kept.phone or not merged.phone else "merged",
    )


def _joined(one: str, other: str, mark: str, most: int, field: str) -> str:
    text = mark.join(part for part in dict.fromkeys((one, other)) if part)
    if len(text) > most:
        raise Invalid(MERGE_TEXT_TOO_LONG(most=most), field=field)
    return text


def merged_facts(kept: ClientFacts, merged: ClientFacts, choices: Choices) -> ClientFacts:
    """What the remaining record says afterwards; an allergy of either is kept. Raises Invalid for too long a text."""
    side = {"kept": kept, "merged": merged}
    name = side[choices.name]
    note = (
        _joined(kept.note, merged.note, "\n", MOST_NOTE, "note") if choices.note == "both" else side[choices.note].note
    )
    return ClientFacts(
        name.given_name,
        name.family_name,
        side[choices.email].email,
        side[choices.phone].phone,
        side[choices.locale].locale,
        note,
        kept.has_allergy or merged.has_allergy,
        _joined(kept.allergy, merged.allergy, "; ", MOST_ALLERGY, "allergy"),
    )


def lock_records(session: Session, client_ids: Sequence[UUID]) -> dict[UUID, Client]:
    """All records of some clients, locked in the order of their keys until the transaction ends, by key.

    Whatever writes a row that names one of them has either ended before, or waits and sees where it points afterwards.
    """
    query = select(Client).where(or_(*(is_of(Client.id, client_id) for client_id in client_ids))).order_by(Client.id)
    rows = session.scalars(query.with_for_update().execution_options(populate_existing=True))
    return {row.id: row for row in rows}


def pair(found: dict[UUID, Client], kept_id: UUID, merged_id: UUID) -> tuple[Client, Client]:
    """The two of locked records that can become one; raises NotFound, Invalid, Conflict."""
    if kept_id == merged_id:
        raise Invalid(CLIENT_WITH_ITSELF, field="other")
    kept, merged = found.get(kept_id), found.get(merged_id)
    if kept is None or merged is None:
        raise NotFound(NO_SUCH_CLIENT)
    if kept.merged_into_id or merged.merged_into_id:
        raise Conflict(CLIENT_MERGED_ALREADY)
    if kept.erased_at or merged.erased_at:
        raise Conflict(CLIENT_IS_ERASED)
    return kept, merged


def join(
    session: Session,
    merge_id: UUID,
    records: dict[UUID, Client],
    kept: Client,
    merged: Client,
    facts: ClientFacts,
    *,
    by_id: UUID,
    reason: str,
    moved: dict[str, Any],
) -> list[str]:
    """Point the records of `merged` to `kept`, which says `facts` from now on; returns the names of the fields that differ.

    Sign-ins and links of both end: a browser of one must not open the other unasked.
    """
    before = {"kept": asdict(facts_of(kept)), "merged": asdict(facts_of(merged))}
    for record in records.values():
        if merged.id in (record.id, record.merged_into_id):
            record.merged_into_id = kept.id
    session.flush()
    fields = change(session, kept, facts)
    end_sign_ins(session, kept.id)
    now = clock.now()
    session.add(
        ClientMerge(
            id=merge_id,
            merged_id=merged.id,
            kept_id=kept.id,
            at=now,
            by_id=by_id,
            reason=reason,
            before=before | {"after": facts_of(kept).state_token},
            moved=moved,
        )
    )
    session.flush()
    return fields


def merge_to_undo(session: Session, merge_id: UUID) -> ClientMerge:
    """A merge that stands, locked; raises NotFound."""
    found = session.get(ClientMerge, merge_id, with_for_update=True, populate_existing=True)
    if found is None or found.undone_at is not None:
        raise NotFound(MERGE_NOT_FOUND)
    return found


def undo(session: Session, merge: ClientMerge, records: dict[UUID, Client], *, by_id: UUID, reason: str) -> None:
    """Let both records of a merge that can be undone be two clients again, each as it was."""
    kept, merged, before = records[merge.kept_id], records[merge.merged_id], merge.before
    assert before is not None
    old_kept, old_merged = ClientFacts(**before["kept"]), ClientFacts(**before["merged"])
    # The addresses change hands once more while both are one client; the rest follows.
    change(session, kept, old_kept)
    members = _members(session, merge, records)
    for key in members:
        records[key].merged_into_id = merged.id
    merged.merged_into_id = None
    session.flush()
    change(session, merged, old_merged)
    end_sign_ins(session, kept.id)
    end_sign_ins(session, merged.id)
    merge.undone_at, merge.undone_by_id, merge.undo_reason = clock.now(), by_id, reason
    session.flush()


def _members(session: Session, merge: ClientMerge, records: dict[UUID, Client]) -> set[UUID]:
    """The records that had been merged into the merged one before."""
    rows = session.execute(
        select(ClientMerge.merged_id, ClientMerge.kept_id).where(
            ClientMerge.undone_at.is_(None), ClientMerge.id != merge.id, ClientMerge.merged_id.in_(list(records))
        )
    )
    into = {row.merged_id: row.kept_id for row in rows}
    found: set[UUID] = set()
    for key in into:
        at = key
        while at in into:
            at = into[at]
        if at == merge.merged_id:
            found.add(key)
    return found


def merges_of(session: Session, client_id: UUID) -> list[tuple[ClientMerge, Client]]:
    """The merges that made a client what they are, newest first, each with the record that was merged."""
    query = (
        select(ClientMerge, Client)
        .join(Client, Client.id == ClientMerge.merged_id)
        .where(is_of(ClientMerge.merged_id, client_id), ClientMerge.undone_at.is_(None))
        .order_by(ClientMerge.at.desc(), ClientMerge.id)
    )
    return [(merge, client) for merge, client in session.execute(query)]
