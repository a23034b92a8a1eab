"""Opening hours and texts of a location: typed in the office, read in the shop, refused at their field."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from pos.core.audit import AuditEvent
from tests.support.clinic import Clinic, Colleague
from tests.web.office.test_pages import text

Office = Callable[[Colleague | None], FlaskClient]
PAGE = "/office/settings/public-pages?location=riverside"
FILLED = {
    "hours_0": "14-18, 9:00-12:30",
    "hours_1": "09:00–18:00",
    "hours_2": "09:00–18:00",
    "closed_days": "2026-12-25 Christmas\n2026-01-01 New Year",
    "headline": "Rest well",
    "introduction": "Sessions by hand.",
    "privacy": "We keep <b>little</b>.\x07\r\n\r\nAsk us.",
}


def send(web: FlaskClient, form: dict[str, str], page: str = PAGE) -> tuple[int, str]:
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', web.get(PAGE).text)
    assert token
    answer = web.post(page, data={"csrf_token": token[1], **form})
    return answer.status_code, answer.text


def test_public_pages_are_read_in_the_shop(books: Clinic, office: Office) -> None:
    web, shop = office(books.manager), books.app.test_client()
    before = text(shop.get("/shop/riverside/").text)
    assert "Open:" not in before
    assert "muscular" not in before
    assert send(web, FILLED)[0] == 303
    assert send(web, FILLED)[0] == 303  # pressed twice
    page = text(shop.get("/shop/riverside/").text)
    for said in ("Rest well", "Sessions by hand.", "Mon 09:00–12:30, 14:00–18:00", "Tue–Wed 09:00–18:00", "Christmas"):
        assert said in page, said
    assert "New Year" not in page  # it is over
    legal = shop.get("/shop/riverside/privacy")
    assert "We keep &lt;b&gt;little&lt;/b&gt;." in legal.text
    assert "\x07" not in legal.text
    assert shop.get("/shop/riverside/imprint").status_code == 404
    assert "/shop/riverside/imprint" not in shop.get("/shop/riverside/").text
    assert "Rest well" not in shop.get("/shop/altstadt/").text
    assert send(web, FILLED, "/office/settings/public-pages?location=altstadt")[0] == 404
    with books.read() as session:
        [event] = session.scalars(select(AuditEvent).where(AuditEvent.action == "location.public_details"))
    assert event.detail["after"]["headline"] == "Rest well"


@pytest.mark.parametrize(
    ("field", "typed", "says"),
    [
        ("hours_3", "nine to five", "Write hours like"),
        ("hours_3", "18-9", "Write hours like"),
        ("hours_3", "9-25", "Write hours like"),
        ("hours_3", "9:70-12", "Write hours like"),
        ("hours_3", "9-12, 11-15", "These hours overlap."),
        ("closed_days", "Christmas", "does not begin with a date"),
        ("headline", "x" * 121, "Write at most 120 characters here."),
    ],
)
def test_public_pages_invalid_field_is_refused_in_place(
    books: Clinic, office: Office, field: str, typed: str, says: str
) -> None:
    status, page = send(office(books.manager), FILLED | {field: typed})
    assert (status, f'id="{field}-error"' in page, says in text(page)) == (422, True, True)
    assert typed in page
    assert "Sessions by hand." in page
