"""The service charges of a ticket: which are due, on what, and which a person took off. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from pos.core.errors import Invalid
from pos.core.i18n.sanitize import printable
from pos.core.ids import parse_id
from pos.core.messages import sales as messages
from pos.core.money import Rates
from pos.domain.catalogue.service_charge_item import SERVICE_CHARGE, SERVICE_CHARGE_ITEM
from pos.domain.locations.service_charge_rules import MOST_RULES, ServiceCharge
from pos.domain.sales.pricing import Cart, CartLine, PricedLine

# What is a visit: a charge is for treating somebody, never for goods, packages or gift cards.
VISITS = ("variant", "add_on")


@dataclass(frozen=True, slots=True)
class ChargeChoice:
    """What a person said of a rule: `charged` adds one that is chosen at the desk; otherwise it is off, for a `reason`."""

    key: UUID
    charged: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class AppliedCharge:
    """A rule that a ticket could bear and what it comes to, as displayed; `charged` says whether it is on the ticket."""

    rule: ServiceCharge
    amount_minor: int
    charged: bool
    reason: str = ""


def choices_from_json(rows: object) -> tuple[ChargeChoice, ...]:
    """Read what a ticket says of its charges; raises Invalid."""
    if rows is None:
        return ()
    if not isinstance(rows, list) or len(rows) > MOST_RULES:
        raise Invalid(messages.SERVICE_CHARGE_MALFORMED, field="service_charges")
    found = []
    for row in rows:
        if not isinstance(row, dict) or type(row.get("charged")) is not bool:
            raise Invalid(messages.SERVICE_CHARGE_MALFORMED, field="service_charges")
        reason = " ".join(printable(str(row.get("reason") or ""), 120).split())
        if not row["charged"] and not reason:
            raise Invalid(messages.SERVICE_CHARGE_OFF_WITHOUT_REASON, field="reason")
        found.append(ChargeChoice(parse_id(row.get("key"), field="service_charges"), row["charged"], reason))
    if len({choice.key for choice in found}) != len(found):
        raise Invalid(messages.SERVICE_CHARGE_MALFORMED, field="service_charges")
    return tuple(found)


def _bears(priced: PricedLine, rule: ServiceCharge) -> bool:
    """Whether a line is a visit that a rule counts; the first visit of a package was charged for when it was paid."""
    cover = priced.line.cover
    if priced.line.kind not in VISITS or (cover is not None and cover.kind == "first"):
        return False
    return cover is None or priced.displayed_minor > 0 or (rule.on_credits and cover.kind == "credit")


def _base(priced: PricedLine, rule: ServiceCharge) -> int:
    cover = priced.line.cover
    by_credit = priced.covered_minor if rule.on_credits and cover is not None and cover.kind == "credit" else 0
    return priced.displayed_minor + by_credit


def due_charges(
    rules: Sequence[ServiceCharge],
    choices: Sequence[ChargeChoice],
    cart: Cart,
    *,
    day: date,
    minute: int,
    evening: date | None = None,
) -> tuple[AppliedCharge, ...]:
    """The charges of a priced ticket for visits of `day`, judged at a minute of the local clock; none that comes to nothing.

    A percentage is of what the visits cost after discounts and credits. `evening` is the day before that of the local clock,
    to which hours past midnight belong; `day` where it is not known.
    """
    said = {choice.key: choice for choice in choices}
    found = []
    for rule in rules:
        choice = said.get(rule.key)
        is_chosen = not rule.by_itself and choice is not None and choice.charged and rule.holds_on(day)
        if not (is_chosen or rule.is_due(day, minute, evening or day)):
            continue
        bearing = [priced for priced in cart.lines if _bears(priced, rule)]
        amount = rule.of(sum(_base(priced, rule) for priced in bearing)) if bearing else 0
        if amount:
            is_off = choice is not None and not choice.charged
            found.append(AppliedCharge(rule, amount, not is_off, choice.reason if choice and is_off else ""))
    return tuple(found)


def charge_lines(applied: Sequence[AppliedCharge], rates: Mapping[str, Rates]) -> list[CartLine]:
    """The lines of the charges that are on the ticket, each taxed as its rule says; without a rate of that, untaxed."""
    untaxed = Rates(Decimal(0))
    return [
        CartLine(
            item_id=SERVICE_CHARGE_ITEM,
            kind=SERVICE_CHARGE,
            name=one.rule.name,
            quantity=1,
            unit_minor=one.amount_minor,
            tax_category=one.rule.tax_category,
            tax_percent=rate.first,
            second_tax_percent=rate.second,
        )
        for one in applied
        if one.charged
        for rate in (rates.get(one.rule.tax_category, untaxed),)
    ]


def charges_json(rules: Sequence[ServiceCharge], applied: Sequence[AppliedCharge], day: date) -> list[dict[str, Any]]:
    """A row for each charge on a ticket or taken off it, and for each that may be chosen."""
    by_key = {one.rule.key: one for one in applied}
    rows = []
    for rule in rules:
        one = by_key.get(rule.key)
        if one is None and (rule.by_itself or not rule.holds_on(day)):
            continue
        rows.append(
            {
                "key": str(rule.key),
                "name": rule.name,
                "percent": str(rule.percent) if rule.percent is not None else None,
                "by_itself": rule.by_itself,
                "charged": one is not None and one.charged,
                "amount_minor": one.amount_minor if one else rule.amount_minor,
                "reason": one.reason if one else "",
            }
        )
    return rows
