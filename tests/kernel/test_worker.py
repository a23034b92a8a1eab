"""The worker rests when there is nothing to do, and is woken by a commit that leaves a message."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from pos.checkout import reactions
from pos.kernel import outbox
from pos.kernel.unit_of_work import committed, unit_of_work
from pos.worker import work_once


@unit_of_work
def leave_message(session: Session) -> None:
    outbox.record(session, "noted", {"n": 1})


def test_looking_at_an_empty_outbox_does_not_wake_the_worker_again(context: Flask) -> None:
    committed.clear()
    assert work_once() == 0
    assert not committed.is_set()


def test_a_message_rings_once_and_is_carried_out_once(context: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[object] = []
    monkeypatch.setitem(reactions.HANDLERS, "noted", lambda payload: done.append(payload))
    committed.clear()
    leave_message()
    assert committed.is_set()
    committed.clear()
    assert [work_once(), work_once()] == [1, 0]
    assert done == [{"n": 1}]
    assert not committed.is_set()
