"""Visits in the office: a day, one typed in and changed, a file looked at and brought in, and what comes out as CSV."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient

from pos import cli
from pos.core.audit import AuditEvent
from pos.domain.appointments.models import Appointment
from pos.domain.clients.queries import client
from pos.domain.locations.queries import place
from tests.support.clinic import Clinic, Colleague

PAGE = "/office/sales/visits"
OfficeOf = Callable[[Colleague | None], FlaskClient]


def hidden(page: str) -> dict[str, str]:
    return dict(
        re.findall(r'name="(csrf_token|appointment_id|client_id|packed|sha256|name)"[^>]*?value="([^"]*)"', page)
    )


def fields(web: FlaskClient, path: str) -> dict[str, str]:
    """What a page's form begins with."""
    page = web.get(path).text
    found = dict(re.findall(r'<input[^>]*? name="(\w+)"[^>]*? value="([^"]*)"', page))
    keys = re.findall(r'id="(\w+)" name="\1" type="hidden" value="([^"]*)"', page)
    token = re.findall(r'name="csrf_token" value="([^"]*)"', page)[0]
    return found | dict(keys) | {"csrf_token": token}


def test_visit_typed_in_the_office_is_kept_with_its_client_and_changed(books: Clinic, office: OfficeOf) -> None:
    web = office(books.manager)
    with books.read() as session:
        ana = client(session, books.ana)
        name, email = ana.name, ana.email
        today = place(session, books.usd.location_id).today().isoformat()
    form = fields(web, PAGE) | {
        "visit_on": today, "starts_at": "half past", "client_name": name, "contact": email or "", "note": "Second floor",
        "item_id": str(books.items["foot_30"]), "therapist_id": "",
    }  # fmt: skip
    refused = web.post(PAGE, data=form)
    assert (refused.status_code, "Write the time like 09:30" in refused.text, "half past" in refused.text) == (
        422, True, True,
    )  # fmt: skip
    assert web.post(PAGE, data=form | {"starts_at": "9:30"}).status_code == 303
    page = web.get(PAGE).text
    assert [word in page for word in ("09:30", name, "Foot massage", "Second floor")] == [True] * 4
    with books.read() as session:
        row = session.query(Appointment).one()
        assert row.client_id == books.ana
    one = f"{PAGE}/{row.id}"
    changed = (
        fields(web, one) | form | {"starts_at": "10:00", "contact": "", "client_id": str(books.ana), "state": "missed"}
    )
    assert web.post(one, data=changed).status_code == 303
    csv = web.get(f"/office/reports/appointments.csv?location=riverside&from={today}&to={today}").text
    assert [word in csv for word in ("10:00", name, "Missed")] == [True] * 3
    with books.read() as session:
        noted = {event.action: event.detail for event in session.query(AuditEvent) if "appointment" in event.action}
    assert noted["appointment.changed"]["after"] == {"starts_at": "10:00", "state": "missed"}
    assert name not in str(noted), "the log cannot forget"


def test_file_of_visits_is_looked_at_then_brought_in_and_by_command(
    books: Clinic, office: OfficeOf, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    web = office(books.manager)
    with books.read() as session:
        today = place(session, books.usd.location_id).today().isoformat()
    head, row = "date,time,client,service,reference\n", f'{today},9:30,Nora,"Foot massage, 30 min",B-1\n'

    def look(text: str) -> tuple[int, str]:
        sent = {"csrf_token": fields(web, f"{PAGE}/file")["csrf_token"], "file": (io.BytesIO(text.encode()), "day.csv")}
        answer = web.post(f"{PAGE}/file", data=sent, content_type="multipart/form-data")
        return answer.status_code, answer.text

    status, page = look(head + row + f"{today},9:30,,Haircut,B-2\n")
    assert (status, "Haircut" in page, books.count(Appointment)) == (422, True, 0)
    status, page = look(head + row)
    assert (status, "not a known client" in page) == (200, True)
    assert web.post(f"{PAGE}/file/confirm", data=hidden(page)).status_code == 303
    assert "There is nothing to save" in look(head + row)[1]
    monkeypatch.setattr("pos.installation.command_app", lambda *_, **__: books.app)
    monkeypatch.setenv("INSTANCE_DIR", str(tmp_path))
    path = tmp_path / "day.csv"
    path.write_text(head + row.replace("Nora", "Nora Blum"))
    command = ["import", "visits", str(path), "--location", "riverside"]
    dry = CliRunner().invoke(cli.main, [*command, "--dry-run"])
    assert (dry.exit_code, dry.stdout.splitlines()[0]) == (
        0,
        "1 visit: 0 new, 1 changed, 0 cancelled, 0 same; 0 errors",
    )
    assert CliRunner().invoke(cli.main, command).exit_code == 0
    with books.read() as session:
        assert session.query(Appointment).one().client_name == "Nora Blum"


def test_booking_system_gets_a_key_that_is_shown_once_and_ended(books: Clinic, office: OfficeOf) -> None:
    web, page = office(books.manager), f"{PAGE}/systems"
    token = hidden(web.get(page).text)["csrf_token"]
    nameless = web.post(page, data={"csrf_token": token, "name": " "})
    assert (nameless.status_code, "Give the booking system a name" in nameless.text) == (422, True)
    made = web.post(page, data={"csrf_token": token, "name": "Diary"})
    key = re.findall(r'class="key-once">([^<]+)<', made.text)[0]
    assert (made.headers["Cache-Control"], len(key) > 40, key in web.get(page).text) == ("no-store", True, False)
    again = web.post(page, data={"csrf_token": token, "name": "Diary"})
    assert (again.status_code, 'value="Diary"' in again.text) == (409, True)
    ends = re.findall(rf'action="({page}/[^"]+/end[^"]*)"', web.get(page).text)[0]
    assert web.post(ends, data={"csrf_token": token}).status_code == 303
    assert "No booking system sends visits yet" in web.get(page).text
    assert web.post(ends, data={"csrf_token": token}).status_code == 404
