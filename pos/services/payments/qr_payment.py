"""Paying by QR code at the desk: Stripe's page behind a code, open for a while, paid once, closed when nobody comes."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.orm import Session

from pos.core.app_context import settings
from pos.core.database.base import reading
from pos.core.database.unit_of_work import unit_of_work
from pos.core.messages.payments import QR_CODE_NOT_MADE
from pos.domain.locations.queries import place
from pos.domain.payments import repository as payments
from pos.domain.payments.attempt_states import DECLINED, FINAL, PENDING
from pos.domain.sales.models import Order
from pos.integrations.stripe.current import gateway, is_current_mode
from pos.integrations.stripe.types import CheckoutLine, CheckoutOpened, CheckoutRequest
from pos.services.checkout.place_order import attempt_needed
from pos.services.payments.apply_outcome import apply_outcome, record_stripe_ids
from pos.services.payments.payment_state import PaymentState, payment_state
from pos.services.payments.trial_completion import require_completable


@unit_of_work
def _no_page(session: Session, attempt_id: UUID, reason: str) -> None:
    """Nobody was given the address, so nothing is in doubt: the desk may ask again under the same key, or stop."""
    attempt = payments.locked_attempt(session, attempt_id)
    if attempt.session_id is None and payments.move_attempt(attempt, DECLINED):
        attempt.reason_code, attempt.sentence = reason, QR_CODE_NOT_MADE


def open_page(order_id: UUID) -> PaymentState:
    """Open the page behind the code; asking again, under the same key, leads to the same page.

    Raises what `require_completable` raises; no page is opened then.
    """
    session = reading()
    attempt = attempt_needed(session, order_id)
    order = session.get_one(Order, order_id)
    is_open = attempt.state not in FINAL and attempt.session_id is None and is_current_mode(attempt.mode)
    if attempt.kind != "checkout" or order.desk_id is None or not is_open:
        return payment_state(session, order_id)
    require_completable(order_id)
    session = reading()
    attempt, order = attempt_needed(session, order_id), session.get_one(Order, order_id)
    if attempt.state in FINAL:
        return payment_state(session, order_id)
    assert attempt.expires_at is not None
    back = f"{settings().base_url}/shop/{place(session, order.location_id).slug}/at-desk"
    request = CheckoutRequest(
        order_id=str(order_id),
        currency=attempt.currency,
        lines=(CheckoutLine(place(session, order.location_id).clinic_name, attempt.amount_minor),),
        success_url=f"{back}?paid=1",
        cancel_url=back,
        expires_at=attempt.expires_at,
        metadata={"order_id": str(order_id)},
    )
    key, attempt_id = attempt.key, attempt.id
    made = gateway().open_checkout(request, key=key)
    if isinstance(made, CheckoutOpened):
        record_stripe_ids(attempt_id, made)
    else:
        apply_outcome(order_id, made, attempt_id=attempt_id)
        _no_page(attempt_id, "no_code")
    return payment_state(reading(), order_id)


def page_of_code(short_code: str) -> str | None:
    """The address of Stripe's page behind a code that was typed; None when it is over, paid or never was."""
    session = reading()
    attempt = payments.attempt_by_code(session, short_code)
    if attempt is None or attempt.state != PENDING or attempt.session_url is None:
        return None
    return attempt.session_url
