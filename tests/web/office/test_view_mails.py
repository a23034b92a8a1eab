"""A saved view is mailed at its hour: once for each time, to whoever may have it then, with the days its name means then."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from pos.core import clock
from pos.core.audit import AuditEvent
from pos.core.ids import new_id
from pos.core.mail import MailboxMail
from pos.core.outbox import OutboxMessage
from pos.domain.saved_views.models import SavedView
from pos.domain.saved_views.times import next_time
from pos.domain.staff.models import Staff
from pos.domain.staff.queries import by_key
from pos.services.saved_views.save_view import delete_view
from pos.services.saved_views.send import queue_due
from pos.worker import work_once
from tests.support.clinic import Clinic
from tests.web.office.test_saved_views import LIST, changed, post
from tests.web.permissions.asking import browser_of

pytestmark = pytest.mark.settings(MAILBOX="on")
ASKED = "location=riverside&period=yesterday"


@pytest.mark.parametrize(
    ("every", "on_day", "hour", "after", "expected"),
    [
        ("day", 0, 7, "2026-06-16T10:59", "2026-06-16T11:00"),
        ("day", 0, 7, "2026-06-16T11:00", "2026-06-17T11:00"),
        ("week", 0, 7, "2026-06-16T12:00", "2026-06-22T11:00"),
        ("month", 31, 7, "2026-02-01T00:00", "2026-02-28T12:00"),
        ("month", 1, 0, "2026-12-02T00:00", "2027-01-01T05:00"),
        # The hour that is left out on 8 March is the next one; the one that comes twice on 1 November counts once.
        ("day", 0, 2, "2026-03-08T00:00", "2026-03-08T07:00"),
        ("day", 0, 1, "2026-11-01T05:00", "2026-11-02T06:00"),
    ],
)  # fmt: skip
def test_next_time_is_an_hour_of_the_location_clock(
    every: str, on_day: int, hour: int, after: str, expected: str
) -> None:
    moment = datetime.fromisoformat(after).replace(tzinfo=UTC)
    found = next_time(every=every, on_day=on_day, hour=hour, time_zone="America/New_York", after=moment)
    assert found == datetime.fromisoformat(expected).replace(tzinfo=UTC)


def _mailed(clinic: Clinic) -> list[MailboxMail]:
    with clinic.app.app_context():
        while work_once():
            pass
    with clinic.read() as session:
        return list(session.scalars(select(MailboxMail).order_by(MailboxMail.at, MailboxMail.to)))


def _queued(clinic: Clinic) -> int:
    with clinic.app.app_context():
        return queue_due()


def _sent_view(clinic: Clinic, who: str = "manager", asked: str = "report=tips", **fields: str) -> str:
    web = browser_of(clinic, who)
    query = f"{asked}&{ASKED}"
    assert post(web, f"{LIST}/views/new?{query}", name="Tips of yesterday", days="yesterday", shared="on")[0] == 303
    address = changed(web)
    typed = {"every": "day", "hour": "7", "file": "csv", **fields}
    assert post(web, f"{address}/mails?{ASKED}", **typed)[0] == 303
    assert "by mail" in web.get(LIST).text
    return address


def test_view_mailed_once_for_each_time_with_the_days_of_that_day(books: Clinic) -> None:
    _mailed(books)
    address = _sent_view(books, person=str(books.bookkeeper.id))
    before, now = len(_mailed(books)), clock.now()
    assert _queued(books) == 0
    with clock.at(now + timedelta(days=4)):
        # Three times were missed: one mail to each, and the second worker finds nothing.
        assert (_queued(books), _queued(books)) == (2, 0)
        mails = _mailed(books)[before:]
    assert {mail.to for mail in mails} == {books.manager.email, books.bookkeeper.email}
    yesterday = (now + timedelta(days=3)).date().isoformat()
    assert {tuple(mail.attachment_names) for mail in mails} == {(f"tips-riverside-{yesterday}.csv",)}
    (file,) = message_from_bytes(mails[0].raw, policy=policy.default).iter_attachments()
    assert file.get_payload(decode=True).decode("utf-8-sig").startswith("Location,Person,Due before,Given,")
    assert f"from={yesterday}&to={yesterday}" in mails[0].text
    web = browser_of(books, "manager")
    assert post(web, f"{address}/mails/end")[0] == 303
    with clock.at(now + timedelta(days=6)):
        assert _queued(books) == 0
    with books.read() as session:
        events = session.scalars(select(AuditEvent).where(AuditEvent.action == "report.schedule")).all()
    assert [bool(event.detail["after"]) for event in events] == [True, False]


def test_view_whose_desk_is_gone_is_mailed_without_its_file_and_says_why(books: Clinic) -> None:
    _mailed(books)
    _sent_view(books, asked=f"report=sales-by-item&desk={books.usd.desk}")
    before, now = len(_mailed(books)), clock.now()

    def replace_desk(session: Session) -> None:
        view = session.scalars(select(SavedView)).one()
        view.filters = {**view.filters, "desk": str(new_id())}

    for days, names in ((1, 1), (2, 0)):
        with clock.at(now + timedelta(days=days)):
            assert _queued(books) == 1
            mail = _mailed(books)[before]
        assert len(mail.attachment_names) == names
        before += 1
        if names:
            books.write(replace_desk)
    assert "What the filter “Desk” asks for is not here, or not any more." in mail.text
    (href,) = re.findall(r"http\S+/office/reports/sales-by-item\S+", mail.text)
    refused = browser_of(books, "manager").get(href[href.index("/office/") :])
    assert (refused.status_code, "Show it without this filter" in refused.text) == (422, True)


def test_view_is_not_mailed_to_whoever_left_or_may_not_see_it_any_more(books: Clinic) -> None:
    _mailed(books)
    address = _sent_view(books, person=str(books.bookkeeper.id))
    before, now = len(_mailed(books)), clock.now()

    def change(who: str, **values: object) -> None:
        key = getattr(books, who).id
        books.write(
            lambda session: [setattr(session.get_one(Staff, key), name, value) for name, value in values.items()]
        )

    with clock.at(now + timedelta(days=1)):
        assert _queued(books) == 2
        # It is looked at when it is queued and again when it is sent.
        change("bookkeeper", active=False)
        assert {mail.to for mail in _mailed(books)[before:]} == {books.manager.email}
    with clock.at(now + timedelta(days=2)):
        assert _queued(books) == 1
        change("manager", role="receptionist")
        assert len(_mailed(books)) == before + 1
    change("bookkeeper", active=True)
    with clock.at(now + timedelta(days=3)):
        assert _queued(books) == 0
    change("manager", role="manager")
    view_id = address.rpartition("/")[2]
    with clock.at(now + timedelta(days=4)):
        assert _queued(books) == 2
        with books.app.app_context(), books.read() as session:
            delete_view(view_id=UUID(view_id), person=by_key(session, books.manager.id))
        assert len(_mailed(books)) == before + 1


def test_view_whose_file_cannot_be_made_is_listed_as_failed(books: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    _mailed(books)
    _sent_view(books, file="pdf")

    def fail(*_: object) -> bytes:
        raise RuntimeError("no fonts")

    monkeypatch.setattr("pos.services.saved_views.send.as_pdf", fail)
    with clock.at(clock.now() + timedelta(days=1)):
        assert _queued(books) == 1
    for hours in range(26, 200, 2):
        with clock.at(clock.now() + timedelta(hours=hours)):
            _mailed(books)
    with books.read() as session:
        (message,) = session.scalars(select(OutboxMessage).where(OutboxMessage.topic == "report_mail"))
        assert message.state == "dead"
    page = browser_of(books, "owner").get("/office/settings/messages").text
    assert "Report by mail" in page
    assert "no fonts" in page


def test_schedule_refused_says_why(books: Clinic) -> None:
    web = browser_of(books, "bookkeeper")
    assert post(web, f"{LIST}/views/new?report=tips&{ASKED}", name="Mine", days="yesterday")[0] == 303
    address, typed = f"{changed(web)}/mails?{ASKED}", {"every": "week", "weekday": "0", "hour": "7", "file": "csv"}
    for wrong, said in (
        ({"every": "year"}, "Choose how often"),
        ({"weekday": "9"}, "Choose how often"),
        ({"hour": "x"}, "Choose how often"),
        ({"file": "exe"}, "Choose how often"),
        ({"person": str(books.manager.id)}, "Only managers and owners choose who else gets it."),
        ({"person": "nobody"}, ""),
    ):
        status, page = post(web, address, **{**typed, **wrong})
        assert status in (403, 422)
        assert said in page
    assert re.search(r'<option value="week" selected>', page)
    assert "Also to" not in page
    manager = browser_of(books, "manager")
    assert post(manager, f"{LIST}/views/new?report=tips&{ASKED}", name="Mine", days="yesterday")[0] == 303
    address = f"{changed(manager)}/mails?{ASKED}"
    status, page = post(manager, address, **typed, person=str(books.receptionist.id))
    assert (status, "who may see this report" in page) == (422, True)
    assert post(manager, f"{changed(manager)}?{ASKED}", name="Mine", days="given")[0] == 303
    status, page = post(manager, address, **typed)
    assert (status, "Only days by name can be sent" in page) == (422, True)


def test_view_too_large_for_a_mail_is_said_and_linked(books: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    before = len(_mailed(books))
    _sent_view(books, file="xlsx")
    monkeypatch.setattr("pos.services.saved_views.send.MOST_BYTES", 100)
    with clock.at(clock.now() + timedelta(days=1)):
        assert _queued(books) == 1
        (mail,) = _mailed(books)[before:]
    assert mail.attachment_names == []
    assert "Its file is too large to be mailed." in mail.text
    assert "/office/reports/tips?from=" in mail.text
