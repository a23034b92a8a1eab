"""Registering a client at the desk."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.orm import Session

from pos.core import audit
from pos.core.database.unit_of_work import unit_of_work
from pos.domain.clients import registration as clients
from pos.domain.clients.models import Client


@unit_of_work
def register_client(
    session: Session,
    *,
    client_id: UUID,
    given_name: str,
    family_name: str,
    email: str | None,
    phone: str | None,
    country: str,
    locale: str,
    staff_id: UUID,
    location_id: UUID,
) -> UUID:
    """Add a client under a key the desk minted; the same key again gives the same client. Raises Invalid, Conflict."""
    if session.get(Client, client_id) is None:
        clients.register(
            session,
            client_id=client_id,
            given_name=given_name,
            family_name=family_name,
            email=email,
            phone=phone,
            country=country,
            locale=locale,
        )
        audit.note(
            session,
            "client.register",
            actor_id=staff_id,
            location_id=location_id,
            subject_id=client_id,
        )
    return client_id
