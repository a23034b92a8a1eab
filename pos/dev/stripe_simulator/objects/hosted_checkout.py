"""What a customer does on the hosted checkout page: pay, be declined; and what time does: expire."""

from __future__ import annotations

from pos.dev.stripe_simulator.context import Context
from pos.dev.stripe_simulator.errors import ApiError
from pos.dev.stripe_simulator.objects import payments
from pos.dev.stripe_simulator.objects.declines import DECLINES, Decline
from pos.dev.stripe_simulator.provenance import documented, inferred
from pos.dev.stripe_simulator.state.store import Json


def _open(world: Context, session_id: str) -> Json:
    session = world.find("checkout.session", session_id)
    if session["status"] != "open":
        raise ApiError(400, f"This checkout is {session['status']}.", code="checkout_session_not_open")
    return session


@documented("The intent of a session is made when the customer first submits the page, with the session's metadata.")
def _intent(world: Context, session: Json) -> Json:
    if session["payment_intent"]:
        return world.find("payment_intent", session["payment_intent"])
    data = session["_intent_data"]
    intent = payments.new_intent(
        world,
        amount=session["amount_total"],
        currency=session["currency"],
        means=["card"],
        metadata=data.get("metadata", {}),
        description=data.get("description"),
        receipt_email=data.get("receipt_email"),
        capture_method=data.get("capture_method", "automatic_async"),
        _session=session["id"],
    )
    session["payment_intent"] = intent["id"]
    return intent


@documented("Paying completes the session: status complete, payment_status paid, no page any more.")
def pay(world: Context, session_id: str, email: str | None = None) -> Json:
    """The customer pays; gives the completed session. Raises ApiError when it is not open."""
    with world.store.transaction():
        session = _open(world, session_id)
        if session["amount_total"]:
            payments.charge(world, _intent(world, session), "card")
        session |= {
            "status": "complete",
            "payment_status": "paid" if session["amount_total"] else "no_payment_required",
            "url": None,
            "customer_details": _customer(session["customer_email"] or email),
        }
        world.store.put(session)
        world.tell("checkout.session.completed", session)
    return session


def offers_debit(session: Json) -> bool:
    """Whether this page lets a customer pay from a bank account."""
    return bool(set(session["allowed_payment_method_types"] or ()) - {"card"})


@documented("A bank debit completes the session unpaid; its intent is processing until the bank answers, days later.")
def debit(world: Context, session_id: str, email: str | None = None) -> Json:
    """The customer agrees to a debit; gives the session, complete and unpaid. Raises ApiError when it is not offered."""
    with world.store.transaction():
        session = _open(world, session_id)
        if not offers_debit(session):
            raise ApiError(400, "This page takes cards only.", code="payment_method_unavailable")
        intent = _intent(world, session)
        payments.move(intent, "processing")
        world.store.put(intent)
        session |= {
            "status": "complete",
            "payment_status": "unpaid",
            "url": None,
            "customer_details": _customer(session["customer_email"] or email),
        }
        world.store.put(session)
        world.tell("payment_intent.processing", intent)
        world.tell("checkout.session.completed", session)
    return session


@documented(
    "The bank's answer comes as async_payment_succeeded or async_payment_failed; a failed session stays unpaid."
)
def bank_answers(world: Context, session_id: str, *, paid: bool) -> Json:
    """The bank pays a debit or refuses it; raises ApiError when no debit is under way."""
    with world.store.transaction():
        session = world.find("checkout.session", session_id)
        intent = world.store.get(session["payment_intent"] or "", "payment_intent")
        if intent is None or intent["status"] != "processing":
            raise ApiError(400, "No bank is being asked for this checkout.", code="no_debit")
        if paid:
            payments.charge(world, intent, "bank_debit")
            session |= {"payment_status": "paid"}
        else:
            payments.decline(world, intent, "bank_debit", DECLINES["insufficient_funds"])
        world.store.put(session)
        world.tell(f"checkout.session.async_payment_{'succeeded' if paid else 'failed'}", session)
    return session


@documented("A declined card leaves the session open, so the customer may try another.")
def decline(world: Context, session_id: str, reason: Decline) -> Json:
    """The bank refuses; gives the session, still open. Raises ApiError when it is not open."""
    with world.store.transaction():
        session = _open(world, session_id)
        intent = _intent(world, session)
        world.store.put(session)
        payments.decline(world, intent, "card", reason)
    return session


@documented("An expired session can no longer be paid; its unfinished intent is canceled.")
def expire(world: Context, session: Json) -> Json:
    """End an open session unpaid; gives it, expired and told."""
    session |= {"status": "expired", "url": None}
    world.store.put(session)
    if session["payment_intent"]:
        intent = world.find("payment_intent", session["payment_intent"])
        if intent["status"] == "requires_payment_method":
            payments.cancel(world, intent, "automatic")
    world.tell("checkout.session.expired", session)
    return session


@inferred("A session expires at its time even when nobody asks; here the next request or tick notices.")
def expire_overdue(world: Context) -> None:
    """Expire every open session whose time has come."""
    with world.store.transaction():
        overdue = world.store.run(
            "SELECT id FROM object WHERE kind = 'checkout.session' AND json_extract(body, '$.status') = 'open' "
            "AND json_extract(body, '$.expires_at') <= ?",
            world.now(),
        )
        for row in overdue:
            expire(world, world.find("checkout.session", row["id"]))


def _customer(email: str | None) -> Json:
    return {
        "address": dict.fromkeys(("city", "country", "line1", "line2", "postal_code", "state")),
        "business_name": None,
        "email": email,
        "individual_name": None,
        "name": None,
        "phone": None,
        "tax_exempt": "none",
        "tax_ids": [],
    }
