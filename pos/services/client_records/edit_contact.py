"""Changing at the desk how a client is reached."""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import UUID

from pos.core.database.base import reading
from pos.core.errors import Conflict, NotAllowed
from pos.core.messages.people import CLIENT_CHANGED_MEANWHILE, CONTACT_OF_MANAGERS
from pos.domain.clients.queries import client as client_of
from pos.domain.clients.records import ClientFacts, facts_of
from pos.domain.staff.permissions import Permission
from pos.domain.staff.queries import Person
from pos.services.client_records.edit_client import edit_client

CONTACT_FIELDS = ("given_name", "family_name", "phone", "email")


@dataclass(frozen=True)
class Contact:
    """What the desk types of a client; of names and addresses the kept ones where they may not be changed."""

    given_name: str
    family_name: str
    phone: str
    email: str


def may_change(person: Person, kept: ClientFacts) -> tuple[str, ...]:
    """The contact fields of a client that a person may change at the desk.

    Who manages clients may change all. Reception changes the number, and writes an address where there is none: whoever
    has the address signs in to the account, so it is not exchanged for another one without a manager.
    """
    if person.may(Permission.MANAGE_CLIENTS):
        return CONTACT_FIELDS
    return ("phone",) if kept.email else ("phone", "email")


def edit_contact(
    *, client_id: UUID, contact: Contact, seen: str, person: Person, country: str, location_id: UUID
) -> UUID:
    """Keep how a client is reached; returns the key of their record. `seen` is the `state_token` of the form.

    Raises NotAllowed naming a field that the person may not change, and what `edit_client` raises.
    """
    client = client_of(reading(), client_id)
    kept = facts_of(client)
    typed = replace(
        kept,
        given_name=contact.given_name,
        family_name=contact.family_name,
        phone=contact.phone or None,
        email=contact.email or None,
    )
    cleaned, allowed = typed.cleaned(country), may_change(person, kept)
    if cleaned != kept and seen != kept.state_token:
        raise Conflict(CLIENT_CHANGED_MEANWHILE)
    for field in CONTACT_FIELDS:
        if field not in allowed and getattr(cleaned, field) != getattr(kept, field):
            raise NotAllowed(CONTACT_OF_MANAGERS, field=field)
    edit_client(
        client_id=client.id, facts=typed, seen=seen, country=country, staff_id=person.id, location_id=location_id
    )
    return client.id
