"""The audit log shows who did what, with before and after; it is searched, kept to own locations, and exported."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from pos.core import audit
from pos.core.ids import new_id
from tests.support.clinic import Clinic, Colleague

LOG = "/office/settings/audit-log"
Office = Callable[[Colleague | None], FlaskClient]


@pytest.fixture
def noted(books: Clinic) -> Clinic:
    """Three changes: at Riverside by the owner, at Altstadt by the owner, and one that belongs to no location."""

    def write(session: Session) -> None:
        changed = audit.note_change(
            session, "price.changed", actor_id=books.owner.id, location_id=books.usd.location_id,
            subject_id=books.items["trigger_60"],
            before={"price": Decimal("100.00"), "from_on": date(2026, 1, 1), "note": "Müller_s wish"},
            after={"price": Decimal("110.00"), "from_on": date(2026, 1, 1), "note": ""},
        )  # fmt: skip
        assert changed
        assert not audit.note_change(session, "price.changed", before={"price": 1}, after={"price": 1})
        audit.note(session, "desk.added", actor_id=books.owner.id, location_id=books.eur.location_id, name="Hinten")
        audit.note(session, "tier.name", actor_id=books.owner.id, after="Senior")

    books.write(write)
    return books


def test_audit_log_change_shows_person_thing_before_and_after(noted: Clinic, office: Office) -> None:
    page = office(noted.owner).get(LOG).get_data(as_text=True)
    assert "Trigger point therapy, 60 min" in page
    assert "100.00 → 110.00" in page
    assert "2026-01-01 → " not in page  # what stayed is not written
    assert noted.owner.name in page


@pytest.mark.parametrize("words", ["müller", "Müller_s", "price changed", "110.00", "price SET"])
def test_audit_log_words_find_action_and_values(noted: Clinic, office: Office, words: str) -> None:
    page = office(noted.owner).get(LOG, query_string={"text": words}).get_data(as_text=True)
    assert "Price set" in page
    assert "Desk added" not in page


def test_audit_log_fields_have_words(noted: Clinic, office: Office) -> None:
    def write(session: Session) -> None:
        audit.note(session, "shift.open", location_id=noted.usd.location_id, float_minor=20000)

    noted.write(write)
    page = office(noted.owner).get(LOG, query_string={"text": "shift opened"}).get_data(as_text=True)
    assert "float (minor units): 20000" in page


def test_audit_log_words_with_wildcards_are_taken_as_written(noted: Clinic, office: Office) -> None:
    page = office(noted.owner).get(LOG, query_string={"text": "Müller%s"}).get_data(as_text=True)
    assert "Nothing here fits the filter" in page


def test_audit_log_manager_of_one_location_sees_nothing_of_another(noted: Clinic, office: Office) -> None:
    page = office(noted.manager).get(LOG).get_data(as_text=True)
    assert "Price set" in page
    assert "Desk added" not in page
    assert "Tier of therapists named" not in page


def test_audit_log_csv_has_the_same_rows(noted: Clinic, office: Office) -> None:
    answer = office(noted.owner).get(f"{LOG}.csv", query_string={"text": "price changed"})
    [row] = csv.DictReader(io.StringIO(answer.get_data(as_text=True).removeprefix("\ufeff"), newline=""))
    assert (row["Action"], row["Location"], row["Person"]) == ("price.changed", "Riverside", noted.owner.name)
    assert (row["Before"], row["After"]) == ("price: 100.00; note: Müller_s wish", "price: 110.00; note: –")


def test_audit_log_person_who_is_not_there_is_named_as_the_filter(noted: Clinic, office: Office) -> None:
    for person, said in (
        ("x", "The filter “Person” has no “x”."),
        (new_id(), "What the filter “Person” asks for is not"),
    ):
        for path in (LOG, f"{LOG}.csv"):
            refused = office(noted.owner).get(path, query_string={"person": str(person), "text": "price"})
            assert (refused.status_code, said in refused.text) == (422, True)
    assert 'value="price"' in office(noted.owner).get(f"{LOG}?person=x&text=price").text


@pytest.mark.parametrize(("query", "status"), [("person=x", 422), ("from=2026-13-01", 422), ("location=nowhere", 404)])
def test_audit_log_senseless_question_is_refused(noted: Clinic, office: Office, query: str, status: int) -> None:
    assert office(noted.owner).get(f"{LOG}?{query}").status_code == status
