"""All locations of one currency: asked for on pages, in files, in a saved view and by the command."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from pos import cli
from pos.core.database.base import reading
from pos.core.ids import new_id
from pos.domain.locations.models import Location
from pos.domain.locations.queries import all_places, place, places_called
from pos.domain.saved_views.models import SavedView
from pos.domain.staff.models import StaffLocation
from pos.domain.staff.queries import by_key
from pos.services.locations.location_facts import facts_of
from pos.services.locations.locations import add_location
from pos.services.saved_views.schedule import places_of
from tests.support.clinic import Clinic
from tests.web.permissions.asking import browser_of
from tests.web.permissions.full_app import form_token

DAYS = "from=2026-06-01&to=2026-06-30"


@pytest.fixture
def three(books: Clinic) -> Clinic:
    """A second location in dollars beside the one in euros."""
    with books.app.app_context():
        like = facts_of(place(reading(), books.usd.location_id))
        new = replace(like, slug="lakeside", name="Lakeside", receipt_prefix="LAK")
        add_location(location_id=new_id(), facts=new, person=by_key(reading(), books.owner.id))
    return books


def test_currency_that_several_locations_share_asks_for_all_of_them(three: Clinic) -> None:
    with three.app.app_context():
        everywhere = all_places(reading())
    dollars = {one.slug for one in places_called(everywhere, "USD")}
    assert dollars == {"riverside", "lakeside"}
    assert [places_called(everywhere, name) for name in ("CHF", "usd", "nowhere")] == [(), (), ()]
    assert len(places_called(everywhere, "")) == 3


def test_report_of_one_currency_is_shown_saved_and_asked_for_by_command(
    three: Clinic, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    web = browser_of(three, "owner")
    page = web.get(f"/office/reports/sales?{DAYS}&location=USD").text
    assert '<option value="USD" selected>all in USD</option>' in page
    assert 'value="EUR"' not in page
    assert ("RIV-0000" in page, "RGB-0000" in page) == (True, False)
    assert web.get(f"/office/sales?{DAYS}&location=CHF").status_code == 404
    assert web.get(f"/office/money/journal?{DAYS}&location=USD").status_code == 404
    save = unescape(re.findall(r'href="(/office/reports/views/new[^"]+)"', page)[0])
    fields = {"csrf_token": form_token(web), "name": "Dollars", "days": "given"}
    assert "Sales, all in USD" in web.get(save).text
    assert web.post(save, data=fields).status_code == 303
    listed = web.get("/office/reports").text
    there = re.search(r'<a class="open" href="([^"]+)">Dollars</a>', listed)
    assert there
    assert "all in USD" in listed
    assert '<option value="USD" selected>' in web.get(unescape(there[1])).text
    monkeypatch.setattr("pos.installation.command_app", lambda *_, **__: three.app)
    monkeypatch.setenv("INSTANCE_DIR", str(tmp_path))
    told = ["report", "sales", "--from", "2026-06-01", "--to", "2026-06-30", "--location"]
    done = CliRunner().invoke(cli.main, [*told, "USD"])
    assert ("RIV-0000" in done.stdout, "RGB-0000" in done.stdout) == (True, False)
    assert "There is no location “CHF”" in CliRunner().invoke(cli.main, [*told, "CHF"]).stderr


@pytest.mark.parametrize(
    ("location", "words"), [("USD", "all-usd"), ("", "all"), ("EUR", "altstadt"), ("lakeside",) * 2]
)
def test_files_of_one_currency_say_so_in_their_names(three: Clinic, location: str, words: str) -> None:
    web = browser_of(three, "owner")
    for path in ("reports/sales.csv", "reports/sales.xlsx", "reports/sales.json", "sales.csv"):
        there = web.get(f"/office/{path}?{DAYS}&location={location}").headers["Content-Disposition"]
        assert f'filename="sales-{words}-2026-06-01-2026-06-30.' in there, there


def test_view_of_one_currency_stays_in_it_when_its_owner_works_at_fewer_locations(three: Clinic) -> None:
    web, owner = browser_of(three, "owner"), three.owner.id
    fields = {"csrf_token": form_token(web), "name": "Dollars", "days": "last-month"}
    asked = "report=sales&location=USD&period=last-month"
    assert web.post(f"/office/reports/views/new?{asked}", data=fields).status_code == 303

    def leave(slug: str) -> tuple[list[str], int]:
        def end(session: Session) -> None:
            gone = select(Location.id).where(Location.slug == slug).scalar_subquery()
            row = StaffLocation.staff_id == owner, StaffLocation.location_id == gone
            session.execute(delete(StaffLocation).where(*row))

        three.write(end)
        with three.read() as session:
            view, found = session.scalars(select(SavedView)).one(), by_key(session, owner)
            places = places_of(session, view, found.locations)
        link = re.search(r'<a class="open" href="([^"]+)">Dollars</a>', web.get("/office/reports").text)
        assert link
        return [one.slug for one in places], web.get(unescape(link[1])).status_code

    # Beside the euros one location in dollars is left; then none.
    assert leave("lakeside") == (["riverside"], 200)
    page = web.get(f"/office/reports/sales?{DAYS}&location=USD").text
    assert ('<option value="USD" selected>' in page, "RGB-0000" in page) == (True, False)
    assert leave("riverside") == ([], 404)
