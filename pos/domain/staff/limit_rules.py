"""Limits of a role: how much of each kind of action it does alone. Pure; amounts in minor units.

No limit is None; 0 is nothing, so that every such action asks somebody. Above a limit somebody agrees whose own limit is as
high; of the limits for `two_people` anybody else who may approve agrees, for there it is about a second pair of eyes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Literal

from pos.core.errors import Invalid
from pos.core.messages.people import LIMIT_BELOW_ZERO, LIMIT_PERCENT_OUT_OF_RANGE, LIMIT_TOO_LARGE
from pos.core.money import LARGEST_MINOR, exponent
from pos.domain.staff.permissions import DiscountLimit, LineCut, Role, charged, is_above

Value = Decimal | int | None
Unit = Literal["percent", "money", "credits", "days"]


class Limit(StrEnum):
    """One limit; the value is its column and its field."""

    DISCOUNT_PERCENT = "discount_percent"
    DISCOUNT = "discount_minor"
    OPEN_ITEM = "open_item_minor"
    SERVICE_CHARGE = "service_charge_minor"
    REFUND = "refund_minor"
    CASH_REFUND = "cash_refund_minor"
    VOID = "void_minor"
    PAID_OUT = "paid_out_minor"
    DIFFERENCE = "difference_minor"
    GOODWILL = "goodwill_minor"
    COMPLIMENTARY = "complimentary_credits"
    EXTENSION = "extension_days"


_DESK_ROLES = (Role.RECEPTIONIST, Role.MANAGER)


@dataclass(frozen=True)
class LimitKind:
    """What a limit counts, the roles that have it (only a manager does what is done in the office), and who agrees above."""

    unit: Unit = "money"
    roles: tuple[Role, ...] = _DESK_ROLES
    two_people: bool = False


KINDS: dict[Limit, LimitKind] = {
    Limit.DISCOUNT_PERCENT: LimitKind("percent"),
    Limit.DISCOUNT: LimitKind(),
    Limit.OPEN_ITEM: LimitKind(),
    Limit.SERVICE_CHARGE: LimitKind(),
    Limit.REFUND: LimitKind(),
    Limit.CASH_REFUND: LimitKind(two_people=True),
    Limit.VOID: LimitKind(),
    Limit.PAID_OUT: LimitKind(),
    Limit.DIFFERENCE: LimitKind(two_people=True),
    Limit.GOODWILL: LimitKind(roles=(Role.MANAGER,)),
    Limit.COMPLIMENTARY: LimitKind("credits", (Role.MANAGER,)),
    Limit.EXTENSION: LimitKind("days", (Role.MANAGER,)),
}
LIMITED_ROLES = _DESK_ROLES
TWO_PEOPLE = frozenset(limit for limit, kind in KINDS.items() if kind.two_people)
_MOST: dict[Unit, int] = {"percent": 100, "money": LARGEST_MINOR, "credits": 1000, "days": 3650}


@dataclass(frozen=True)
class Limits:
    """The limits of a role at a location; one that is not there is no limit."""

    values: Mapping[Limit, Value]

    def of(self, limit: Limit) -> Value:
        """One of them."""
        return self.values.get(limit)

    @property
    def discount(self) -> DiscountLimit:
        """What is taken off alone."""
        amount = self.of(Limit.DISCOUNT)
        percent = self.of(Limit.DISCOUNT_PERCENT)
        return DiscountLimit(None if percent is None else Decimal(percent), None if amount is None else int(amount))

    def checked(self) -> Limits:
        """The same; raises Invalid, naming the field, for a limit below zero or beyond sense."""
        for limit, value in self.values.items():
            unit = KINDS[limit].unit
            if value is not None and value < 0:
                raise Invalid(LIMIT_PERCENT_OUT_OF_RANGE if unit == "percent" else LIMIT_BELOW_ZERO, field=limit.value)
            if value is not None and value > _MOST[unit]:
                raise Invalid(
                    LIMIT_PERCENT_OUT_OF_RANGE if unit == "percent" else LIMIT_TOO_LARGE(most=_MOST[unit]),
                    field=limit.value,
                )
        return self


NO_LIMITS = Limits({})
NOTHING = Limits(dict.fromkeys(Limit, 0))


def usual_limits(role: Role, currency: str) -> Limits:
    """The limits of a role at a location that has set none; amounts a hundred times as much in a currency without cents."""
    scale: int = 10 ** (exponent(currency) or 2)
    match role:
        case Role.OWNER:
            return NO_LIMITS
        case Role.MANAGER:
            return Limits({Limit.CASH_REFUND: 0, Limit.DIFFERENCE: 5 * scale})
        case Role.RECEPTIONIST:
            alone: dict[Limit, Value] = {
                Limit.DISCOUNT_PERCENT: Decimal(10), Limit.DISCOUNT: 20 * scale, Limit.PAID_OUT: 100 * scale,
                Limit.DIFFERENCE: 5 * scale, Limit.OPEN_ITEM: 50 * scale,
            }  # fmt: skip
            return Limits({**NOTHING.values, **alone})
        case _:
            return NOTHING


def exceeded(limits: Limits, uses: Mapping[Limit, int]) -> frozenset[Limit]:
    """Which limits an action exceeds that uses so much of each; 0 of a limit that is 0 exceeds it too."""
    found = []
    for limit, used in uses.items():
        most = limits.of(limit)
        if most is not None and (most == 0 or used > most):
            found.append(limit)
    return frozenset(found)


def exceeds(uses: Mapping[Limit, int]) -> Callable[[Limits], frozenset[Limit]]:
    """What `use_approval` asks of an action that uses so much of each limit."""
    return lambda limits: exceeded(limits, uses)


def discount_exceeded(limits: Limits, cuts: Sequence[LineCut]) -> frozenset[Limit]:
    """Whether discounts by hand exceed the limits, and then as `Limit.DISCOUNT`."""
    return frozenset({Limit.DISCOUNT} if is_above(charged(cuts), limits.discount) else ())
