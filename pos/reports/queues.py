"""Stripe's messages and the outbox as somebody who looks after them sees them; and the figures a monitor asks for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import String, and_, func, literal, select
from sqlalchemy.orm import Session

from pos.core import clock
from pos.core.outbox import OutboxMessage
from pos.core.paging.window import Window
from pos.domain.payments.attempt_states import ACTIVE, UNKNOWN
from pos.domain.payments.models import (
    PaymentAttempt,
    WebhookEvent,
    WebhookRefusal,
)

# Kinds of messages by the beginnings of Stripe's words for them.
KINDS: dict[str, tuple[str, ...]] = {
    "payments": ("payment_intent.", "checkout.", "charge.succeeded", "charge.failed", "charge.updated"),
    "readers": ("terminal.",),
    "refunds": ("refund.", "charge.refund"),
    "disputes": ("charge.dispute.",),
    "payouts": ("payout.",),
}
REFUSALS_FOR = timedelta(days=7)


@dataclass(frozen=True)
class Message:
    """One message: what became of it is `done`, `waits`, `trying` (it failed before) or `dead`."""

    event_id: str
    type: str
    object_id: str
    created_at: datetime
    received_at: datetime
    became: str
    attempts: int
    error: str | None


@dataclass(frozen=True)
class DeadLetter:
    """Something the outbox gave up: its topic, when it began, the last reason."""

    message_id: UUID
    topic: str
    created_at: datetime
    attempts: int
    error: str


@dataclass(frozen=True)
class Refused:
    """Messages refused on one day."""

    on: date
    why: str
    times: int
    last_at: datetime


def inbox(session: Session, *, kind: str = "", search: str = "", became: str = "", window: Window) -> list[Message]:
    """Messages newest first; `kind` is one of KINDS, `search` a part of the object or the type."""
    acted = OutboxMessage.key == literal("webhook:", String) + WebhookEvent.event_id
    query = select(WebhookEvent, OutboxMessage).outerjoin(OutboxMessage, acted)
    if kind in KINDS:
        beginnings = [WebhookEvent.type.startswith(word, autoescape=True) for word in KINDS[kind]]
        condition = beginnings[0]
        for beginning in beginnings[1:]:
            condition |= beginning
        query = query.where(condition)
    if search:
        query = query.where(
            WebhookEvent.object_id.contains(search, autoescape=True)
            | WebhookEvent.type.contains(search, autoescape=True)
            | (WebhookEvent.event_id == search)
        )
    if became == "open":
        query = query.where(OutboxMessage.state == "pending")
    elif became == "dead":
        query = query.where(OutboxMessage.state == "dead")
    found = session.execute(window.of(query, (WebhookEvent.received_at, WebhookEvent.event_id))).all()
    return [_message(event, acted_on) for event, acted_on in window.in_order(found)]


def _message(event: WebhookEvent, acted_on: OutboxMessage | None) -> Message:
    state = acted_on.state if acted_on else "done"
    attempts = acted_on.attempts if acted_on else 0
    became = {"done": "done", "dead": "dead"}.get(state) or ("trying" if attempts else "waits")
    return Message(
        event_id=event.event_id,
        type=event.type,
        object_id=event.object_id,
        created_at=event.created_at,
        received_at=event.received_at,
        became=became,
        attempts=attempts,
        error=acted_on.last_error if acted_on and state != "done" else None,
    )


def dead_letters(session: Session, limit: int = 200) -> list[DeadLetter]:
    """What the outbox gave up after its last try, oldest first."""
    query = (
        select(OutboxMessage)
        .where(OutboxMessage.state == "dead")
        .order_by(OutboxMessage.created_at, OutboxMessage.id)
        .limit(limit)
    )
    return [
        DeadLetter(row.id, row.topic, row.created_at, row.attempts, row.last_error or "")
        for row in session.scalars(query)
    ]


def refused(session: Session) -> list[Refused]:
    """Messages refused in the last days, newest day first."""
    since = (clock.now() - REFUSALS_FOR).date()
    query = (
        select(WebhookRefusal)
        .where(WebhookRefusal.refused_on >= since)
        .order_by(WebhookRefusal.refused_on.desc(), WebhookRefusal.why)
    )
    return [Refused(row.refused_on, row.why, row.times, row.last_at) for row in session.scalars(query)]


@dataclass(frozen=True)
class Figures:
    """What a monitor asks for. Ages are in seconds, 0 where nothing waits; `refusals` are all there ever were, by reason."""

    open_attempts: int
    in_doubt: int
    oldest_open_seconds: float
    inbox_backlog: int
    outbox_backlog: int
    outbox_lag_seconds: float
    dead_letters: int
    refusals: dict[str, int]


def figures(session: Session) -> Figures:
    """The figures as they stand, in four questions."""
    now = clock.now()
    active = PaymentAttempt.state.in_(ACTIVE)
    doubt = PaymentAttempt.state == UNKNOWN
    open_attempts, in_doubt, oldest = session.execute(
        select(func.count(), func.count().filter(doubt), func.min(PaymentAttempt.created_at))
        .select_from(PaymentAttempt)
        .where(active)
    ).one()
    pending = OutboxMessage.state == "pending"
    # A message that is not due yet does not wait: `webhook-again` is due on purpose only later.
    due = and_(pending, OutboxMessage.due_at <= now)
    hook = and_(due, OutboxMessage.topic == "webhook")
    backlog, hooks, oldest_due = session.execute(
        select(func.count(), func.count().filter(hook), func.min(OutboxMessage.due_at))
        .select_from(OutboxMessage)
        .where(due)
    ).one()
    dead = session.scalar(select(func.count()).select_from(OutboxMessage).where(OutboxMessage.state == "dead")) or 0
    refusals = session.execute(select(WebhookRefusal.why, func.sum(WebhookRefusal.times)).group_by(WebhookRefusal.why))
    counted = dict.fromkeys(("forged", "other_mode", "other_version"), 0)
    counted.update({why: int(times) for why, times in refusals})

    def age(since: datetime | None) -> float:
        return max(0.0, (now - since).total_seconds()) if since else 0.0

    return Figures(open_attempts, in_doubt, age(oldest), hooks, backlog, age(oldest_due), dead, counted)
