"""Receipt printers of a location: added, tried, changed, chosen at a desk, retired; each change in the audit log."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import select

from pos.core.audit import AuditEvent
from pos.domain.locations.models import Desk, Printer
from tests.support.clinic import Clinic
from tests.support.roll_printer import roll_printer
from tests.web.office.test_items import OfficeOf
from tests.web.office.test_places import post_form

PAGE = "/office/settings/printers?location=riverside"
KEY = "019cf2a4-0000-7000-8000-00000000d35c"


def test_printer_added_tried_chosen_and_retired(books: Clinic, office: OfficeOf) -> None:
    web = office(books.manager)
    assert "No network printer" in web.get(PAGE).text
    with roll_printer() as printer:
        form = {"key": KEY, "name": " Front ", "host": "127.0.0.1", "port": str(printer.port), "model": "epson_t88"}
        for _ in range(2):  # pressed twice
            assert post_form(web, PAGE, **form)[0] == 303
        address = f"/office/settings/printers/{KEY}"
        change = f"/office/settings/desks/{books.usd.desk}/change"
        assert post_form(web, change, name="Front", paper="80mm", printer=KEY)[0] == 303
        assert post_form(web, f"{address}/test")[0] == 303
        (page,) = printer.jobs(1)
        assert b"123456789012345678901234567890123456789012\n" in page  # 42 characters
        assert b"Front" in page
        assert b"\x1bp" not in page  # the drawer stays shut
    status, text = post_form(web, f"{address}/test")
    assert (status, "Front did not answer." in text) == (409, True)
    assert post_form(web, f"{address}/change", **form | {"opens_drawer": "on"})[0] == 303
    assert post_form(web, f"{address}/retire")[0] == 303
    # A desk keeps its choice, saved anew too; a retired printer is offered to no other, and comes back as it was.
    page = web.get("/office/settings/desks?location=riverside").text
    assert re.findall(rf'<option value="{KEY}"([^>]*)>', page) == [" selected"]
    assert "Front · Retired" in page
    assert post_form(web, f"{address}/restore")[0] == 303
    with books.read() as session:
        row = session.scalars(select(Printer)).one()
        assert (row.name, row.opens_drawer, row.active) == ("Front", True, True)
        assert session.get_one(Desk, books.usd.desk).printer_id == row.id
        query = select(AuditEvent.action).where(AuditEvent.action.startswith("printer.")).order_by(AuditEvent.id)
        assert session.scalars(query).all() == [
            "printer.added", "printer.changed", "printer.retired", "printer.brought_back",
        ]  # fmt: skip


def test_printer_form_wrong_field_is_named_and_kept(books: Clinic, office: OfficeOf) -> None:
    web = office(books.manager)
    right: dict[str, Any] = {"key": KEY, "name": "Front", "host": "192.168.1.50", "port": "9100", "model": "epson_t88"}
    for field, wrong in (
        ("name", ""), ("host", "http://192.168.1.50/"), ("host", "a b"), ("host", "front..local"),
        ("host", "a" * 64), ("host", "1:2"), ("port", "25"), ("port", "６"), ("model", "lp"),
    ):  # fmt: skip
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', web.get(PAGE).text)
        assert token
        answer = web.post(PAGE, data={"csrf_token": token[1]} | right | {field: wrong})
        status, page = answer.status_code, answer.text
        assert (status, 'id="error-new"' in page) == (422, True), field
        marked = re.findall(r'name="(\w+)"[^>]*aria-invalid="true"', page)
        assert marked == [field]
        assert 'value="9100"' in page or field == "port"


def test_printer_of_another_location_is_not_there(books: Clinic, office: OfficeOf) -> None:
    form = {"key": KEY, "name": "Hinten", "host": "192.168.1.50", "port": "9100", "model": "other_80"}
    assert post_form(office(books.owner), "/office/settings/printers?location=altstadt", **form)[0] == 303
    web = office(books.manager)
    for action in ("change", "test", "retire", "restore"):
        assert post_form(web, f"/office/settings/printers/{KEY}/{action}", **form)[0] == 404
    change = f"/office/settings/desks/{books.usd.desk}/change"
    assert post_form(web, change, name="Front", paper="80mm", printer=KEY)[0] == 422
