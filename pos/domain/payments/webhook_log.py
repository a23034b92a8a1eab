"""What was refused at the door for Stripe's messages, counted by day."""

from __future__ import annotations

from sqlalchemy import update
from sqlalchemy.orm import Session

from pos.core import clock
from pos.domain.payments.models import WebhookRefusal


def note_refusal(session: Session, why: str) -> None:
    """Count one refused message; `why` is `forged`, `other_mode` or `other_version`."""
    now = clock.now()
    today = (WebhookRefusal.refused_on == now.date()) & (WebhookRefusal.why == why)
    counted = update(WebhookRefusal).where(today).values(times=WebhookRefusal.times + 1, last_at=now)
    if session.scalar(counted.returning(WebhookRefusal.times)) is None:
        session.add(WebhookRefusal(refused_on=now.date(), why=why, times=1, last_at=now))
