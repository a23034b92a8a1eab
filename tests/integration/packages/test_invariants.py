"""Faults planted past the triggers in what a package went through: each is found, on both databases."""

from __future__ import annotations

import pytest

from pos.services.packages.adjust_credits import forfeit_credit, reverse_redemption, undo_forfeit
from pos.services.packages.freeze_and_extend import extend_package, freeze_package
from pos.services.packages.share_and_transfer import share_package, transfer_credits
from tests.support.books import book_floats, failing, found_by, tamper
from tests.support.clinic import Clinic, line
from tests.support.package_actions import moves, package_action


@pytest.fixture
def lived(clinic: Clinic) -> Clinic:
    """A package with a reversal, a burn that was restored, a share that was used, a gift, a freeze and an extension."""
    world = book_floats(clinic)
    lot = world.buy("ten", world.ana)
    with world.app.app_context():
        share_package(package_action(world), lot, client_id=world.ben, cap=2)
        world.sell(line("trigger_60"), client=world.ana)
        world.sell(line("trigger_60"), client=world.ben)
        reverse_redemption(package_action(world), moves(world, lot, "redeem")[0])
        forfeit_credit(package_action(world), lot, cause="no_show")
        undo_forfeit(package_action(world), moves(world, lot, "burn")[0])
        forfeit_credit(package_action(world), lot, cause="no_show")
        given = transfer_credits(package_action(world), lot, credits=2, receiver_id=world.ben)
        extend_package(package_action(world), lot, to=world.lot(lot).expires_on.replace(month=7))
        freeze_package(package_action(world), given)
    return world


def test_package_checks_long_history_all_hold(lived: Clinic) -> None:
    assert failing(lived) == {}


OWN = "(SELECT id FROM credit_lots WHERE origin_lot_id IS NULL)"
FAULTS: dict[str, tuple[str, str, list[str]]] = {
    "reversal-gone": ("redeemed", "its redemptions are 2", ["DELETE FROM redemption_reversals"]),
    "reversal-worth-more": ("redeemed", "earned 9000", ["UPDATE redemption_reversals SET value_minor = value_minor + 1"]),
    "value-moved": ("worth", "its moves say", ["UPDATE credit_moves SET value_minor = value_minor + 5 WHERE kind = 'burn'"]),
    "restored-more": ("reversals", "another value", [
        "UPDATE credit_moves SET value_minor = value_minor + 1 WHERE kind = 'restore'",
    ]),
    "reverses-nothing": ("reversals", "reverses no use", [
        "UPDATE credit_moves SET reverses_id = NULL WHERE kind = 'reverse'",
    ]),
    "given-worth-more": ("given", "was given other credits", [
        "UPDATE credit_moves SET value_minor = value_minor - 1 WHERE kind = 'transfer_out'",
    ]),
    "given-from-nowhere": ("given", "was given other credits", [
        f"UPDATE credit_moves SET kind = 'surrender' WHERE kind = 'transfer_out' AND lot_id = {OWN}",
    ]),
    "cap-passed": ("shares", "its cap is 2", ["UPDATE lot_shares SET used = 3"]),
    "freeze-lost": ("rests", "rests without a freeze", ["UPDATE lot_freezes SET ended_on = from_on"]),
    "expiry-moved": ("rests", "not where its extensions", [
        f"UPDATE credit_lots SET expires_on = '2029-01-01' WHERE id = {OWN}",
    ]),
    "burn-lost": ("left", "its moves say", [
        f"UPDATE credit_lots SET burned = 0, redeemed = redeemed + 1 WHERE id = {OWN}",
    ]),
    "gone-lost": ("left", "its moves say", [
        f"UPDATE credit_lots SET removed = removed - 1, held = held + 1 WHERE id = {OWN}",
    ]),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_package_checks_planted_fault_is_found(lived: Clinic, fault: str) -> None:
    key, sentence, statements = FAULTS[fault]
    assert found_by(lived, key) is None
    tamper(lived, *statements)
    assert sentence in (found_by(lived, key) or "nothing was found")
