"""A clinic from an empty database: set up, sold in, set up again until it trades; `pos init` and the one-time address."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pos import cli
from pos.core.audit import AuditEvent
from pos.core.database.base import reading
from pos.core.database.unit_of_work import unit_of_work
from pos.core.errors import Conflict, NotFound
from pos.core.ids import new_id
from pos.domain.catalogue.models import Item, Price, TaxRate
from pos.domain.catalogue.queries import menu
from pos.domain.locations.models import Desk, Location
from pos.domain.locations.queries import desks, places
from pos.domain.sales.carts import CartLineRequest, CartRequest
from pos.domain.staff.models import Staff
from pos.domain.staff.second_factors import has_second_factor
from pos.reports.verify import verify
from pos.services.auth import sign_in_by_password, sign_in_by_pin
from pos.services.checkout.ring_up import RingUpSale, ring_up
from pos.services.setup.answers import WrongAnswers, read_answers
from pos.services.setup.open_clinic import open_clinic
from pos.services.setup.setup_link import make_setup_link, require_setup_link, use_setup_link
from pos.services.till.shifts import open_shift
from tests.support.setup_answers import ROOT, example

pytestmark = pytest.mark.usefixtures("frozen")
Run = Callable[..., Result]


def _open(**changed: str) -> None:
    given, staff = example()
    open_clinic(read_answers(given | changed, staff))


def _count(model: type) -> int:
    return reading().scalar(select(func.count()).select_from(model)) or 0


def test_open_clinic_from_nothing_sells_for_cash_and_verifies(context: Flask) -> None:
    _open(tax_service="8")
    [place] = places(reading())
    [desk] = desks(reading(), place.id)
    assert (place.name, place.slug, place.currency, desk.name) == ("Riverside", "riverside", "USD", "Desk 1")
    ana = sign_in_by_pin(desk_id=desk.id, pin="246810")
    assert (
        sign_in_by_password(email="ruth@stillpoint.example", password="change-this-password").person.name
        == "Ruth Okafor"
    )
    open_shift(desk_id=desk.id, staff_id=ana.person.id, float_minor=50_00)
    single = next(item for item in menu(reading(), place, place.today()).all() if item.name == "Trigger point 60")
    line = CartLineRequest(line_id=new_id(), item_id=single.item_id, quantity=1)
    done = ring_up(
        RingUpSale(new_id(), desk.id, ana.person.id, cash_tendered_minor=110_00, wanted=CartRequest((line,)))
    )
    assert (done.receipt_label, done.total_minor, done.change_minor) == ("RIV-000001", 108_00, 2_00)
    assert [result.key for result in verify(reading()) if not result.holds] == []


def test_open_clinic_again_before_trade_changes_what_was_set_up(context: Flask) -> None:
    _open()
    _open(
        location_name="Harbour", desk="Front", tax_retail="19", currency="EUR", single_price="80",
        owner_email="new@stillpoint.example", owner_pin="864209",
    )  # fmt: skip
    [place] = places(reading())
    assert (place.name, place.currency) == ("Harbour", "EUR")
    assert [desk.name for desk in desks(reading(), place.id)] == ["Front"]
    assert (_count(Staff), _count(TaxRate), _count(Desk)) == (3, 3, 1)
    prices = {item.name: item.price_minor for item in menu(reading(), place, place.today()).all()}
    assert (prices["Trigger point 60"], len(prices)) == (80_00, len(set(prices)))
    assert (
        sign_in_by_password(email="new@stillpoint.example", password="change-this-password").person.name
        == "Ruth Okafor"
    )
    changes = reading().scalars(select(AuditEvent).where(AuditEvent.action == "location.set_up")).all()
    assert changes[-1].detail["before"]["currency"] == "USD"
    assert changes[-1].detail["after"]["currency"] == "EUR"


def test_open_clinic_again_keeps_tax_rates_of_later_days(context: Flask) -> None:
    _open()
    [place] = places(reading())
    later = place.today() + timedelta(days=10)

    @unit_of_work
    def schedule(session: Session) -> None:
        rates = {"rate_percent": Decimal(5), "second_percent": Decimal("9.975")}
        session.add(TaxRate(location_id=place.id, tax_category="service", from_on=later, tax_point="sale", **rates))

    schedule()
    _open(tax_service="7")
    rows = reading().execute(
        select(TaxRate.from_on, TaxRate.rate_percent, TaxRate.second_percent)
        .where(TaxRate.tax_category == "service")
        .order_by(TaxRate.from_on)
    )
    assert [tuple(row) for row in rows] == [
        (place.today(), Decimal(7), Decimal(0)), (later, Decimal(5), Decimal("9.975")),
    ]  # fmt: skip


def test_open_clinic_without_starter_catalogue_keeps_what_is_there(context: Flask) -> None:
    _open(catalogue="no", single_price="")
    assert (_count(Price), set(reading().scalars(select(Item.kind)))) == (
        0,
        {"gift_card", "open_item", "service_charge"},
    )


def test_open_clinic_after_drawer_was_opened_is_refused_unchanged(context: Flask) -> None:
    _open()
    [desk] = desks(reading(), places(reading())[0].id)
    owner = reading().scalars(select(Staff.id).where(Staff.role == "owner")).one()
    open_shift(desk_id=desk.id, staff_id=owner, float_minor=100_00)
    with pytest.raises(Conflict, match="under Settings"):
        _open(currency="EUR")
    assert [place.currency for place in places(reading())] == ["USD"]


def test_open_clinic_two_people_with_one_pin_names_the_second_and_writes_nothing(context: Flask) -> None:
    given, staff = example()
    staff[0]["pin"] = given["owner_pin"]
    with pytest.raises(WrongAnswers) as refused:
        open_clinic(read_answers(given, staff))
    assert list(refused.value.wrong) == ["staff 1, pin"]
    assert _count(Location) == 0


def test_setup_link_is_made_once_a_start_and_ends_with_use(context: Flask) -> None:
    first = make_setup_link(started_by="a start")
    assert first
    assert make_setup_link(started_by="a start") is None
    second = make_setup_link(started_by="another start")
    assert second
    with pytest.raises(NotFound):
        require_setup_link(first)
    given, staff = example()
    use_setup_link(token=second, answers=read_answers(given, staff))
    for late in (first, second, "guessed"):
        with pytest.raises(NotFound):
            use_setup_link(token=late, answers=read_answers(given, staff))
    assert make_setup_link(started_by="a third start") is None
    assert _count(Location) == 1


def test_setup_link_used_twice_at_once_opens_one_clinic(app: Flask) -> None:
    with app.app_context():
        token = make_setup_link(started_by="a start") or ""
    given, staff = example()
    answers, barrier, outcomes = read_answers(given, staff), threading.Barrier(2), []

    def use() -> None:
        with app.app_context():
            barrier.wait()
            try:
                use_setup_link(token=token, answers=answers)
                outcomes.append("opened")
            except NotFound:
                outcomes.append("refused")

    threads = [threading.Thread(target=use) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["opened", "refused"]
    with app.app_context():
        assert (_count(Location), _count(Desk)) == (1, 1)


@pytest.fixture
def run(app: Flask, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Run `pos` on the empty application."""
    monkeypatch.setattr("pos.installation.command_app", lambda *_, **__: app)
    monkeypatch.setenv("INSTANCE_DIR", str(tmp_path))
    return lambda *arguments, typed=None: CliRunner().invoke(cli.main, arguments, input=typed)


def test_init_command_from_example_file_sets_up(run: Run, app: Flask) -> None:
    result = run("init", "--from", str(ROOT / "docs/clinic.toml"), "--desk", "Front desk")
    assert (result.exit_code, result.stderr.startswith("Database: ")) == (0, True)
    assert "Stillpoint Clinic is set up." in result.stdout
    with app.app_context():
        [place] = places(reading())
        assert [desk.name for desk in desks(reading(), place.id)] == ["Front desk"]


def test_init_command_options_and_proposals_set_up(run: Run, app: Flask) -> None:
    told = {
        "clinic-name": "Ruhepunkt", "location-name": "Altstadt", "country": "DE",
        "address": "Marktgasse 4\\n93047 Regensburg",
        "tax-service": "19", "tax-add-on": "19", "tax-retail": "19", "owner-name": "Anja Graf",
        "owner-email": "anja@ruhepunkt.example", "owner-password": "a-long-password", "owner-pin": "135724",
    }  # fmt: skip
    result = run("init", "--propose", *[word for name, value in told.items() for word in (f"--{name}", value)])
    assert (result.exit_code, result.stderr.startswith("Database: ")) == (0, True)
    with app.app_context():
        [place] = places(reading())
        assert (place.currency, place.time_zone, place.tax_inclusive) == ("EUR", "Europe/Berlin", True)
        assert place.address_lines == ("Marktgasse 4", "93047 Regensburg")


def test_init_command_answers_missing_names_each_and_changes_nothing(run: Run, app: Flask) -> None:
    result = run("init", "--clinic-name", "Ruhepunkt")
    assert result.exit_code == 1
    named = re.findall(r"^(\w+): ", result.stderr, re.MULTILINE)
    assert {"location_name", "country", "owner_password"} <= set(named)
    assert "clinic_name" not in named
    with app.app_context():
        assert _count(Location) == 0


def test_init_command_broken_file_says_why(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "clinic.toml"
    file.write_text('clinic_name = "Ruhe\n', encoding="utf-8")
    result = run("init", "--from", str(file))
    assert result.exit_code == 1
    assert "is not a TOML file" in result.stderr


def test_init_command_takes_the_catalogue_of_a_file_beside_the_answers(run: Run, app: Flask, tmp_path: Path) -> None:
    answers = (ROOT / "docs/clinic.toml").read_text().replace('catalogue = "starter"', 'catalogue = "file"')
    (tmp_path / "own.toml").write_text(answers.replace('catalogue_file = ""', 'catalogue_file = "own.csv"'))
    missing = run("init", "--from", str(tmp_path / "own.toml"))
    assert (missing.exit_code, "catalogue_file: own.csv: No such file" in missing.output) == (1, True)
    (tmp_path / "own.csv").write_text("kind,service,minutes,price\nvariant,Head massage,20,40\nretail,,,5\n")
    refused = run("init", "--from", str(tmp_path / "own.toml"))
    assert (refused.exit_code, "row 3, name: Write a name" in refused.output) == (1, True)
    with app.app_context():
        assert places(reading()) == ()
    (tmp_path / "own.csv").write_text("kind;service;minutes;price\nvariant;Head massage;20;40,00\n")
    assert run("init", "--from", str(tmp_path / "own.toml")).exit_code == 0
    with app.app_context():
        [place] = places(reading())
        assert [item.price_minor for item in menu(reading(), place, place.today()).all()] == [40_00]


def test_init_command_in_a_terminal_offers_a_second_factor(
    run: Run, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pos.cli.init._is_terminal", lambda: True)
    monkeypatch.setattr("pos.domain.staff.second_factors.new_secret", lambda: "JBSWY3DPEHPK3PXP")
    monkeypatch.setattr("pos.domain.staff.second_factors.step_of_code", lambda _s, code, _at, after: code == "287082")
    done = run("init", "--from", str(ROOT / "docs/clinic.toml"), typed="y\n000000\n287082\n")
    assert "type the secret into it: JBSWY3DPEHPK3PXP" in done.output
    assert len(re.findall(r"^  [A-Z0-9]{4}-[A-Z0-9]{4}-[A-Z0-9]{4}$", done.output, re.MULTILINE)) == 10
    with app.app_context():
        owner = reading().scalars(select(Staff).where(Staff.email == "ruth@stillpoint.example")).one()
        assert has_second_factor(reading(), owner.id)
