"""Opening balances in the office: looked at, brought in by whoever saw the totals, undone while unused."""

from __future__ import annotations

import base64
import hashlib
import html
import io
import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from pos.domain.credits.models import CreditLot
from pos.domain.operations.models import BalanceImport
from pos.web.common.packed_file import pack
from tests.integration.imports.test_balances import CASE_12, HEAD
from tests.support.books import failing
from tests.support.clinic import Clinic, Colleague, line
from tests.web.office.test_pages import text

Office = Callable[[Colleague | None], FlaskClient]
PATH = "/office/settings/imports"


class Page:
    """Somebody at the page of opening balances."""

    def __init__(self, web: FlaskClient) -> None:
        self.web = web
        self.token = re.findall(r'name="csrf_token" value="([^"]+)"', web.get(PATH).text)[0]

    def look(self, content: str | bytes, name: str = "old.csv") -> tuple[int, str]:
        data = content.encode() if isinstance(content, str) else content
        answer = self.web.post(PATH, data={"csrf_token": self.token, "file": (io.BytesIO(data), name)})
        return answer.status_code, answer.text

    def offered(self, page: str) -> dict[str, str]:
        """The form that brings in what was looked at."""
        part = page[page.index("/confirm") : page.index('id="choose"')]
        return {k: html.unescape(v) for k, v in re.findall(r'name="([^"]+)" value="([^"]*)"', part)}

    def post(self, path: str, **form: str) -> tuple[int, str]:
        answer = self.web.post(PATH + path, data={"csrf_token": self.token} | form)
        return answer.status_code, answer.text


@pytest.fixture
def page(books: Clinic, office: Office) -> Page:
    return Page(office(books.manager))


def imports_of(world: Clinic) -> list[BalanceImport]:
    with world.read() as session:
        return list(session.scalars(select(BalanceImport).order_by(BalanceImport.at)))


def lots(world: Clinic) -> int:
    with world.read() as session:
        return session.scalar(select(func.count()).select_from(CreditLot)) or 0


def test_import_in_office_is_previewed_confirmed_once_and_undone(books: Clinic, page: Page) -> None:
    assert "Nothing was brought in yet" in page.web.get(PATH).text
    before = lots(books)
    status, answer = page.look(CASE_12)
    read = text(answer)
    assert status == 200
    assert "Rows that are right 1 Sessions left 4 Worth, before tax $160.00 Rows to put right 0" in read
    assert "Ana Núñez Trigger point therapy, 60 min OLD-1 12 May 2027 4 of 8 $160.00" in read
    assert "Bring in 4 sessions, worth $160.00" in read
    assert (lots(books), imports_of(books)) == (before, [])
    form = page.offered(answer)
    assert [page.post("/confirm", **form)[0], page.post("/confirm", **form)[0]] == [303, 303]  # pressed twice
    (done,) = imports_of(books)
    assert (done.credits, done.value_minor, done.staff_id, done.file_name) == (4, 160_00, books.manager.id, "old.csv")
    assert lots(books) == before + 1
    shown = text(page.web.get(f"{PATH}?done=imported").text)
    assert "Brought in. It can be undone" in shown
    assert "old.csv Mara 1 4 $160.00 In" in shown
    assert failing(books) == {}
    assert page.post(f"/{done.id}/undo")[0] == 303
    assert "Undone Mara" in text(page.web.get(PATH).text)
    status, answer = page.post(f"/{done.id}/undo")
    assert (status, "undone before" in answer) == (409, True)
    assert failing(books) == {}


def test_import_in_office_wrong_rows_are_named_and_not_confirmable(books: Clinic, page: Page) -> None:
    wrong = HEAD + "Ana,,ana@mail.example,,Hot air,8,4,320.00,,no,,A\nBen,,not an address,,10 × 60 min,8,9,x,,no,,B\n"
    status, answer = page.look(wrong)
    read = text(answer)
    assert status == 422
    assert "2 package “Hot air” is neither a package nor a treatment" in read
    assert "3 left 9 left of 8 cannot be." in read
    assert "3 net_paid “x” is not an amount" in read
    assert "Rows to put right 2" in read
    assert "/confirm" not in answer
    assert imports_of(books) == []


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "Choose a file"),
        (b"\xff\xfe\x00", "not UTF-8 text"),
        (b"a,b\n1,2\n", "The heading lacks given_name"),
        (HEAD.encode(), "There is no row in this file"),
    ],
)
def test_import_in_office_malformed_file_is_refused(books: Clinic, page: Page, content: bytes, says: str) -> None:
    status, answer = page.look(content) if content else page.look(b"", name="")
    assert (status, says in text(answer)) == (422, True), text(answer)[:2000]
    assert imports_of(books) == []


def test_import_in_office_confirmed_file_differs_from_preview_is_refused(books: Clinic, page: Page) -> None:
    form = page.offered(page.look(CASE_12)[1])
    more = CASE_12.replace(",8,4,320.00", ",8,5,320.00").encode()
    status, answer = page.post("/confirm", **form | {"packed": pack(more)})
    assert (status, "not the file that was looked at" in answer) == (409, True)
    for changed in (
        {"credits": "5"},
        {"value_minor": "1"},
        {"credits": ""},
        {"packed": "x"},
        {"packed": ""},
        {"import_id": "x"},
    ):
        status, answer = page.post("/confirm", **form | changed)
        assert status == 422, changed
    assert imports_of(books) == []
    assert page.post("/confirm", **form)[0] == 303
    status, answer = page.look(CASE_12)
    assert (status, "OLD-1 was imported before" in answer) == (422, True)


def test_import_in_office_undo_after_redemption_is_refused(books: Clinic, page: Page) -> None:
    page.post("/confirm", **page.offered(page.look(CASE_12.replace("Ana,Núñez,ana@", "Ben,Fischer,ben@"))[1]))
    books.sell(line("trigger_60"), client=books.ben)
    (done,) = imports_of(books)
    status, answer = page.post(f"/{done.id}/undo")
    assert (status, "Row 2 (OLD-1) was used since" in answer) == (409, True)
    assert failing(books) == {}


def test_import_in_office_of_other_location_is_not_found(books: Clinic, page: Page, office: Office) -> None:
    owner = Page(office(books.owner))
    there = owner.offered(owner.look(CASE_12)[1])
    owner.post("/confirm?location=altstadt", **there)
    (done,) = imports_of(books)
    assert done.location_id == books.eur.location_id
    assert "old.csv" not in page.web.get(PATH).text
    assert page.web.get(f"{PATH}?location=altstadt").status_code == 404
    assert page.post(f"/{done.id}/undo")[0] == 404
    assert imports_of(books)[0].state == "committed"


def test_import_in_office_too_large_file_is_refused(books: Clinic, page: Page) -> None:
    noise = b"".join(hashlib.sha512(str(number).encode()).digest() for number in range(5_700))
    status, answer = page.look(HEAD.encode() + base64.encodebytes(noise))
    assert (status, "too large for this page" in answer) == (422, True)
