"""Every invariant has a fault planted past the triggers, on both databases, and is seen to find it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from pos.core import clock
from pos.core.database.base import reading
from pos.core.ids import new_id
from pos.domain.ledger import posting as ledger
from pos.domain.ledger.entries import Draft
from pos.domain.ledger.models import Chain, JournalEntry
from pos.domain.payments.models import PaymentAttempt
from pos.reports.invariants.books import closings, receipts
from pos.reports.invariants.books import ledger as journal
from pos.reports.invariants.packages import credits
from pos.reports.invariants.payments import payments
from pos.reports.verify import CHECKS, heads, verify
from tests.support.actions import action
from tests.support.books import (
    checked,
    close_up,
    failing,
    found_by,
    tamper,
)
from tests.support.cards import CARDS, Till
from tests.support.clinic import Clinic, line

# Keys of rows as SQL: the last and the first sale at the first clinic, its lot with a redemption.
SALE = "(SELECT id FROM sales WHERE tip_minor > 0)"
ENTRY = f"(SELECT id FROM journal_entries WHERE subject_id = {SALE})"
LOT = "(SELECT lot_id FROM redemptions WHERE sale_id = (SELECT id FROM sales WHERE tip_minor > 0))"
LAST = "(SELECT max(number) FROM receipts WHERE label LIKE 'RIV-%')"
COUNTER = "UPDATE receipt_series SET last_number = last_number"


@pytest.fixture
def closed(books: Clinic) -> Clinic:
    """The business with cash moved, a drawer closed and the day closed."""
    return close_up(books)


def test_verify_sound_database_all_checks_hold(closed: Clinic) -> None:
    results = checked(closed)
    assert [key for key, result in results.items() if not result.holds] == []
    assert list(results) == [check.key for check in CHECKS]
    looked_at = {check.key for room in (journal, payments, credits, receipts, closings) for check in room.CHECKS}
    unused = {key for key, result in results.items() if not result.examined}
    assert looked_at & unused == {"captured", "settled"}  # no cards here
    assert results["chain"].examined == 3 + 7 + 3  # three floats, seven sales, two movements and a close


FAULTS: dict[str, tuple[str, str, list[str]]] = {
    "posting-changed": ("balanced", "sum: 1)", [
        f"UPDATE postings SET amount_minor = amount_minor + 1 WHERE position = 1 AND entry_id = {ENTRY}",
    ]),
    "posting-alone": ("balanced", "(postings: 1,", [f"DELETE FROM postings WHERE position > 1 AND entry_id = {ENTRY}"]),
    "postings-gone": ("balanced", "(postings: 0,", [f"DELETE FROM postings WHERE entry_id = {ENTRY}"]),
    "entry-changed": ("chain", "was changed", [f"UPDATE journal_entries SET reference = 'RIV-0' WHERE id = {ENTRY}"]),
    "date-changed": ("chain", "was changed", [f"UPDATE journal_entries SET business_on = '2026-06-15' WHERE id = {ENTRY}"]),
    "link-changed": ("chain", "does not carry the hash", [
        f"UPDATE journal_entries SET previous_hash = hash WHERE id = {ENTRY}",
    ]),
    "entry-gone": ("chain", "are missing", [
        f"DELETE FROM postings WHERE entry_id = {ENTRY}", f"DELETE FROM journal_entries WHERE id = {ENTRY}",
    ]),
    "head-changed": ("chain", "The head of altstadt", ["UPDATE ledger_chains SET seq = seq + 1"]),
    "head-gone": ("chain", "but no head", ["DELETE FROM ledger_chains"]),
    "amounts-moved": ("entries", "says other amounts", [
        f"UPDATE postings SET amount_minor = amount_minor + 5 WHERE entry_id = {ENTRY} AND account_key = 'tips_payable'",
        f"UPDATE postings SET amount_minor = amount_minor - 5 WHERE entry_id = {ENTRY} AND account_key = 'add_on_revenue'",
    ]),
    "not-booked": ("journalled", "RIV-000002 has no entry", [
        f"DELETE FROM postings WHERE entry_id = {ENTRY}", f"DELETE FROM journal_entries WHERE id = {ENTRY}",
    ]),
    "lot-worth-more": ("liability", "riverside: unused credits are worth 81001", [
        f"UPDATE credit_lots SET net_minor = net_minor + 1 WHERE id = {LOT}",
    ]),
    "float-changed": ("drawers", "should hold", ["UPDATE shifts SET float_minor = float_minor + 1"]),
    "left-changed": ("drawers", "should hold", ["UPDATE shifts SET left_minor = left_minor + 1 WHERE state = 'closed'"]),
    "closed-without-z": ("z", "has no Z report", ["DELETE FROM z_reports"]),
    "z-counted-otherwise": ("z", "counted differently", ["UPDATE shifts SET counted_minor = 1 WHERE state = 'closed'"]),
    "z-changed": ("z", "Z 1 of riverside, Back was changed", ["UPDATE z_reports SET hash = previous_hash"]),
    "z-renumbered": ("z", "go from 0 to 2", ["UPDATE z_reports SET number = 2"]),
    "z-unlinked": ("z", "does not carry the hash", [f"UPDATE z_reports SET previous_hash = '{'1' * 64}'"]),
    "z-without-shift": ("z", "belongs to no closed shift", ["UPDATE shifts SET state = 'open' WHERE state = 'closed'"]),
    "movement-changed": ("drawers", "should hold", ["UPDATE cash_movements SET amount_minor = 4 WHERE kind = 'paid_in'"]),
    "tip-paid-changed": ("tips", "paid out 501", [
        "UPDATE cash_movements SET amount_minor = 501 WHERE recipient_id IS NOT NULL",
    ]),
    "closing-changed": ("closings", "was changed", ["UPDATE closings SET running_minor = running_minor + 1"]),
    "closing-renumbered": ("closings", "some are missing", ["UPDATE closings SET number = 3"]),
    "closing-unlinked": ("closings", "does not carry the hash", [f"UPDATE closings SET previous_hash = '{'1' * 64}'"]),
    "closed-day-changed": ("closings", "other sums than the journal", [
        f"UPDATE postings SET amount_minor = 2 * amount_minor WHERE entry_id = {ENTRY}",
    ]),
    "head-of-closing-gone": ("closings", "not in the chain", [
        "UPDATE journal_entries SET hash = previous_hash WHERE event = 'drop'",
    ]),
    "head-of-z-gone": ("z_heads", "not in the chain", [
        "UPDATE journal_entries SET hash = previous_hash WHERE event = 'drop'",
    ]),
    "tip-changed": ("tips", "riverside: tips given are", [f"UPDATE sales SET tip_minor = tip_minor + 1 WHERE id = {SALE}"]),
    "line-changed": ("lines", "RIV-000002 is not the sum", [
        f"UPDATE sale_lines SET net_minor = net_minor + 1 WHERE position = 2 AND sale_id = {SALE}",
    ]),
    "lines-gone": ("lines", "RIV-000002 is not the sum", [f"DELETE FROM sale_lines WHERE sale_id = {SALE}"]),
    "tender-changed": ("tenders", "RIV-000002 comes to", [
        f"UPDATE tenders SET amount_minor = amount_minor - 1, tendered_minor = tendered_minor - 1 WHERE sale_id = {SALE}",
    ]),
    "tender-gone": ("tenders", "its tenders to 0", [f"DELETE FROM tenders WHERE sale_id = {SALE}"]),
    "change-changed": ("tenders", "rounding and change", [f"UPDATE tenders SET change_minor = 7 WHERE sale_id = {SALE}"]),
    "credit-given": ("left", "its moves say 9", [
        f"UPDATE credit_lots SET remaining = remaining + 1, quantity = quantity + 1 WHERE id = {LOT}",
    ]),
    "hold-lost": ("left", "credits that are held, used, burned or gone", [
        f"UPDATE credit_lots SET redeemed = redeemed - 1, held = held + 1 WHERE id = {LOT}",
    ]),
    "move-changed": ("moves", "leaves 8", [f"UPDATE credit_moves SET balance_after = 8 WHERE seq = 2 AND lot_id = {LOT}"]),
    "move-renumbered": ("moves", "Move 3", [f"UPDATE credit_moves SET seq = 3 WHERE seq = 2 AND lot_id = {LOT}"]),
    "move-gone": ("moves", "counts 2 moves and has 1", [f"DELETE FROM credit_moves WHERE seq = 2 AND lot_id = {LOT}"]),
    "redemption-gone": ("redeemed", "redemptions are 0", [f"DELETE FROM redemptions WHERE sale_id = {SALE}"]),
    "redemption-worth-less": ("redeemed", "redemptions are 1 for 8999", [
        f"UPDATE redemptions SET value_minor = value_minor - 1 WHERE sale_id = {SALE}",
    ]),
    "number-skipped": ("numbers", "before 5 is missing", [
        "UPDATE receipts SET number = 5 WHERE number = 4 AND label LIKE 'RIV-%'",
        f"{COUNTER} + 1 WHERE last_number = 4",
    ]),
    "first-number-gone": ("numbers", "before 2 is missing", [
        "DELETE FROM receipts WHERE number = 1 AND label LIKE 'RIV-%'",
    ]),
    "counter-moved": ("numbers", "is at 5, the last receipt is 4", [f"{COUNTER} + 1 WHERE last_number = 4"]),
    "receipt-gone": ("receipts", "no receipt of its own", [
        f"DELETE FROM receipts WHERE label LIKE 'RIV-%' AND number = {LAST}", f"{COUNTER} - 1 WHERE last_number = 4",
    ]),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_verify_planted_fault_is_found_and_names_row(closed: Clinic, fault: str) -> None:
    key, sentence, statements = FAULTS[fault]
    assert found_by(closed, key) is None  # remembered from here on: the fault must be found all the same
    tamper(closed, *statements)
    assert sentence in (found_by(closed, key) or "nothing was found")


def test_verify_entry_without_sale_is_found(books: Clinic) -> None:
    def plant(session: Session) -> None:
        draft = Draft("sale", new_id(), "USD")
        draft.debit("bank", 1_00)
        draft.credit("over_short", 1_00)
        ledger.post(session, draft, action(session, books.usd.location_id), reference="x")

    books.write(plant)
    assert failing(books) == {"entries": "Entry 7 of riverside belongs to no sale."}


def test_verify_cash_in_unknown_drawer_is_found(books: Clinic) -> None:
    def plant(session: Session) -> None:
        draft = Draft("float", new_id(), "USD")
        draft.debit(f"cash_drawer:{new_id()}", 1_00)
        draft.credit("bank", 1_00)
        ledger.post(session, draft, action(session, books.usd.location_id), reference="x")

    books.write(plant)
    assert "there is no such drawer" in failing(books)["drawers"]


@pytest.mark.parametrize("account", ["tax_not_due", "tax_not_due:second:"])
def test_verify_tax_account_without_rate_is_named(books: Clinic, account: str) -> None:
    tamper(books, f"UPDATE postings SET account_key = '{account}' WHERE account_key LIKE 'tax_payable:%'")
    assert f"(minor units) in {account}, which is of no rate of tax." in (
        found_by(books, "tax_later") or "nothing was found"
    )


@pytest.mark.parametrize(
    ("key", "error", "statement"),
    [
        ("printed", "AttributeError", "UPDATE receipts SET document = '[]' WHERE label = 'RIV-000001'"),
        ("day_totals", "ValidationError", "UPDATE locations SET service_charges = '\"x\"' WHERE slug = 'riverside'"),
    ],
)
def test_verify_row_that_cannot_be_read_breaks_its_check_and_no_other_goes_unmade(
    books: Clinic, key: str, error: str, statement: str
) -> None:
    tamper(books, statement, f"{COUNTER} + 1 WHERE last_number = 4")
    found = {key: result.first or "" for key, result in checked(books).items() if not result.holds}
    assert f"A row of this check cannot be read ({error})" in found[key]
    assert "is at 5, the last receipt is 4" in found["numbers"]


def test_verify_truncated_chain_is_found_by_noted_head(books: Clinic) -> None:
    with books.app.app_context():
        kept = {location.id: head for location, _, head in heads(reading())}
    books.sell(line("oil"))
    assert failing(books, expected_heads=kept) == {}
    where = books.usd.location_id
    with books.read() as session:
        last = list(
            session.scalars(
                select(JournalEntry).where(JournalEntry.location_id == where).order_by(JournalEntry.seq.desc()).limit(3)
            )
        )
    gone = f"('{last[0].hash}', '{last[1].hash}')"
    tamper(
        books,
        f"DELETE FROM postings WHERE entry_id IN (SELECT id FROM journal_entries WHERE hash IN {gone})",
        f"DELETE FROM journal_entries WHERE hash IN {gone}",
    )

    def cut(session: Session) -> None:
        chain = session.get_one(Chain, where)
        chain.seq, chain.head_hash = last[2].seq, last[2].hash

    books.write(cut)
    assert "chain" not in failing(books)  # whoever cuts the end and moves the head leaves a chain that looks whole
    assert "its end was cut off" in failing(books, expected_heads=kept)["chain"]


def test_verify_checks_requested_locations_only(books: Clinic) -> None:
    tamper(books, f"UPDATE postings SET amount_minor = amount_minor + 1 WHERE position = 1 AND entry_id = {ENTRY}")
    assert failing(books, location_ids=frozenset({books.eur.location_id})) == {}
    assert "balanced" in failing(books, location_ids=frozenset({books.usd.location_id}))
    assert checked(books, location_ids=frozenset())["chain"].examined == 0


def test_verify_progress_is_reported_from_first_to_last_check(books: Clinic) -> None:
    heard: list[tuple[int, int]] = []
    with books.app.app_context():
        verify(reading(), lambda done, whole: heard.append((done, whole)))
    assert heard == [(step, len(CHECKS)) for step in range(len(CHECKS) + 1)]


# ---- cards


def paid_by_card(till: Till) -> None:
    ticket = till.ticket(line("trigger_60"))
    state = till.charge(till.command(ticket, cash=8_00))
    till.tap()
    assert till.look(state.order_id).state == "succeeded"


@CARDS
def test_verify_card_sale_holds(till: Till) -> None:
    paid_by_card(till)
    assert failing(till.clinic) == {}
    assert checked(till.clinic)["captured"].examined == 1


@CARDS
@pytest.mark.parametrize(
    ("statement", "key", "sentence"),
    [
        ("UPDATE payment_attempts SET amount_minor = amount_minor + 1", "captured", "differ in amount"),
        ("UPDATE payment_attempts SET currency = 'EUR'", "captured", "differ in amount, currency"),
        ("DELETE FROM tenders WHERE kind = 'card'", "captured", "has 0 tenders"),
        ("UPDATE payment_attempts SET state = 'canceled'", "backed", "a payment that is canceled"),
        ("DELETE FROM payment_attempts", "backed", "a payment that is missing"),
    ],
    ids=["amount", "currency", "no-tender", "canceled", "missing"],
)
def test_verify_card_money_tampered_is_found(till: Till, statement: str, key: str, sentence: str) -> None:
    paid_by_card(till)
    tamper(till.clinic, statement)
    assert sentence in failing(till.clinic).get(key, "nothing was found")


@CARDS
@pytest.mark.parametrize("state", ["created", "pending", "unknown"])
def test_verify_payment_unsettled_after_fifteen_minutes_is_found(till: Till, state: str) -> None:
    till.charge(till.command(till.ticket(line("trigger_60"))))
    till.clinic.write(lambda session: session.execute(update(PaymentAttempt).values(state=state)))
    assert failing(till.clinic) == {}
    with clock.at(clock.now() + timedelta(minutes=16)):
        assert f"is {state} for more than 15 minutes" in failing(till.clinic)["settled"]


@CARDS
def test_verify_open_payment_page_and_declined_card_hold(till: Till) -> None:
    state = till.charge(till.command(till.ticket(line("trigger_60"))))

    def open_page(session: Session) -> None:
        attempt = session.scalars(select(PaymentAttempt)).one()
        attempt.expires_at = clock.now() + timedelta(minutes=31)

    later = clock.now() + timedelta(minutes=30)
    till.clinic.write(open_page)
    with clock.at(later):
        assert failing(till.clinic) == {}
    with clock.at(later + timedelta(minutes=20)):
        assert "settled" in failing(till.clinic)
    till.decline()
    assert till.look(state.order_id).state == "declined"
    with clock.at(later + timedelta(minutes=20)):
        assert failing(till.clinic) == {}


def test_verify_rows_rewritten_without_change_hold(books: Clinic) -> None:
    """Reaching past the triggers by itself breaks nothing: only the change does."""
    tamper(books, f"UPDATE sales SET tip_minor = tip_minor WHERE id = {SALE}")
    assert failing(books) == {}
