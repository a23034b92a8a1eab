"""Noting that somebody took all that is kept of a client."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.orm import Session

from pos.core import audit
from pos.core.database.unit_of_work import unit_of_work
from pos.domain.clients.queries import client as client_of


@unit_of_work
def note_export(
    session: Session, *, client_id: UUID, what: str, staff_id: UUID | None = None, by_client: bool = False
) -> None:
    """Write to the log who took a client's data, and as which file (`what`); raises NotFound.

    Without `staff_id` it was the command, or the client themselves.
    """
    client = client_of(session, client_id)
    audit.note(
        session,
        "client.export",
        actor_id=client.id if by_client else staff_id,
        actor_kind="client" if by_client else None,
        subject_id=client.id,
        file=what,
    )
