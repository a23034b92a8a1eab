"""Accounts and balanced entries: pure facts, no database."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from uuid import UUID

import msgspec

from pos.core.errors import Unbalanced
from pos.core.hashing import digest
from pos.core.i18n.message import Message
from pos.core.messages.books import ACCOUNT_OF_RATE, ACCOUNT_OF_TAX, ENTRY_DOES_NOT_BALANCE, SECOND_TAX
from pos.core.money import Rate, Rates

GENESIS = "0" * 64
# What cash paid was more or less than the amounts it settled.
CASH_ROUNDING = "cash_rounding"

# key (before any colon): default code and name. Meaning is fixed here; codes and names are the clinic's.
CHART: dict[str, tuple[str, Message]] = {
    "cash_drawer": ("1000", Message("cash_drawer", "Cash drawer")),
    "bank": ("1010", Message("bank", "Bank")),
    "stripe_clearing": ("1100", Message("stripe_clearing", "Stripe clearing")),
    "stripe_disputes": ("1110", Message("stripe_disputes", "Stripe disputes")),
    "package_liability": ("2000", Message("package_liability", "Package liability")),
    "expected_breakage": ("2001", Message("expected_breakage", "Breakage recognised ahead")),
    "gift_card_liability": ("2010", Message("gift_card_liability", "Gift card liability")),
    "account_credit": ("2020", Message("account_credit", "Account credit")),
    "refunds_payable": ("2030", Message("refunds_payable", "Refunds to be paid")),
    "tips_payable": ("2100", Message("tips_payable", "Tips payable")),
    "tax_payable": ("2200", Message("tax_payable", "Tax payable")),
    "tax_not_due": ("2210", Message("tax_not_due", "Tax not due yet")),
    "migration_suspense": ("2900", Message("migration_suspense", "Migration suspense")),
    "service_revenue": ("4000", Message("service_revenue", "Service revenue")),
    "add_on_revenue": ("4100", Message("add_on_revenue", "Add-on revenue")),
    "retail_revenue": ("4200", Message("retail_revenue", "Retail revenue")),
    "service_charge_revenue": ("4250", Message("service_charge_revenue", "Service charges")),
    "breakage": ("4300", Message("breakage", "Breakage")),
    "discounts": ("4900", Message("discounts", "Discounts")),
    "stripe_fees": ("6000", Message("stripe_fees", "Stripe fees")),
    "over_short": ("6100", Message("over_short", "Cash over and short")),
    CASH_ROUNDING: ("6110", Message(CASH_ROUNDING, "Cash rounding")),
    "bad_debt": ("6200", Message("bad_debt", "Bad debt")),
    "cash_paid_in_out": ("6900", Message("cash_paid_in_out", "Cash paid in and out")),
}


_BY_RATE = ("tax_payable", "tax_not_due")


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


def chart_line(key: str, tax_names: Sequence[str] = ()) -> tuple[str, Message]:
    """Default code and name for an account key; `tax_payable:8` reads “Tax payable 8 %”.

    A location with two taxes names them: `tax_payable:second:9.975` then reads “Tax payable QST 9.975 %”.
    """
    base, _, part = key.partition(":")
    code, name = CHART[base]
    if base in _BY_RATE:
        rate = rate_of_key(part)
        which = tax_names[rate.is_second] if len(tax_names) > 1 else SECOND_TAX if rate.is_second else ""
        # Four digits, then the rate; the second tax has the next number.
        number = str(int(code) + rate.is_second)
        return f"{number}-{_percent(rate)}", _of_rate(name, which, _percent(rate))
    if base == "cash_drawer":
        return f"{code}-{part[-6:]}", name
    return code, name


def _percent(rate: Rate) -> str:
    return Rate(rate.percent).key


def _of_rate(name: Message, tax: str, percent: str) -> Message:
    if tax:
        return ACCOUNT_OF_TAX(account=name, tax=tax, percent=percent)
    return ACCOUNT_OF_RATE(account=name, percent=percent)


@lru_cache(maxsize=1024)
def account_name(key: str, name: str) -> str:
    """The name of an account for people: while it is the one that it got first, a message, otherwise as it was typed.

    The name of a tax stands in it as it was when the account was first used.
    """
    base, _, part = key.partition(":")
    first = CHART[base][1]
    if base in _BY_RATE:
        percent = _percent(rate_of_key(part))
        if name.startswith(f"{first} ") and name.endswith(f"{percent} %"):
            tax = name[len(first) : -len(percent) - 2].strip()
            first = _of_rate(first, SECOND_TAX if tax == SECOND_TAX else tax, percent)
    return first if name == first else name


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
