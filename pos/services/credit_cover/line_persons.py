"""The persons of a ticket: each line is its client's, unless it names somebody else who is treated on the same visit."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from sqlalchemy.orm import Session

from pos.core.errors import Invalid
from pos.core.messages.sales import PERSON_ONLY_OF_VISITS
from pos.domain.catalogue.queries import Picked
from pos.domain.clients.persons import remaining_key
from pos.domain.clients.queries import living_client
from pos.domain.sales.carts import CartRequest

# What is done to somebody. Everything else on a ticket is bought, and is its client's.
FOR_A_PERSON = ("variant", "add_on")


def persons_of(wanted: CartRequest) -> list[UUID]:
    """Whom lines name beside the ticket's client, in the order of the lines, each once."""
    return list(dict.fromkeys(line.person_id for line in wanted.lines if line.person_id is not None))


def with_persons(session: Session, wanted: CartRequest, client_id: UUID | None) -> CartRequest:
    """The content with each person as the record that remains of them; none where it is the ticket's client.

    Asks nothing where no line names anybody. Raises NotFound, and Conflict for a person who was erased.
    """
    named = persons_of(wanted)
    if not named:
        return wanted
    kept: dict[UUID, UUID | None] = {person: living_client(session, person).id for person in named}
    own = remaining_key(session, client_id) if client_id is not None else None
    lines = [
        replace(line, person_id=None if (person := kept[line.person_id]) == own else person) if line.person_id else line
        for line in wanted.lines
    ]
    return replace(wanted, lines=tuple(lines))


def require_treated(wanted: CartRequest, items: dict[UUID, Picked]) -> None:
    """Raise Invalid for a person named on what is bought and not done to somebody."""
    for line in wanted.lines:
        kind = items[line.item_id].kind if line.item_id in items else ""
        if line.person_id is not None and kind not in FOR_A_PERSON:
            raise Invalid(PERSON_ONLY_OF_VISITS, field="person_id", line_id=str(line.line_id))
