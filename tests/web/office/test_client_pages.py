"""Clients are added and changed in the office; a possible duplicate is shown first, and nothing typed is lost."""

from __future__ import annotations

import re
from collections.abc import Callable

from flask.testing import FlaskClient
from sqlalchemy import select

from pos.core.ids import new_id
from pos.domain.clients.models import Client
from tests.support.clinic import Clinic, Colleague

Office = Callable[[Colleague | None], FlaskClient]
LIST = "/office/clients"


def hidden(page: str, name: str) -> str:
    found = re.search(rf'<input[^>]*name="{name}"[^>]*value="([^"]*)"', page)
    assert found, name
    return found[1]


def send(web: FlaskClient, path: str, **form: str) -> tuple[int, str]:
    page = web.get(path).text
    names = ("csrf_token", "client_id", *(["seen"] if path.endswith("/edit") else []))
    answer = web.post(path, data={name: hidden(page, name) for name in names} | {"locale": "en"} | form)
    return answer.status_code, answer.text if answer.status_code != 303 else answer.location


def test_client_added_in_office_like_another_is_asked_about_and_kept_when_another(
    books: Clinic, office: Office
) -> None:
    web, count = office(books.manager), books.count(Client)
    assert send(web, f"{LIST}/new", given_name="Maria", family_name="Lopes", phone="503 555 0123")[0] == 303
    status, page = send(web, f"{LIST}/new", given_name="María", family_name="López", phone="(503) 555-0123")
    assert (status, books.count(Client)) == (409, count + 1)
    assert "Is it one of these?" in page
    assert "Use Maria Lopes" in page
    assert 'value="López"' in page
    assert 'value="(503) 555-0123"' in page
    status, where = send(
        web, f"{LIST}/new", given_name="María", family_name="López", phone="5035550123", is_another="y"
    )
    assert (status, books.count(Client)) == (303, count + 2)
    assert "The client is added." in web.get(where).text


def test_client_edited_in_office_shows_note_and_keeps_what_was_typed_when_refused(
    books: Clinic, office: Office
) -> None:
    web, path = office(books.manager), f"{LIST}/{books.ana}/edit"
    assert "No diagnosis" in web.get(path).text
    asked = {"given_name": "Ana", "family_name": "Silva", "email": "ana@new.example", "note": "Door code <7>"}
    status, page = send(web, path, **asked | {"email": "no address"})
    assert status == 422
    assert 'id="email-error"' in page
    assert "Door code &lt;7&gt;" in page
    assert 'value="no address"' in page
    status, where = send(web, path, **asked, has_allergy="y", allergy="nut oil")
    assert status == 303
    shown = web.get(where).text
    assert all(words in shown for words in ("Ana Silva", "Saved.", "Door code &lt;7&gt;", "nut oil", "Allergy"))
    assert "nut oil" not in web.get("/office/settings/audit-log").text
    assert "nut oil" not in web.get(f"{LIST}?search=silva").text
    page = web.get(path).text
    assert send(web, path, **asked, has_allergy="y", allergy="nut oil")[0] == 303
    status, page = send(web, path, **asked, seen="older")
    assert (status, "Somebody else has changed" in page) == (409, True)
    with books.read() as session:
        assert session.scalar(select(Client.allergy).where(Client.id == books.ana)) == "nut oil"


def test_client_without_the_permission_offers_no_edit_and_shows_no_note(books: Clinic, office: Office) -> None:
    path = f"{LIST}/{books.ana}"
    assert f"{path}/edit" in office(books.manager).get(path).text
    assert office(books.bookkeeper).get(f"{path}/edit").status_code == 403
    assert office(None).get(f"{path}/edit").status_code in (302, 303, 401)
    assert office(books.manager).get(f"{LIST}/{new_id()}/edit").status_code == 404
