"""Package plans in the office: made, priced, edited and retired there, and what was sold does not notice."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from pos.core import clock
from pos.core.audit import AuditEvent
from pos.core.errors import Invalid
from pos.core.ids import new_id
from pos.domain.catalogue.models import (
    Item,
    PackagePlan,
    PlanItem,
    Price,
)
from pos.domain.catalogue.package_plans import KeptPlan, kept_plan, kept_plans
from pos.domain.catalogue.queries import menu
from pos.domain.credits.models import CreditLot, LotItem, PurchasedPackage
from pos.domain.locations.queries import place
from pos.services.refunds.calculate import RefundChoice, quote_refund
from pos.services.refunds.refundable import refundable
from tests.support.books import failing
from tests.support.clinic import Clinic, Colleague, line
from tests.support.package_actions import noon
from tests.web.office.test_pages import text

Office = Callable[[Colleague | None], FlaskClient]
PLANS = "/office/settings/plans"


@pytest.fixture
def manager(books: Clinic, office: Office) -> FlaskClient:
    return office(books.owner)


def fields(page: str) -> dict[str, Any]:
    """What the terms form of a page would send as it stands."""
    form = page[page.index('id="terms-of"') :]
    found: dict[str, Any] = {}
    for tag in re.findall(r"<input [^>]*>", form):
        name, value = re.search(r'name="([^"]+)"', tag), re.search(r'value="([^"]*)"', tag)
        if name is None or ('type="checkbox"' in tag and " checked" not in tag):
            continue
        found.setdefault(name[1], []).append(value[1] if value else "y")
    for name, inside in re.findall(r'<select [^>]*name="([^"]+)"[^>]*>(.*?)</select>', form, re.S):
        chosen = re.search(r'<option selected value="([^"]+)"', inside) or re.search(r'<option value="([^"]+)"', inside)
        assert chosen
        found[name] = [chosen[1]]
    area = re.search(r"<textarea [^>]*>\s*(.*?)</textarea>", form, re.S)
    return found | {"terms": [area[1] if area else ""]}


class Typing:
    """Somebody at the page of a plan."""

    def __init__(self, world: Clinic, web: FlaskClient) -> None:
        self.world, self.web = world, web

    def send(self, path: str, **typed: Any) -> tuple[int, str, str]:
        """Open the page, change some fields and press save."""
        shown = fields(self.web.get(path).text)
        form = {name: value for name, value in (shown | typed).items() if value is not None}
        answer = self.web.post(path, data=form)
        return answer.status_code, answer.text, answer.headers.get("Location", "")

    def press(self, path: str, page: str, **typed: str) -> tuple[int, str]:
        token = fields(self.web.get(page).text)["csrf_token"]
        answer = self.web.post(path, data={"csrf_token": token[0], **typed})
        return answer.status_code, answer.text

    def kept(self, name: str) -> KeptPlan:
        with self.world.read() as session:
            return next(plan for plan in kept_plans(session) if plan.terms.name == name)


@pytest.fixture
def at(books: Clinic, manager: FlaskClient) -> Typing:
    return Typing(books, manager)


def new_plan(world: Clinic, **typed: Any) -> dict[str, Any]:
    given = {"name": "Eight hours", "sessions": "8", "eligible": str(world.items["trigger_60"])}
    return given | typed


def notes(world: Clinic, plan_id: UUID) -> list[tuple[str, dict[str, Any]]]:
    with world.read() as session:
        query = select(AuditEvent).where(AuditEvent.subject_id == plan_id).order_by(AuditEvent.at, AuditEvent.id)
        return [(row.action, row.detail) for row in session.scalars(query)]


def offered(world: Clinic) -> set[str]:
    """The packages of Riverside's menu today."""
    with world.read() as session:
        where = place(session, world.usd.location_id)
        return {item.name for item in menu(session, where, where.today()).packages}


def test_plan_list_shows_prices_and_hides_edit_by_role(books: Clinic, manager: FlaskClient, office: Office) -> None:
    page = text(manager.get(PLANS).text)
    assert "10 × 60 min 10 12 months Desk and shop $900.00" in page
    assert "Buy 5 get 1 5 + 1 12 months" in page
    assert "New plan" in page
    looking = office(books.bookkeeper).get(PLANS).text
    assert "New plan" not in looking
    assert "/plans/0" not in looking  # no way to a page they may not open
    assert "€900.00" in looking


def test_plan_created_and_priced_is_sold(books: Clinic, at: Typing) -> None:
    status, _, where = at.send(
        f"{PLANS}/new", **new_plan(books, bonus_sessions="1", included=str(books.items["cupping"]))
    )
    assert status == 303
    kept = at.kept("Eight hours")
    assert where == f"{PLANS}/{kept.plan_id}?done=saved"
    page = text(at.web.get(where).text)
    assert "Saved." in page
    assert "It has no price here: set one to sell it." in page
    assert "Eight hours" not in offered(books)
    status, _ = at.press(
        f"{PLANS}/{kept.plan_id}/price", where, location="riverside", price="765", from_on="2026-06-16"
    )
    assert status == 303
    page = text(at.web.get(f"{PLANS}/{kept.plan_id}").text)
    assert "$85.00 per session $765.00 in all plus tax · $135.00 less than singles" in page
    assert "8 sessions and 1 on the house" in page
    assert "Included with each visit: Cupping" in page
    assert "Eight hours" in offered(books)
    lot = books.lot(books_buy(books, kept.plan_id))
    assert (lot.quantity, lot.net_minor) == (9, 765_00)
    (made, created), (priced, price) = notes(books, kept.plan_id)
    assert (made, priced) == ("plan.create", "plan.price")
    assert created["after"]["sessions"] == 8
    assert (price["before"], price["after"], price["from_on"]) == (None, 765_00, "2026-06-16")
    assert failing(books) == {}


def books_buy(world: Clinic, plan_id: UUID) -> UUID:
    world.items["made here"] = plan_id
    return world.buy("made here", world.ben)


def test_plan_form_sent_twice_creates_one(books: Clinic, at: Typing) -> None:
    form = fields(at.web.get(f"{PLANS}/new").text) | new_plan(books)
    for _ in range(2):
        assert at.web.post(f"{PLANS}/new", data=form).status_code == 303
    with books.read() as session:
        assert [plan.terms.name for plan in kept_plans(session)].count("Eight hours") == 1


def sold_facts(world: Clinic, lot_id: UUID) -> tuple[Any, ...]:
    """All that somebody who bought a package has: terms, value, what it is good for, what would come back."""
    with world.read() as session:
        lot = session.get_one(CreditLot, lot_id)
        package = session.get_one(PurchasedPackage, lot.package_id)
        items = select(LotItem.item_id, LotItem.role, LotItem.list_minor).where(LotItem.lot_id == lot_id)
        assert package.sale_id
        shown = quote_refund(refundable(session, package.sale_id), RefundChoice(package.sale_id, package_id=package.id))
        return (
            package.name, package.terms, lot.quantity, lot.remaining, lot.net_minor, lot.tax_minor, lot.expires_on,
            sorted(map(tuple, session.execute(items))), shown.total_minor, shown.tax_minor, shown.steps,
        )  # fmt: skip


def test_plan_edited_leaves_sold_packages_unchanged(books: Clinic, at: Typing) -> None:
    lot = books.buy("ten", books.ben)
    books.sell(line("trigger_60"), client=books.ben)
    before, plan_id = sold_facts(books, lot), books.items["ten"]
    status, page, _ = at.send(
        f"{PLANS}/{plan_id}",
        name="Ten feet", sessions="4", bonus_sessions="2", validity_months="1", eligible=str(books.items["foot_60"]),
        included=None, refund_policy="store_credit", expiry_policy="lapse", sharing=None, transfer=None, freeze_days="0",
        extension_days="0", visit_conversion=None, terms="Feet only.", terms_version="2",
    )  # fmt: skip
    assert status == 303, text(page)
    assert (
        at.press(
            f"{PLANS}/{plan_id}/price", f"{PLANS}/{plan_id}", price="1", from_on="2026-06-16", location="riverside"
        )[0]
        == 303
    )
    assert sold_facts(books, lot) == before
    visit = books.sell(line("trigger_60"), client=books.ben)
    assert books.postings(visit.sale_id) == {"package_liability": 90_00, "service_revenue": -90_00}
    (_, detail), _ = notes(books, plan_id)
    assert (detail["before"]["sessions"], detail["after"]["sessions"]) == (10, 4)
    assert "in_shop" not in detail["after"]  # what did not change is not told
    assert failing(books) == {}


def test_plan_retired_is_not_sold_and_sold_packages_continue(books: Clinic, at: Typing) -> None:
    lot, plan_id = books.buy("five", books.ben), books.items["five"]
    before = sold_facts(books, lot)
    at_page = f"{PLANS}/{plan_id}"
    assert at.press(f"{at_page}/retire", at_page)[0] == 303
    assert at.press(f"{at_page}/retire", at_page)[0] == 303
    assert "5 × 60 min" not in offered(books)
    with pytest.raises(Invalid, match="not sold here any more"):
        books.sell(line("five"), client=books.ana)
    assert b"5 \xc3\x97 60 min" not in at.web.get("/shop/riverside/").data
    assert sold_facts(books, lot) == before
    books.sell(line("trigger_60"), client=books.ben)
    assert "It is retired." in text(at.web.get(at_page).text)
    assert at.press(f"{at_page}/offer", at_page)[0] == 303
    assert "5 × 60 min" in offered(books)
    assert [action for action, _ in notes(books, plan_id)] == ["plan.retire", "plan.offer_again"]


def test_plan_is_sold_on_days_of_its_sale_period_only(books: Clinic, at: Typing) -> None:
    plan_id = books.items["three"]
    assert at.send(f"{PLANS}/{plan_id}", sale_from_on="2026-06-20", sale_to_on="2026-06-21")[0] == 303
    assert "Its sale begins on 20 Jun 2026." in text(at.web.get(f"{PLANS}/{plan_id}").text)
    seen = {}
    for day in (date(2026, 6, 19), date(2026, 6, 20), date(2026, 6, 21), date(2026, 6, 22)):
        with noon(day):
            seen[day.day] = "3 × 60 min" in offered(books)
            assert (b"3 \xc3\x97 60 min" in books.app.test_client().get("/shop/riverside/").data) == seen[day.day]
            if not seen[day.day]:
                with pytest.raises(Invalid, match="not sold here any more"):
                    books.sell(line("three"), client=books.ana)
    assert seen == {19: False, 20: True, 21: True, 22: False}


def test_plan_price_applies_from_its_day(books: Clinic, at: Typing) -> None:
    plan_id, soon = books.items["ten"], clock.now().date() + timedelta(days=10)
    page = f"{PLANS}/{plan_id}"
    assert at.press(f"{page}/price", page, price="950.00", from_on=soon.isoformat(), location="riverside")[0] == 303
    assert books.due(books.wanted(line("ten")), client=books.ben) == 972_00
    with noon(soon):
        assert books.due(books.wanted(line("ten")), client=books.ben) == 1026_00
    with books.read() as session:
        rows = session.scalars(select(Price.price_minor).where(Price.item_id == plan_id).order_by(Price.from_on)).all()
    assert sorted(rows) == [900_00, 900_00, 950_00]


@pytest.mark.parametrize(
    ("typed", "field", "says"),
    [
        ({"price": "900.001"}, "price", "USD has 2 digits"),
        ({"price": "free"}, "price", "“free” is not an amount"),
        ({"price": "0"}, "price", "costs more than nothing"),
        ({"from_on": "2026-06-15"}, "from_on", "counts from today or later"),
        ({"from_on": "soon"}, "from_on", "Choose a day"),
    ],
)
def test_plan_price_invalid_is_refused_in_place(
    books: Clinic, at: Typing, typed: dict[str, str], field: str, says: str
) -> None:
    page = f"{PLANS}/{books.items['ten']}"
    given = {"price": "910", "from_on": "2026-06-16", "location": "riverside"} | typed
    status, answer = at.press(f"{page}/price", page, **given)
    assert status == 422
    assert says in text(answer[answer.index(f'id="price-{field}-error"') :])
    for value in given.values():
        assert f'value="{value}"' in answer
    assert notes(books, books.items["ten"]) == []


def test_plan_price_at_other_location_is_not_found(books: Clinic, office: Office) -> None:
    web, page = office(books.manager), f"{PLANS}/{books.items['ten']}"
    token = re.search(r'name="csrf_token" value="([^"]+)"', web.get(page).text)
    assert token
    form = {"csrf_token": token[1], "price": "1", "from_on": "2026-06-16", "location": "altstadt"}
    assert web.post(f"{page}/price", data=form).status_code == 404


@pytest.mark.parametrize(
    ("typed", "field", "says"),
    [
        ({"name": ""}, "name", "This is needed"),
        ({"name": "5 × 60 MIN"}, "name", "Another package is called that"),
        ({"sessions": "0"}, "sessions", "Between 1 and 500"),
        ({"sessions": "many"}, "sessions", "Write a whole number"),
        ({"sessions": "9" * 300}, "sessions", "Write a whole number"),
        ({"bonus_sessions": "-1"}, "bonus_sessions", "Write a whole number"),
        ({"validity_months": ""}, "validity_months", "Between 1 and 240 months"),
        ({"eligible": None}, "eligible", "Choose what its sessions are good for"),
        ({"refund_fee_percent": "101"}, "refund_fee_percent", "between 0 and 100"),
        ({"refund_fee_percent": "sNaN"}, "refund_fee_percent", "between 0 and 100"),
        ({"refund_fee_percent": "1e9"}, "refund_fee_percent", "between 0 and 100"),
        ({"share_cap": "0"}, "share_cap", "Between 1 and 999"),
        ({"freeze_days": "99999"}, "freeze_days", "Between 0 and 3650"),
        ({"sale_from_on": "2026-07-02", "sale_to_on": "2026-07-01"}, "sale_to_on", "The last day is before the first"),
        ({"terms": "Other words."}, "terms_version", "The text has changed"),
        ({"terms_version": ""}, "terms_version", "This is needed"),
        ({"refund_policy": "never"}, "refund_policy", "Not a valid choice"),
    ],
)
def test_plan_form_invalid_is_refused_in_place(
    books: Clinic, at: Typing, typed: dict[str, str | None], field: str, says: str
) -> None:
    plan_id = books.items["ten"]
    before = at.kept("10 × 60 min")
    status, page, _ = at.send(f"{PLANS}/{plan_id}", **typed)
    assert status == 422, text(page)
    assert says in text(page[page.index(f'id="{field}-error"') :])
    assert "Nothing was saved yet." in page
    for name, value in typed.items():
        if value and name not in ("refund_policy", "terms"):
            assert f'value="{value}"' in page
    assert at.kept("10 × 60 min") == before
    assert notes(books, plan_id) == []


def test_plan_terms_changed_under_used_version_are_refused(books: Clinic, at: Typing) -> None:
    page = f"{PLANS}/{books.items['ten']}"
    assert at.send(page, terms="First words.", terms_version="2")[0] == 303
    assert at.send(page, terms="Second words.", terms_version="3")[0] == 303
    for used in ("2", "3"):
        status, answer, _ = at.send(page, terms="Third words.", terms_version=used)
        assert (status, "The text has changed" in answer) == (422, True)
    assert at.send(page, terms="Third words.", terms_version="4")[0] == 303
    assert at.send(page, name="Ten hours")[0] == 303  # the text stays, and so may its version


def test_plan_edited_from_older_version_is_refused(books: Clinic, at: Typing) -> None:
    page = f"{PLANS}/{books.items['ten']}"
    slow = fields(at.web.get(page).text)
    assert at.send(page, freeze_days="30")[0] == 303
    answer = at.web.post(page, data=slow | {"freeze_days": "60"})
    assert answer.status_code == 409
    assert "Somebody changed this plan meanwhile" in answer.text
    assert at.kept("10 × 60 min").terms.freeze_days == 30


def test_plan_preview_saves_nothing(books: Clinic, at: Typing) -> None:
    page = f"{PLANS}/{books.items['ten']}"
    status, answer, _ = at.send(page, sessions="11", look="1")
    assert status == 200
    read = text(answer)
    assert "Not saved yet" in read
    assert "about $81.82 per session $900.00 in all plus tax · $200.00 less than singles" in read
    assert 'value="11"' in answer
    assert at.kept("10 × 60 min").terms.sessions == 10


def test_plan_never_expiring_ignores_months_and_cap_without_sharing(books: Clinic, at: Typing) -> None:
    page = f"{PLANS}/{books.items['ten']}"
    assert at.send(page, expiry_policy="never", validity_months="", sharing=None, share_cap="3")[0] == 303
    with books.read() as session:
        terms = kept_plan(session, books.items["ten"]).terms
    assert (terms.validity_months, terms.share_cap) == (0, None)
    assert books.lot(books.buy("ten", books.ben)).expires_on is None


def test_plan_list_empty_explains_it(clinic: Clinic, office: Office) -> None:
    def empty(session: Any) -> None:
        for table in (PlanItem, PackagePlan):
            for row in session.scalars(select(table)):
                session.delete(row)
            session.flush()

    clinic.write(empty)
    client = clinic.app.test_client()
    client.set_cookie("tp_office", clinic.office_cookie(clinic.owner), path="/office")
    assert "No package plans yet" in client.get(PLANS).text


def test_plan_with_unknown_treatment_is_refused(books: Clinic, at: Typing) -> None:
    form = fields(at.web.get(f"{PLANS}/new").text) | new_plan(books, eligible=str(new_id()))
    answer = at.web.post(f"{PLANS}/new", data=form)
    assert answer.status_code == 422
    form |= {"eligible": [str(books.items["oil"])]}
    assert at.web.post(f"{PLANS}/new", data=form).status_code == 422
    with books.read() as session:
        assert session.scalar(select(Item.id).where(Item.name == "Eight hours")) is None
