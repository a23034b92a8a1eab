"""A service charge goes back with the visits it was charged for, in the proportion in which they are given back."""

from __future__ import annotations

from collections.abc import Iterable

from pos.core.messages import refunds as messages
from pos.core.money import cumulative_share
from pos.domain.sales.service_charges import VISITS
from pos.services.refunds.refundable import LineLeft, Refundable


def charges_with(found: Refundable, given_back: Iterable[tuple[LineLeft, int]]) -> list[tuple[LineLeft, int]]:
    """What of each charge goes back along with amounts of lines, tax included; the last visits take all that is theirs.

    What was charged for visits that a credit paid stays: they are not given back as lines.
    """
    visits = [line for line in found.lines if line.kind in VISITS and line.line.net_minor + line.line.tax_minor]
    whole = sum(line.line.net_minor + line.line.tax_minor for line in visits)
    before = whole - sum(line.gross_minor for line in visits)
    now = sum(minor for line, minor in given_back if line.kind in VISITS)
    parts = []
    for line in found.lines if now else ():
        if line.why_not != messages.CHARGE_GOES_BACK_WITH_VISITS:
            continue
        charge = _for_paid_visits(found, line)
        gone = line.line.net_minor + line.line.tax_minor - line.gross_minor
        share = cumulative_share(charge, before + now, whole) - gone
        if (part := max(0, min(share, line.gross_minor))) > 0:
            parts.append((line, part))
    return parts


def _for_paid_visits(found: Refundable, charge: LineLeft) -> int:
    """The part of a charge that was reckoned of what visits cost, tax included; the rest is of visits that a credit paid.

    The line of a charge does not keep whether such visits counted: its rule says so, which is never removed.
    """
    whole = charge.line.net_minor + charge.line.tax_minor
    rule = next((one for one in found.place.service_charges if one.name == charge.line.name), None)
    if rule is None or not rule.on_credits:
        return whole
    visits = [one.line for one in found.lines if one.kind in VISITS]
    paid = sum(one.list_minor - one.covered_minor - one.discount_minor for one in visits)
    by_credit = sum(one.covered_minor for one in visits if one.cover == "credit")
    return cumulative_share(whole, paid, paid + by_credit) if by_credit else whole
