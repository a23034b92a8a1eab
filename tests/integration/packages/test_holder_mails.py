"""Mails to the holders of credits that end, sent when a manager asks: one to a person, and not twice on a day."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from pos.core.audit import AuditEvent
from pos.core.database.base import reading
from pos.core.errors import Invalid
from pos.core.mail import MailboxMail
from pos.domain.locations.queries import places
from pos.services.packages.expiry import remind
from pos.services.packages.holder_mails import Holder, holders, mail_holders
from pos.worker import work_once
from tests.support.clinic import Clinic, line
from tests.support.package_actions import noon

# Three sessions bought on 16 June are valid until 16 December.
FIRST, LAST = date(2026, 11, 1), date(2026, 12, 31)


def ending() -> list[Holder]:
    return holders(reading(), places(reading()), FIRST, LAST)


def send(clinic: Clinic, *keys: str) -> int:
    return mail_holders(places(reading()), FIRST, LAST, chosen=keys, staff_id=clinic.manager.id)


def delivered(clinic: Clinic) -> list[MailboxMail]:
    while work_once():
        pass
    with clinic.read() as session:
        return list(session.scalars(select(MailboxMail).order_by(MailboxMail.at)))


@pytest.mark.settings(MAILBOX="on")
def test_holder_of_two_packages_gets_one_mail_with_both_and_none_again_that_day(clinic: Clinic) -> None:
    clinic.buy("three", clinic.ana)
    clinic.buy("three", clinic.ana)
    clinic.sell(line("trigger_60"), client=clinic.ana)
    clinic.buy("ten", clinic.ben)  # ends next June
    with noon(date(2026, 11, 5)), clinic.app.app_context():
        (ana,) = ending()
        assert (ana.client_id, ana.credits, len(ana.lots), ana.mailed_on) == (clinic.ana, 5, 2, None)
        assert send(clinic, ana.key, "riverside:nobody") == 1
        assert send(clinic, ana.key) == 0
        (mail,) = delivered(clinic)
        assert mail.to == "ana@mail.example"
        assert mail.subject == "Your sessions at Stillpoint Clinic are valid until 16 Dec 2026"
        assert [mail.text.count(words) for words in ("Sessions left: 2", "Sessions left: 3")] == [1, 1]
        (again,) = ending()
        assert again.mailed_on == date(2026, 11, 5)
        with pytest.raises(Invalid, match="Choose who gets the mail"):
            send(clinic)
    with noon(date(2026, 11, 12)), clinic.app.app_context():
        (later,) = ending()
        assert later.mailed_on is None
        assert send(clinic, later.key) == 1
    with clinic.read() as session:
        noted = session.scalars(select(AuditEvent).where(AuditEvent.action == "packages.mail_holders")).all()
    assert [(one.actor_id, one.detail["clients"]) for one in noted] == [(clinic.manager.id, 1)] * 2


@pytest.mark.settings(MAILBOX="on")
def test_holder_reminded_by_the_night_is_said_and_credits_used_meanwhile_are_not_mailed(clinic: Clinic) -> None:
    clinic.buy("three", clinic.ana)
    with noon(date(2026, 11, 16)), clinic.app.app_context():
        assert len(remind(places(reading()))) == 1
        (ana,) = ending()
        assert ana.mailed_on == date(2026, 11, 16)
        assert len(delivered(clinic)) == 1
        assert send(clinic, ana.key) == 0, "the night's mail of this day is the one of this day"
    with noon(date(2026, 11, 17)), clinic.app.app_context():
        assert send(clinic, ana.key) == 1
        for _ in range(3):
            clinic.sell(line("trigger_60"), client=clinic.ana)
        assert len(delivered(clinic)) == 1
        assert ending() == []
    with noon(date(2027, 1, 5)), clinic.app.app_context():
        assert ending() == []
