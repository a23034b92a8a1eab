"""Set-up in the browser: only its page answers, the country proposes, wrong answers stay typed, the owner is signed in."""

from __future__ import annotations

import io
import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from pos.core.database.base import reading
from pos.domain.catalogue.queries import menu
from pos.domain.locations.queries import places
from pos.services.setup.setup_link import make_setup_link
from tests.support.setup_answers import example


@pytest.fixture
def link(app: Flask) -> str:
    """The address of set-up."""
    with app.app_context():
        return f"/setup/{make_setup_link(started_by='this test')}"


@pytest.fixture
def web(app: Flask) -> FlaskClient:
    """A browser that nobody signed in."""
    return app.test_client()


def _send(web: FlaskClient, link: str, **changed: str) -> tuple[int, str, str]:
    page = web.get(link).get_data(as_text=True)
    token = re.search(r'name="csrf-token" content="([^"]+)"', page)
    assert token
    answer = web.post(link, data=example()[0] | {"csrf_token": token.group(1)} | changed)
    return answer.status_code, answer.headers.get("Location", ""), answer.get_data(as_text=True)


@pytest.mark.parametrize(
    "path", ["/", "/register/", "/register/sign-in", "/office/", "/account/", "/register/api/token"]
)
def test_page_before_setup_says_that_it_is_not_done(web: FlaskClient, path: str) -> None:
    answer = web.get(path)
    assert answer.status_code == 503
    assert "not set up yet" in answer.get_data(as_text=True)


def test_setup_address_guessed_is_not_found(web: FlaskClient, link: str) -> None:
    assert web.get("/setup/guessed").status_code == 404


def test_setup_country_chosen_proposes_its_habits(web: FlaskClient, link: str) -> None:
    first = web.get(link).get_data(as_text=True)
    assert 'name="country"' in first
    assert 'name="owner_pin"' not in first
    page = web.get(f"{link}?country=DE&location_name=Old+Town").get_data(as_text=True)
    for value in ("EUR", "Europe/Berlin", "de_DE", "MwSt.", "89.00", "OT"):
        assert f'value="{value}"' in page
    assert re.search(r'id="tax_inclusive"[^>]*checked', page)


def test_setup_wrong_answers_are_named_and_stay_typed(app: Flask, web: FlaskClient, link: str) -> None:
    status, _, page = _send(web, link, tax_service="much", owner_pin="123", clinic_name="Stillpoint <b>")
    assert status == 422
    assert "2 answers cannot be used" in page
    assert 'value="much"' in page
    assert "Stillpoint &lt;b&gt;" in page
    assert "change-this-password" not in page
    with app.app_context():
        assert places(reading()) == ()


def test_setup_complete_signs_the_owner_in_and_ends_the_address(web: FlaskClient, link: str) -> None:
    status, to, _ = _send(web, link)
    assert (status, to) == (303, "/office/settings/receipts")
    assert "Ruth Okafor" in web.get("/office/").get_data(as_text=True)
    assert web.get(link).status_code == 404
    assert web.get("/register/sign-in").status_code == 200


def _send_file(web: FlaskClient, link: str, content: bytes, **changed: str) -> tuple[int, str]:
    sent: dict[str, object] = example()[0] | {"catalogue": "file"} | changed
    page = web.get(link).get_data(as_text=True)
    token = re.search(r'name="csrf-token" content="([^"]+)"', page)
    assert token
    sent |= {"csrf_token": token.group(1), "catalogue_file": (io.BytesIO(content), "own.csv") if content else ""}
    answer = web.post(link, data=sent, content_type="multipart/form-data")
    return answer.status_code, answer.get_data(as_text=True)


def test_setup_catalogue_of_a_file_is_kept_beside_wrong_answers_and_refused_row_by_row(
    app: Flask, web: FlaskClient, link: str
) -> None:
    status, page = _send_file(web, link, b"kind,service,minutes,price\nvariant,Head massage,20,forty\nretail,,,\n")
    assert (status, "2 rows of the file cannot be used" in page) == (422, True)
    assert re.search(r"Row 2, price:.*forty", page)
    assert 'value="Stillpoint Clinic"' in page
    good = b"kind,service,minutes,price\nvariant,Head massage,20,40.00\n"
    status, page = _send_file(web, link, good, owner_pin="1")
    assert (status, "own.csv is kept" in page) == (422, True)
    packed = re.search(r'name="packed" value="([^"]+)"', page)
    assert packed
    status, _ = _send_file(web, link, b"", packed=packed[1], name="own.csv")
    assert status == 303
    with app.app_context():
        [place] = places(reading())
        assert [(item.name, item.price_minor) for item in menu(reading(), place, place.today()).all()] == [
            ("Head massage 20", 40_00)
        ]


def test_setup_without_the_chosen_catalogue_file_asks_for_it(web: FlaskClient, link: str) -> None:
    status, page = _send_file(web, link, b"")
    assert (status, "Choose a file." in page) == (422, True)
