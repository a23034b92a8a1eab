"""One event to review, and what all sources of them share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from pos.core.messages.books import WITH_REASON
from pos.domain.locations.review_limits import ReviewLimits
from pos.reports.analysis.opens import Word

CASH_VOID = Word("Sale paid in cash was voided")
NO_SALE = Word("Drawer opened after a void")
CARD_IN_CASH = Word("Card sale refunded in cash")
DISCOUNT = Word("Discount or agreed price")
SHORT = Word("Drawer short, repeatedly")
OUT_OF_HOURS = Word("Credit used outside opening hours")
OWN_ACCOUNT = Word("Credit of a colleague used by themselves")
GIVEN = Word("Credits given free of charge")
GOODWILL = Word("Account credit given")
MOVED_EXPIRY = Word("Last day of credits moved")
RESTORED = Word("Late cancel taken back")
TIP_MOVED = Word("Tip moved after the drawer was closed")
EVENTS = (
    CASH_VOID, NO_SALE, CARD_IN_CASH, DISCOUNT, SHORT, OUT_OF_HOURS, OWN_ACCOUNT, GIVEN, GOODWILL, MOVED_EXPIRY, RESTORED,
    TIP_MOVED,
)  # fmt: skip

Limits = Mapping[UUID, ReviewLimits]


@dataclass(frozen=True)
class Event:
    """What happened, when and by whom. `about` opens it; `minor` is an amount in the location's currency, if any."""

    what: str
    location_id: UUID
    on: date
    at: datetime
    by: str
    approved: str
    about: str
    minor: int | None
    detail: str


def with_reason(what: str, reason: str) -> str:
    """A detail and the reason that somebody typed, if any."""
    return WITH_REASON(what=what, reason=reason) if reason else what
