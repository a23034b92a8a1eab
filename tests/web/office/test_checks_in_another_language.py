"""What breaks a check, what stops a location and what the night found are told in the reader's language."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from pos.core import clock
from pos.core.config import Settings
from pos.domain.operations.models import SafetyStop
from pos.services.integrity.restored_copy import MARK, note_heads, require_newest
from pos.services.jobs import nightly
from tests.support import pseudo_language
from tests.support.books import tamper
from tests.support.clinic import Clinic, Colleague
from tests.support.pseudo_language import Data, pseudo, seen, typed_texts


@pytest.fixture
def reader(
    books: Clinic,
    office: Callable[[Colleague | None], FlaskClient],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[FlaskClient]:
    """A manager's browser in a language that translates everything."""
    pseudo_language.install(books.app, tmp_path / "translations", monkeypatch)
    web = office(books.manager)
    web.set_cookie("tp_lang", pseudo_language.LANGUAGE, path="/office")
    yield web
    pseudo_language.translator.translator.cache_clear()


def english(books: Clinic, *pages: str) -> set[str]:
    with books.read() as session:
        # A row of history is named by its table and its key.
        typed = typed_texts(session) | {"riverside", "altstadt", books.manager.name, "receipts"}
    return Data(typed).english(text for page in pages for text in seen(page))


def break_books(books: Clinic) -> None:
    tamper(
        books,
        "UPDATE ledger_chains SET seq = seq + 1",
        "UPDATE receipt_series SET last_number = last_number + 1",
        "UPDATE receipts SET business_on = '2026-06-15' WHERE label = 'RIV-000002'",
    )


def test_checks_page_in_another_language_tells_broken_rows_and_stops(
    books: Clinic, reader: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    break_books(books)
    monkeypatch.setattr(nightly, "JOBS", {"verify": nightly.JOBS["verify"]})
    with clock.at(clock.now() + timedelta(days=1)), books.app.app_context():
        nightly.run_due()
    found = reader.get("/office/checks/run", headers={"HX-Request": "true"}).text
    stopped = reader.get("/office/checks").text
    for told in (found, stopped):
        assert pseudo("The head of ") + "riverside" in told
        assert "RIV-000002 " + pseudo("carries another number or date than its sale.") in told
    assert pseudo("The chain is linked and complete, and every hash fits") in stopped.split(pseudo("Last night"))[1]
    assert english(books, found, stopped) == set()


def test_checks_page_in_another_language_tells_what_a_night_waits_for(
    books: Clinic, reader: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nightly, "JOBS", {"close": nightly.JOBS["close"]})
    with clock.at(clock.now() + timedelta(days=1)), books.app.app_context():
        nightly.run_due()
    page = reader.get("/office/checks").text
    assert pseudo("Waits: The drawer of ") in page
    assert english(books, page) == set()


def test_checks_page_in_another_language_tells_of_older_copy(
    books: Clinic, reader: FlaskClient, settings: Settings
) -> None:
    with books.app.app_context():
        note_heads()
    mark, (usd, eur) = settings.instance_dir / MARK, (str(books.usd.location_id), str(books.eur.location_id))
    kept = json.loads(mark.read_text(encoding="utf-8"))
    kept[usd]["main"][2] += 1  # a receipt more
    kept["restored"] = {eur: "2026-06-16T12:00:00+00:00"}
    del kept[eur]
    mark.write_text(json.dumps(kept), encoding="utf-8")
    with books.app.app_context():
        assert len(require_newest()) == 2
    page = reader.get("/office/checks").text
    assert pseudo("Receipt number ") in page
    assert "16 Jun 2026" not in page
    assert english(books, page) == set()


def test_stop_that_was_cut_where_it_is_kept_is_shown_as_it_is(books: Clinic, reader: FlaskClient) -> None:
    break_books(books)
    reader.get("/office/checks/run")
    cut = "The head of riverside names entry 9; the last"
    books.write(lambda session: setattr(session.scalars(select(SafetyStop)).first(), "sentence", cut))
    assert cut in reader.get("/office/checks").text
