"""The journal: balanced entries, each linked by hash to the one before it at its location."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from pos.core import clock
from pos.core.errors import Unbalanced
from pos.core.ids import new_id
from pos.domain.ledger import posting as ledger
from pos.domain.ledger.entries import (
    GENESIS,
    Draft,
    EntryFacts,
    chart_line,
    entry_hash,
    tax_payable,
)
from pos.domain.ledger.models import (
    Account,
    Chain,
    JournalEntry,
    Posting,
)
from tests.support.actions import action
from tests.support.clinic import Clinic, line


def entries(world: Clinic, location_id: UUID) -> list[tuple[JournalEntry, EntryFacts]]:
    """The chain of a location with what each hash should cover, read back from the database."""
    with world.read() as session:
        found = []
        query = select(JournalEntry).where(JournalEntry.location_id == location_id).order_by(JournalEntry.seq)
        for row in session.scalars(query):
            postings = session.scalars(select(Posting).where(Posting.entry_id == row.id).order_by(Posting.position))
            facts = EntryFacts(
                row.location_id,
                row.seq,
                row.event,
                row.subject_id,
                row.reference,
                row.business_on,
                row.posted_at,
                row.actor_id,
                row.shift_id,
                row.client_ref,
                row.currency,
                row.previous_hash,
                tuple((posting.account_key, posting.amount_minor) for posting in postings),
                tuple(row.recorded or ()),
                row.log_seq,
                row.log_head,
            )
            found.append((row, facts))
        return found


def test_journal_entry_hash_includes_hash_of_previous(clinic: Clinic) -> None:
    clinic.buy("ten", clinic.ana)
    for _ in range(3):
        clinic.sell(line("trigger_60"), client=clinic.ana)
    clinic.sell(line("foot_60"), site=clinic.eur)
    chain = entries(clinic, clinic.usd.location_id)
    assert [row.seq for row, _ in chain] == [1, 2, 3, 4]
    before = GENESIS
    for row, facts in chain:
        assert row.previous_hash == before
        assert row.hash == entry_hash(facts)
        assert sum(minor for _, minor in facts.postings) == 0
        before = row.hash
    with clinic.read() as session:
        head = session.get_one(Chain, clinic.usd.location_id)
        assert (head.seq, head.head_hash) == (4, before)


def test_journal_chain_is_separate_per_location(clinic: Clinic) -> None:
    clinic.sell(line("foot_60"))
    clinic.sell(line("foot_60"), site=clinic.eur)
    for site, currency in ((clinic.usd, "USD"), (clinic.eur, "EUR")):
        ((row, _),) = entries(clinic, site.location_id)
        assert (row.seq, row.previous_hash, row.currency) == (1, GENESIS, currency)


def test_journal_entry_names_actor_time_shift_and_client_reference_only(clinic: Clinic, frozen: datetime) -> None:
    done = clinic.sell(line("foot_60"), client=clinic.ana)
    ((row, _),) = entries(clinic, clinic.usd.location_id)
    assert (row.event, row.subject_id, row.reference) == ("sale", done.sale_id, "RIV-000001")
    assert (row.business_on, row.posted_at) == (date(2026, 6, 16), frozen)
    assert (row.actor_id, row.shift_id) == (clinic.receptionist.id, clinic.usd.shift_ids[0])
    assert row.client_ref == ledger.client_reference(clinic.ana)
    assert str(clinic.ana) not in str(row.client_ref)


@pytest.mark.parametrize(
    "change",
    [
        {"seq": 2},
        {"event": "refund"},
        {"reference": "RIV-000002"},
        {"business_on": date(2026, 6, 17)},
        {"client_ref": "somebody else"},
        {"currency": "EUR"},
        {"previous_hash": "1" * 64},
        {"postings": (("cash_drawer:1", 101), ("service_revenue", -101))},
    ],
    ids=lambda change: next(iter(change)),
)
def test_journal_entry_hash_changes_with_every_fact(change: dict[str, object], frozen: datetime) -> None:
    facts: dict[str, object] = {
        "location_id": UUID(int=1),
        "seq": 1,
        "event": "sale",
        "subject_id": UUID(int=2),
        "reference": "RIV-000001",
        "business_on": date(2026, 6, 16),
        "posted_at": frozen,
        "actor_id": None,
        "shift_id": None,
        "client_ref": None,
        "currency": "USD",
        "previous_hash": GENESIS,
        "postings": (("cash_drawer:1", 100), ("service_revenue", -100)),
    }
    assert entry_hash(EntryFacts(**facts)) != entry_hash(EntryFacts(**(facts | change)))


def test_journal_entry_unbalanced_is_refused_and_not_saved(clinic: Clinic) -> None:
    draft = Draft("sale", new_id(), "USD")
    draft.debit("bank", 100)
    draft.credit("service_revenue", 99)

    def post(session: Session) -> None:
        ledger.post(session, draft, action(session, clinic.usd.location_id, on=date(2026, 6, 16)), reference="x")

    with pytest.raises(Unbalanced):
        clinic.write(post)
    assert entries(clinic, clinic.usd.location_id) == []


def test_journal_draft_merges_lines_drops_zero_and_refuses_single_line() -> None:
    draft = Draft("sale", UUID(int=1), "USD")
    draft.debit("bank", 60)
    draft.debit("bank", 40)
    draft.credit("service_revenue", 100)
    draft.credit("tips_payable", 0)
    assert draft.lines() == (("bank", 100), ("service_revenue", -100))
    alone = Draft("sale", UUID(int=1), "USD")
    alone.debit("bank", 1)
    with pytest.raises(Unbalanced):
        alone.lines()
    assert Draft("sale", UUID(int=1), "USD").lines() == ()


def test_journal_same_event_twice_is_refused(clinic: Clinic) -> None:
    done = clinic.sell(line("foot_60"))

    def again(session: Session) -> None:
        draft = Draft("sale", done.sale_id, "USD")
        draft.debit("bank", 1)
        draft.credit("service_revenue", 1)
        ledger.post(session, draft, action(session, clinic.usd.location_id, on=date(2026, 6, 16)), reference="x")

    with pytest.raises(Exception, match="changed this at the same moment"):
        clinic.write(again)
    assert len(entries(clinic, clinic.usd.location_id)) == 1


def test_ledger_account_first_used_gets_code_and_name(clinic: Clinic) -> None:
    clinic.sell(line("trigger_60"))
    with clinic.read() as session:
        accounts = {a.key: (a.code, a.name) for a in session.scalars(select(Account))}
    assert accounts["tax_payable:8"] == ("2200-8", "Tax payable 8 %")
    assert accounts["service_revenue"] == ("4000", "Service revenue")
    assert tax_payable(Decimal("8.100")) == "tax_payable:8.1"
    assert chart_line("tax_payable:8.1") == ("2200-8.1", "Tax payable 8.1 %")


def test_ledger_account_of_rolled_back_transaction_is_created_again(clinic: Clinic) -> None:
    """Two entries of one transaction need a new account: the second reads what the first added, and all of it is undone."""
    now = clock.now()

    def post_twice(session: Session, undo: bool) -> None:
        for _ in range(2):
            draft = Draft("test", new_id(), "USD")
            draft.debit("gift_card_liability", 1_00)
            draft.credit("bank", 1_00)
            ledger.post(session, draft, action(session, clinic.usd.location_id, at=now), reference="test")
        if undo:
            raise RuntimeError("undone")

    with pytest.raises(RuntimeError):
        clinic.write(lambda session: post_twice(session, True))
    clinic.write(lambda session: post_twice(session, False))
    assert clinic.balance(clinic.usd, "gift_card_liability") == 2_00
