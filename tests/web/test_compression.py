"""Scripts and the page of the register travel compressed, in a coding that the browser takes; other pages do not."""

from __future__ import annotations

import gzip

import brotli
import pytest
from flask import Flask
from flask.testing import FlaskClient

from pos.web.common.template_context import STATIC, asset
from tests.support.clinic import Clinic

SCRIPT = "js/register/cart.js"
DECODED = {"br": brotli.decompress, "gzip": gzip.decompress, "": bytes}


@pytest.fixture
def database(sqlite_database: str) -> str:
    """SQLite alone: no file comes from a database."""
    return sqlite_database


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [("gzip, deflate, br, zstd", "br"), ("gzip", "gzip"), ("br;q=0, gzip", "gzip"), ("identity", ""), ("", "")],
)
def test_script_asked_for_comes_in_coding_that_is_accepted(app: Flask, accepted: str, coding: str) -> None:
    for _ in range(2):  # the second time from memory
        with app.test_client().get(asset(SCRIPT), headers={"Accept-Encoding": accepted}) as answer:
            content = answer.data
        assert answer.headers.get("Content-Encoding", "") == coding
        assert DECODED[coding](content) == (STATIC / SCRIPT).read_bytes()
        assert int(answer.headers["Content-Length"]) == len(content)
        assert answer.headers["Vary"] == "Accept-Encoding"
        assert answer.headers["Cache-Control"] == "max-age=31536000, public"


def test_static_file_not_whole_or_not_text_is_not_compressed(clinic: Clinic) -> None:
    http, packed = clinic.app.test_client(), {"Accept-Encoding": "br"}
    with http.get(asset(SCRIPT), headers={**packed, "Range": "bytes=0-9"}) as part:
        assert (part.status_code, part.data) == (206, (STATIC / SCRIPT).read_bytes()[:10])
    with http.get(asset("vendor/inter-5.3.0/inter-latin.woff2"), headers=packed) as font:
        assert (font.status_code, font.headers.get("Content-Encoding")) == (200, None)
    with http.head(asset(SCRIPT), headers=packed) as head:
        assert (head.status_code, head.data) == (200, b"")
    assert http.get(asset("js/none.js"), headers=packed).status_code == 404


def test_page_of_register_is_compressed_and_pages_that_repeat_their_request_are_not(clinic: Clinic) -> None:
    http: FlaskClient = clinic.app.test_client()
    http.set_cookie("tp_register", clinic.desk_cookie(clinic.receptionist), path="/register")
    page = http.get("/register/", headers={"Accept-Encoding": "br"})
    assert page.headers["Content-Encoding"] == "br"
    assert b'id="line-dialog"' in brotli.decompress(page.data)
    assert "Accept-Encoding" in page.headers["Vary"]
    for path in ("/register/sign-in", "/register/api/search?q=ana"):
        assert "Content-Encoding" not in http.get(path, headers={"Accept-Encoding": "br"}).headers
