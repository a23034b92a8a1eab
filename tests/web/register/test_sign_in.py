"""The door of the register, without a script: desk remembered, PIN, and what it says when it stays shut."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from invoices.errors import PaperUnavailable
from pos.core import clock
from pos.web.common.sessions import BY_ITSELF
from pos.web.register import views
from tests.support.clinic import Clinic, line
from tests.web.register.conftest import Register


def sign_in_with_pin(http: FlaskClient, pin: str, desk: object = "", path: str = "") -> TestResponse:
    page = http.get("/register/sign-in").text
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found
    form = {"csrf_token": found.group(1), "pin": pin, "desk": str(desk), "next": path}
    return http.post("/register/sign-in", data={key: value for key, value in form.items() if value})


def test_sign_in_remembers_desk_and_needs_only_pin(clinic: Clinic) -> None:
    http = clinic.app.test_client()
    assert http.get("/register/").headers["Location"].startswith("/register/sign-in")
    opened = sign_in_with_pin(http, clinic.receptionist.pin, clinic.usd.desks[1])
    assert (opened.status_code, opened.headers["Location"]) == (303, "/register/")
    assert "Back" in http.get("/register/").text
    http.delete_cookie("tp_register", path="/register")
    assert sign_in_with_pin(http, clinic.receptionist.pin).status_code == 303
    assert http.get("/register/api/state").get_json()["desk"]["name"] == "Back"


def test_sign_in_wrong_pin_is_refused_in_place_and_fifth_locks_desk(clinic: Clinic) -> None:
    http = clinic.app.test_client()
    answers = [sign_in_with_pin(http, "000111", clinic.usd.desk) for _ in range(5)]
    assert {answer.status_code for answer in answers} == {422}
    assert 'id="pin-error"' in answers[0].text
    assert "That PIN is not right." in answers[0].text
    assert f'value="{clinic.usd.desk}" selected' in answers[0].text
    locked = sign_in_with_pin(http, clinic.receptionist.pin, clinic.usd.desk)
    assert locked.status_code == 429
    assert "Try again in 15 min" in locked.text
    assert sign_in_with_pin(http, clinic.receptionist.pin, clinic.usd.desks[1]).status_code == 303


@pytest.mark.parametrize("pin", ["", "1", "abcdef", "9" * 500, "' OR 1=1", "１４０８５７"])
def test_sign_in_malformed_pin_is_refused(clinic: Clinic, pin: str) -> None:
    answer = sign_in_with_pin(clinic.app.test_client(), pin, clinic.usd.desk)
    assert answer.status_code == 422
    assert "That PIN is not right." in answer.text


@pytest.mark.parametrize("desk", ["", "no desk", "01900000-0000-7000-8000-000000000000"])
def test_sign_in_without_valid_desk_is_refused(clinic: Clinic, desk: str) -> None:
    answer = sign_in_with_pin(clinic.app.test_client(), clinic.receptionist.pin, desk)
    assert answer.status_code in (404, 422)
    assert "desk" in answer.text
    assert "Set-Cookie" not in answer.headers or "tp_register" not in answer.headers["Set-Cookie"]


def test_sign_in_therapist_or_staff_of_other_location_is_refused(clinic: Clinic) -> None:
    for person in (clinic.therapist, clinic.eur_receptionist):
        answer = sign_in_with_pin(clinic.app.test_client(), person.pin, clinic.usd.desk)
        assert answer.status_code == 422, "the answer to a wrong PIN"
        assert "ask a manager" in answer.text


@pytest.mark.parametrize(
    "path", ["//evil.example", "https://evil.example", "/office/", "/register\\@evil", "/register//x"]
)
def test_sign_in_next_outside_register_is_ignored(clinic: Clinic, path: str) -> None:
    opened = sign_in_with_pin(clinic.app.test_client(), clinic.receptionist.pin, clinic.usd.desk, path)
    assert opened.headers["Location"] == "/register/"


def test_sign_in_next_leads_back_to_requested_receipt(clinic: Clinic) -> None:
    done = clinic.sell(line("oil"))
    path = f"/register/sales/{done.sale_id}/receipt.html"
    opened = sign_in_with_pin(clinic.app.test_client(), clinic.receptionist.pin, clinic.usd.desk, path)
    assert opened.headers["Location"] == path


@pytest.mark.parametrize(("by_itself", "status"), [(True, 401), (False, 200)])
def test_sign_in_is_kept_alive_by_a_person_and_not_by_what_the_page_asks_itself(
    clinic: Clinic, by_itself: bool, status: int
) -> None:
    register, now = Register(clinic, clinic.receptionist), clock.now()
    headers = {BY_ITSELF: "1"} if by_itself else {}
    for minutes in range(0, 35, 5):
        with clock.at(now + timedelta(minutes=minutes)):
            answer = register.http.get("/register/api/appointments", headers=headers)
    assert answer.status_code == status


def test_sign_out_keeps_ticket_of_desk(clinic: Clinic, register: Register) -> None:
    ticket = register.ticket(line("trigger_60"))
    answer = register.http.post("/register/sign-out", data={"csrf_token": register.token})
    assert answer.status_code == 303
    assert register.get("/state").status_code == 401
    assert sign_in_with_pin(register.http, clinic.receptionist.pin, clinic.usd.desk).status_code == 303
    assert register.get("/state").get_json()["ticket"]["ticket_id"] == ticket["ticket_id"]


def test_receipt_pdf_unavailable_offers_html_page(
    clinic: Clinic, register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> bytes:
        raise PaperUnavailable("apt install libpango-1.0-0")

    monkeypatch.setattr(views, "receipt_pdf", refuse)
    done = clinic.sell(line("oil"))
    answer = register.http.get(f"/register/sales/{done.sale_id}/receipt.pdf")
    assert answer.status_code == 503
    assert "apt install libpango-1.0-0" in answer.text
    assert f"/register/sales/{done.sale_id}/receipt.html" in answer.text
