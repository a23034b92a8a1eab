"""Several records of one person, read as one: a record that was merged points to the one that remains.

History names the record it was written for. Whatever asks what a client has, sees or owes asks for all of their records.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, ScalarSelect, func, or_, select
from sqlalchemy.orm import Session, aliased

from pos.core.errors import NotFound
from pos.core.messages.people import NO_SUCH_CLIENT
from pos.domain.clients.models import Client

_ANY, _OWN = aliased(Client, name="any_record"), aliased(Client, name="own_record")


def remaining(record: Any) -> ScalarSelect[UUID]:
    """The key of the record that remains of a person, in SQL: of a column, a parameter or a key."""
    return select(func.coalesce(_ANY.merged_into_id, _ANY.id)).where(_ANY.id == record).scalar_subquery()


def is_of(column: Any, record: Any) -> ColumnElement[bool]:
    """Whether a column names any record of the person that `record`, a key or a parameter, is of."""
    kept = remaining(record)
    own: ColumnElement[bool] = column.in_(select(_OWN.id).where(or_(_OWN.id == kept, _OWN.merged_into_id == kept)))
    return own


def remaining_key(session: Session, client_id: UUID, *, lock: bool = False) -> UUID:
    """The key of the record that remains of a person; raises NotFound.

    `lock` keeps it so until the transaction ends: nobody merges the record before, and what is written names the right one.
    """
    query = select(func.coalesce(Client.merged_into_id, Client.id)).where(Client.id == client_id)
    if lock:
        query = query.with_for_update(read=True, key_share=True)
    found = session.scalar(query)
    if found is None:
        raise NotFound(NO_SUCH_CLIENT)
    if lock and found != client_id:
        return remaining_key(session, found, lock=True)
    return found


def same_person(session: Session, one: UUID | None, other: UUID | None) -> bool:
    """Whether two records are of one person; not where either is missing."""
    if one is None or other is None:
        return False
    return one == other or remaining_key(session, one) == remaining_key(session, other)


def records_of(session: Session, client_id: UUID) -> list[Client]:
    """All records of a person, that which remains first; raises NotFound."""
    query = select(Client).where(is_of(Client.id, client_id))
    found = list(session.scalars(query.order_by(Client.merged_into_id.is_not(None), Client.created_at, Client.id)))
    if not found:
        raise NotFound(NO_SUCH_CLIENT)
    return found


def merged_records(session: Session) -> dict[UUID, UUID]:
    """The records that were merged, and the one that remains of each."""
    rows = session.execute(select(Client.id, Client.merged_into_id).where(Client.merged_into_id.is_not(None)))
    return {record: kept for record, kept in rows if kept}
