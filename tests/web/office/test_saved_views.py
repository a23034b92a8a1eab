"""A report's view is saved under a name, opened by one click, shared at a location, and gone for whoever may not see it."""

from __future__ import annotations

import re
from html import unescape

from flask.testing import FlaskClient
from sqlalchemy import select

from pos.core.audit import AuditEvent
from pos.core.database.base import reading
from tests.support.clinic import Clinic
from tests.web.permissions.asking import browser_of
from tests.web.permissions.full_app import form_token

ASKED = "report=tips&location=riverside"
LIST = "/office/reports"


def post(web: FlaskClient, address: str, **fields: str) -> tuple[int, str]:
    answer = web.post(address, data={"csrf_token": form_token(web), **fields})
    return answer.status_code, answer.text


def opened(web: FlaskClient, name: str) -> str:
    """Where a click on a view leads."""
    found = re.search(rf'<a class="open" href="([^"]+)">{re.escape(name)}</a>', web.get(LIST).text)
    assert found is not None
    return unescape(found[1])


def changed(web: FlaskClient) -> str:
    (found,) = re.findall(r'href="(/office/reports/views/[0-9a-f-]{36})"', web.get(LIST).text)
    return str(found)


def test_view_saved_opens_with_its_preset_and_is_renamed_and_deleted(books: Clinic) -> None:
    web = browser_of(books, "bookkeeper")
    page = web.get("/office/reports/tips?location=riverside&period=last-month").text
    save = unescape(re.findall(r'href="(/office/reports/views/new[^"]+)"', page)[0])
    assert "period=last-month" in save
    assert "report=tips" in save
    status, page = post(web, save, name=" ", days="last-month")
    assert (status, "Give the view a name." in page) == (422, True)
    assert post(web, save, name="Tips to pay", days="last-month")[0] == 303
    there = opened(web, "Tips to pay")
    assert "period=last-month" in there
    page = web.get(there).text
    assert "May 2026" in page
    again = unescape(re.findall(r'href="(/office/reports/views/[0-9a-f-]{36}\?[^"]+)"', page)[0])
    assert post(web, save, name="Tips to pay", days="last-month")[0] == 409
    # Saved again: another name, and the days as they are given.
    assert post(web, again, name="Tips of May", days="given")[0] == 303
    assert "from=2026-05-01&to=2026-05-31" in opened(web, "Tips of May")
    assert "Tips to pay" not in web.get(LIST).text
    with books.app.app_context():
        events = reading().scalars(select(AuditEvent).where(AuditEvent.action == "report.view").order_by(AuditEvent.id))
        details = [event.detail for event in events]
    assert details[1]["before"]["name"] == "Tips to pay"
    assert details[1]["after"]["name"] == "Tips of May"
    assert post(web, f"{changed(web)}/delete")[0] == 303
    assert "Tips of May" not in web.get(LIST).text


def test_view_keeps_given_days_and_filters(books: Clinic) -> None:
    web = browser_of(books, "manager")
    asked = "report=sales-by-item&from=2026-06-01&to=2026-06-30&category=retail"
    assert post(web, f"{LIST}/views/new?{asked}", name="Retail in June", days="given")[0] == 303
    there = opened(web, "Retail in June")
    assert "from=2026-06-01&to=2026-06-30&category=retail" in there
    assert re.search(r'<option value="retail" selected>', web.get(there).text)


def test_view_is_seen_by_others_only_where_it_is_shared_and_they_may_see_the_report(books: Clinic) -> None:
    owner, manager, bookkeeper = (browser_of(books, who) for who in ("owner", "manager", "bookkeeper"))
    assert post(owner, f"{LIST}/views/new?{ASKED}&period=today", name="Tips", days="today")[0] == 303
    assert 'id="saved-views"' not in manager.get(LIST).text
    mine = changed(owner)
    assert manager.get(mine).status_code == 404
    assert post(owner, f"{mine}?location=riverside&period=today", name="Tips", days="today", shared="on")[0] == 303
    assert "period=today" in opened(manager, "Tips")
    assert "period=today" in opened(bookkeeper, "Tips")
    # Of clients a bookkeeper sees nothing; of another location a manager sees nothing; only managers share.
    clients = "report=clients&location=riverside&period=today"
    assert post(owner, f"{LIST}/views/new?{clients}", name="Clients", days="today", shared="on")[0] == 303
    assert "period=today" in opened(manager, "Clients")
    assert 'href="/office/reports/clients?' not in bookkeeper.get(LIST).text
    elsewhere = "report=tips&location=altstadt&period=today"
    assert post(owner, f"{LIST}/views/new?{elsewhere}", name="Elsewhere", days="today", shared="on")[0] == 303
    assert "Elsewhere" not in manager.get(LIST).text
    assert post(bookkeeper, f"{LIST}/views/new?{ASKED}&period=today", name="Mine", days="today", shared="on")[0] == 403
    status, page = post(owner, f"{LIST}/views/new?report=tips&period=today", name="All", days="today", shared="on")
    assert (status, "Choose the location on the report first." in page) == (422, True)
