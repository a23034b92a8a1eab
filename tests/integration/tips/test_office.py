"""Tips in the office: by person, the pool shared out, a wrong one moved, and what was typed stays where it is refused."""

from __future__ import annotations

import html
import re
from decimal import Decimal

import pytest
from flask.testing import FlaskClient

from pos.core.ids import new_id
from pos.domain.sales.carts import Tip
from tests.conftest import NOON
from tests.integration.tips.conftest import owed, pooled
from tests.support.books import failing
from tests.support.clinic import Clinic, Colleague, line

TIP = Tip(percent=Decimal(15))


def text(page: str) -> str:
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", page)))


@pytest.fixture
def manager(books: Clinic) -> FlaskClient:
    client = books.app.test_client()
    client.set_cookie("tp_office", books.office_cookie(books.manager), path="/office")
    return client


def send(client: FlaskClient, path: str, **fields: object) -> tuple[int, str]:
    page = client.get("/office/money/tips").text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token
    answer = client.post(path, data={"csrf_token": token[1], "action_id": str(new_id()), **fields})
    return answer.status_code, answer.text


def share(client: FlaskClient, *among: Colleague, minor: int = 15_00, rule: str = "equal") -> tuple[int, str]:
    fields = {"place": "riverside", "on": NOON.date().isoformat(), "expected_minor": str(minor), "rule": rule}
    return send(client, "/office/money/tips/share", among=[str(one.id) for one in among], **fields)


def test_tips_page_shows_owed_to_each_person_and_pool(books: Clinic, vera: Colleague, manager: FlaskClient) -> None:
    assert "No tips in these days, and none owed" in manager.get("/office/money/tips").text
    books.sell(line("trigger_60", therapist=books.therapist), line("foot_60", therapist=vera), tip=TIP)
    books.sell(line("trigger_60"), tip=TIP)
    page = text(manager.get("/office/money/tips").text)
    assert "Theo 15.00 0.00 15.00 Vera 11.25 0.00 11.25" in page
    assert "Owed to persons and in pools, USD 41.25" in page
    assert "$15.00" in page.split("Pool of")[1]
    for path in ("/office/", "/office/sales"):
        assert "/office/money/tips?" in manager.get(path).text


def test_tip_pool_in_office_is_shared_out(books: Clinic, vera: Colleague, manager: FlaskClient) -> None:
    books.sell(line("trigger_60"), tip=TIP)
    status, page = share(manager)
    assert (status, "Choose who shares in it." in page) == (422, True)
    status, page = share(manager, vera, minor=14_00, rule="value")
    assert (status, "The pool has changed" in page) == (409, True)
    assert re.search(rf'value="{vera.id}"\s+checked', page)
    assert re.search(r'value="value" checked', page)
    assert pooled(books) == [15_00]
    assert share(manager, books.therapist, vera)[0] == 303
    assert (owed(books), pooled(books)) == ({books.therapist.id: 7_50, vera.id: 7_50}, [])
    assert failing(books) == {}


def test_tip_in_office_is_moved_to_other_person_or_pool(books: Clinic, vera: Colleague, manager: FlaskClient) -> None:
    theo = books.therapist
    sale_id = books.sell(line("trigger_60", therapist=theo), line("trigger_60"), tip=Tip(amount_minor=1_234_50)).sale_id
    assert "Tip for Theo $1,234.50" in text(manager.get(f"/office/sales/{sale_id}").text)
    path = f"/office/sales/{sale_id}/tip"
    assert 'value="1234.50"' in manager.get(path).text
    # A page without a form has no token: the list of tips has one while something is in a pool.
    books.sell(line("trigger_60"), tip=TIP)
    given = {"from": str(theo.id), "to": str(vera.id), "amount": "1234.51", "reason": "Vera treated her"}
    status, page = send(manager, path, **given)
    assert (status, "Only 1234.50 of this tip" in page, 'value="1234.51"' in page) == (409, True, True)
    for wrong, status in (({"to": "x"}, 422), ({"amount": "a"}, 422), ({"reason": ""}, 422), ({"from": ""}, 422)):
        assert send(manager, path, **given | {"amount": "1234.50"} | wrong)[0] == status
    assert send(manager, path, **given | {"amount": "234.50"})[0] == 303
    assert send(manager, path, **given | {"amount": "1000.00", "to": "pool"})[0] == 303
    assert (owed(books), pooled(books)) == ({vera.id: 234_50}, [1_015_00])
    assert "Tip for the pool" in text(manager.get(f"/office/sales/{sale_id}").text)
    assert failing(books) == {}
