"""The catalogue page of the office: a file is looked at, brought in as it was seen, and refused row by row."""

from __future__ import annotations

import io
import re
from collections.abc import Callable

from flask.testing import FlaskClient

from tests.support.clinic import Clinic, Colleague

PAGE = "/office/settings/catalogue-file"
Office = Callable[[Colleague | None], FlaskClient]


def _hidden(page: str) -> dict[str, str]:
    return dict(re.findall(r'<input type="hidden" name="([a-z_]+)" value="([^"]*)"', page))


def _look(web: FlaskClient, content: bytes | None, **form: str) -> tuple[int, str]:
    sent: dict[str, object] = {"csrf_token": _hidden(web.get(PAGE).text)["csrf_token"], "from_on": "2099-01-01"} | form
    if content is not None:
        sent["file"] = (io.BytesIO(content), "list.csv")
    answer = web.post(PAGE, data=sent, content_type="multipart/form-data")
    return answer.status_code, answer.text


def test_catalogue_file_is_seen_before_it_is_saved(books: Clinic, office: Office) -> None:
    web = office(books.owner)
    status, page = _look(web, b"kind,name,key,price_riverside\nadd_on,Oil of mint,O,7.50\nretail,Massage oil,,19\n")
    assert status == 200
    assert "price_riverside: 18.00 → 19.00" in page
    assert "price_riverside: 7.50" in page
    assert "Oil of mint" not in web.get("/office/settings/items").text
    done = web.post(f"{PAGE}/confirm", data=_hidden(page.split("Bring in 2 rows")[0].rpartition("<form")[2]))
    assert done.status_code == 303
    assert "Oil of mint" in web.get("/office/settings/items").text
    again = web.post(f"{PAGE}/confirm", data=_hidden(page.split("Bring in 2 rows")[0].rpartition("<form")[2]))
    assert again.status_code == 409
    assert "has changed since" in again.text


def test_catalogue_file_refused_names_rows_and_keeps_the_file_where_the_day_is_wrong(
    books: Clinic, office: Office
) -> None:
    web = office(books.owner)
    status, page = _look(web, b"kind,name\nadd_on,\ncard,Gift\n")
    assert (status, "Nothing was changed" in page, "is no kind of item" in page) == (422, True, True)
    assert "Bring in" not in page
    status, page = _look(web, b"kind,name\nadd_on,Oil of mint\n", from_on="2001-01-01")
    assert (status, "today or later" in page, 'value="2001-01-01"' in page) == (422, True, True)
    status, page = _look(web, None, packed=_hidden(page)["packed"], name="list.csv")
    assert (status, "Bring in 1 row" in page) == (200, True)
    assert _look(web, None)[0] == 422
