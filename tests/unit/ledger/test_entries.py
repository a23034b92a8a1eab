"""Accounts, entries and their hashes as pure facts: what a bookkeeper reads, and what an auditor recomputes years later."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import pytest
from msgspec.structs import replace

from pos.core.errors import Unbalanced
from pos.domain.ledger.entries import (
    CHART,
    GENESIS,
    Draft,
    EntryFacts,
    cash_drawer,
    chart_line,
    entry_hash,
    tax_not_due,
    tax_payable,
    total,
)

DRAWER = UUID("00000000-0000-7000-8000-00000abc1234")
ENTRY = EntryFacts(
    location_id=UUID(int=1),
    seq=7,
    event="sale",
    subject_id=UUID(int=2),
    reference="RIV-000007",
    business_on=date(2026, 6, 16),
    posted_at=datetime(2026, 6, 16, 12, 0, tzinfo=UTC),
    actor_id=UUID(int=3),
    shift_id=UUID(int=4),
    client_ref="somebody",
    currency="USD",
    previous_hash="0" * 64,
    postings=(("cash_drawer:1", 108_00), ("service_revenue", -100_00), ("tax_payable:8", -8_00)),
)


def draft(*lines: tuple[str, int]) -> Draft:
    found = Draft("sale", UUID(int=1), "USD")
    for key, minor in lines:
        found.debit(key, minor)
    return found


@pytest.mark.parametrize(
    ("percent", "key", "code", "name"),
    [
        ("8", "tax_payable:8", "2200-8", "Tax payable 8 %"),
        ("8.100", "tax_payable:8.1", "2200-8.1", "Tax payable 8.1 %"),
        ("20", "tax_payable:20", "2200-20", "Tax payable 20 %"),
        ("8.875", "tax_payable:8.875", "2200-8.875", "Tax payable 8.875 %"),
        ("0", "tax_payable:0", "2200-0", "Tax payable 0 %"),
    ],
)
def test_ledger_account_of_tax_rate_has_own_code_and_name(percent: str, key: str, code: str, name: str) -> None:
    assert tax_payable(Decimal(percent)) == key
    assert tax_not_due(Decimal(percent)) == key.replace("tax_payable", "tax_not_due")
    assert chart_line(key) == (code, name)


def test_ledger_account_of_drawer_has_own_code() -> None:
    assert cash_drawer(DRAWER) == f"cash_drawer:{DRAWER}"
    assert chart_line(cash_drawer(DRAWER)) == ("1000-bc1234", "Cash drawer")


def test_ledger_account_of_chart_is_named_and_unknown_raises() -> None:
    assert chart_line("service_revenue") == ("4000", "Service revenue")
    assert chart_line("bank") == ("1010", "Bank")
    assert chart_line("tips_payable") == ("2100", "Tips payable")
    with pytest.raises(KeyError):
        chart_line("profit")


def test_ledger_accounts_have_unique_codes_and_names() -> None:
    assert len({code for code, _ in CHART.values()}) == len({name for _, name in CHART.values()}) == len(CHART)


def test_journal_draft_merges_debits_and_credits_of_account() -> None:
    entry = Draft("sale", UUID(int=1), "USD")
    entry.debit("bank", 60)
    entry.debit("bank", 50)
    entry.credit("bank", 10)
    entry.credit("service_revenue", 92)
    entry.credit("tax_payable:8", 8)
    assert entry.lines() == (("bank", 100), ("service_revenue", -92), ("tax_payable:8", -8))


def test_journal_draft_drops_lines_that_cancel_out() -> None:
    entry = draft(("bank", 100), ("discounts", 5), ("service_revenue", -100), ("tips_payable", 0), ("discounts", -5))
    assert entry.lines() == (("bank", 100), ("service_revenue", -100))
    assert draft().lines() == ()
    assert draft(("bank", 5), ("bank", -5)).lines() == ()


@pytest.mark.parametrize(
    "lines",
    [
        (("bank", 1),),
        (("bank", -1),),
        (("bank", 100), ("service_revenue", -99)),
        (("bank", 100), ("service_revenue", -101)),
        (("bank", 100), ("service_revenue", -92), ("tax_payable:8", -7)),
    ],
)
def test_journal_draft_unbalanced_is_refused(lines: tuple[tuple[str, int], ...]) -> None:
    with pytest.raises(Unbalanced) as refused:
        draft(*lines).lines()
    assert refused.value.extra["lines"] == tuple(sorted(lines))


def test_journal_chain_starts_with_sixty_four_zeros() -> None:
    assert GENESIS == "0000000000000000000000000000000000000000000000000000000000000000"


def test_journal_entry_hash_of_known_entry_never_changes() -> None:
    """A change of these two figures would make every chain that was ever written fail its check."""
    assert entry_hash(ENTRY) == "df2033b8be2e34c0a80c12429796771713fdcb7c2943b014fa00f8782a98fcb8"
    alone = replace(ENTRY, actor_id=None, shift_id=None, client_ref=None)
    assert entry_hash(alone) == "aa16799d854fb5610e4d0e8bcc851f5313808d87effeeb47de0366b8dd298495"


@pytest.mark.parametrize(
    "change",
    [
        {"location_id": UUID(int=9)},
        {"seq": 8},
        {"event": "refund"},
        {"subject_id": UUID(int=9)},
        {"reference": "RIV-000008"},
        {"business_on": date(2026, 6, 17)},
        {"posted_at": datetime(2026, 6, 16, 12, 0, 0, 1, tzinfo=UTC)},
        {"actor_id": None},
        {"actor_id": UUID(int=9)},
        {"shift_id": None},
        {"shift_id": UUID(int=9)},
        {"client_ref": None},
        {"client_ref": "somebody else"},
        {"currency": "EUR"},
        {"previous_hash": "1" * 64},
        {"postings": (("cash_drawer:1", 108_01), ("service_revenue", -100_01), ("tax_payable:8", -8_00))},
        {"postings": (("cash_drawer:1", 108_00), ("service_revenue", -108_00))},
        {"recorded": ()},
        {"recorded": ("sales:00",), "log_seq": 1, "log_head": GENESIS},
    ],
    ids=lambda change: next(iter(change)),
)
def test_journal_entry_hash_changes_with_every_fact(change: dict[str, object]) -> None:
    assert entry_hash(replace(ENTRY, **change)) != entry_hash(ENTRY)
    with pytest.raises(AttributeError):
        setattr(ENTRY, next(iter(change)), None)


def test_ledger_total_sums_accounts_of_one_meaning_only() -> None:
    lines = [
        ("bank", 1),
        ("cash_drawer:1", 40_00),
        ("cash_drawer:2", 2_00),
        ("cash_paid_in_out", 7),
        ("tips_payable", -50),
    ]
    assert total(lines, "cash_drawer") == 42_00
    assert total(lines, "tips_payable") == -50
    assert total(lines, "cash") == 0
