"""The worker rests when there is nothing to do, and is woken by a commit that leaves a message."""

from __future__ import annotations

from datetime import datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from pos.core import clock, outbox
from pos.core.database.base import engine
from pos.core.database.unit_of_work import committed, unit_of_work
from pos.core.mail import Mail, MailboxMail
from pos.services.jobs import event_handlers
from pos.services.mailer import post_letter
from pos.worker import work_once


@unit_of_work
def leave_message(session: Session) -> None:
    outbox.record(session, "noted", {"n": 1})


def test_worker_empty_outbox_is_not_woken_again(context: Flask) -> None:
    committed.clear()
    assert not work_once()
    assert not committed.is_set()


def test_worker_message_is_notified_and_processed_once(context: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[object] = []
    monkeypatch.setitem(event_handlers.HANDLERS, "noted", lambda payload: done.append(payload))
    committed.clear()
    leave_message()
    assert committed.is_set()
    committed.clear()
    assert [work_once(), work_once()] == [True, False]
    assert done == [{"n": 1}]
    assert not committed.is_set()


@pytest.mark.settings(MAILBOX="on")
def test_worker_mail_sent_again_keeps_message_id_per_recipient(
    context: Flask, frozen: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server took the mail, but the worker died before it could say so: the mail is sent a second time."""
    answers = iter([RuntimeError("power cut"), None])

    def mail_two(payload: object) -> None:
        for to in ("ana@mail.example", "ben@mail.example"):
            post_letter(Mail(to, "News", "Hello.", "<p>Hello.</p>"))
        if error := next(answers):
            raise error

    monkeypatch.setitem(event_handlers.HANDLERS, "noted", mail_two)
    leave_message()
    assert work_once()
    with clock.at(frozen + timedelta(minutes=1)):
        assert work_once()
    with Session(engine()) as session:
        mails = session.scalars(select(MailboxMail).order_by(MailboxMail.at)).all()
    ids = {
        to: [_message_id(mail) for mail in mails if mail.to == to] for to in ("ana@mail.example", "ben@mail.example")
    }
    assert [len(found) for found in ids.values()] == [2, 2]
    assert [len(set(found)) for found in ids.values()] == [1, 1]
    assert ids["ana@mail.example"][0] != ids["ben@mail.example"][0]


def _message_id(mail: MailboxMail) -> str:
    message: EmailMessage = message_from_bytes(mail.raw)  # type: ignore[assignment]  # typed as its base
    return str(message["Message-ID"])
