"""The contract is the installed SDK's: nothing unknown, missing or mistyped passes."""

from __future__ import annotations

from typing import Any

import pytest
import stripe

from pos.dev.stripe_simulator.api.routing import HANDLERS, route_book
from pos.dev.stripe_simulator.contract.answers import faults_in
from pos.dev.stripe_simulator.contract.forms import decode
from pos.dev.stripe_simulator.contract.sources import api_version, every_route
from pos.dev.stripe_simulator.contract.types import (
    Enum,
    ListOf,
    Record,
    fields,
)
from pos.dev.stripe_simulator.errors import Refused
from tests.support.simulator_client import Desk


def session(**changes: Any) -> dict[str, Any]:
    price = {"currency": "usd", "unit_amount": 5000, "product_data": {"name": "Single"}}
    base = {"mode": "payment", "success_url": "http://shop.test/", "line_items": [{"quantity": 1, "price_data": price}]}
    return base | changes


def test_sdk_contract_every_call_is_found() -> None:
    calls = {(route.verb, route.shape) for route in every_route()}
    assert len(calls) == 648
    assert all(route.params for route in every_route())


def test_sdk_contract_parameters_of_every_call_are_readable() -> None:
    seen: set[Record] = set()
    todo = [Record(*route.params) for route in every_route() if route.params]
    while todo:
        record = todo.pop()
        if record in seen:
            continue
        seen.add(record)
        for field in fields(record).values():
            options = getattr(field.spec, "options", (field.spec,))
            flat = [option.item if isinstance(option, ListOf) else option for option in options]
            todo += [option for option in flat if isinstance(option, Record)]
    assert len(seen) > 3000


def test_sdk_contract_simulator_has_same_api_version() -> None:
    assert api_version() == "2026-10-28.endive" == stripe.api_version


def test_sdk_contract_every_simulated_call_exists_in_sdk() -> None:
    for verb, shape in HANDLERS:
        assert route_book().find(verb, shape.replace("{}", "x")), (verb, shape)


def test_sdk_contract_open_enum_is_read_as_closed() -> None:
    record = Record("stripe.params.checkout._session_create_params", "SessionCreateParams")
    mode = fields(record)["mode"].spec
    assert mode == Enum(("payment", "setup", "subscription"))


@pytest.mark.parametrize(
    ("changes", "code", "param"),
    [
        ({"payment_method_types": ["card"]}, "parameter_unknown", "payment_method_types"),
        ({"idempotency_key": "x"}, "parameter_unknown", "idempotency_key"),
        ({"line_items": [{"quantity": 1, "prize": "x"}]}, "parameter_unknown", "line_items[0][prize]"),
        (
            {"line_items": [{"price_data": {"unit_amount": 1}}]},
            "parameter_missing",
            "line_items[0][price_data][currency]",
        ),
        ({"expires_at": "tomorrow"}, "parameter_invalid_integer", "expires_at"),
        ({"expires_at": 1.5}, "parameter_invalid_integer", "expires_at"),
        ({"mode": "barter"}, None, "mode"),
        ({"ui_mode": "hosted"}, None, "ui_mode"),
        ({"allowed_payment_method_types": ["card", "shells"]}, None, "allowed_payment_method_types[1]"),
        ({"adaptive_pricing": {"enabled": "perhaps"}}, None, "adaptive_pricing[enabled]"),
        ({"adaptive_pricing": True}, None, "adaptive_pricing"),
        ({"success_url": ""}, "parameter_invalid_empty", "success_url"),
        ({"metadata": {f"k{n}": "v" for n in range(51)}}, None, "metadata"),
    ],
)
def test_simulated_session_invalid_parameter_is_refused(
    client: stripe.StripeClient, changes: dict[str, Any], code: str | None, param: str
) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.checkout.sessions.create(session(**changes))
    assert (refused.value.code, refused.value.param) == (code, param)


def test_simulated_intent_payment_method_types_are_refused(client: stripe.StripeClient) -> None:
    params: Any = {"amount": 500, "currency": "usd", "payment_method_types": ["card_present"]}
    with pytest.raises(stripe.InvalidRequestError, match="allowed_payment_method_types"):
        client.v1.payment_intents.create(params)


def test_simulated_call_not_implemented_is_reported(client: stripe.StripeClient) -> None:
    with pytest.raises(stripe.APIError, match="does not answer"):
        client.v1.customers.list()


def test_simulated_call_unknown_is_not_found(desk: Desk) -> None:
    answer = desk.web.get("/v1/nothing", headers={"Authorization": f"Bearer {desk.secret_key}"})
    assert answer.status_code == 404


def test_simulated_call_other_api_version_is_refused(desk: Desk) -> None:
    headers = {"Authorization": f"Bearer {desk.secret_key}", "Stripe-Version": "2024-06-20"}
    assert desk.web.get("/v1/account", headers=headers).status_code == 400


@pytest.mark.parametrize("pairs", [[("a[", "1")], [("a", "1"), ("a[b]", "2")], [("a", "1"), ("a", "2")], [("", "1")]])
def test_simulated_form_malformed_is_refused(pairs: list[tuple[str, str]]) -> None:
    with pytest.raises(Refused):
        decode(pairs)


def test_simulated_form_nested_keys_are_decoded() -> None:
    pairs = [("a[0][b]", "1"), ("a[1][b]", "2"), ("c[]", "x"), ("c[]", "y"), ("d", "")]
    assert decode(pairs) == {"a": {"0": {"b": "1"}, "1": {"b": "2"}}, "c": {"0": "x", "1": "y"}, "d": ""}


def test_simulator_answer_with_unknown_field_is_found() -> None:
    wrong = {"object": "refund", "id": "re_1", "amount": "12", "created": 1, "currency": "usd", "invented": 1}
    assert faults_in(wrong) == [
        "refund.invented: not a field of the SDK's Refund",
        "refund.amount: expected int",
    ]
    assert "missing" in faults_in({"object": "balance_transaction"})[0]
