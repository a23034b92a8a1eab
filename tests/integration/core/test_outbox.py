"""The outbox: written with the commit, claimed by one worker, tried again with patience, dead in the end."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from pos.core import clock, outbox
from pos.core.database.base import engine
from pos.core.database.unit_of_work import unit_of_work
from pos.core.outbox import CLAIM_SECONDS, MOST_ATTEMPTS, OutboxMessage

record = unit_of_work(outbox.record)
claim = unit_of_work(outbox.claim)
finish = unit_of_work(outbox.finish)
fail = unit_of_work(outbox.fail)


def only_message() -> OutboxMessage:
    with Session(engine()) as session:
        return session.scalars(select(OutboxMessage)).one()


def test_outbox_rolled_back_transaction_leaves_no_message(context: Flask) -> None:
    @unit_of_work
    def action(session: Session) -> None:
        outbox.record(session, "mail", {})
        session.flush()
        raise RuntimeError("power cut")

    with pytest.raises(RuntimeError):
        action()
    assert claim() is None


def test_outbox_message_is_claimed_once_and_finished(context: Flask, frozen: datetime) -> None:
    record("mail", {"to": "ana"})
    message = claim()
    assert message is not None
    assert (message.topic, message.payload, message.attempts) == ("mail", {"to": "ana"}, 1)
    assert claim() is None
    finish(message.id, message.attempts)
    assert only_message().state == "done"
    with clock.at(frozen + timedelta(days=1)):
        assert claim() is None


def test_outbox_message_of_dead_worker_is_claimed_again(context: Flask, frozen: datetime) -> None:
    record("mail", {})
    assert claim() is not None
    with clock.at(frozen + timedelta(seconds=CLAIM_SECONDS - 1)):
        assert claim() is None
    with clock.at(frozen + timedelta(seconds=CLAIM_SECONDS)):
        again = claim()
    assert again is not None
    assert again.attempts == 2


def test_outbox_message_is_not_claimed_before_due(context: Flask, frozen: datetime) -> None:
    record("polling job", {}, due_at=frozen + timedelta(minutes=5))
    assert claim() is None
    with clock.at(frozen + timedelta(minutes=5)):
        assert claim() is not None


def test_outbox_failures_wait_longer_and_end_as_dead(context: Flask, frozen: datetime) -> None:
    record("mail", {})
    now, waits = frozen, []
    for _ in range(MOST_ATTEMPTS):
        with clock.at(now):
            message = claim()
            assert message is not None
            fail(message.id, message.attempts, "the mail server said no")
            waits.append(only_message().due_at - now)
            now = only_message().due_at
    assert waits == sorted(waits)
    assert waits[0] == timedelta(seconds=2)
    assert max(waits) <= timedelta(hours=1)
    dead = only_message()
    assert (dead.state, dead.attempts, dead.last_error) == ("dead", MOST_ATTEMPTS, "the mail server said no")
    with clock.at(now + timedelta(days=1)):
        assert claim() is None


def test_outbox_two_workers_never_claim_same_message(context: Flask) -> None:
    for number in range(40):
        record("mail", {"number": number})
    barrier = threading.Barrier(2)
    claimed: list[list[int]] = [[], []]

    def worker(mine: list[int]) -> None:
        with context.app_context():
            barrier.wait()
            while message := claim():
                mine.append(message.payload["number"])

    threads = [threading.Thread(target=worker, args=(mine,)) for mine in claimed]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(claimed[0] + claimed[1]) == list(range(40))


def test_outbox_slow_worker_finishes_only_its_own_claim(context: Flask, frozen: datetime) -> None:
    record("mail", {"number": 1})
    record("mail", {"number": 2})
    slow = claim()
    assert slow is not None
    other = claim()
    assert other is not None
    assert other.payload != slow.payload  # the slow worker held one message, not both
    with clock.at(frozen + timedelta(seconds=CLAIM_SECONDS)):
        again = claim()
        assert again is not None
        finish(slow.id, slow.attempts)
        fail(slow.id, slow.attempts, "too late")
        with Session(engine()) as session:
            kept = session.get_one(OutboxMessage, slow.id)
            assert (kept.state, kept.attempts, kept.last_error) == ("pending", 2, None)
