"""The whole catalogue as a file: out and in again, each row's outcome before anything is saved, all rows or none."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from msgspec.structs import replace
from sqlalchemy import select

from pos import cli
from pos.core.audit import AuditEvent
from pos.core.errors import Conflict, Invalid
from pos.domain.catalogue.models import Item, PackagePlan, Price, Service
from pos.domain.catalogue.package_plans import kept_plans
from pos.domain.catalogue.price_list import price_of_day
from pos.domain.locations.models import Location
from pos.domain.locations.queries import all_places, place
from pos.domain.staff.queries import Person
from pos.reports.exporters import write_csv
from pos.services.imports.catalogue_sheet import catalogue_sheet
from pos.services.imports.csv_table import amount_of
from pos.services.imports.import_catalogue import (
    CatalogueFile,
    CatalogueRefused,
    import_catalogue,
    look_at_catalogue,
)
from tests.support.clinic import Clinic

NEW = """kind;service;minutes;name;short_name;barcode;key;sessions;good_for;includes;price_riverside
package;;;3 × Head 20;;;;3;Head 20 | Head 40;Oil of mint;"1.140,00"
variant;Head massage;20;;Head;;;;;;40,00
variant;Head massage;40;;;;;;;;75
add_on;;;Oil of mint;;;O;;;;7,50
retail;;;=Mint & more;;4006381333931;;;;;12
"""


def editor(clinic: Clinic) -> Person:
    who = clinic.owner
    return Person(who.id, who.name, who.role, frozenset({clinic.usd.location_id, clinic.eur.location_id}))


def exported(clinic: Clinic) -> list[dict[str, str]]:
    out = io.BytesIO()
    with clinic.read() as session:
        write_csv(catalogue_sheet(session, all_places(session)), out)
    return list(csv.DictReader(io.StringIO(out.getvalue().decode())))


def as_file(rows: list[dict[str, str]]) -> bytes:
    out = io.StringIO()
    writer = csv.DictWriter(out, rows[0])
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def look(clinic: Clinic, content: bytes | str, from_on: date | None = None) -> CatalogueFile:
    with clinic.app.app_context():
        return look_at_catalogue(content if isinstance(content, bytes) else content.encode(), editor(clinic), from_on)


def bring_in(
    clinic: Clinic, content: bytes | str, from_on: date | None = None, seen: str | None = None
) -> CatalogueFile:
    with clinic.app.app_context():
        content = content if isinstance(content, bytes) else content.encode()
        return import_catalogue(content=content, editor=editor(clinic), from_on=from_on, seen=seen)


def _german(clinic: Clinic) -> None:
    """A location that writes 1.140,00."""
    clinic.write(lambda session: setattr(session.get_one(Location, clinic.usd.location_id), "locale", "de_DE"))


def states(found: CatalogueFile) -> list[str]:
    return [one.state for one in found.outcomes]


def test_catalogue_exported_comes_in_again_as_it_is(clinic: Clinic) -> None:
    found = bring_in(clinic, as_file(exported(clinic)))
    assert set(states(found)) == {"same"}
    with clinic.read() as session:
        actions = list(session.scalars(select(AuditEvent.action).order_by(AuditEvent.at)))
    assert actions[-1] == "catalogue.imported"
    assert not {"item.changed", "service.changed", "plan.edit", "price.changed"} & set(actions)


def test_catalogue_names_with_the_separator_in_them_come_in_again(clinic: Clinic) -> None:
    bring_in(
        clinic,
        "kind,service,minutes,short_name,name,sessions,valid_months,good_for\n"
        "variant,Hot stones,60,Stones | warm,,,,\n"
        "variant,Hot stones,90,,,,,\n"
        "package,,,,Five stones,5,12,Stones | warm 60|stones |  warm 90\n",
    )
    assert set(states(look(clinic, as_file(exported(clinic))))) == {"same"}
    assert "Stones | warm 60 | Stones | warm 90" in {row["good_for"] for row in exported(clinic)}


def test_catalogue_new_rows_in_any_order_are_added_with_prices_of_their_country(clinic: Clinic) -> None:
    _german(clinic)
    seen = look(clinic, NEW)
    with clinic.read() as session:
        assert session.scalar(select(Service.id).where(Service.name == "Head massage")) is None
    found = bring_in(clinic, NEW, seen=seen.state_token)
    assert states(found) == ["new"] * 5 == states(seen)
    with clinic.read() as session:
        named = {item.name: item for item in session.scalars(select(Item))}
        assert {"Head 20", "Head 40", "Oil of mint", "=Mint & more"} <= set(named)
        plan = session.get_one(PackagePlan, named["3 × Head 20"].id)
        assert (plan.sessions, plan.validity_months) == (3, 12)
        kept = kept_plans(session, plan.item_id)[0].terms
        assert set(kept.eligible) == {named["Head 20"].id, named["Head 40"].id}
        assert kept.included == (named["Oil of mint"].id,)
        prices = session.execute(select(Price.item_id, Price.location_id, Price.price_minor))
        cents = {(item, where): minor for item, where, minor in prices}
        here = clinic.usd.location_id
        assert cents[named["3 × Head 20"].id, here] == 1_140_00
        assert cents[named["Oil of mint"].id, here] == 7_50
    again = bring_in(clinic, as_file(exported(clinic)))
    assert set(states(again)) == {"same"}
    assert "'=Mint & more" in {row["name"] for row in exported(clinic)}


def test_catalogue_changed_rows_say_before_and_after_and_prices_wait_for_their_day(clinic: Clinic) -> None:
    rows = exported(clinic)
    visit = next(row for row in rows if row["kind"] == "variant" and row["price_riverside"] == "100.00")
    visit["price_riverside"] = "110.00"
    oil = next(row for row in rows if row["name"] == "Massage oil")
    oil |= {"name": "Massage oil, 250 ml", "barcode": "4006381333931"}
    ten = next(row for row in rows if row["name"] == "10 × 60 min")
    ten |= {"bonus_sessions": "1", "in_shop": "no"}
    day = date(2099, 1, 1)
    found = look(clinic, as_file(rows), day)
    assert [(one.name, one.changes) for one in found.of("changed", "new")] == [
        (visit["name"], (("price_riverside", "100.00", "110.00"),)),
        (
            "Massage oil, 250 ml",
            (("name", "Massage oil", "Massage oil, 250 ml"), ("barcode", "000000000011", "4006381333931")),
        ),
        ("10 × 60 min", (("bonus_sessions", "0", "1"), ("in_shop", "yes", "no"))),
    ]
    bring_in(clinic, as_file(rows), from_on=day, seen=found.state_token)
    item_id, here = clinic.items["trigger_60"], clinic.usd.location_id
    with clinic.read() as session:
        today = place(session, here).today()
        assert [price_of_day(session, item_id, here, on) for on in (today, day)] == [100_00, 110_00]


def test_catalogue_rows_that_cannot_be_used_are_named_and_nothing_is_written(clinic: Clinic) -> None:
    content = """kind,id,service,minutes,name,tax_category,barcode,key,good_for,sessions,price_riverside,price_altstadt
gift,,,,Card,,,,,,,
variant,,Head massage,abc,,,,,,,,
variant,,,20,,,,,,,,
retail,,,,Soap,luxury,,,,,,
retail,,,,Soap two,,4.00638E+12,,,,,
retail,,,,Soap three,,4006381333932,,,,,
add_on,,,,Stones,,,P,,,,
package,,,,Three,,,,Nothing 60,3,,
retail,,,,Soap four,,,,,,12.345,
retail,,,,Soap five,,,,,,5,
retail,,,,Soap five,,,,,,6,
variant,{id},Other service,60,,,,,,,,
""".replace("{id}", str(clinic.items["trigger_60"]))
    found = look(clinic, content)
    assert [(one.number, one.column) for one in found.of("refused")] == [
        (2, "kind"), (3, "minutes"), (4, "service"), (5, "tax_category"), (6, "barcode"), (7, "barcode"), (8, "key"),
        (9, "good_for"), (10, "price_riverside"), (12, ""), (13, "service"),
    ]  # fmt: skip
    with pytest.raises(CatalogueRefused) as refused:
        bring_in(clinic, content)
    assert "11 rows of the file" in str(refused.value.sentence)
    with clinic.read() as session:
        assert session.scalar(select(Item.id).where(Item.name == "Soap five")) is None


def test_catalogue_retired_item_is_brought_back_in_the_office_only(clinic: Clinic) -> None:
    clinic.write(lambda session: setattr(session.get_one(Item, clinic.items["oil"]), "active", False))
    (outcome,) = look(clinic, "kind,name\nretail,Massage oil\n").outcomes
    assert (outcome.state, "retired" in str(outcome.sentence)) == ("refused", True)


def test_catalogue_changed_since_it_was_looked_at_is_not_written(clinic: Clinic) -> None:
    content = "kind,name,price_riverside\nretail,Massage oil,20\n"
    seen = look(clinic, content).state_token
    bring_in(clinic, content.replace("20", "19"))
    with pytest.raises(Conflict):
        bring_in(clinic, content, seen=seen)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("name\nSoap\n", "The heading lacks kind"),
        ("kind,price\nretail,5\n", "Columns nobody knows: price"),
        ("kind,name,name\nretail,a,b\n", "names name twice"),
        ("kind,name\n", "There is no row"),
        (b"kind,name\nretail,\xff\n", "not UTF-8"),
    ],
)
def test_catalogue_that_is_no_table_is_refused_whole(clinic: Clinic, content: str | bytes, sentence: str) -> None:
    with pytest.raises(Invalid) as refused:
        look(clinic, content)
    assert sentence in str(refused.value.sentence)
    assert refused.value.field == "file"


@pytest.mark.parametrize(
    ("locale", "currency", "typed", "minor"),
    [
        ("en_US", "USD", "1,234.50", 1_234_50),
        ("en_US", "USD", "1,234", 1_234_00),
        ("en_US", "USD", "12,50", 12_50),
        ("de_DE", "EUR", "1.234,50", 1_234_50),
        ("de_DE", "EUR", "12,5", 12_50),
        ("de_CH", "CHF", "1’234.50", 1_234_50),
        ("ar_KW", "KWD", "1.234", 1_234),
        ("ja_JP", "JPY", "9,000", 9_000),
        ("de_DE", "EUR", "1,234.50", None),
        ("en_US", "USD", "12,34,50", None),
    ],
)
def test_amount_of_a_file_follows_the_locale(
    clinic: Clinic, locale: str, currency: str, typed: str, minor: int | None
) -> None:
    with clinic.read() as session:
        where = replace(place(session, clinic.usd.location_id), locale=locale, currency=currency)
    if minor is None:
        with pytest.raises(Invalid):
            amount_of(typed, where)
    else:
        assert amount_of(typed, where) == minor


@pytest.fixture
def run_pos(clinic: Clinic, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., Result]:
    """Run `pos` on the clinic's application."""
    monkeypatch.setattr("pos.installation.command_app", lambda *_, **__: clinic.app)
    monkeypatch.setenv("INSTANCE_DIR", str(tmp_path))
    monkeypatch.setenv("WORKER_THREAD", "off")
    return lambda *arguments: CliRunner().invoke(cli.main, [str(one) for one in arguments])


def test_catalogue_and_prices_go_out_and_come_in_by_command(
    clinic: Clinic, run_pos: Callable[..., Result], tmp_path: Path
) -> None:
    file, prices = tmp_path / "catalogue.csv", tmp_path / "prices.csv"
    assert run_pos("export", "catalogue", "--output", file).exit_code == 0
    file.write_text(file.read_text().replace("Aromatherapy", "Aroma oil"))
    dry = run_pos("import", "catalogue", file, "--dry-run")
    assert (dry.exit_code, "name: Aromatherapy → Aroma oil" in dry.output) == (0, True)
    assert "Aromatherapy" in run_pos("export", "catalogue").output
    assert run_pos("import", "catalogue", file).exit_code == 0
    assert "Aroma oil" in run_pos("export", "catalogue").output
    file.write_text("kind,name\nretail,\n")
    wrong = run_pos("import", "catalogue", file)
    assert (wrong.exit_code, "row 2  refused" in wrong.output) == (1, True)

    assert run_pos("export", "prices", "--location", "riverside", "--output", prices).exit_code == 0
    prices.write_text(prices.read_text().replace(",100.00,", ",105.00,"))
    assert "1 price to change" in run_pos("import", "prices", prices, "--dry-run").output
    done = run_pos("import", "prices", prices, "--from", "2099-01-01")
    assert (done.exit_code, "1 price is changed from 2099-01-01 on" in done.output) == (0, True)
    prices.write_text(prices.read_text().replace("105.00", "much"))
    assert run_pos("import", "prices", prices).exit_code == 1


def test_prices_command_without_location_or_row_says_that_nothing_was_changed(
    app: Flask, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("pos.installation.command_app", lambda *_, **__: app)
    monkeypatch.setenv("INSTANCE_DIR", str(tmp_path))
    monkeypatch.setenv("WORKER_THREAD", "off")
    file = tmp_path / "prices.csv"
    run = CliRunner()
    assert run.invoke(cli.main, ["export", "prices", "--output", str(file)]).exit_code == 0
    done = run.invoke(cli.main, ["import", "prices", str(file)])
    assert (done.exit_code, "Nothing was changed." in done.output) == (0, True)
