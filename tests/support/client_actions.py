"""What tests of clients share: merging, taking back, goodwill, and the checks of `pos verify` that fail."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from pos.core import clock
from pos.core.ids import new_id
from pos.domain.clients.merging import Choices
from pos.domain.clients.queries import client
from pos.domain.clients.records import ClientFacts, facts_of
from pos.services.client_records.merge_clients import MergeClients, merge_clients, undo_merge
from pos.services.stored_value.account_credit import give_goodwill
from tests.support.clinic import Clinic
from tests.support.package_actions import package_action
from tests.support.remembered_checks import broken_checks


def ask(clinic: Clinic, question: Callable[[Session], Any]) -> Any:
    """What a query says, in a session of its own."""
    with clinic.read() as session:
        return question(session)


def facts(clinic: Clinic, who: UUID) -> ClientFacts:
    """What a client's page says of them."""
    with clinic.read() as session:
        return facts_of(client(session, who))


def merge_of(clinic: Clinic, kept: UUID, merged: UUID, **more: Any) -> MergeClients:
    """The command that merges the second client into the first."""
    facts_seen = (facts(clinic, kept).state_token, facts(clinic, merged).state_token)
    given: dict[str, Any] = {"choices": Choices(), "reason": "The same phone", "seen": facts_seen, "merge_id": new_id()}
    given |= {"staff_id": clinic.manager.id, "location_id": clinic.usd.location_id} | more
    return MergeClients(kept_id=kept, merged_id=merged, **given)


def merge(clinic: Clinic, kept: UUID, merged: UUID, **more: Any) -> UUID:
    """Merge the second client into the first; returns the key of the merge."""
    command = merge_of(clinic, kept, merged, **more)
    with clinic.app.app_context():
        merge_clients(command)
    return command.merge_id


def undo(clinic: Clinic, merge_id: UUID) -> UUID:
    """Take a merge back."""
    with clinic.app.app_context():
        return undo_merge(
            merge_id=merge_id,
            reason="Two people after all",
            staff_id=clinic.manager.id,
            location_id=clinic.usd.location_id,
        )


def goodwill(clinic: Clinic, who: UUID, minor: int) -> None:
    """Give a client account credit."""
    with clinic.app.app_context():
        give_goodwill(package_action(clinic), client_id=who, location_id=clinic.usd.location_id, amount_minor=minor)


def later(minutes: int) -> Any:
    """The clock held some minutes on."""
    return clock.at(clock.now() + timedelta(minutes=minutes))


def broken(clinic: Clinic) -> dict[str, str]:
    """The checks that fail, each with its first bad row; drawers that a fixture opened are not looked at."""
    with clinic.read() as session:
        return broken_checks(session, but="drawers")
