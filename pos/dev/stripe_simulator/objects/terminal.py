"""What happens at a reader: the customer taps, is declined or cancels; somebody pulls the plug or the line drops."""

from __future__ import annotations

from pos.dev.stripe_simulator.context import Context
from pos.dev.stripe_simulator.errors import ApiError
from pos.dev.stripe_simulator.objects import payments
from pos.dev.stripe_simulator.objects.declines import Decline
from pos.dev.stripe_simulator.provenance import documented, inferred
from pos.dev.stripe_simulator.state.store import Json


def action_in_progress(reader: Json) -> Json | None:
    """The action the reader is busy with, if any."""
    action: Json | None = reader["action"]
    return action if action and action["status"] == "in_progress" else None


def asks_for_tip(reader: Json) -> int | None:
    """The amount tips are reckoned from when the reader is to ask, in minor units; None when it is not."""
    action = action_in_progress(reader)
    config = (action or {}).get("process_payment_intent", {}).get("process_config") or {}
    if config.get("skip_tipping"):
        return None
    eligible: int | None = (config.get("tipping") or {}).get("amount_eligible")
    return eligible or None


def may_cancel(reader: Json) -> bool:
    """Whether the reader shows the customer a cancel button."""
    action = action_in_progress(reader)
    config = (action or {}).get("process_payment_intent", {}).get("process_config") or {}
    return bool(config.get("enable_customer_cancellation"))


def _busy(world: Context, reader_id: str) -> tuple[Json, Json, Json]:
    reader = world.find("terminal.reader", reader_id)
    if reader["status"] != "online":
        raise ApiError(400, "The reader is unplugged.", code="terminal_reader_offline")
    action = action_in_progress(reader)
    if action is None:
        raise ApiError(400, "The reader is not waiting for a card.", code="no_reader_action")
    intent = world.find("payment_intent", action["process_payment_intent"]["payment_intent"])
    return reader, action, intent


def is_at_the_bank(reader: Json) -> bool:
    """Whether a card is being authorised at this reader right now."""
    return action_in_progress(reader) is not None and bool(reader.get("_at_the_bank"))


@documented("While a card is authorised the reader cannot be told to stop: cancel_action answers busy.")
def present(world: Context, reader_id: str, *, tip: int = 0) -> Json:
    """The customer holds a card to the reader and the bank is asked; raises ApiError when no card is awaited."""
    with world.store.transaction():
        reader, _, _ = _busy(world, reader_id)
        _check_tip(reader, tip)
        return world.store.put(reader | {"_at_the_bank": {"tip": tip}})


def _check_tip(reader: Json, tip: int) -> None:
    if tip < 0 or (tip and asks_for_tip(reader) is None):
        raise ApiError(400, "The reader does not ask for a tip on this payment.", code="tip_not_asked")


def _end(world: Context, reader: Json, status: str, code: str | None = None, message: str | None = None) -> Json:
    reader["_at_the_bank"] = None
    reader["action"] |= {"status": status, "failure_code": code, "failure_message": message}
    reader["last_seen_at"] = world.now() * 1000
    world.store.put(reader)
    world.tell(f"terminal.reader.action_{status}", reader)
    return reader


@documented("A tip chosen on the reader is added to the intent's amount and kept in amount_details.tip.")
def tap(world: Context, reader_id: str, *, tip: int = 0) -> Json:
    """The customer's card is accepted, with a tip in minor units; raises ApiError when no card is awaited."""
    with world.store.transaction():
        reader, _, intent = _busy(world, reader_id)
        tip = tip or (reader.get("_at_the_bank") or {}).get("tip", 0)
        _check_tip(reader, tip)
        if intent["status"] != "requires_payment_method":
            return _give_up(world, reader)
        payments.charge(world, intent, "card_present", tip=tip)
        return _end(world, reader, "succeeded")


@inferred("A card held against a reader whose intent was canceled meanwhile fails the action and charges nothing.")
def _give_up(world: Context, reader: Json) -> Json:
    return _end(world, reader, "failed", "intent_invalid_state", "The payment can no longer be taken.")


@documented("A decline fails the action with the bank's code and sends the intent back for another card.")
def decline(world: Context, reader_id: str, reason: Decline) -> Json:
    """The bank refuses the card at the reader; raises ApiError when no card is awaited."""
    with world.store.transaction():
        reader, action, intent = _busy(world, reader_id)
        if intent["status"] != "requires_payment_method":
            return _give_up(world, reader)
        intent = payments.decline(world, intent, "card_present", reason)
        error = {key: value for key, value in reason.error(intent["latest_charge"]).error.items() if value is not None}
        action["api_error"] = error
        return _end(world, reader, "failed", reason.code, reason.message)


@documented("The customer's cancel button fails the action with customer_canceled.")
def cancel(world: Context, reader_id: str) -> Json:
    """The customer presses cancel; raises ApiError when the reader shows no such button."""
    with world.store.transaction():
        reader, _, _ = _busy(world, reader_id)
        if not may_cancel(reader) or is_at_the_bank(reader):
            raise ApiError(400, "The reader shows no cancel button on this payment.", code="cancel_not_offered")
        return _end(world, reader, "failed", "customer_canceled", "The customer canceled the payment.")


@documented("connection_error: the reader lost the line while the bank was asked, and the money may have moved.")
def lose_line(world: Context, reader_id: str) -> Json:
    """The card is charged, but the reader never hears it and reports connection_error."""
    with world.store.transaction():
        reader, _, intent = _busy(world, reader_id)
        if intent["status"] != "requires_payment_method":
            return _give_up(world, reader)
        payments.charge(world, intent, "card_present")
        return _end(world, reader, "failed", "connection_error", "The reader lost its connection.")


@documented("A reader that drops out sends nothing: its action stays in progress.")
def unplug(world: Context, reader_id: str, *, charged: bool = False) -> Json:
    """The reader goes offline, whatever it was doing; `charged`: the bank had taken the card's money by then."""
    with world.store.transaction():
        if charged:
            reader, _, intent = _busy(world, reader_id)
            if intent["status"] == "requires_payment_method":
                payments.charge(world, intent, "card_present", tip=(reader.get("_at_the_bank") or {}).get("tip", 0))
        reader = world.find("terminal.reader", reader_id)
        world.store.put(reader | {"_at_the_bank": None})
        return _set_status(world, reader_id, "offline")


@inferred("A reader that comes back shows the payment it was given before.")
def plug(world: Context, reader_id: str) -> Json:
    """The reader comes back online."""
    return _set_status(world, reader_id, "online")


def _set_status(world: Context, reader_id: str, status: str) -> Json:
    with world.store.transaction():
        reader = world.find("terminal.reader", reader_id)
        reader |= {"status": status}
        if status == "online":
            reader["last_seen_at"] = world.now() * 1000
        return world.store.put(reader)


def register(
    world: Context, label: str, *, location: str | None = None, metadata: dict[str, str] | None = None
) -> Json:
    """A new reader, online and idle."""
    with world.store.transaction():
        number = len(world.store.all("terminal.reader")) + 1
        return world.store.put(
            {
                "id": world.new_id("tmr"),
                "object": "terminal.reader",
                "action": None,
                "device_sw_version": "2.42.0.0",
                "device_type": "simulated_wisepos_e",
                "ip_address": "127.0.0.1",
                "label": label,
                "last_seen_at": world.now() * 1000,
                "livemode": False,
                "location": location,
                "metadata": metadata or {},
                "serial_number": f"simulated-{number:04}",
                "status": "online",
            }
        )
