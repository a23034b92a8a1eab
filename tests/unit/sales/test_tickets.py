"""Tickets: what a cart accepts from a desk, and how it may move."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pos.core.errors import (
    Conflict,
    Invalid,
    NotFound,
    PosError,
)
from pos.core.ids import new_id
from pos.core.money import LARGEST_MINOR
from pos.domain.sales import carts
from pos.domain.sales.carts import (
    TRANSITIONS,
    CartLineRequest,
    CartRequest,
    Tip,
    cart_request_from_json,
    move,
    without_line,
)
from pos.domain.sales.models import Ticket
from pos.domain.sales.pricing import MOST_LINES, Discount
from tests.support.clinic import Clinic

KEY = str(new_id())


def asked(**changes: Any) -> dict[str, Any]:
    """A ticket of one line, with changes to the line."""
    return {"lines": [{"line_id": KEY, "item_id": KEY} | changes]}


@pytest.mark.parametrize(
    ("content", "field"),
    [
        (None, "lines"),
        ([], "lines"),
        ("lines", "lines"),
        ({"lines": "one"}, "lines"),
        ({"lines": ["one"]}, "lines"),
        ({"lines": [{"line_id": str(new_id()), "item_id": KEY} for _ in range(MOST_LINES + 1)]}, "lines"),
        ({"lines": [{"item_id": KEY}]}, "line_id"),
        ({"lines": [{"line_id": KEY, "item_id": KEY}] * 2}, "line_id"),
        (asked(line_id=7), "line_id"),
        (asked(item_id="massage"), "item_id"),
        (asked(quantity=0), "quantity"),
        (asked(quantity=-3), "quantity"),
        (asked(quantity=100), "quantity"),
        (asked(quantity=1.5), "quantity"),
        (asked(quantity="2"), "quantity"),
        (asked(quantity=True), "quantity"),
        (asked(quantity=10**30), "quantity"),
        (asked(credit="free"), "credit"),
        (asked(credit=1), "credit"),
        (asked(credit=["auto"]), "credit"),
        (asked(therapist_id="Theo"), "therapist_id"),
        (asked(discount=5), "discount"),
        (asked(discount={"percent": "much"}), "discount"),
        (asked(discount={"percent": "NaN"}), "discount"),
        (asked(discount={"percent": "Infinity"}), "discount"),
        (asked(discount={"percent": "5.0001"}), "discount"),
        (asked(discount={"percent": -5}), "discount"),
        (asked(discount={"percent": 101}), "discount"),
        (asked(discount={"amount_minor": -100}), "discount"),
        (asked(discount={"amount_minor": 12.5}), "discount"),
        (asked(discount={"amount_minor": LARGEST_MINOR + 1}), "discount"),
        (asked(discount={"amount_minor": 100, "percent": 5}), "discount"),
        (asked(discount={}), "discount"),
        (asked() | {"discount": {"percent": 0}}, "discount"),
        (asked() | {"tip": 5}, "tip"),
        (asked() | {"tip": {}}, "tip"),
        (asked() | {"tip": {"percent": 10, "amount_minor": 5}}, "tip"),
        (asked() | {"tip": {"amount_minor": -1}}, "tip"),
        (asked() | {"tip": {"amount_minor": "500"}}, "tip"),
        (asked() | {"tip": {"percent": 1e999}}, "tip"),
        (asked() | {"tip": {"amount_minor": 5, "staff_id": "Theo"}}, "tip"),
    ],
)
def test_cart_request_invalid_is_refused_with_field(content: object, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        cart_request_from_json(content)
    assert refused.value.field == field
    assert refused.value.sentence.endswith(".")


def test_cart_request_price_from_browser_is_ignored() -> None:
    found = cart_request_from_json(asked(unit_minor=1, price_minor=1, tax_percent=0))
    assert set(found.to_json()["lines"][0]) == {"line_id", "item_id", "quantity", "therapist_id", "credit", "discount"}


def test_cart_request_reason_is_cleaned_and_shortened() -> None:
    """PostgreSQL refuses NUL and no database takes half a surrogate pair; both can arrive in JSON."""
    found = cart_request_from_json(asked(discount={"percent": 5, "reason": " Regu\x00lar\ud800\n client" + "!" * 200}))
    assert found.lines[0].discount is not None
    assert found.lines[0].discount.reason.startswith("Regular client!")
    assert len(found.lines[0].discount.reason) == 120


def test_cart_request_survives_json_round_trip() -> None:
    wanted = CartRequest(
        (
            CartLineRequest(new_id(), new_id(), 2, new_id(), str(new_id()), Discount(Decimal("7.5"), reason="Regular")),
            CartLineRequest(new_id(), new_id(), credit="none", discount=Discount(amount_minor=5_00)),
        ),
        Discount(amount_minor=15_00, reason="Birthday"),
        Tip(Decimal(20), staff_id=new_id()),
    )
    assert cart_request_from_json(wanted.to_json()) == wanted
    left = without_line(wanted, wanted.lines[0].line_id)
    assert left.lines == wanted.lines[1:]


NAMES = "lines line_id item_id quantity credit therapist_id discount tip percent amount_minor reason staff_id".split()
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=40) | st.just(KEY),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(NAMES),
            inner,
            max_size=6,
        )
    ),
    max_leaves=20,
)


@given(value=json_values)
@settings(max_examples=400, deadline=None)
def test_cart_request_any_json_is_parsed_or_refused(value: object) -> None:
    refused = None
    try:
        found = cart_request_from_json(value)
    except PosError as error:
        refused = error
    if refused:
        assert refused.field
    else:
        assert cart_request_from_json(found.to_json()) == found


def ticket(state: str) -> Ticket:
    return Ticket(id=new_id(), state=state, version=4)


@pytest.mark.parametrize("state", TRANSITIONS)
@pytest.mark.parametrize("onward", TRANSITIONS)
def test_ticket_state_transitions_are_exact(state: str, onward: str) -> None:
    found = ticket(state)
    if onward in TRANSITIONS[state]:
        move(found, onward)
        assert (found.state, found.version) == (onward, 5)
    else:
        with pytest.raises(Conflict):
            move(found, onward)
        assert (found.state, found.version) == (state, 4)


def test_ticket_completed_or_dropped_is_final() -> None:
    assert TRANSITIONS["completed"] == TRANSITIONS["dropped"] == set()
    assert "dropped" not in TRANSITIONS["paying"]


def test_ticket_change_from_older_version_is_refused() -> None:
    found = ticket("open")
    carts.require_version(found, 4)
    carts.require_version(found, None)
    with pytest.raises(Conflict, match="nothing was lost"):
        carts.require_version(found, 3)


def test_ticket_is_opened_once_and_found_only_at_its_location(clinic: Clinic) -> None:
    key = new_id()

    def open_at(desk: object, location: object) -> Any:
        return clinic.write(
            lambda s: (
                carts.open_ticket(
                    s,
                    ticket_id=key,
                    location_id=location,
                    desk_id=desk,
                    staff_id=clinic.receptionist.id,
                )[0].id
            )
        )

    assert open_at(clinic.usd.desk, clinic.usd.location_id) == key
    assert open_at(clinic.usd.desk, clinic.usd.location_id) == key
    with pytest.raises(NotFound):
        open_at(clinic.usd.desks[1], clinic.usd.location_id)
    with clinic.read() as session:
        assert carts.ticket_of(session, key, clinic.usd.location_id).id == key
        with pytest.raises(NotFound):
            carts.ticket_of(session, key, clinic.eur.location_id)
