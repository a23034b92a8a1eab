"""The stock pages: a delivery and a count of several articles, one article, refusals that keep what was typed."""

from __future__ import annotations

import re
from collections.abc import Callable

from flask.testing import FlaskClient

from pos.core.audit import AuditEvent
from tests.support.clinic import Clinic, Colleague, line

STOCK = "/office/settings/stock"
OfficeOf = Callable[[Colleague | None], FlaskClient]


def send(web: FlaskClient, path: str, to: str | None = None, **form: str) -> tuple[int, str]:
    """Send a form of a page; the status, and where it leads or the page with the error."""
    shown = web.get(path).text
    found = re.findall(r'name="(csrf_token|action_id)" value="([^"]*)"', shown)
    answer = web.post(to or path, data=dict(found) | form)
    return answer.status_code, answer.headers.get("Location") or answer.text


def test_delivery_and_count_of_several_articles_are_saved_together(books: Clinic, office: OfficeOf) -> None:
    web, oil, ball = office(books.manager), books.items["oil"], books.items["ball"]
    assert "Not counted" in web.get(STOCK).text
    numbers = {f"pieces-{oil}": "5", f"pieces-{ball}": "many"}
    status, page = send(web, STOCK, kind="received", reason="Note 4711", **numbers)
    assert (status, 'value="many"' in page, f'id="pieces-{ball}-error"' in page, "Note 4711" in page) == (
        422,
        *[True] * 3,
    )
    status, there = send(web, STOCK, kind="received", **numbers | {f"pieces-{ball}": "2"})
    assert (status, "done=received" in there) == (303, True)
    books.sell(line("oil"))
    assert send(web, STOCK, kind="counted", **{f"pieces-{oil}": "3"})[0] == 303
    page = web.get(f"{STOCK}/{oil}").text
    assert [word in page for word in ("Counted", "Sold", "Received", "−1", "+5", books.manager.name)] == [True] * 6
    assert send(web, STOCK, kind="received")[0] == 422
    assert send(web, STOCK, kind="sold", **numbers)[0] == 422


def test_article_is_adjusted_with_reason_and_has_low_level(books: Clinic, office: OfficeOf) -> None:
    web, page_of = office(books.manager), f"{STOCK}/{books.items['oil']}"
    assert "Not counted here yet" in web.get(page_of).text
    assert "is not counted here yet" in send(web, page_of, f"{page_of}/low", low_level="2")[1]
    assert send(web, page_of, kind="received", pieces="5")[0] == 303
    status, page = send(web, page_of, kind="adjusted", pieces="-3")
    assert (status, "Say why" in page, 'value="-3"' in page) == (422, True, True)
    assert send(web, page_of, kind="adjusted", pieces="−3", reason="Broken")[0] == 303
    assert send(web, page_of, f"{page_of}/low", low_level="x")[0] == 422
    assert send(web, page_of, f"{page_of}/low", low_level="2")[0] == 303
    page = web.get(STOCK).text
    assert page.index("Massage oil") < page.index("Trigger-point ball")
    assert ">Low<" in page
    with books.read() as session:
        noted = {event.action: event.detail for event in session.query(AuditEvent) if event.action.startswith("stock.")}
    assert noted["stock.adjusted"] == {"before": {"stock": 5}, "after": {"stock": 2, "reason": "Broken"}}
    assert noted["stock.low_level_set"]["after"] == {"low_level": 2}


def test_stock_of_another_location_is_neither_shown_nor_changed(books: Clinic, office: OfficeOf) -> None:
    web, oil = office(books.manager), books.items["oil"]
    assert web.get(f"{STOCK}?location=altstadt").status_code == 404
    token = re.search(r'name="csrf_token" value="([^"]*)"', web.get(STOCK).text)
    form = {"csrf_token": token[1] if token else "", "kind": "received", "pieces": "1"}
    assert web.post(f"{STOCK}/{oil}?location=altstadt", data=form).status_code == 404
    assert 'name="pieces"' not in office(books.bookkeeper).get(f"{STOCK}/{oil}").text
