"""The taxes of priced lines: one, or two on the same net, each rounded by itself. Pure.

Prices before tax: each tax is its rate of the net, rounded half up, once for the invoice and spread over its lines by
largest remainder, or line by line. Prices that include tax: what is inside is reckoned at the sum of both rates, so that net
and tax make the price that was shown; the second tax is its part of that in proportion to the rates, rounded half up; the
first tax is the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import accumulate, pairwise

from pos.core.money import Rates, allocate, inside, percent_of, round_half_up, second_share


@dataclass(frozen=True, slots=True)
class TaxSum:
    """The tax of one rate: on `net_minor` it is `tax_minor`. `second`: it is the location's second tax."""

    percent: Decimal
    net_minor: int
    tax_minor: int
    second: bool = False


def _taxes(amounts: Sequence[int], percent: Decimal, *, inclusive: bool, method: str) -> list[int]:
    """The tax of each displayed amount at one rate: rounded once for the invoice and spread, or line by line."""
    rate = inside if inclusive else percent_of
    if method == "line":
        return [rate(amount, percent) for amount in amounts]
    return allocate(rate(sum(amounts), percent), amounts)


def _second_of(tax_minor: int, rates: Rates) -> int:
    """What of the tax inside a price is the second tax: in proportion to the rates, rounded half up."""
    return round_half_up(Decimal(tax_minor) * rates.second / rates.total) if rates.second else 0


def _inside_both(amounts: Sequence[int], rates: Rates, *, method: str) -> tuple[list[int], list[int]]:
    """The tax inside displayed amounts at the sum of two rates, and what of each is the second tax.

    Rounded once for the invoice, the second tax of the lines sums to that of the invoice by cumulative rounding.
    """
    taxes = _taxes(amounts, rates.total, inclusive=True, method=method)
    if not rates.second or method == "line":
        return taxes, [_second_of(tax, rates) for tax in taxes]
    whole = sum(taxes)
    second = _second_of(whole, rates)
    up_to = [second_share(so_far, whole, second) for so_far in accumulate(taxes, initial=0)]
    return taxes, [after - before for before, after in pairwise(up_to)]


def line_taxes(
    taxable: Sequence[int], rates: Sequence[Rates], *, inclusive: bool, method: str
) -> tuple[list[int], list[int]]:
    """All tax of each line, and what of it is the second tax.

    On top of prices each tax is reckoned of the net by itself. Inside them both are reckoned together, so that the price
    stays as it is displayed, and split in proportion to their rates.
    """
    taxes, seconds = [0] * len(taxable), [0] * len(taxable)
    if inclusive:
        for both in set(rates):
            at = [index for index, found in enumerate(rates) if found == both]
            for index, tax, second in zip(
                at, *_inside_both([taxable[i] for i in at], both, method=method), strict=True
            ):
                taxes[index], seconds[index] = tax, second
        return taxes, seconds
    for number in (0, 1):
        for percent in {found[number] for found in rates if found[number]}:
            at = [index for index, found in enumerate(rates) if found[number] == percent]
            for index, tax in zip(
                at, _taxes([taxable[i] for i in at], percent, inclusive=False, method=method), strict=True
            ):
                taxes[index] += tax
                seconds[index] += tax if number else 0
    return taxes, seconds


def tax_sums(nets: Sequence[int], taxes: Sequence[int], seconds: Sequence[int], rates: Sequence[Rates]) -> list[TaxSum]:
    """The sums of each rate above 0, the highest first, those of the second tax after those of the first."""
    sums = []
    for number in (0, 1):
        for percent in sorted({found[number] for found in rates if found[number]}, reverse=True):
            at = [index for index, found in enumerate(rates) if found[number] == percent]
            tax = sum(seconds[i] if number else taxes[i] - seconds[i] for i in at)
            sums.append(TaxSum(percent, sum(nets[i] for i in at), tax, second=bool(number)))
    return sums
