"""A therapist signs in and sees what they earned, and nothing of anybody else."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from html import unescape

from flask.testing import FlaskClient
from sqlalchemy import update
from sqlalchemy.orm import Session

from pos.core import clock
from pos.core.ids import new_id
from pos.domain.locations.models import Location
from pos.domain.sales.carts import Tip
from pos.domain.staff.models import CommissionRule, Staff, StaffLocation
from pos.domain.till.shifts import MovementRequest
from pos.services.till.cash_movements import record_movement
from tests.support.clinic import Clinic, Colleague, line
from tests.web.permissions.full_app import form_token

Office = Callable[[Colleague | None], FlaskClient]
PASSWORD = "a long password of theirs"
PAGE = "/office/your-earnings"


def test_therapist_given_a_password_signs_in_to_their_own_earnings_alone(books: Clinic, office: Office) -> None:
    theo, manager = books.therapist, books.manager

    def prepare(session: Session) -> None:
        session.get_one(Staff, theo.id).email = "theo@clinic.example"
        for person in (theo, manager):
            today = clock.now().date()
            session.add(
                CommissionRule(staff_id=person.id, from_on=today, visit_percent=Decimal(40), sale_percent=Decimal(10))
            )

    with clock.at(clock.now() + timedelta(days=1)):
        books.write(prepare)
        books.sell(line("trigger_60", therapist=theo), tip=Tip(amount_minor=20_00, staff_id=theo.id))
        books.sell(line("trigger_60", therapist=manager), tip=Tip(amount_minor=7_77, staff_id=manager.id))
        with books.app.app_context():
            pay = MovementRequest(new_id(), "tip_paid_out", 12_00, "Friday", theo.id)
            record_movement(desk_id=books.usd.desk, staff_id=books.receptionist.id, wanted=pay)
        of_manager = office(manager)
        password = {"csrf_token": form_token(of_manager), "password": PASSWORD}
        given = of_manager.post(f"/office/settings/staff/{theo.id}/password", data=password)
        assert given.status_code == 303
        web = books.app.test_client()
        asked = {"csrf_token": form_token(web), "email": "theo@clinic.example", "password": PASSWORD}
        there = web.post("/office/sign-in", data=asked, follow_redirects=True)
        assert there.request.path == PAGE
        today = web.get(f"{PAGE}?period=today").text
        text = " ".join(unescape(re.sub(r"<[^>]+>", " ", today)).split())
        # A tip of 24.00 was due from the day before.
        for words in ("Commission $40.00", "Tips given $20.00", "Tips paid out $12.00", "Tips due at the end $32.00"):
            assert words in text, words
        assert "7.77" not in there.text
        assert manager.name not in there.text
        rows = list(csv.DictReader(io.StringIO(web.get(f"{PAGE}.csv?period=today").text.removeprefix("\ufeff"))))
        assert [(row["What"], row["Commission"], row["Tips"]) for row in rows] == [
            ("Visit", "40.00", ""), ("Tip", "", "20.00"), ("Tips paid out", "", "-12.00")
        ]  # fmt: skip
        for query in (f"?therapist={manager.id}", f"?staff={manager.id}", f"?person={manager.id}"):
            assert "7.77" not in web.get(PAGE + query).text
        for path in ("/office/reports", "/office/sales", "/office/money/tips", "/office/reports/commissions.csv"):
            assert web.get(path).status_code == 403
        assert web.get("/office/your-sign-in").status_code == 200
        assert web.get(f"{PAGE}?from=2026-06-31").status_code == 422
        # The manager's own page has the manager's.
        assert "7.77" in of_manager.get(PAGE).text


def test_therapist_of_one_currency_sees_no_sums_of_another(books: Clinic, office: Office) -> None:
    def move(session: Session) -> None:
        own = update(StaffLocation).where(StaffLocation.staff_id == books.therapist.id)
        session.execute(own.values(location_id=books.eur.location_id))
        session.get_one(Location, books.eur.location_id).csv_form = "semicolon"

    books.write(move)
    web = office(books.therapist)
    page = web.get(f"{PAGE}?from=2026-01-01&to=2026-01-31").text
    assert page.count('class="stats"') == 1
    assert ("€0.00" in page, "$" in page) == (True, False)
    # Tips of where they worked before are still due to them.
    there = web.get(f"{PAGE}?from=2026-06-01&to=2026-06-30").text
    assert ("$24.00" in there, "€0.00" in there) == (True, True)
    german = web.get(f"{PAGE}.csv?from=2026-06-01&to=2026-06-30")
    assert ";" in german.text.splitlines()[0]


def test_earnings_of_a_location_somebody_has_left_are_offered_by_its_name(books: Clinic, office: Office) -> None:
    def leave(session: Session) -> None:
        own = update(StaffLocation).where(StaffLocation.staff_id == books.therapist.id)
        session.execute(own.values(location_id=books.eur.location_id))

    books.write(leave)
    web, june = office(books.therapist), "from=2026-06-01&to=2026-06-30"
    with books.read() as session:
        left, stays = (session.get_one(Location, site.location_id) for site in (books.usd, books.eur))
    # Where they work now is all there is in days without anything elsewhere; then the page says where.
    assert f"<strong>{stays.name}</strong>" in web.get(f"{PAGE}?from=2026-01-01&to=2026-01-31").text
    words = re.findall(r'<option value="([^"]*)"( selected)?>', web.get(f"{PAGE}?{june}").text)
    assert words == [("", ""), (stays.slug, ""), (left.slug, "")]
    only = web.get(f"{PAGE}?{june}&location={left.slug}").text
    assert ("$24.00" in only, "€" in only, f'<option value="{left.slug}" selected>' in only) == (True, False, True)
    there = list(csv.DictReader(io.StringIO(web.get(f"{PAGE}.csv?{june}&location={left.slug}").text)))
    assert {row["Location"] for row in there} == {left.name}
    assert web.get(f"{PAGE}?{june}&location={stays.slug}").text.count("$24.00") == 0
    assert web.get(f"{PAGE}?{june}&location=nowhere").status_code == 404
    # Where a day cannot be read, the location stays chosen.
    refused = web.get(f"{PAGE}?from=June&location={left.slug}")
    assert (refused.status_code, f'<option value="{left.slug}" selected>' in refused.text) == (422, True)
    # Somebody who neither works there nor ever earned anything there learns nothing of it.
    for page in (f"{PAGE}?{june}", f"{PAGE}.csv?{june}", f"{PAGE}?from=June"):
        assert office(books.manager).get(f"{page}&location={stays.slug}").status_code == 404


def test_therapist_has_their_earnings_in_the_rail_and_others_below_it(books: Clinic, office: Office) -> None:
    for person, in_rail in ((books.therapist, True), (books.manager, False)):
        page = office(person).get(PAGE).text
        assert page.count(">Your earnings</span>") == 1
        assert (page.index(">Your earnings</span>") < page.index('class="rail-key"')) == in_rail
