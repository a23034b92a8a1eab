"""Service charges of a location: added, shown in words, changed, ended; each change in the audit log."""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy import select

from pos.core.audit import AuditEvent
from pos.domain.locations.queries import place
from tests.support.clinic import Clinic
from tests.web.office.test_items import OfficeOf
from tests.web.office.test_places import post_form

PAGES = "/office/settings/service-charges"
KEY = "019cf2a4-0000-7000-8000-00000000d35d"
EVENINGS = {
    "key": KEY, "seen": "", "name": " Evenings ", "percent": "7,5", "amount": "", "tax_category": "service",
    "added": "itself", "weekdays": ["4", "6"], "from_time": "18:00", "to_time": "00:00", "from_on": "2026-01-01",
    "until_on": "",
}  # fmt: skip


def test_charge_is_added_once_shown_changed_and_given_a_last_day(books: Clinic, office: OfficeOf) -> None:
    web = office(books.manager)
    assert "No service charges" in web.get(f"{PAGES}?location=riverside").text
    for _ in range(2):  # pressed twice
        assert post_form(web, f"{PAGES}/new?location=riverside", **EVENINGS)[0] == 303
    listed = web.get(f"{PAGES}?location=riverside").text
    assert [word in listed for word in ("Evenings", "Friday, Sunday, ", "7.5", "Holds")] == [True] * 4
    with books.read() as session:
        (rule,) = place(session, books.usd.location_id).service_charges
    assert (rule.percent, rule.weekdays, rule.from_minute, rule.to_minute) == (Decimal("7.5"), (4, 6), 1080, 1440)
    page = web.get(f"{PAGES}/{KEY}").text
    seen = page.partition('name="seen" type="hidden" value="')[2].partition('"')[0]
    ended = EVENINGS | {"seen": seen, "until_on": "2026-01-31"}
    assert post_form(web, f"{PAGES}/{KEY}", **ended)[0] == 303
    status, text = post_form(web, f"{PAGES}/{KEY}", **ended | {"name": "Nights"})
    assert (status, "Somebody else has changed this charge" in text) == (409, True)
    assert "Ended" in web.get(f"{PAGES}?location=riverside").text
    with books.read() as session:
        query = select(AuditEvent).where(AuditEvent.action.startswith("service_charge.")).order_by(AuditEvent.id)
        added, changed = session.scalars(query).all()
    assert (added.action, changed.action) == ("service_charge.added", "service_charge.changed")
    assert changed.detail == {"before": {"until_on": None}, "after": {"until_on": "2026-01-31"}}


def test_senseless_charge_is_refused_at_its_field(books: Clinic, office: OfficeOf) -> None:
    web = office(books.manager)
    for change, words in (
        ({"amount": "5"}, "A charge is a percentage up to 100, or an amount"),
        ({"weekdays": []}, "Choose the days on which it is charged."),
        ({"to_time": "18:00"}, "Write two different times"),
        ({"until_on": "2025-12-31"}, "The charge would end before its first day."),
        ({"name": "  "}, "Write what the charge is called"),
    ):
        status, text = post_form(web, f"{PAGES}/new?location=riverside", **EVENINGS | change)
        assert (status, words in text) == (422, True), change
    with books.read() as session:
        assert place(session, books.usd.location_id).service_charges == ()
