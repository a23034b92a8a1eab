"""One event to review, and what all sources of them share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from pos.domain.locations.review_limits import ReviewLimits

CASH_VOID = "Sale paid in cash was voided"
NO_SALE = "Drawer opened after a void"
CARD_IN_CASH = "Card sale refunded in cash"
DISCOUNT = "Discount or agreed price"
SHORT = "Drawer short, repeatedly"
OUT_OF_HOURS = "Credit used outside opening hours"
OWN_ACCOUNT = "Credit of a colleague used by themselves"
GIVEN = "Credits given free of charge"
GOODWILL = "Account credit given"
MOVED_EXPIRY = "Last day of credits moved"
RESTORED = "Late cancel taken back"
TIP_MOVED = "Tip moved after the drawer was closed"

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
