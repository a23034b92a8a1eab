"""Locations and desks in the office: added, edited with frozen facts shown, retired and brought back, refused in place."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from pos.core.audit import AuditEvent
from pos.domain.ledger.models import Chain
from pos.domain.locations.models import Desk, Location
from pos.domain.locations.queries import desk_place, scanner_of
from pos.domain.receipts.credit_note_models import CreditNoteSeries
from pos.domain.receipts.models import ReceiptSeries
from tests.support.clinic import Clinic, Colleague
from tests.web.office.test_pages import text

Office = Callable[[Colleague | None], FlaskClient]
LIST = "/office/settings/locations"
DESKS = "/office/settings/desks?location=riverside"


def hidden(page: str) -> dict[str, str]:
    """The hidden fields of the form that saves a location."""
    form = page[page.rindex('<form\n  method="post"') :]
    names = re.findall(r'<input[^>]*name="(csrf_token|location_id|seen)"[^>]*>', form)
    found = {}
    for name in names:
        tag = re.search(rf'<input[^>]*name="{name}"[^>]*>', form)
        assert tag
        value = re.search(r'value="([^"]*)"', tag[0])
        found[name] = value[1] if value else ""
    return found


def values(**other: str) -> dict[str, str]:
    """A location in Vienna, as it is typed."""
    return {
        "name": "Neubau",
        "clinic_name": "Praxis Neubau",
        "slug": "neubau",
        "address_lines": "Neubaugasse 1\n1070 Wien",
        "country": "AT",
        "phone": "+43 1 5550118",
        "email": "wien@clinic.example",
        "locale": "de_AT",
        "currency": "EUR",
        "time_zone": "Europe/Vienna",
        "cutoff_hour": "3",
        "tax_inclusive": "yes",
        "tax_method": "invoice",
        "tax_label": "USt.",
        "tax_id_label": "UID-Nr.",
        "tax_id": "ATU00000000",
        "receipt_prefix": "NB",
        "receipt_note": "Danke.",
        **other,
    }


def send(web: FlaskClient, path: str, form: dict[str, Any], page: str | None = None) -> tuple[int, str, str]:
    answer = web.post(path, data=hidden(web.get(page or path).text) | form)
    return answer.status_code, answer.text, answer.headers.get("Location", "")


def post_form(web: FlaskClient, path: str, **form: str) -> tuple[int, str]:
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', web.get("/office/settings/desks").text)
    assert token
    answer = web.post(path, data={"csrf_token": token[1], **form})
    return answer.status_code, text(answer.text)


def test_location_country_proposes_what_is_usual_there(books: Clinic, office: Office) -> None:
    web = office(books.owner)
    page = web.get(f"{LIST}/new?country=CH").text
    for value in ("CHF", "de_CH", "Europe/Zurich", "MWST"):
        assert f'value="{value}"' in page
    assert "Nothing is known of what is usual there." in text(web.get(f"{LIST}/new?country=AQ").text)
    assert 'value="USD"' not in web.get(f"{LIST}/new").text


def test_location_added_opens_books_and_series_and_sells(books: Clinic, office: Office) -> None:
    web = office(books.owner)
    status, _, where = send(web, f"{LIST}/new?country=AT", values())
    assert (status, where.endswith("?done=added")) == (303, True)
    with books.read() as session:
        made = session.scalars(select(Location).where(Location.slug == "neubau")).one()
        assert session.get(Chain, made.id)
        assert session.get(CreditNoteSeries, (made.id, "CN"))
        assert session.scalars(select(ReceiptSeries.series).where(ReceiptSeries.location_id == made.id)).all() == ["R"]
        event = session.scalars(select(AuditEvent).where(AuditEvent.action == "location.added")).one()
        assert (event.actor_id, event.detail["after"]["currency"]) == (books.owner.id, "EUR")
    assert "Neubau" in web.get(LIST).text
    # Nothing was sold yet: everything may still change.
    assert send(web, f"{LIST}/{made.id}", values(currency="CHF", receipt_prefix="NB2"))[0] == 303
    assert post_form(web, "/office/settings/desks?location=neubau", name="Empfang", key=str(made.id))[0] == 303
    assert "Empfang" in web.get("/office/settings/desks?location=neubau").text


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"currency": "DEM"}, "is not a currency in use"),
        ({"time_zone": "Europe/Wien"}, "is not a time zone"),
        ({"locale": "de_XY"}, "is not a known language and region"),
        ({"slug": "riverside"}, "Another location has this word"),
        ({"slug": "Neubau 7"}, "Use 2 to 40 small letters"),
        ({"receipt_prefix": "riv"}, "Another location’s receipt numbers begin with this."),
        ({"receipt_prefix": "N/B"}, "capital letters, digits and hyphens"),
        ({"receipt_prefix": "TEST-RIV"}, "Numbers of test sales begin with TEST-"),
        ({"email": "wien@"}, ""),
        ({"phone": "12"}, ""),
        ({"name": " "}, "This is needed"),
        ({"country": "ZZ"}, ""),
        ({"csv_form": "tab"}, ""),
    ],
)
def test_location_form_invalid_is_refused_in_place_and_kept(
    books: Clinic, office: Office, wrong: dict[str, str], says: str
) -> None:
    status, page, _ = send(office(books.owner), f"{LIST}/new", values(**wrong))
    (field,) = wrong
    assert (status, f'id="{field}-error"' in page, says in text(page)) == (422, True, True), text(page)
    assert 'value="Praxis Neubau"' in page
    with books.read() as session:
        assert session.scalar(select(Location.id).where(Location.name == "Neubau")) is None


def test_location_with_sales_shows_frozen_facts_and_keeps_them(books: Clinic, office: Office) -> None:
    web, path = office(books.manager), f"{LIST}/{books.usd.location_id}"
    page = text(web.get(path).text)
    assert "These cannot change any more" in page
    typed = values(slug="riverside", country="US", phone="", currency="EUR", receipt_prefix="X", cutoff_hour="0")
    typed |= {"locale": "en_US", "name": "Riverside West"}
    assert send(web, path, typed)[0] == 303
    with books.read() as session:
        row = session.get_one(Location, books.usd.location_id)
        assert (row.name, row.currency, row.receipt_prefix) == ("Riverside West", "USD", "RIV")
        event = session.scalars(select(AuditEvent).where(AuditEvent.action == "location.changed")).one()
        assert event.detail["before"]["name"] == "Riverside"
        assert "currency" not in event.detail["after"]
    # A form of before that change is refused, with all that was typed.
    status, page, _ = send(web, path, typed | {"seen": "old", "name": "Riverside East"})
    assert (status, "Somebody changed this location meanwhile" in page, "Riverside East" in page) == (409, True, True)
    # The other clinic's location is not this manager's.
    assert web.get(f"{LIST}/{books.eur.location_id}").status_code == 404
    assert send(web, f"{LIST}/{books.eur.location_id}", values(), page=path)[0] == 404


def test_location_with_open_drawer_is_not_retired(books: Clinic, office: Office) -> None:
    status, page = post_form(office(books.owner), f"{LIST}/{books.eur.location_id}/retire")
    assert (status, "The drawer of “Empfang” is open. Close it first." in page) == (409, True)


def test_desk_added_renamed_retired_and_brought_back(books: Clinic, office: Office) -> None:
    web, key = office(books.manager), "019cf2a4-0000-7000-8000-00000000d35c"
    for _ in range(2):  # pressed twice
        assert post_form(web, DESKS, name=" Side ", key=key)[0] == 303
    status, page = post_form(web, DESKS, name="front", key=key.replace("d35c", "d35d"))
    assert (status, "Another desk of this location is called that." in page) == (422, True)
    assert post_form(web, f"/office/settings/desks/{key}/change", name="Window", paper="sheet")[0] == 303
    assert post_form(web, f"/office/settings/desks/{key}/retire")[0] == 303
    status, page = post_form(web, f"/office/settings/desks/{books.usd.desk}/retire")
    assert (status, "The drawer of this desk is open. Close it first." in page) == (409, True)
    assert post_form(web, f"/office/settings/desks/{key}/restore")[0] == 303
    assert post_form(web, f"/office/settings/desks/{key}/change", name="Window", paper="stone")[0] == 422
    assert post_form(web, f"/office/settings/desks/{books.eur.desk}/change", name="Mine", paper="80mm")[0] == 404
    signs = {"name": "Window", "paper": "sheet", "scanner_suffix": "#"}
    status, page = post_form(web, f"/office/settings/desks/{key}/change", scanner_prefix="tp", **signs)
    assert (status, "begins with a sign nobody types" in page) == (422, True)
    assert post_form(web, f"/office/settings/desks/{key}/change", scanner_prefix=" ~1", **signs)[0] == 303
    with books.read() as session:
        assert desk_place(session, UUID(key)).papers == ("letter", "80mm")
        assert scanner_of(session, UUID(key)) == {"prefix": "~1", "suffix": "#"}
        assert desk_place(session, books.usd.desk).papers == ("80mm", "letter")
        rows = session.scalars(select(Desk.name).where(Desk.location_id == books.usd.location_id)).all()
        actions = session.scalars(select(AuditEvent.action).where(AuditEvent.action.startswith("desk."))).all()
    assert sorted(rows) == ["Back", "Front", "Window"]
    assert sorted(actions) == ["desk.added", "desk.brought_back", "desk.changed", "desk.changed", "desk.retired"]


def test_location_with_semicolons_gives_files_of_its_spreadsheets_and_of_programs(
    books: Clinic, office: Office
) -> None:
    web, path = office(books.owner), f"{LIST}/{books.eur.location_id}"
    typed = values(slug="altstadt", phone="", country="DE", cutoff_hour="0", csv_form="semicolon")
    assert send(web, path, typed)[0] == 303
    with books.read() as session:
        event = session.scalars(select(AuditEvent).where(AuditEvent.action == "location.changed")).one()
        assert (event.detail["before"]["csv_form"], event.detail["after"]["csv_form"]) == ("comma", "semicolon")
    days = "location=altstadt&from=2026-06-01&to=2026-06-30"
    own, programs = (web.get(f"/office/reports/sales.csv?{days}{more}") for more in ("", "&csv=rfc4180"))
    assert own.text.startswith("\ufeffDate;Time;Location;")
    assert programs.text.startswith("Date,Time,Location,")
    of_both = [
        [row["Total with tax"] for row in csv.DictReader(io.StringIO(text.removeprefix("\ufeff")), delimiter=mark)]
        for text, mark in ((own.text, ";"), (programs.text, ","))
    ]
    assert of_both[0] == [amount.replace(".", ",") for amount in of_both[1]]
    assert "," in of_both[0][0]
    assert "CSV for programs" in web.get(f"/office/reports/sales?{days}").text
    assert "CSV for programs" in web.get(f"/office/sales?{days}").text
    # Locations that write differently, and files for other programs, keep to RFC 4180.
    assert web.get("/office/reports/sales.csv?from=2026-06-01&to=2026-06-30").text.startswith("\ufeffDate,Time")
    assert web.get(f"/office/reports/journal.csv?{days}").text.startswith("Date,Location")
