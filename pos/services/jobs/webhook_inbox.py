"""Stripe's messages: taken in or refused at the door, replayed; and what the outbox gave up, tried again or put aside."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.orm import Session

from pos.core import audit, outbox
from pos.core.database.unit_of_work import unit_of_work
from pos.core.errors import Conflict, Invalid, NotFound
from pos.core.i18n.sanitize import printable
from pos.core.ids import new_id
from pos.core.messages.reconciliation import EVENT_NOT_GIVEN_UP, EVENT_NOTE_MISSING_OR_LONG, NO_SUCH_EVENT
from pos.domain.payments import webhook_log
from pos.domain.payments.models import WebhookEvent
from pos.integrations.stripe.current import gateway
from pos.integrations.stripe.types import BadSignature
from pos.services.jobs.event_handlers import take_in

MOST_WORDS = 200


def receive(raw_body: bytes, signature: str) -> None:
    """Take a message in, once; a forged one, or one of another mode or version, is counted and refused.

    Raises BadSignature, Invalid.
    """
    try:
        take_in(gateway().read_event(raw_body, signature))
    except BadSignature:
        _count_refusal("forged")
        raise
    except Invalid as refused:
        _count_refusal(str(refused.extra.get("why", "other")))
        raise


_count_refusal = unit_of_work(webhook_log.note_refusal)


@unit_of_work
def replay(session: Session, *, event_id: str, staff_id: UUID) -> None:
    """Act once more on a message from the inbox: its object is fetched anew, so nothing is done twice. Raises NotFound."""
    event = session.get(WebhookEvent, event_id)
    if event is None:
        raise NotFound(NO_SUCH_EVENT)
    facts = {"object_id": event.object_id, "type": event.type}
    outbox.record(session, "webhook", facts, key=f"webhook-replay:{new_id()}")
    audit.note(session, "messages.replayed", actor_id=staff_id, event=event_id, type=event.type)


def _not_dead(session: Session, message_id: UUID) -> NotFound | Conflict:
    if session.get(outbox.OutboxMessage, message_id) is None:
        return NotFound(NO_SUCH_EVENT)
    return Conflict(EVENT_NOT_GIVEN_UP)


@unit_of_work
def try_again(session: Session, *, message_id: UUID, staff_id: UUID) -> None:
    """Let the worker try a message it had given up; raises NotFound, or Conflict when it is not dead."""
    if not outbox.again(session, message_id):
        raise _not_dead(session, message_id)
    audit.note(session, "messages.tried_again", actor_id=staff_id, subject_id=message_id)


@unit_of_work
def put_aside(session: Session, *, message_id: UUID, staff_id: UUID, why: str) -> None:
    """Let a message the worker had given up rest for good; raises Invalid without a reason, NotFound, Conflict."""
    why = printable(why, MOST_WORDS + 1)
    if len(why) < 3 or len(why) > MOST_WORDS:
        raise Invalid(EVENT_NOTE_MISSING_OR_LONG(most=MOST_WORDS), field="why")
    if not outbox.put_aside(session, message_id, why):
        raise _not_dead(session, message_id)
    audit.note(session, "messages.put_aside", actor_id=staff_id, subject_id=message_id, why=why)
