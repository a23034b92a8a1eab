"""What the files are written from: bons with their positions, taxes, payments and references. Amounts are minor units."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from pos.core.money import percent_of

# Keys of taxes that the standard has given out: current general and reduced rate, not taxable, exempt, and two of 2020.
_RATES = {Decimal(19): 1, Decimal(7): 2, Decimal(0): 6, Decimal(16): 21, Decimal(5): 22}
NOT_TAXABLE, EXEMPT = 5, 6
_WORDS = {
    1: "Allgemeiner Steuersatz (§ 12 Abs. 1 UStG)",
    2: "Ermäßigter Steuersatz (§ 12 Abs. 2 UStG)",
    NOT_TAXABLE: "Nicht steuerbar",
    EXEMPT: "Umsatzsteuerfrei",
    21: "Historischer allgemeiner Steuersatz (§ 12 Abs. 1 UStG)",
    22: "Historischer ermäßigter Steuersatz (§ 12 Abs. 2 UStG)",
}
# A business keeps keys of its own from here on, and says in its documentation what they are.
_OWN = 1000


def vat_key(percent: Decimal) -> int:
    """The key of a rate; one that the standard has none for gets 1000 and the rate in hundredths of a percent."""
    found = _RATES.get(percent.normalize())
    return found if found is not None else _OWN + int(percent * 100)


def vat_facts(key: int) -> tuple[Decimal, str]:
    """Rate and description of a key."""
    if key > _OWN:
        return Decimal(key - _OWN) / 100, "Eigener Steuersatz"
    percent = {value: rate for rate, value in _RATES.items()}.get(key, Decimal(0))
    return percent, _WORDS[key]


@dataclass(frozen=True, slots=True)
class Share:
    """What of an amount falls under one tax key."""

    key: int
    net: int
    tax: int

    @property
    def gross(self) -> int:
        """Net and tax."""
        return self.net + self.tax

    def negated(self) -> Share:
        """The same given back."""
        return Share(self.key, -self.net, -self.tax)


def untaxed(minor: int) -> tuple[Share, ...]:
    """An amount that no tax is on: vouchers, tips, cash that moves."""
    return (Share(NOT_TAXABLE, minor, 0),)


def taxed(net: int, percent: Decimal) -> Share:
    """A net amount with its tax."""
    return Share(vat_key(percent), net, percent_of(net, percent))


def summed(shares: Iterable[Share]) -> tuple[Share, ...]:
    """One share for each key, in the order of keys."""
    found: dict[int, Share] = {}
    for one in shares:
        before = found.get(one.key, Share(one.key, 0, 0))
        found[one.key] = Share(one.key, before.net + one.net, before.tax + one.tax)
    return tuple(found[key] for key in sorted(found))


@dataclass(frozen=True, slots=True)
class Reference:
    """What a bon or a position refers to: a bon of a closing, or something outside by its name and number."""

    bon_id: str
    at: datetime | None = None
    till: str = ""
    number: int | None = None
    name: str = ""


@dataclass(frozen=True, slots=True)
class Position:
    """A line of a bon. `kind` is a GV_TYP, `found` how its price came about where it was reduced."""

    kind: str
    text: str
    shares: tuple[Share, ...]
    name: str = ""
    quantity: int = 1
    article: str = ""
    group: tuple[str, str] = ("", "")
    voucher: str = ""
    found: tuple[tuple[str, Share], ...] = ()
    refers: Reference | None = None

    @property
    def gross(self) -> int:
        """All of it, with tax."""
        return sum(one.gross for one in self.shares)

    def negated(self) -> Position:
        """The same line given back."""
        return replace(
            self,
            shares=tuple(one.negated() for one in self.shares),
            found=tuple((kind, one.negated()) for kind, one in self.found),
            quantity=-self.quantity,
        )


@dataclass(frozen=True, slots=True)
class Payment:
    """Money of a bon, of one ZAHLART_TYP and one kind of `tender`; negative where it was given back."""

    kind: str
    name: str
    minor: int
    tender: str = ""


@dataclass(frozen=True, slots=True)
class Bon:
    """One transaction of a till; `kind` is a BON_TYP. What is training changes no sum of the closing."""

    id: str
    start: datetime
    end: datetime
    staff_id: UUID | None
    positions: tuple[Position, ...]
    payments: tuple[Payment, ...]
    kind: str = "Beleg"
    client_id: UUID | None = None
    note: str = ""
    refers: Reference | None = None

    @property
    def gross(self) -> int:
        """The sum of its positions, which is the sum of its payments."""
        return sum(one.gross for one in self.positions)

    @property
    def counts(self) -> bool:
        """Whether it is part of the sums of the closing."""
        return self.kind == "Beleg"
