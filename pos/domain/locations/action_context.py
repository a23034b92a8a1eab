"""Where, when, by whom and why something is done: what every write of one action has in common."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache
from typing import Self
from uuid import UUID

from pos.core import clock
from pos.core.i18n.message import remade
from pos.core.messages.packages import (
    BANK_KEPT_PAYMENT,
    DISPUTE_IS_OVER,
    EXPECTED_NOT_TO_BE_USED,
    FREEZE_HAS_ENDED,
    LAST_DAY_WAS,
    OPENING_BALANCE,
    USED_OF_SMALLER_PACKAGE,
)
from pos.core.messages.sales import REPLACED_BY_BIGGER_PACKAGE, VISIT_BECAME_FIRST_OF_PACKAGE
from pos.core.messages.till import POOL_SHARED_BY_VALUE, POOL_SHARED_EQUALLY
from pos.domain.locations.queries import Place

# Written by this program where a person would type a reason.
_REASONS = {
    str(one): one
    for one in (
        BANK_KEPT_PAYMENT, DISPUTE_IS_OVER, EXPECTED_NOT_TO_BE_USED, FREEZE_HAS_ENDED, POOL_SHARED_BY_VALUE,
        POOL_SHARED_EQUALLY, REPLACED_BY_BIGGER_PACKAGE, USED_OF_SMALLER_PACKAGE, VISIT_BECAME_FIRST_OF_PACKAGE,
    )
}  # fmt: skip


@lru_cache(maxsize=4096)
def kept_reason(text: str) -> str:
    """A reason as it is kept: the message where this program wrote it, otherwise what somebody typed."""
    return _REASONS.get(text) or remade(text, LAST_DAY_WAS, OPENING_BALANCE)


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
