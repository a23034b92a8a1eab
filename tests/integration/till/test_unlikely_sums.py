"""Sums that are rather a barcode or a slip than cash: asked about once more, under the field they were typed in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from pos.core.errors import Conflict, NeedsConfirmation
from pos.core.ids import new_id
from pos.domain.till.rules import (
    largest_note,
    likely_sum,
    likely_tender,
    require_likely,
)
from pos.domain.till.shifts import MovementRequest
from pos.services.till.cash_movements import record_movement
from pos.services.till.shifts import close_shift, open_shift
from tests.support.books import book_floats, failing
from tests.support.clinic import Clinic, line

BARCODE = 96385074_00  # EAN-8, typed by a scanner into a field for units


@pytest.mark.parametrize(
    ("currency", "note", "over_due", "in_drawer"),
    [
        ("USD", 100_00, 500_00, 10_000_00),
        ("EUR", 200_00, 1_000_00, 20_000_00),
        ("GBP", 50_00, 250_00, 5_000_00),
        ("JPY", 10_000, 50_000, 1_000_000),
        ("KWD", 100_000, 500_000, 10_000_000),  # notes not known: 100 units, here of 1,000
        ("ISK", 10_000, 50_000, 1_000_000),
    ],
)
def test_cash_amount_limits_follow_currency(currency: str, note: int, over_due: int, in_drawer: int) -> None:
    assert largest_note(currency) == note
    assert likely_tender(0, currency) == over_due
    assert likely_tender(72_50, currency) == over_due + 72_50
    assert likely_sum(currency) == in_drawer


def test_cash_amount_unlikely_needs_confirmation_of_exact_amount() -> None:
    require_likely(500_00, 500_00, "USD", confirmed_minor=None, field="float")
    require_likely(500_01, 500_00, "USD", confirmed_minor=500_01, field="float")
    for confirmed in (None, 500_00, 500_02, 0):
        with pytest.raises(NeedsConfirmation, match=r"500\.01 USD is unusually much: more than 500\.00") as asked:
            require_likely(500_01, 500_00, "USD", confirmed_minor=confirmed, field="float")
        assert (asked.value.field, asked.value.extra) == ("float", {"amount_minor": 500_01})


def test_cash_sale_barcode_as_cash_needs_confirmation(clinic: Clinic) -> None:
    """It gave a sale with 96,384,946.00 of change."""
    command = clinic.command(line("trigger_60"), line("oil"), cash=BARCODE)
    with pytest.raises(NeedsConfirmation) as asked:
        clinic.ring_up(command)
    assert asked.value.field == "cash_tendered_minor"
    with pytest.raises(Conflict, match="in the drawer"):  # confirmed, and there is no such change
        clinic.ring_up(replace(command, confirmed_cash_minor=BARCODE))
    assert clinic.ring_up(clinic.command(line("trigger_60"), cash=208_00)).change_minor == 100_00


def test_cash_movement_close_and_float_unlikely_need_confirmation(clinic: Clinic) -> None:
    books = book_floats(clinic)
    here, who = books.usd.desk, books.manager.id

    def paid_in(**more: Any) -> object:
        wanted = MovementRequest(new_id(), "paid_in", BARCODE, "Change from the bank")
        return record_movement(desk_id=here, staff_id=who, wanted=wanted, **more)

    def close(**more: Any) -> object:
        return close_shift(desk_id=here, staff_id=books.owner.id, counted_minor=BARCODE, left_minor=0, **more)

    def reopen(**more: Any) -> object:
        return open_shift(desk_id=here, staff_id=who, float_minor=BARCODE, **more)

    steps: list[tuple[str, Callable[..., object]]] = [("amount", paid_in), ("counted", close), ("float", reopen)]
    for field, action in steps:
        with books.app.app_context():
            with pytest.raises(NeedsConfirmation) as asked:
                action()
            assert asked.value.field == field
            action(confirmed_minor=BARCODE)
    assert failing(books) == {}


def test_cash_count_unlikely_total_needs_confirmation(clinic: Clinic) -> None:
    with clinic.app.app_context(), pytest.raises(NeedsConfirmation) as asked:
        close_shift(desk_id=clinic.usd.desk, staff_id=clinic.owner.id, counts={"10000": 101})
    assert asked.value.extra == {"amount_minor": 10_100_00}
