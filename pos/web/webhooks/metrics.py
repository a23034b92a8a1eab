"""Figures for a monitor, in Prometheus' text format, for whoever knows METRICS_TOKEN. No amounts and nobody's name."""

from __future__ import annotations

import hmac

from flask import Blueprint, Response, request

from pos.core import clock
from pos.core.app_context import settings
from pos.core.database.base import reading
from pos.core.errors import NotFound, SignInNeeded
from pos.core.messages.general import METRICS_TOKEN_MISSING, NOTHING_AT_THIS_ADDRESS
from pos.reports.queues import Figures, figures
from pos.services.backup.schedule import backups_now
from pos.web.common.permissions import signed_by_sender

bp = Blueprint("metrics", __name__)


def _text(found: Figures) -> str:
    rows: tuple[tuple[str, str, float], ...] = (
        ("open_attempts", "Card payments whose outcome is still to come.", found.open_attempts),
        ("attempts_in_doubt", "Card payments whose outcome nobody knows at the moment.", found.in_doubt),
        (
            "oldest_open_attempt_seconds",
            "Age of the oldest card payment that is not settled.",
            found.oldest_open_seconds,
        ),
        ("webhook_backlog", "Messages from Stripe that are due and not acted on.", found.inbox_backlog),
        ("outbox_backlog", "Messages of the outbox that are due and not carried out.", found.outbox_backlog),
        ("outbox_lag_seconds", "For how long the oldest of them has been due.", found.outbox_lag_seconds),
        ("dead_letters", "Messages the outbox has given up.", found.dead_letters),
    )
    if (last := backups_now().last_at) is not None:
        age = int((clock.now() - last).total_seconds())
        rows = (*rows, ("backup_age_seconds", "Age of the last backup that the worker made.", age))
    lines = []
    for name, words, value in rows:
        lines += [
            f"# HELP tenderpoint_{name} {words}",
            f"# TYPE tenderpoint_{name} gauge",
            f"tenderpoint_{name} {value}",
        ]
    name = "tenderpoint_webhook_refusals_total"
    lines += [f"# HELP {name} Messages refused at the door, by reason.", f"# TYPE {name} counter"]
    lines += [f'{name}{{why="{why}"}} {times}' for why, times in sorted(found.refusals.items())]
    return "\n".join(lines) + "\n"


@bp.get("/metrics")
@signed_by_sender
def metrics() -> Response:
    """The figures as they stand; nothing is here without METRICS_TOKEN."""
    token = settings().metrics_token
    if token is None:
        raise NotFound(NOTHING_AT_THIS_ADDRESS)
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not hmac.compare_digest(given.encode(), token.encode()):
        raise SignInNeeded(METRICS_TOKEN_MISSING)
    return Response(_text(figures(reading())), content_type="text/plain; version=0.0.4; charset=utf-8")
