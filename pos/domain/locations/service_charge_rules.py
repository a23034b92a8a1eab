"""What a location adds to visits beyond their price: a percentage or an amount, by itself or chosen at the desk. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from uuid import UUID

from pos.core.errors import Invalid
from pos.core.i18n.sanitize import printable
from pos.core.messages.catalogue import (
    SERVICE_CHARGE_DAYS_MISSING,
    SERVICE_CHARGE_EITHER_PERCENT_OR_AMOUNT,
    SERVICE_CHARGE_ENDS_BEFORE,
    SERVICE_CHARGE_HOURS_MALFORMED,
    SERVICE_CHARGE_NAME_TAKEN,
    SERVICE_CHARGE_WITHOUT_NAME,
    TOO_MANY_SERVICE_CHARGES,
)
from pos.core.money import LARGEST_MINOR, percent_of
from pos.core.plain_json import PlainJson

MOST_RULES = 20
MOST_NAME = 60
DAY_MINUTES = 24 * 60
EVERY_DAY = tuple(range(7))


@dataclass(frozen=True, slots=True)
class ServiceCharge(PlainJson):
    """One charge: `percent` of what visits cost, or `amount_minor` once for a ticket, as displayed; it holds from a day on.

    `by_itself`: added on its `weekdays` (0 is Monday) from `from_minute` of the day to before `to_minute`, which is the
    next day's where it is less; otherwise a person at the desk chooses it. `on_credits`: visits that a package pays count
    too, at their list price.
    """

    key: UUID
    name: str
    tax_category: str
    from_on: date
    until_on: date | None = None
    percent: Decimal | None = None
    amount_minor: int | None = None
    by_itself: bool = True
    weekdays: tuple[int, ...] = EVERY_DAY
    from_minute: int = 0
    to_minute: int = DAY_MINUTES
    on_credits: bool = False

    def holds_on(self, day: date) -> bool:
        """Whether it may be charged for a visit of a business date."""
        return self.from_on <= day and (self.until_on is None or day <= self.until_on)

    def is_due(self, day: date, minute: int, evening: date) -> bool:
        """Whether it is added by itself on a business date, at a minute of the local clock.

        Hours past midnight belong to the day on which that `evening` began, whenever the trading day ends.
        """
        is_past_midnight = minute < self.to_minute < self.from_minute
        began_on = evening if is_past_midnight else day
        if not (self.by_itself and self.holds_on(began_on) and began_on.weekday() in self.weekdays):
            return False
        if self.from_minute < self.to_minute:
            return self.from_minute <= minute < self.to_minute
        return is_past_midnight or minute >= self.from_minute

    def of(self, base_minor: int) -> int:
        """What it comes to on visits that cost `base_minor`, as displayed."""
        return percent_of(base_minor, self.percent) if self.percent is not None else self.amount_minor or 0

    def checked(self, others: Iterable[ServiceCharge] = ()) -> ServiceCharge:
        """The same, its name tidied; raises Invalid naming the field. `others` are those of the location beside it."""
        others = list(others)
        if len(others) >= MOST_RULES:
            raise Invalid(TOO_MANY_SERVICE_CHARGES(most=MOST_RULES), field="name")
        name = " ".join(printable(self.name, MOST_NAME).split())
        if not name:
            raise Invalid(SERVICE_CHARGE_WITHOUT_NAME, field="name")
        if any(one.name.casefold() == name.casefold() for one in others):
            raise Invalid(SERVICE_CHARGE_NAME_TAKEN, field="name")
        if (self.percent is None) == (self.amount_minor is None):
            raise Invalid(SERVICE_CHARGE_EITHER_PERCENT_OR_AMOUNT, field="percent")
        if self.percent is not None and not 0 < self.percent <= 100:
            raise Invalid(SERVICE_CHARGE_EITHER_PERCENT_OR_AMOUNT, field="percent")
        if self.amount_minor is not None and not 0 < self.amount_minor <= LARGEST_MINOR:
            raise Invalid(SERVICE_CHARGE_EITHER_PERCENT_OR_AMOUNT, field="amount")
        if self.until_on is not None and self.until_on < self.from_on:
            raise Invalid(SERVICE_CHARGE_ENDS_BEFORE, field="until_on")
        if self.by_itself and not (self.weekdays and set(self.weekdays) <= set(EVERY_DAY)):
            raise Invalid(SERVICE_CHARGE_DAYS_MISSING, field="weekdays")
        if not (0 <= self.from_minute < DAY_MINUTES and 0 < self.to_minute <= DAY_MINUTES) or (
            self.from_minute == self.to_minute
        ):
            raise Invalid(SERVICE_CHARGE_HOURS_MALFORMED, field="to_time")
        return replace(self, name=name, weekdays=tuple(sorted(set(self.weekdays))))
