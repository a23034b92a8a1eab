"""Where, when, by whom and why something is done: what every write of one action has in common."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Self
from uuid import UUID

from pos.core import clock
from pos.domain.locations.queries import Place


@dataclass(frozen=True, slots=True)
class ActionContext:
    """`business_date` is the trading day of `now` at the location; without an actor the system acts.

    `key` makes doing it twice impossible: writes that are unique by a key take it from here.
    """

    location: Place
    business_date: date
    now: datetime
    actor_id: UUID | None = None
    approver_id: UUID | None = None
    reason: str = ""
    key: str = ""

    @classmethod
    def at(
        cls,
        location: Place,
        *,
        actor_id: UUID | None = None,
        approver_id: UUID | None = None,
        reason: str = "",
        key: str = "",
    ) -> Self:
        """An action at a location now."""
        now = clock.now()
        return cls(location, location.business_date(now), now, actor_id, approver_id, reason, key)

    def keyed(self, key: str, reason: str | None = None) -> Self:
        """The same action under the key of one of its writes, which may give a reason of its own."""
        return replace(self, key=key, reason=self.reason if reason is None else reason)

    def step(self, name: object, reason: str | None = None) -> Self:
        """A step of the action, its key derived from the action's."""
        return self.keyed(f"{self.key}:{name}", reason)
