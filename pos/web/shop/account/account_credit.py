"""A client's account credit and its moves, as the account shows them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from pos.domain.locations.queries import Place, place
from pos.domain.stored_value import queries
from pos.domain.stored_value.rules import move_name


@dataclass(frozen=True)
class OwnMove:
    """One line; amounts in minor units."""

    what: str
    on: date
    delta_minor: int
    after_minor: int


@dataclass(frozen=True)
class OwnCredit:
    """What one location owes the client, its moves newest first."""

    place: Place
    currency: str
    balance_minor: int
    held_minor: int
    moves: tuple[OwnMove, ...]


def own_credit(session: Session, client_id: UUID) -> tuple[OwnCredit, ...]:
    """The client's account credit, location by location."""
    found = []
    for account in queries.accounts_of(session, client_id):
        moves = tuple(
            OwnMove(_(move_name(move.kind)), move.business_on, move.delta_minor, move.balance_after_minor)
            for move in reversed(queries.account_moves(session, client_id, account.location_id))
        )
        where = place(session, account.location_id)
        found.append(OwnCredit(where, account.currency, account.balance_minor, account.held_minor, moves))
    return tuple(found)
