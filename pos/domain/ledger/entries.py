"""Accounts and balanced entries: pure facts, no database."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

import msgspec

from pos.core.errors import Unbalanced
from pos.core.hashing import digest
from pos.core.messages.books import ENTRY_DOES_NOT_BALANCE
from pos.core.money import Rate, Rates

GENESIS = "0" * 64
# What cash paid was more or less than the amounts it settled.
CASH_ROUNDING = "cash_rounding"

# key (before any colon): default code and name. Meaning is fixed here; codes and names are the clinic's.
CHART: dict[str, tuple[str, str]] = {
    "cash_drawer": ("1000", "Cash drawer"),
    "bank": ("1010", "Bank"),
    "stripe_clearing": ("1100", "Stripe clearing"),
    "stripe_disputes": ("1110", "Stripe disputes"),
    "package_liability": ("2000", "Package liability"),
    "expected_breakage": ("2001", "Breakage recognised ahead"),
    "gift_card_liability": ("2010", "Gift card liability"),
    "account_credit": ("2020", "Account credit"),
    "refunds_payable": ("2030", "Refunds to be paid"),
    "tips_payable": ("2100", "Tips payable"),
    "tax_payable": ("2200", "Tax payable"),
    "tax_not_due": ("2210", "Tax not due yet"),
    "migration_suspense": ("2900", "Migration suspense"),
    "service_revenue": ("4000", "Service revenue"),
    "add_on_revenue": ("4100", "Add-on revenue"),
    "retail_revenue": ("4200", "Retail revenue"),
    "service_charge_revenue": ("4250", "Service charges"),
    "breakage": ("4300", "Breakage"),
    "discounts": ("4900", "Discounts"),
    "stripe_fees": ("6000", "Stripe fees"),
    "over_short": ("6100", "Cash over and short"),
    CASH_ROUNDING: ("6110", "Cash rounding"),
    "bad_debt": ("6200", "Bad debt"),
    "cash_paid_in_out": ("6900", "Cash paid in and out"),
}


def tax_payable(percent: Decimal, *, is_second: bool = False) -> str:
    """The key of the tax account of a rate; the location's second tax has accounts of its own."""
    return f"tax_payable:{Rate(percent, is_second).key}"


def tax_not_due(percent: Decimal, *, is_second: bool = False) -> str:
    """The key of the account of tax of a rate that was paid with a package and becomes due as its sessions are used."""
    return f"tax_not_due:{Rate(percent, is_second).key}"


def cash_drawer(drawer_id: UUID) -> str:
    """The key of a drawer's account."""
    return f"cash_drawer:{drawer_id}"


def rate_of_key(part: str) -> Rate:
    """The rate that a key of an account or a measure ends with: `8`, `second:9.975`."""
    percent = part.removeprefix("second:")
    return Rate(Decimal(percent), percent != part)


def chart_line(key: str, tax_names: Sequence[str] = ()) -> tuple[str, str]:
    """Default code and name for an account key; `tax_payable:8` reads “Tax payable 8 %”.

    A location with two taxes names them: `tax_payable:second:9.975` then reads “Tax payable QST 9.975 %”.
    """
    base, _, part = key.partition(":")
    code, name = CHART[base]
    if base in ("tax_payable", "tax_not_due"):
        rate = rate_of_key(part)
        which = tax_names[rate.is_second] if len(tax_names) > 1 else "second tax" if rate.is_second else ""
        # Four digits, then the rate; the second tax has the next number.
        number = str(int(code) + rate.is_second)
        return f"{number}-{Rate(rate.percent).key}", " ".join(
            w for w in (name, which, f"{Rate(rate.percent).key} %") if w
        )
    if base == "cash_drawer":
        return f"{code}-{part[-6:]}", name
    return code, name


@dataclass
class Draft:
    """An entry being written: debits and credits gathered by account, checked when it is posted."""

    event: str
    subject_id: UUID
    currency: str
    amounts: dict[str, int] = field(default_factory=dict)

    def debit(self, key: str, minor: int) -> None:
        """Add to an account; zero is left out."""
        self.amounts[key] = self.amounts.get(key, 0) + minor

    def credit(self, key: str, minor: int) -> None:
        """Take from an account; zero is left out."""
        self.debit(key, -minor)

    def debit_tax(self, account: Callable[..., str], rates: Rates, minor: int, second_minor: int) -> None:
        """Add tax to the accounts of its rates: `second_minor` of `minor` is the location's second tax.

        `account` is `tax_payable` or `tax_not_due`.
        """
        self.debit(account(rates.first), minor - second_minor)
        if second_minor:
            self.debit(account(rates.second, is_second=True), second_minor)

    def credit_tax(self, account: Callable[..., str], rates: Rates, minor: int, second_minor: int) -> None:
        """Take tax from the accounts of its rates."""
        self.debit_tax(account, rates, -minor, -second_minor)

    def lines(self) -> tuple[tuple[str, int], ...]:
        """Account and signed amount, in a stable order; raises Unbalanced unless they sum to zero, two at least."""
        found = tuple(sorted((key, minor) for key, minor in self.amounts.items() if minor))
        if found and (len(found) < 2 or sum(minor for _, minor in found) != 0):
            raise Unbalanced(ENTRY_DOES_NOT_BALANCE, lines=found)
        return found


class EntryFacts(msgspec.Struct, frozen=True):
    """What an entry's hash covers.

    `recorded` are the digests of the rows written with it (core/database/history), `log_seq` and `log_head` the end of the
    change log at that time. Entries written before there was a change log have none of them.
    """

    location_id: UUID
    seq: int
    event: str
    subject_id: UUID
    reference: str
    business_on: date
    posted_at: datetime
    actor_id: UUID | None
    shift_id: UUID | None
    client_ref: str | None
    currency: str
    previous_hash: str
    postings: tuple[tuple[str, int], ...]
    recorded: tuple[str, ...] | None = None
    log_seq: int | None = None
    log_head: str | None = None


def entry_hash(facts: EntryFacts) -> str:
    """SHA-256 over the canonical form of an entry, the hash before it included."""
    of_history = [] if facts.recorded is None else [list(facts.recorded), facts.log_seq, facts.log_head]
    return digest(
        [
            str(facts.location_id),
            facts.seq,
            facts.event,
            str(facts.subject_id),
            facts.reference,
            facts.business_on.isoformat(),
            facts.posted_at.isoformat(timespec="microseconds"),
            str(facts.actor_id or ""),
            str(facts.shift_id or ""),
            facts.client_ref or "",
            facts.currency,
            facts.previous_hash,
            [list(line) for line in facts.postings],
            *of_history,
        ]
    )


def total(lines: Iterable[tuple[str, int]], base: str) -> int:
    """The sum of all accounts of one meaning."""
    return sum(minor for key, minor in lines if key.partition(":")[0] == base)
