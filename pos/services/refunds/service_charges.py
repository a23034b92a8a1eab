"""A service charge goes back with the visits it was charged for, in the proportion in which they are given back."""

from __future__ import annotations

from collections.abc import Iterable

from pos.core.messages import refunds as messages
from pos.core.money import cumulative_share
from pos.domain.sales.service_charges import VISITS
from pos.services.refunds.refundable import LineLeft, Refundable


def charges_with(found: Refundable, given_back: Iterable[tuple[LineLeft, int]]) -> list[tuple[LineLeft, int]]:
    """What of each charge goes back along with amounts of lines, tax included; all of it with the last of the visits."""
    visits = [line for line in found.lines if line.kind in VISITS and line.line.net_minor + line.line.tax_minor]
    whole = sum(line.line.net_minor + line.line.tax_minor for line in visits)
    before = whole - sum(line.gross_minor for line in visits)
    now = sum(minor for line, minor in given_back if line.kind in VISITS)
    parts = []
    for line in found.lines if now else ():
        if line.why_not != messages.CHARGE_GOES_BACK_WITH_VISITS:
            continue
        charge = line.line.net_minor + line.line.tax_minor
        share = cumulative_share(charge, before + now, whole) - (charge - line.gross_minor)
        if (part := max(0, min(share, line.gross_minor))) > 0:
            parts.append((line, part))
    return parts
