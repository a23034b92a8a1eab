"""Changing what is kept of a client."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.orm import Session

from pos.core import audit
from pos.core.database.unit_of_work import unit_of_work
from pos.core.errors import Conflict, NotFound
from pos.core.messages.people import CLIENT_CHANGED_MEANWHILE, CLIENT_IS_ERASED, NO_SUCH_CLIENT
from pos.domain.clients.models import Client
from pos.domain.clients.records import ClientFacts, change, facts_of


@unit_of_work
def edit_client(
    session: Session, *, client_id: UUID, facts: ClientFacts, seen: str, country: str, staff_id: UUID, location_id: UUID
) -> None:
    """Keep what was typed of a client. `seen` is the `state_token` of the page; the same facts once more do nothing.

    The log names the fields that changed and no value of them: its rows stay when a client asks to be erased. Raises
    NotFound, Invalid, or Conflict where somebody was faster or another client has the address.
    """
    client = session.get(Client, client_id, with_for_update=True, populate_existing=True)
    if client is None:
        raise NotFound(NO_SUCH_CLIENT)
    if client.merged_into_id is not None:
        raise Conflict(CLIENT_CHANGED_MEANWHILE)
    if client.erased_at is not None:
        raise Conflict(CLIENT_IS_ERASED)
    wanted, kept = facts.cleaned(country), facts_of(client)
    if wanted == kept:
        return
    if seen != kept.state_token:
        raise Conflict(CLIENT_CHANGED_MEANWHILE)
    fields = change(session, client, wanted)
    audit.note(
        session, "client.edit", actor_id=staff_id, location_id=location_id, subject_id=client_id, fields=sorted(fields)
    )
