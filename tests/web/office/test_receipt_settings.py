"""What receipts look like: set in the office, seen in the sample, kept by those already issued."""

from __future__ import annotations

import io
import re
from base64 import b64encode
from collections.abc import Callable

import pypdf
import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from pos.core.audit import AuditEvent
from pos.domain.locations.models import LocationLogo
from pos.domain.receipts import repository as receipts
from pos.services.documents.receipts import receipt_html, receipt_pdf
from tests.support.clinic import Clinic, Colleague, line
from tests.support.logos import png
from tests.web.office.test_pages import text

Office = Callable[[Colleague | None], FlaskClient]
PAGE = "/office/settings/receipts?location=riverside"
PREVIEW = "/office/settings/receipts/preview?location=riverside"


def send(web: FlaskClient, page: str = PAGE, *, logo: bytes = b"", **form: str) -> TestResponse:
    shown = web.get(PAGE).text
    hidden = dict(re.findall(r'name="(csrf_token|seen)"[^>]*value="([^"]+)"', shown))
    files = {"logo": (io.BytesIO(logo), "evil.exe")} if logo else {}
    return web.post(page, data={**hidden, **form, **files}, content_type="multipart/form-data")


def data_address(logo: bytes) -> str:
    return f"data:image/png;base64,{b64encode(logo).decode()}"


def test_receipts_issued_before_keep_their_look(books: Clinic, office: Office) -> None:
    web, first, second = office(books.manager), png(), png(colour=(200, 0, 0))
    plain = books.sell(line("foot_30")).sale_id
    assert send(web, logo=first, accent="#14509A", receipt_note="Thanks.").status_code == 303
    blue = books.sell(line("foot_30")).sale_id
    assert send(web, logo=second, accent="#aa0000", receipt_note="Thanks.").status_code == 303
    assert send(web, remove_logo="yes", receipt_note="").status_code == 303

    with books.app.app_context(), books.read() as session:
        pages = [receipt_html(receipts.of_sale(session, one), "letter") for one in (plain, blue)]
        pdf = receipt_pdf(receipts.of_sale(session, blue), "letter")
    assert "data:image" not in pages[0]
    assert data_address(first) in pages[1]
    assert "color:#14509a" in pages[1]
    assert "Thanks." in pages[1]
    (picture,) = pypdf.PdfReader(io.BytesIO(pdf)).pages[0].images
    assert picture.image is not None
    assert picture.image.convert("RGB").getpixel((5, 5)) == (20, 90, 160)
    with books.read() as session:
        assert session.scalar(select(func.count()).select_from(LocationLogo)) == 2
        events = session.scalars(select(AuditEvent).where(AuditEvent.action == "location.receipts")).all()
    assert len(events) == 3
    assert events[0].detail["after"]["accent"] == "#14509a"


def test_sample_follows_what_is_typed_and_saves_nothing(books: Clinic, office: Office) -> None:
    web, logo = office(books.manager), png()
    before = web.get(PREVIEW)
    assert "frame-ancestors 'self'" in before.headers["Content-Security-Policy"]
    assert "SAMPLE" in before.text
    shown = send(web, PREVIEW, logo=logo, accent="#14509A", receipt_note="Come again.", paper="letter").text
    for said in (data_address(logo), "color:#14509a", "Come again.", "Trigger point session"):
        assert said in shown, said
    half = send(web, PREVIEW, logo=b"GIF89a", accent="#1450", receipt_note="Come again.")
    assert (half.status_code, "Come again." in half.text, "data:image" in half.text) == (200, True, False)
    assert "Come again." not in web.get(PREVIEW).text
    assert "frame-src 'self'" in web.get(PAGE).headers["Content-Security-Policy"]
    assert "frame-src" not in web.get("/office/settings/desks").headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ({"accent": "#ffee00"}, "This colour is too light to be read on white paper"),
        ({"accent": "blue"}, "Write the colour like #1F6F5C"),
        ({"receipt_note": "x" * 1001}, "Write at most 1000 characters here."),
    ],
)
def test_refused_look_keeps_what_was_typed_and_the_chosen_logo(
    books: Clinic, office: Office, form: dict[str, str], says: str
) -> None:
    web, logo = office(books.manager), png()
    refused = send(web, logo=logo, **form)
    assert (refused.status_code, says in text(refused.text)) == (422, True)
    assert all(value in refused.text for value in form.values())
    packed = re.search(r'name="packed_logo" value="([^"]+)"', refused.text)
    assert packed
    assert send(web, packed_logo=packed[1]).status_code == 303
    assert data_address(logo) in web.get(PREVIEW).text


def test_look_changed_meanwhile_or_of_another_location_is_refused(books: Clinic, office: Office) -> None:
    web = office(books.manager)
    assert send(web, receipt_note="One").status_code == 303
    late = send(web, seen="0" * 24, receipt_note="Two")
    assert (late.status_code, "Somebody changed these receipts meanwhile" in text(late.text)) == (409, True)
    assert send(web, seen="0" * 24, receipt_note="One").status_code == 303  # pressed twice
    assert send(web, PAGE.replace("riverside", "altstadt"), receipt_note="x").status_code == 404
