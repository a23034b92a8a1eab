"""Registering a client at the desk and in the office."""

from __future__ import annotations

from dataclasses import asdict
from uuid import UUID

from sqlalchemy.orm import Session

from pos.core import audit
from pos.core.database.unit_of_work import unit_of_work
from pos.core.errors import PossibleDuplicate
from pos.core.messages.people import CLIENT_KNOWN_ALREADY
from pos.domain.clients import registration as clients
from pos.domain.clients.models import Client
from pos.domain.clients.records import ClientFacts, alike, require_free_address


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
    is_another: bool = False,
) -> UUID:
    """Add a client under a key the desk minted; the same key again gives the same client.

    Raises Invalid; PossibleDuplicate with the clients of this address, number or name, unless whoever typed it says that
    `is_another` person; Conflict where the address is another client's all the same.
    """
    if session.get(Client, client_id) is not None:
        return client_id
    facts = ClientFacts(given_name, family_name, email, phone, locale).cleaned(country)
    if not is_another and (known := alike(session, facts)):
        same_address = facts.email is not None and any(one.email == facts.email for one in known)
        rows = [asdict(one) | {"client_id": str(one.client_id)} for one in known]
        raise PossibleDuplicate(CLIENT_KNOWN_ALREADY, field="email" if same_address else None, clients=rows)
    if facts.email:
        require_free_address(session, facts.email)
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
