"""Some of several: of a line with quantity 3 one or two go back, the arithmetic first, and the units sum to the line."""

from __future__ import annotations

from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from pos.core.errors import Conflict, Invalid
from pos.domain.locations.queries import place
from pos.domain.receipts.credit_note_models import CreditNote
from pos.domain.refunds.models import RefundLine
from pos.domain.sales.pricing import Discount
from pos.services.refunds.calculate import part_of_line
from pos.services.refunds.refundable import LineLeft
from tests.integration.refunds.conftest import Desk
from tests.support.agreeing import disagreements
from tests.support.barrier import race
from tests.support.books import failing
from tests.support.clinic import line


def test_refund_of_some_units_gives_their_share_and_the_last_the_rest(desk: Desk) -> None:
    """Three balls at 9.50, 5.00 off, 8 % on 23.50: 25.38. One is 8.46; two more are the other 16.92, and nothing is left."""
    clinic = desk.clinic
    sold = clinic.sell(line("ball", 3), line("oil"), discount=None).sale_id
    cheaper = clinic.sell(line("ball", 3, discount=Discount(amount_minor=5_00, reason="Box damaged"))).sale_id
    first = desk.preview(cheaper, positions=(1,), units=((1, 1),))
    assert (first.total_minor, first.tax_minor) == (8_46, 63)
    assert [(step.text, step.minor) for step in first.steps] == [("1 × Trigger-point ball", 8_46)]
    done = desk.refund(cheaper, positions=(1,), units=((1, 1),))
    assert (done.total_minor, done.cash_minor) == (8_46, 8_46)
    with pytest.raises(Invalid, match="between 1 and 2") as refused:
        desk.refund(cheaper, positions=(1,), units=((1, 3),))
    assert refused.value.field == "lines"
    assert desk.refund(cheaper, positions=(1,), units=((1, 2),)).total_minor == 25_38 - 8_46
    assert desk.found(cheaper).lines[0].gross_minor == 0
    # Of another sale: two balls and the oil, in one refund.
    assert desk.refund(sold, positions=(1, 2), units=((1, 2),)).total_minor == 20_52 + 19_44
    with clinic.read() as session:
        notes = session.scalars(select(CreditNote.document).order_by(CreditNote.number)).all()
        assert [[row["description"] for row in note["lines"]] for note in notes] == [
            ["1 × Trigger-point ball"], ["2 × Trigger-point ball"], ["2 × Trigger-point ball", "Massage oil"],
        ]  # fmt: skip
        assert session.scalars(select(RefundLine.units).order_by(RefundLine.refund_id, RefundLine.position)).all() == [
            1,
            2,
            2,
            1,
        ]
        assert disagreements(session, place(session, clinic.usd.location_id)) == []
    assert failing(clinic) == {}


def test_refund_of_the_last_unit_twice_at_once_is_paid_once(desk: Desk) -> None:
    sold = desk.clinic.sell(line("ball", 2)).sale_id
    desk.refund(sold, positions=(1,), units=((1, 1),))
    commands = [desk.command(sold, positions=(1,)) for _ in range(2)]
    outcomes = race(*(lambda command=command: desk.run(command) for command in commands))
    assert sum(isinstance(one, Conflict | Invalid) for one in outcomes) == 1
    assert failing(desk.clinic) == {}


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ({"units": ((1, 1),), "positions": (1,), "amount_minor": 5_00}, "not both"),
        ({"units": ((2, 1),), "positions": (1,)}, "how many of which"),
        ({"units": ((2, 1),), "positions": (2,)}, "as a whole or by an amount"),
    ],
)
def test_refund_of_units_that_make_no_sense_is_refused(desk: Desk, wanted: dict[str, Any], message: str) -> None:
    sold = desk.clinic.sell(line("ball", 3), line("oil")).sale_id
    with pytest.raises(Invalid, match=message):
        desk.preview(sold, **wanted)


@given(net=st.integers(0, 10**7), tax=st.integers(0, 10**6), quantity=st.integers(2, 99), at=st.data())
def test_units_given_back_in_any_portions_sum_to_the_line(net: int, tax: int, quantity: int, at: st.DataObject) -> None:
    """To the minor unit, net and tax; a unit is never more than one minor unit off its share."""
    sold: Any = SimpleNamespace(
        net_minor=net, tax_minor=tax, cover="", tax_percent=Decimal(8), second_tax_percent=Decimal(0)
    )
    left_net, left_tax, left_units, back = net, tax, quantity, []
    while left_units:
        left = LineLeft(1, "retail", "", quantity, sold, left_net, left_tax, None, units_left=left_units)
        count = at.draw(st.integers(1, left_units))
        share = left.gross_minor if count == left_units else left.price_of(count)
        assert abs(share * quantity - (net + tax) * count) <= quantity
        part = part_of_line(left, share, units=count)
        assert part.gross_minor == share
        assert min(part.net_minor, part.tax_minor) >= 0
        back.append(part)
        left_net, left_tax, left_units = left_net - part.net_minor, left_tax - part.tax_minor, left_units - count
    assert (left_net, left_tax) == (0, 0)
    assert sum(part.gross_minor for part in back) == net + tax
