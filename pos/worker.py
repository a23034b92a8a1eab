"""The outbox runner: a thread of the web process by default, or `pos worker` beside several web processes."""

from __future__ import annotations

import logging
import threading
import time
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Flask
from sqlalchemy.orm import Session

from pos.core import clock, outbox
from pos.core.app_context import settings
from pos.core.database.base import db, reading
from pos.core.database.storage_errors import optional_write
from pos.core.database.unit_of_work import committed, unit_of_work
from pos.domain.locations.queries import places
from pos.services.backup.schedule import start_if_due
from pos.services.integrity.restored_copy import compare_with_stripe, note_heads
from pos.services.jobs.event_handlers import HANDLERS, poll_pending
from pos.services.jobs.nightly import run_due
from pos.services.mailer import carrying_out
from pos.services.saved_views.send import queue_due

log = logging.getLogger(__name__)

# How long the worker rests when nothing rings: messages of other processes are found this late at most.
REST_SECONDS = 2.0
POLL_SECONDS = 60.0


@unit_of_work
def _claim(session: Session) -> tuple[UUID, str, dict[str, Any], int] | None:
    message = outbox.claim(session)
    return (message.id, message.topic, message.payload, message.attempts) if message else None


_finish = unit_of_work(outbox.finish)
_fail = unit_of_work(outbox.fail)


def work_once() -> bool:
    """Carry out the message that is due longest; False when none is due. Needs an application context."""
    taken = _claim()
    if taken is None:
        return False
    message_id, topic, payload, attempts = taken
    try:
        with carrying_out(message_id):
            HANDLERS[topic](payload)
    except Exception as error:  # whatever a handler meets, the message is kept and tried again
        log.exception("outbox message %s (%s) failed, attempt %d", message_id, topic, attempts)
        db.session.rollback()
        _fail(message_id, attempts, f"{type(error).__name__}: {error}")
    else:
        _finish(message_id, attempts)
    finally:
        db.session.remove()
    return True


def _zone() -> ZoneInfo:
    """The time zone that BACKUP_AT is an hour of: that of the first location."""
    found = places(reading())
    return clock.zone(found[0].time_zone if found else "UTC")


def run(app: Flask, stop: threading.Event) -> None:
    """Work until `stop` is set: due messages at once; at the start and every minute a polling job over open
    payments, what a night has left to do, and the reports that are to be mailed.
    """
    next_poll = 0.0
    compared = False
    while not stop.is_set():
        try:
            with app.app_context():
                committed.clear()
                if time.monotonic() >= next_poll:
                    next_poll = time.monotonic() + POLL_SECONDS
                    if not compared:
                        compare_with_stripe()
                        compared = True
                    poll_pending()
                    run_due()
                    queue_due()
                    start_if_due(settings(), _zone())
                worked = work_once()
                with optional_write("the mark of the newest books"):
                    note_heads()
                if worked:
                    continue
        except Exception:  # the database may be away for a while; the worker must outlive that
            log.exception("the worker could not look at the outbox")
            stop.wait(REST_SECONDS)
        committed.wait(REST_SECONDS)


def start_thread(app: Flask) -> threading.Event:
    """Start the worker inside this process; set the event returned to stop it."""
    stop = threading.Event()
    threading.Thread(target=run, args=(app, stop), name="outbox", daemon=True).start()
    return stop
