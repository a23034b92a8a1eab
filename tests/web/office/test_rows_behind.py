"""Names of reports open the rows that they sum, and those open pages that are there for whoever sees the report."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import pytest
from click.testing import CliRunner

from pos import cli
from pos.services.packages.adjust_credits import forfeit_credit
from tests.support.clinic import Clinic, line
from tests.support.history import make_history
from tests.support.package_actions import package_action
from tests.web.office.test_saved_views import opened, post
from tests.web.permissions.asking import browser_of

YEARS = "from=2020-01-01&to=2029-12-31"
# By the report: the report behind its names, and what pages the rows of that one open.
BEHIND = {
    "trial-balance": ("journal", {"sales", "refunds", "packages", "z"}),
    "tax-by-rate": ("journal", {"sales", "refunds"}),
    "tips": ("tip-lines", {"sales"}),
    "new-clients": ("treated-clients", {"clients"}),
    "events-by-person": ("events-to-review", {"refunds"}),
    "add-ons": ("visit-lines", {"sales"}),
    "packages": ("credit-moves", {"packages", "sales"}),
}


@pytest.fixture
def lived(clinic: Clinic) -> Clinic:
    """A row in every table of history, and of one client a visit and a credit forfeited."""
    clinic.sell(line("trigger_60"), client=clinic.ben)
    lot_id = clinic.buy("five", clinic.ben)
    with clinic.app.app_context():
        forfeit_credit(package_action(clinic), lot_id, cause="no_show")
    return make_history(clinic)


def links(page: str) -> list[str]:
    """What the cells of a report's rows open."""
    body = page.partition("<tbody")[2].partition("</tbody>")[0]
    return [unescape(address) for address in re.findall(r'<a class="open" href="([^"]+)"', body)]


def kind_of(address: str) -> str:
    """`sales`, `refunds` …: what comes before the key in the address of a page."""
    return re.findall(r"/([a-z-]+)/[0-9a-f-]{36}", address)[-1]


@pytest.mark.parametrize("name", BEHIND)
@pytest.mark.parametrize("who", ["manager", "bookkeeper"])
def test_rows_behind_a_name_open_pages_that_are_there(lived: Clinic, who: str, name: str) -> None:
    web, (behind, kinds) = browser_of(lived, who), BEHIND[name]
    opens = links(web.get(f"/office/reports/{name}?{YEARS}&location=riverside").text)
    if who == "bookkeeper" and kinds == {"clients"}:
        assert opens == []
        return
    assert opens
    assert {address.partition("?")[0] for address in opens} == {f"/office/reports/{behind}"}
    found: dict[str, str] = {}
    for address in opens:
        page = web.get(address)
        assert page.status_code == 200
        found |= {kind_of(one): one for one in links(page.text)}
    assert kinds <= found.keys()
    assert {one: web.get(one).status_code for one in found.values()} == dict.fromkeys(found.values(), 200)


def test_rows_of_one_account_are_files_and_a_saved_view_too(
    lived: Clinic, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    web = browser_of(lived, "owner")
    # The key of a drawer's account is the longest.
    found = links(web.get(f"/office/reports/trial-balance?{YEARS}&location=riverside").text)
    address = next(one for one in found if "drawer" in one)
    page = unescape(web.get(address).text)
    assert re.search(r'<option value="cash_drawer:[0-9a-f-]{36}" selected>1000-[0-9a-f]{6} Cash drawer</option>', page)
    (to_csv,) = re.findall(r'href="([^"]*journal\.csv[^"]*)"', page)
    lines = web.get(to_csv).text.splitlines()
    assert len(lines) > 1
    assert all(",Cash drawer," in one for one in lines[1:])
    (save,) = re.findall(r'href="(/office/reports/views/new[^"]+)"', page)
    assert post(web, save, name="Only the drawer", days="given")[0] == 303
    assert "account=cash_drawer%3A" in opened(web, "Only the drawer")
    assert web.get(address.replace("cash_drawer", "CASH DRAWER")).status_code == 422
    monkeypatch.setattr("pos.installation.command_app", lambda *_, **__: lived.app)
    monkeypatch.setenv("INSTANCE_DIR", str(tmp_path))
    key = re.findall(r"cash_drawer:[0-9a-f-]{36}", page)[0]
    command = f"report journal --from 2020-01-01 --to 2029-12-31 --location riverside --account {key}"
    assert CliRunner().invoke(cli.main, command.split()).stdout.splitlines() == lines


def test_package_renewed_at_another_location_opens_nothing_for_whoever_does_not_work_there(clinic: Clinic) -> None:
    clinic.buy("three", clinic.ana)
    for _ in range(3):
        clinic.sell(line("trigger_60"), client=clinic.ana)
    clinic.buy("ten", clinic.ana, site=clinic.eur)
    for who, packages in (("manager", 1), ("owner", 2)):
        web = browser_of(clinic, who)
        page = web.get(f"/office/reports/packages-used-up?{YEARS}").text
        assert "10 × 60 min" in page
        found = links(page)
        assert (len(found), {web.get(one).status_code for one in found}) == (packages, {200})


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ("journal?account=Bank", 422),
        ("journal?account=bank,", 422),
        ("journal?account=no_such:account", 422),
        ("journal?account=no_such,nor_this", 422),
        ("tip-lines?holder=2026-02-30", 422),
        ("tip-lines?holder=Theo", 422),
        ("tip-lines?holder=2026-02-28", 200),
        ("tip-lines?holder=019cf2a4-0000-7000-8000-000000000001", 422),
        ("credit-moves?plan=%C3%9Cberall+%27%25", 200),
        ("events-to-review?event=Rain", 422),
        ("events-to-review?person=Nobody+like+that", 200),
    ],
)
def test_rows_of_what_is_not_there_are_refused_or_none(books: Clinic, asked: str, status: int) -> None:
    page = browser_of(books, "owner").get(f"/office/reports/{asked}&{YEARS}&location=riverside")
    assert page.status_code == status
    assert ("Nothing here fits the filter" in page.text) == (status == 200)
