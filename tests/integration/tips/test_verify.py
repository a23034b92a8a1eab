"""Every way in which tips could be moved past the application is found, on both databases."""

from __future__ import annotations

from decimal import Decimal

import pytest
from sqlalchemy import text

from pos.core.ids import new_id
from pos.domain.sales.carts import Tip
from pos.domain.till.shifts import MovementRequest
from pos.reports.invariants.base import Check
from pos.reports.invariants.payments import tips as invariant
from pos.services import tips as use_case
from pos.services.refunds.calculate import RefundChoice
from pos.services.refunds.issue_refund import RefundCommand, refund
from pos.services.till.cash_movements import record_movement
from pos.services.tips import (
    MoveTip,
    SharePool,
    move_tip,
    share_out,
)
from tests.conftest import NOON
from tests.support.books import checked, failing, found_by, tamper
from tests.support.clinic import Clinic, Colleague, line

TEN = Tip(amount_minor=10_00)


@pytest.fixture
def tipped(books: Clinic, vera: Colleague) -> Clinic:
    """A tip of each kind: shared by two, chosen, pooled; one given back, one moved, the pool shared out, some paid out."""
    theo, tip = books.therapist, Tip(percent=Decimal(15))
    both = line("trigger_60", therapist=theo), line("foot_60", therapist=vera)
    first, second = (books.sell(*both, tip=tip).sale_id for _ in range(2))
    books.sell(line("trigger_60"), tip=tip)
    books.sell(line("trigger_60"), tip=Tip(amount_minor=7_00, staff_id=vera.id))
    with books.app.app_context():
        refund(
            RefundCommand(new_id(), RefundChoice(first, tip_minor=10_00), "Wrong tip", books.manager, books.usd.desk)
        )
        move_tip(MoveTip(new_id(), second, theo.id, vera.id, 5_00, "Vera treated her", books.manager.id))
        among = frozenset({theo.id, vera.id})
        share_out(SharePool(new_id(), books.usd.location_id, NOON.date(), among, False, 15_00, books.manager.id))
        paid = MovementRequest(new_id(), "tip_paid_out", 6_00, "Friday", theo.id)
        record_movement(desk_id=books.usd.desk, staff_id=books.manager.id, wanted=paid)
    return books


def test_tip_checks_sound_tips_hold(tipped: Clinic) -> None:
    results = checked(tipped)
    assert failing(tipped) == {}
    assert all(results[check.key].examined for check in invariant.CHECKS if isinstance(check, Check))


# Somebody else than has the row now.
OTHER = "(SELECT id FROM staff WHERE id <> tip_allocations.staff_id AND name IN ('Theo', 'Vera'))"
LATER = "'2026-11-19'"
POOL_ON = f"UPDATE tip_allocations SET pool_on = {LATER}"
FAULTS = {
    f"{kind}-{name}": (key, statement.format(where=f"kind = '{kind}'"))
    for kind, key in (("sale", "tips_shared"), ("refund", "tips_shared"), ("move", "tips_moved"),
                      ("pool_share", "tips_moved"), ("payout", "tips_paid"))
    for name, statement in (
        ("owner", f"UPDATE tip_allocations SET staff_id = {OTHER} WHERE staff_id IS NOT NULL AND {{where}}"),
        ("amount", "UPDATE tip_allocations SET amount_minor = amount_minor + 1 WHERE {where}"),
        ("removed", "DELETE FROM tip_allocations WHERE {where}"),
        ("date", f"UPDATE tip_allocations SET business_on = {LATER} WHERE {{where}}"),
        ("moment", "UPDATE tip_allocations SET at = '2026-11-17 10:00:00.000000' WHERE {where}"),
        ("reason", "UPDATE tip_allocations SET reason = 'another' WHERE {where}"),
        ("actor", "UPDATE tip_allocations SET actor_id = (SELECT id FROM staff WHERE name = 'Bea') WHERE {where}"),
    )
}  # fmt: skip
FAULTS |= {
    "pool-to-person": ("tips_shared", (
        "UPDATE tip_allocations SET pool_on = NULL, staff_id = (SELECT id FROM staff WHERE name = 'Vera')"
        " WHERE kind = 'sale' AND staff_id IS NULL"
    )),
    "another-pool": ("tips_shared", f"{POOL_ON} WHERE kind = 'sale' AND staff_id IS NULL"),
    "another-shared-pool": ("tips_moved", f"{POOL_ON} WHERE kind = 'pool_share' AND staff_id IS NULL"),
    "another-place": ("tips_owed", (
        "UPDATE tip_allocations SET location_id = (SELECT id FROM locations WHERE slug = 'altstadt') WHERE kind = 'payout'"
    )),
    "choice": ("tips_shared", "UPDATE sales SET tip_staff_id = NULL WHERE tip_staff_id IS NOT NULL"),
    "therapist": ("tips_shared", (
        "UPDATE sale_lines SET therapist_id = (SELECT id FROM staff WHERE name = 'Vera') WHERE therapist_id IS NOT NULL"
    )),
    "receiver": ("tips_paid", (
        "UPDATE cash_movements SET recipient_id = (SELECT id FROM staff WHERE name = 'Vera') WHERE recipient_id IS NOT NULL"
    )),
    "note-gone": ("tips_moved", "DELETE FROM audit_events WHERE action = 'tips.moved'"),
    "ledger": ("tips_owed", "UPDATE postings SET amount_minor = amount_minor + 1 WHERE account_key = 'tips_payable'"),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_tip_checks_planted_fault_is_found(tipped: Clinic, name: str) -> None:
    key, statement = FAULTS[name]
    assert found_by(tipped, key) is None
    tamper(tipped, statement)
    assert found_by(tipped, key)


@pytest.mark.parametrize("holder", ["pool", "person"])
def test_tip_checks_tip_paid_twice_is_found(books: Clinic, vera: Colleague, holder: str) -> None:
    """As if a move had not asked what is left: the ledger and the tips agree, and somebody has more than there was."""
    theo = books.therapist.id
    sale_id = books.sell(line("trigger_60", therapist=None if holder == "pool" else books.therapist), tip=TEN).sale_id
    with books.app.app_context():
        if holder == "pool":
            share_out(
                SharePool(
                    new_id(), books.usd.location_id, NOON.date(), frozenset({theo}), False, 10_00, books.manager.id
                )
            )
        else:
            record_movement(
                desk_id=books.usd.desk,
                staff_id=books.manager.id,
                wanted=MovementRequest(new_id(), "tip_paid_out", 10_00, "Friday", theo),
            )
    assert failing(books) == {}
    with pytest.MonkeyPatch.context() as unguarded, books.app.app_context():
        unguarded.setattr(use_case, "_require_left", lambda *_: None)
        from_id = None if holder == "pool" else theo
        move_tip(MoveTip(new_id(), sale_id, from_id, vera.id, 10_00, "Vera treated her", books.manager.id))
    who = "the pool of 16 Jun 2026" if holder == "pool" else "Theo"
    assert failing(books) == {
        "tips_below_zero": f"riverside: 1000 more of tips left {who} than was there (minor units)."
    }


def test_tip_checks_rows_rewritten_without_change_hold(tipped: Clinic) -> None:
    tamper(tipped, "UPDATE tip_allocations SET amount_minor = amount_minor")
    assert failing(tipped) == {}


def test_tip_allocation_update_is_refused_as_append_only(tipped: Clinic) -> None:
    with tipped.read() as session, pytest.raises(Exception, match="append-only"):
        session.execute(text("UPDATE tip_allocations SET amount_minor = 1"))
