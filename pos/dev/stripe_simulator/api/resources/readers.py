"""Terminal readers: registered by code, handed an intent, asked to stop."""

from __future__ import annotations

from pos.dev.stripe_simulator.api.lists import page
from pos.dev.stripe_simulator.api.metadata import merged
from pos.dev.stripe_simulator.api.routing import Call, handles
from pos.dev.stripe_simulator.errors import ApiError
from pos.dev.stripe_simulator.faults import strike
from pos.dev.stripe_simulator.objects import terminal
from pos.dev.stripe_simulator.provenance import documented, inferred
from pos.dev.stripe_simulator.state.store import Json

_REFUSALS = {
    "reader_offline": (
        "terminal_reader_offline",
        "Reader is currently offline, please ensure the reader is powered on and connected to the internet before "
        "retrying your request.",
    ),
    "reader_busy": ("terminal_reader_busy", "Reader is currently busy processing another request."),
    "reader_timeout": ("terminal_reader_timeout", "The reader did not answer in time. Retry the request."),
    "reader_false_timeout": ("terminal_reader_timeout", "The reader did not answer in time. Retry the request."),
}


@handles("post", "/v1/terminal/readers")
@documented("A reader is registered with the code it shows; codes beginning with simulated make a simulated one.")
def create(call: Call) -> Json:
    """A new reader, online."""
    params = call.params
    code = params["registration_code"]
    if not code.startswith("simulated-"):
        raise ApiError(
            400, f"No reader shows the registration code {code}.", code="resource_missing", param="registration_code"
        )
    metadata = merged({}, params.get("metadata"))
    return terminal.register(
        call.world, params.get("label") or code, location=params.get("location"), metadata=metadata
    )


@handles("post", "/v1/terminal/readers/{}")
@documented("A reader takes another label and other metadata, whatever it is doing.")
def update(call: Call) -> Json:
    """Name a reader."""
    reader = call.world.find("terminal.reader", call.ids[0], "reader")
    if "label" in call.params:
        reader["label"] = call.params["label"] or reader["serial_number"]
    reader["metadata"] = merged(reader["metadata"], call.params.get("metadata"))
    return call.world.store.put(reader)


@handles("get", "/v1/terminal/readers/{}")
@documented("A reader by its id, with the latest action it was given.")
def retrieve(call: Call) -> Json:
    """One reader."""
    return call.world.find("terminal.reader", call.ids[0], "reader")


@handles("get", "/v1/terminal/readers")
@documented("Readers by status, kind, location and serial number.")
def list_(call: Call) -> Json:
    """Readers in pages."""
    names = ("device_type", "location", "serial_number", "status")
    wanted = {name: call.params[name] for name in names if name in call.params}
    found = [
        reader
        for reader in call.world.store.all("terminal.reader")
        if all(reader[name] == value for name, value in wanted.items())
    ]
    return page("/v1/terminal/readers", found, call.params)


@handles("post", "/v1/terminal/readers/{}/process_payment_intent")
@documented("The same intent may be sent again to change what the reader shows; an intent that is done is refused.")
def process_payment_intent(call: Call) -> Json:
    """Hand an intent to a reader."""
    world, params = call.world, call.params
    reader = retrieve(call)
    fault = strike(world.store, "reader", f"/v1/terminal/readers/{reader['id']}/process_payment_intent", "post")
    _must_be_online(reader)
    if fault and fault != "reader_false_timeout":
        raise _refusal(fault)
    intent = world.find("payment_intent", params["payment_intent"], "payment_intent")
    _must_be_free(reader, intent)
    if "card_present" not in intent["payment_method_types"]:
        raise ApiError(
            400, "The PaymentIntent must allow card_present to be processed by a reader.", param="payment_intent"
        )
    if intent["status"] != "requires_payment_method":
        raise ApiError(
            400,
            f"The PaymentIntent has a status of {intent['status']} and cannot be processed by a reader.",
            code="intent_invalid_state",
            param="payment_intent",
        )
    config = params.get("process_config") or {}
    reader["action"] = {
        "type": "process_payment_intent",
        "status": "in_progress",
        "failure_code": None,
        "failure_message": None,
        "api_error": None,
        "process_payment_intent": {"payment_intent": intent["id"], "process_config": config or None},
    }
    reader["last_seen_at"] = world.now() * 1000
    world.store.put(reader)
    if fault:
        late = _refusal(fault)
        late.keeps_effects = True
        raise late
    return reader


@handles("post", "/v1/terminal/readers/{}/cancel_action")
@documented("The reader goes back to idle with no action, and nothing is sent; offline readers cannot be told.")
def cancel_action(call: Call) -> Json:
    """Ask a reader to stop."""
    world = call.world
    reader = retrieve(call)
    fault = strike(world.store, "reader", f"/v1/terminal/readers/{reader['id']}/cancel_action", "post")
    if fault and fault != "reader_false_timeout":
        raise _refusal(fault)
    _must_be_online(reader)
    if terminal.is_at_the_bank(reader):
        raise _refusal("reader_busy")
    if terminal.action_in_progress(reader):
        reader["action"] = None
        world.store.put(reader)
    return reader


def _refusal(fault: str) -> ApiError:
    code, message = _REFUSALS[fault]
    return ApiError(400, message, code=code)


def _must_be_online(reader: Json) -> None:
    if reader["status"] != "online":
        raise _refusal("reader_offline")


@inferred("A reader that waits for a card on one intent refuses another as busy.")
def _must_be_free(reader: Json, intent: Json) -> None:
    action = terminal.action_in_progress(reader)
    if terminal.is_at_the_bank(reader):
        raise _refusal("reader_busy")
    if action and action["process_payment_intent"]["payment_intent"] != intent["id"]:
        raise _refusal("reader_busy")
