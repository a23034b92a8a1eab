"""Staff in the office: added, changed, given ways to sign in, invited by mail, deactivated."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from pos.core import clock
from pos.core.audit import AuditEvent
from pos.core.ids import new_id
from pos.core.outbox import OutboxMessage
from pos.domain.staff import queries
from pos.domain.staff.models import Staff, StaffSession
from pos.domain.staff.totp import code_at, step_of
from pos.services.auth import sign_in_by_pin
from tests.support.clinic import Clinic, Colleague

PAGE = "/office/settings/staff"
Office = Callable[[Colleague | None], FlaskClient]
LONG = "a fresh long password"


@pytest.fixture
def office(clinic: Clinic) -> Office:
    def sign_in(person: Colleague | None) -> FlaskClient:
        client = clinic.app.test_client()
        if person is not None:
            client.set_cookie("tp_office", clinic.office_cookie(person), path="/office")
        return client

    return sign_in


def send(web: FlaskClient, path: str, page: str = PAGE + "/new", **form: object) -> TestResponse:
    token = re.search(r'name="csrf_token" value="([^"]+)"', web.get(page).text)
    assert token
    return web.post(path, data={"csrf_token": token[1], **form})


def typed(clinic: Clinic, **more: object) -> dict[str, object]:
    return {
        "staff_id": str(new_id()), "name": "Nina", "email": "Nina@Clinic.Example", "role": "receptionist",
        "locations": [str(clinic.usd.location_id)], "tier": "0",
    } | more  # fmt: skip


def added(clinic: Clinic, web: FlaskClient, **more: object) -> str:
    form = typed(clinic, **more)
    answer = send(web, f"{PAGE}/new", **form)
    assert answer.status_code == 303, answer.text
    return f"{PAGE}/{form['staff_id']}"


def test_staff_added_and_given_pin_signs_in_at_desk(clinic: Clinic, office: Office) -> None:
    web = office(clinic.manager)
    page = added(clinic, web, treats="y", licence_number=" LMT  4711 ", npi="1234567893")
    assert send(web, f"{page}/pin", page, pin=clinic.receptionist.pin).status_code == 409
    weak = send(web, f"{page}/pin", page, pin="111111")
    assert (weak.status_code, "at least three of them different" in weak.text) == (422, True)
    shown = send(web, f"{page}/pin", page, propose="1")
    pin = re.search(r"The new PIN is (\d{6})", shown.text)
    assert pin
    assert pin[1] not in web.get(page).text
    with clinic.app.app_context():
        assert sign_in_by_pin(desk_id=clinic.usd.desk, pin=pin[1]).person.name == "Nina"
    with clinic.read() as session:
        row = session.scalars(select(Staff).where(Staff.name == "Nina")).one()
        assert (row.email, row.licence_number, row.npi, row.treats) == (
            "nina@clinic.example", "LMT 4711", "1234567893", True,
        )  # fmt: skip
        notes = session.scalars(select(AuditEvent).where(AuditEvent.subject_id == row.id)).all()
        assert {note.action for note in notes} == {"staff.added", "staff.pin_set"}
        assert pin[1] not in repr([note.detail for note in notes])
    assert "Nina" in web.get(PAGE).text


@pytest.mark.parametrize(
    ("more", "status", "words"),
    [
        ({"name": " "}, 422, "Write a name"),
        ({"email": "no"}, 422, "An e-mail address has one @ in it"),
        ({"email": "mara@clinic.example"}, 409, "has this e-mail address already"),
        ({"npi": "1234567890"}, 422, "check digit"),
        ({"locations": []}, 422, "Choose at least one location."),
        ({"role": "owner"}, 422, "Not a valid choice"),
    ],
)
def test_staff_form_wrong_is_refused_and_keeps_what_was_typed(
    clinic: Clinic, office: Office, more: dict[str, object], status: int, words: str
) -> None:
    with clinic.read() as session:
        mail = str(session.get_one(Staff, clinic.manager.id).email)
    more = {"email": mail} if more.get("email") == "mara@clinic.example" else more
    answer = send(office(clinic.manager), f"{PAGE}/new", **typed(clinic, **{"licence_number": "LMT 4711", **more}))
    assert (answer.status_code, words in answer.text, "LMT 4711" in answer.text) == (status, True, True), answer.text


def test_manager_changes_neither_owner_nor_people_of_other_locations(clinic: Clinic, office: Office) -> None:
    web = office(clinic.manager)
    for person, status in ((clinic.owner, 403), (clinic.bookkeeper, 403), (clinic.eur_receptionist, 404)):
        page = f"{PAGE}/{person.id}"
        assert web.get(page).status_code == status
        for path in ("/pin", "/password", "/deactivate", "/invite", "/commission"):
            assert send(web, page + path, pin="918273", password=LONG).status_code == status
    elsewhere = send(web, f"{PAGE}/new", **typed(clinic, locations=[str(clinic.eur.location_id)]))
    assert elsewhere.status_code == 422
    own = send(web, f"{PAGE}/{clinic.manager.id}", **typed(clinic, name="Mara", email=clinic.manager.email))
    assert (own.status_code, "Nobody changes their own role" in own.text) == (403, True)
    assert send(web, f"{PAGE}/{clinic.manager.id}/deactivate").status_code == 403


def test_deactivated_person_is_signed_out_everywhere_and_comes_back(clinic: Clinic, office: Office) -> None:
    web, page = office(clinic.owner), f"{PAGE}/{clinic.manager.id}"
    desk, at_office = clinic.desk_cookie(clinic.manager), clinic.office_cookie(clinic.manager)
    assert send(web, f"{page}/deactivate").status_code == 303
    with clinic.read() as session:
        assert session.scalars(select(StaffSession).where(StaffSession.staff_id == clinic.manager.id)).all() == []
    assert send(web, f"{page}/take-back").status_code == 303
    with clinic.read() as session:
        assert queries.signed_in(session.connection(), desk, "register") is None
        assert queries.signed_in(session.connection(), at_office, "office") is None
    assert clinic.desk_cookie(clinic.manager)
    again = send(web, f"{PAGE}/{clinic.owner.id}/deactivate")
    assert again.status_code == 403


def link_of(clinic: Clinic) -> str:
    with clinic.read() as session:
        query = select(OutboxMessage).where(OutboxMessage.topic == "staff_link").order_by(OutboxMessage.id.desc())
        payload = session.scalars(query).first()
        assert payload
        link = str(payload.payload["secret"]["link"])
    return link[link.index("/office/") :]


def test_invitation_mailed_lets_person_choose_password_and_pin_once(
    clinic: Clinic, office: Office, frozen: datetime
) -> None:
    page = added(clinic, office(clinic.owner), role="manager")
    assert send(office(clinic.owner), f"{page}/invite").status_code == 303
    link, web = link_of(clinic), office(None)
    with clock.at(frozen + timedelta(days=7, seconds=1)):
        assert web.get(link).status_code == 404
    assert web.get(link).status_code == 200
    assert send(web, link, link, password="short", pin="").status_code == 422
    assert send(web, link, link, password=LONG, pin=clinic.receptionist.pin).status_code == 409
    assert send(web, link, link, password=LONG, pin="918273").status_code == 303
    assert web.get(link).status_code == 404
    assert enter(web, "nina@clinic.example", LONG).status_code == 303


def enter(web: FlaskClient, email: object, password: object) -> TestResponse:
    return send(web, "/office/sign-in", "/office/sign-in", email=email, password=password)


def test_forgotten_password_is_reset_by_mail_and_ends_office_sign_ins(
    clinic: Clinic, office: Office, frozen: datetime
) -> None:
    web, person = office(None), clinic.manager
    old = office(person)
    unknown = send(web, "/office/forgotten", "/office/forgotten", email="nobody@clinic.example")
    known = send(web, "/office/forgotten", "/office/forgotten", email=person.email)
    assert unknown.status_code == known.status_code == 200
    said, told = (answer.text.split("<main")[1] for answer in (unknown, known))
    assert said.replace("nobody@clinic.example", "") == told.replace(str(person.email), "")
    link = link_of(clinic)
    with clock.at(frozen + timedelta(minutes=30, seconds=1)):
        assert web.get(link).status_code == 404
    assert "PIN for the desk" not in web.get(link).text
    assert send(web, link, link, password=LONG).status_code == 303
    assert old.get("/office/sales").status_code == 303
    assert enter(web, person.email, person.password).status_code == 422
    assert enter(web, person.email, LONG).status_code == 303
    for _ in range(4):
        send(web, "/office/forgotten", "/office/forgotten", email=person.email)
    locked = send(web, "/office/forgotten", "/office/forgotten", email=person.email)
    assert "Too many wrong attempts" in locked.text


def shown_secret(page: str) -> str:
    """The secret of a second factor being set up, as the page shows it, in one word."""
    found = re.search(r'<p translate="no">([A-Z2-7 ]+)</p>', page)
    assert found
    return re.sub(r"\s", "", found[1])


def test_second_factor_set_up_asks_for_code_which_is_good_once(
    clinic: Clinic, office: Office, frozen: datetime
) -> None:
    web, own = office(clinic.manager), "/office/your-sign-in"
    assert send(web, f"{own}/begin", own).status_code == 303
    secret = shown_secret(web.get(own).text)
    assert web.get(f"{own}/code.svg").mimetype == "image/svg+xml"
    assert send(web, f"{own}/prove", own, code="000000").status_code == 422
    proved = send(web, f"{own}/prove", own, code=code_at(secret, step_of(frozen)))
    recovery = re.findall(r"<li>([A-Z2-9]{4}-[A-Z2-9]{4}-[A-Z2-9]{4})</li>", proved.text)
    assert len(recovery) == 10
    door = office(None)

    def try_code(code: str) -> TestResponse:
        asked = enter(door, clinic.manager.email, clinic.manager.password)
        token = re.search(r'name="token" value="([^"]+)"', asked.text)
        assert token
        assert door.get("/office/sales").status_code == 303
        return send(door, "/office/sign-in/code", "/office/sign-in", token=token[1], code=code)

    assert try_code(code_at(secret, step_of(frozen))).status_code == 422  # used to turn it on
    with clock.at(frozen + timedelta(seconds=60)):
        code = code_at(secret, step_of(frozen) + 2)
        assert try_code(code).status_code == 303
        assert door.get("/office/sales").status_code == 200
        send(door, "/office/sign-out", own)
        assert try_code(code).status_code == 422
        assert try_code(recovery[0].lower()).status_code == 303
        send(door, "/office/sign-out", own)
        assert try_code(recovery[0]).status_code == 422
        assert try_code("123456").status_code == 422  # the fifth wrong one
        assert try_code(recovery[1]).status_code == 429
    with clock.at(frozen + timedelta(minutes=20)):
        assert try_code(recovery[1]).status_code == 303
        assert send(door, f"{own}/end", own, present="wrong").status_code == 422
        assert send(door, f"{own}/end", own, present=clinic.manager.password).status_code == 303
        assert enter(office(None), clinic.manager.email, clinic.manager.password).status_code == 303


def test_second_factor_lost_is_ended_by_owner_only(clinic: Clinic, office: Office) -> None:
    page = f"{PAGE}/{clinic.manager.id}"
    assert send(office(clinic.manager), f"{page}/end-second-factor").status_code == 403
    assert send(office(clinic.owner), f"{page}/end-second-factor").status_code == 303


def test_commission_from_a_day_on_is_kept_and_past_day_refused(clinic: Clinic, office: Office) -> None:
    web, page = office(clinic.manager), f"{PAGE}/{clinic.therapist.id}"
    with clinic.read():
        today = clock.now().date()
    past = (today - timedelta(days=3)).isoformat()
    asked = {"visit_percent": "40", "sale_percent": "7.5"}
    assert send(web, f"{page}/commission", from_on=past, **asked).status_code == 422
    assert send(web, f"{page}/commission", from_on=(today + timedelta(days=1)).isoformat(), **asked).status_code == 303
    shown = web.get(page).text
    assert "40" in shown
    assert "7.5" in shown
