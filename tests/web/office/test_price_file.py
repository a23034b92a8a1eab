"""The price list goes out as CSV and comes in again: what would change is seen before anything is saved."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from uuid import UUID

from flask.testing import FlaskClient
from sqlalchemy import select

from pos.domain.catalogue.models import Item, Price
from tests.support.clinic import Clinic, Colleague

PAGE = "/office/settings/prices"


def rows_of(web: FlaskClient) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(web.get(f"{PAGE}.csv").data.decode("utf-8-sig"))))


def look(web: FlaskClient, rows: list[dict[str, str]] | bytes) -> tuple[int, str]:
    if isinstance(rows, list):
        out = io.StringIO()
        writer = csv.DictWriter(out, rows[0])
        writer.writeheader()
        writer.writerows(rows)
        rows = out.getvalue().encode()
    token = re.search(r'name="csrf_token" value="([^"]+)"', web.get(PAGE).text)
    assert token
    sent = {"csrf_token": token[1], "file": (io.BytesIO(rows), "prices.csv")}
    answer = web.post(f"{PAGE}/file", data=sent, content_type="multipart/form-data")
    return answer.status_code, answer.text


def test_price_file_unchanged_changes_nothing(books: Clinic, office: Callable[[Colleague | None], FlaskClient]) -> None:
    web = office(books.owner)
    status, page = look(web, rows_of(web))
    assert (status, "0 prices would change" in page, "0 rows are wrong" in page) == (200, True, True)


def test_price_file_edited_shows_before_and_after_and_saves_nothing(
    books: Clinic, office: Callable[[Colleague | None], FlaskClient]
) -> None:
    oil = books.items["oil"]
    books.write(lambda session: setattr(session.get(Item, oil), "name", "=cmd()"))
    web = office(books.owner)
    rows = rows_of(web)
    named = {(UUID(row["item_id"]), row["location"]): row for row in rows}
    assert named[oil, "riverside"]["item"] == "'=cmd()"
    assert named[oil, "riverside"]["price"] == "18.00"
    named[oil, "riverside"]["price"] = "19,50"
    named[books.items["cupping"], "altstadt"]["price"] = ""
    named[books.items["foot_30"], "riverside"]["price"] = "cheap"
    named[books.items["foot_60"], "riverside"]["item_id"] = "x"
    number = rows.index(named[books.items["foot_30"], "riverside"]) + 2
    status, page = look(web, rows)
    counted = f"{len(rows)} rows were read. 2 prices would change. 1 of them ends a sale. 2 rows are wrong."
    assert (status, counted in page, f"Row {number}:" in page) == (200, True, True)
    assert f'name="price-{oil}-riverside"' in page
    assert 'value="19.50"' in page
    assert "was 18.00" in page
    with books.read() as session:
        assert session.scalars(select(Price.price_minor).where(Price.item_id == oil)).all() == [18_00, 18_00]
    # Somebody of one location neither sees nor changes the others.
    mine = office(books.manager)
    assert {row["location"] for row in rows_of(mine)} == {"riverside"}
    assert "no such location among yours" in look(mine, rows)[1]
    for content, words in ((b"\xff\xfe", "UTF-8"), (b"a,b\n1,2\n", "item_id"), (b"", "")):
        status, page = look(web, content)
        assert (status, words in page) == (422, True)
