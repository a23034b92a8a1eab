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


def test_client_page_merge_is_previewed_done_and_taken_back(books: Clinic, office: Office) -> None:
    web = office(books.owner)
    send(web, f"{LIST}/new", given_name="Ana", family_name="Núñez", email="ana@other.example", is_another="y")
    with books.read() as session:
        other = session.scalars(select(Client.id).where(Client.email == "ana@other.example")).one()
    books.buy("three", other)
    assert "Perhaps the same person: Ana Núñez" in web.get(f"{LIST}/{books.ana}").text
    assert "The same name, phone or e-mail" in web.get(f"{LIST}/{books.ana}/merge").text
    assert "Compare with Ben Fischer" in web.get(f"{LIST}/{books.ana}/merge?search=ben").text
    assert "Nobody is called that" in web.get(f"{LIST}/{books.ana}/merge?search=nobody").text
    path = f"{LIST}/{books.ana}/merge/{other}"
    page = web.get(path).text
    assert all(
        words in page for words in ("ana@other.example", "3 × 60 min: 3 of 3", "One client stays", "stay instead")
    )
    form = {name: hidden(page, name) for name in ("csrf_token", "merge_id", "seen_kept", "seen_merged")}
    assert "This is needed." in web.post(path, data=form).text
    asked = form | {"reason": "Asked at the desk", "email": "merged", "note": "both"}
    for _ in range(2):  # a second press is harmless
        answer = web.post(path, data=asked)
        assert (answer.status_code, answer.location) == (303, f"{LIST}/{books.ana}?done=merged")
    page = web.get(f"{LIST}/{books.ana}?done=merged").text
    assert all(words in page for words in ("They are one client now.", "ana@other.example", "Merged: Ana Núñez"))
    assert web.get(f"{LIST}/{other}").location == f"{LIST}/{books.ana}"
    assert web.get(path).status_code == 409
    undo = f"{LIST}/{books.ana}/merges/{form['merge_id']}"
    page = web.get(undo).text
    assert "become two clients again" in page
    answer = web.post(undo, data={"csrf_token": hidden(page, "csrf_token"), "reason": "Two people after all"})
    assert answer.location == f"{LIST}/{books.ana}?done=parted"
    assert web.get(f"{LIST}/{other}").status_code == 200
    assert web.get(undo).status_code == 404


def test_client_page_personal_data_says_what_is_owed_and_erases_by_name(books: Clinic, office: Office) -> None:
    web = office(books.owner)
    books.buy("three", books.ana)
    page = web.get(f"{LIST}/{books.ana}/personal-data").text
    assert all(
        words in page for words in ("3 credits left of 3 × 60 min", "Settle this first", "until their retention")
    )
    assert "Erase for good" not in page
    send(web, f"{LIST}/new", given_name="Zelda", family_name="Quix")
    with books.read() as session:
        zelda = session.scalars(select(Client.id).where(Client.family_name == "Quix")).one()
    path = f"{LIST}/{zelda}/personal-data"
    page = web.get(path).text
    token = hidden(page, "csrf_token")
    answer = web.post(f"{LIST}/{zelda}/data.json", data={"csrf_token": token})
    assert (answer.mimetype, answer.get_json()["records"][0]["given_name"]) == ("application/json", "Zelda")
    assert "What is on record" in web.get(f"{LIST}/{zelda}/data.html").text
    answer = web.post(path, data={"csrf_token": token, "typed_name": "Ana"})
    assert (answer.status_code, "Type the name exactly" in answer.text) == (422, True)
    answer = web.post(path, data={"csrf_token": token, "typed_name": "zelda quix"})
    assert answer.status_code == 303
    page = web.get(answer.location).text
    assert "The client is erased. Papers that were issued keep the name." in page
    assert "Erased client" in page
    assert f"{zelda}/edit" not in page
    assert "Erase for good" not in web.get(path).text
