"""Cash data of a German clinic (DSFinV-K): every field by the standard; lines, closings, Z and ledger sum to the same."""

from __future__ import annotations

import csv
import io
import random
import re
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID
from xml.etree import ElementTree as ET
from zipfile import ZipFile

import pytest
from click.testing import CliRunner
from sqlalchemy import update

from pos import cli
from pos.core import clock
from pos.core.database.base import reading
from pos.core.errors import Conflict, Invalid, PosError
from pos.core.ids import new_id
from pos.domain.catalogue.models import TaxRate
from pos.domain.locations.models import Location
from pos.domain.locations.queries import place
from pos.domain.sales.cart_options import Gift, VisitConversionRequest
from pos.domain.sales.carts import Tip
from pos.domain.sales.pricing import Discount, Exemption
from pos.domain.till.shifts import MovementRequest
from pos.reports.bookkeeping.dsfinvk.bons import Bon
from pos.reports.bookkeeping.dsfinvk.signatures import Device, Signed
from pos.reports.period import Scope
from pos.services.bookkeeping.cash_data import write_cash_data
from pos.services.refunds.calculate import RefundChoice
from pos.services.refunds.issue_refund import RefundCommand, refund
from pos.services.refunds.void_sale import VoidSale, void_sale
from pos.services.till.cash_movements import record_movement
from pos.services.till.shifts import open_shift
from tests.conftest import NOON
from tests.support.books import book_floats, close_drawer
from tests.support.cash_data_agree import cash_data, cash_data_differences, minor, tables
from tests.support.clinic import Clinic, line
from tests.support.gift_card_desk import by_card, cards_of, command, content
from tests.unit.bookkeeping import dsfinvk_fields as standard

TODAY = NOON.date()
MOMENT = r"20\d\d-[01]\d-[0-3]\dT[0-2]\d:[0-5]\d:[0-5]\d[+-]\d\d:\d\d"
VALUES = {
    "Z_ERSTELLUNG": MOMENT, "BON_START": MOMENT, "BON_ENDE": MOMENT, "REF_DATUM": rf"({MOMENT})?",
    "Z_BUCHUNGSTAG": r"(20\d\d-[01]\d-[0-3]\d)?", "LAND": "DEU", "LOC_LAND": "DEU", "TAXONOMIE_VERSION": r"2\.4",
    "PLZ": r"\d{5}", "BON_TYP": "|".join(standard.BON_TYPES), "GV_TYP": "|".join(standard.CASES),
    "ZAHLART_TYP": "|".join(standard.PAYMENTS), "REF_TYP": "|".join(standard.REFERENCES), "BON_STORNO": "[01]",
    "INHAUS": "[01]", "P_STORNO": "[01]", "TYP": "base_amount|discount|extra_amount", "ZAHLWAEH_CODE": "EUR",
    "BON_ID": ".+", "BON_NR": r"[1-9]\d*", "UST_SCHLUESSEL": r"[1-9]\d*", "POS_BRUTTO": r"-?\d+,\d\d",
}  # fmt: skip


class German:
    """What somebody does at the one desk in Regensburg."""

    def __init__(self, world: Clinic) -> None:
        self.world, self.site, self.sales = world, world.eur, list[UUID]()

    def sell(self, *lines: Any, **more: Any) -> UUID:
        sale_id = self.world.sell(*lines, site=self.site, **more).sale_id
        self.sales.append(sale_id)
        return sale_id

    def pay(self, wanted: Any, *, cash: int, client: UUID | None = None) -> UUID:
        at = {"desk_id": self.site.desk, "staff_id": self.world.eur_receptionist.id}
        self.sales.append(self.world.ring_up(command(self.world, wanted, cash=cash, client=client, **at)).sale_id)
        return self.sales[-1]

    def void(self, sale_id: UUID) -> None:
        with self.world.app.app_context():
            void_sale(VoidSale(new_id(), sale_id, "Doppelt", self.world.owner, self.site.desk))

    def refund(self, sale_id: UUID, **more: Any) -> UUID:
        refund_id = new_id()
        with self.world.app.app_context():
            refund(
                RefundCommand(refund_id, RefundChoice(sale_id, **more), "Unzufrieden", self.world.owner, self.site.desk)
            )
        return refund_id

    def move(self, kind: str, minor: int) -> None:
        with self.world.app.app_context():
            record_movement(
                desk_id=self.site.desk,
                staff_id=self.world.owner.id,
                wanted=MovementRequest(new_id(), kind, minor, kind),
            )

    def close(self, *, off: int = 0, left: int = 0) -> None:
        close_drawer(self.world, self.site.desk, off=off, left=left)

    def open(self, minor: int) -> None:
        with self.world.app.app_context():
            open_shift(desk_id=self.site.desk, staff_id=self.world.owner.id, float_minor=minor, note="gezählt")

    def scope(self) -> Scope:
        return Scope((place(reading(), self.site.location_id),), TODAY, TODAY + timedelta(days=9))

    def files(self) -> bytes:
        with self.world.app.app_context():
            return cash_data(reading(), self.scope())


@pytest.fixture
def german(clinic: Clinic) -> German:
    """Services at 19 %, goods at 0 %, and a drawer whose float is booked."""
    goods = (TaxRate.location_id == clinic.eur.location_id) & (TaxRate.tax_category == "goods")
    here = Location.id == clinic.eur.location_id
    clinic.write(lambda session: session.execute(update(TaxRate).where(goods).values(rate_percent=Decimal(0))))
    clinic.write(lambda session: session.execute(update(Location).where(here).values(tax_id="244/123/45678")))
    return German(book_floats(clinic))


def live(german: German, chance: random.Random, steps: int) -> None:
    """So many steps of a day at the desk; what the rules refuse is left."""
    world, card = german.world, None
    for _ in range(steps):
        who, step = chance.choice((world.ana, world.ben)), chance.randrange(12)
        with suppress(PosError):
            if step < 3:
                discount = Discount(percent=Decimal(chance.choice((10, 33)))) if chance.random() < 0.4 else None
                german.sell(
                    line("trigger_60", chance.choice((1, 2))), line("oil"), client=who, discount=discount,
                    tip=Tip(amount_minor=chance.choice((1_00, 7_77))),
                )  # fmt: skip
            elif step == 3:
                german.sell(line("trigger_60", 2, exemption=Exemption("prescription", "4711")), client=who)
            elif step == 4:
                free = chance.choice((None, Exemption("certificate", "K 12"), Exemption("prescription", "4711", 2)))
                german.sell(line(chance.choice(("ten", "five", "buy_5_get_1")), exemption=free), client=who)
            elif step == 5:
                wanted = content(world, gifts=(Gift(80_00),))
                card = cards_of(world, german.pay(wanted, cash=80_00))[0].card_id
            elif step == 6 and card:
                german.pay(content(world, line("oil"), line("cupping"), stored=(by_card(card),)), cash=100_00)
            elif step == 7 and german.sales:
                german.void(chance.choice(german.sales))
            elif step in (8, 9) and german.sales:
                german.refund(chance.choice(german.sales))
            else:
                german.move(chance.choice(("paid_in", "paid_out", "drop", "no_sale")), chance.choice((0, 5_00, 12_34)))


def test_cash_data_of_a_random_german_life_agrees_with_z_and_ledger_in_every_sum(german: German) -> None:
    chance = random.Random(20_261_130)
    for day in range(3):
        with clock.at(NOON + timedelta(days=day)):
            if day:
                german.open(90_00)
            live(german, chance, 30)
            german.close(off=chance.choice((-1_00, 0, 37)), left=chance.choice((0, 50_00)))
    with german.world.app.app_context():
        assert list(cash_data_differences(reading(), german.scope())) == []
    archive = german.files()
    assert archive == german.files(), "the same closings give other bytes"
    found = tables(archive)
    assert len(found["cashpointclosing.csv"]) == 3
    assert {row["GV_TYP"] for row in found["businesscases.csv"]} >= {
        "Umsatz", "TrinkgeldAN", "Anzahlungseinstellung", "Anzahlungsaufloesung", "MehrzweckgutscheinKauf", "Anfangsbestand",
        "MehrzweckgutscheinEinloesung", "Geldtransit", "DifferenzSollIst", "Einzahlung", "Auszahlung",
    }  # fmt: skip
    assert {row["UST_SCHLUESSEL"] for row in found["vat.csv"]} == {"1", "5", "6"}
    check_fields(archive, found)


def check_fields(archive: bytes, found: dict[str, list[dict[str, str]]]) -> None:
    """Every file, column and value by the standard, and index.xml describes exactly that."""
    with ZipFile(io.BytesIO(archive)) as opened:
        index = ET.fromstring(opened.read("index.xml"))
        assert b'<!DOCTYPE DataSet SYSTEM "gdpdu-01-09-2004.dtd">' in opened.read("index.xml")
        assert set(opened.namelist()) == {"index.xml", *standard.FIELDS}
        raw = {name: opened.read(name).decode() for name in standard.FIELDS}
    described = {table.findtext("URL"): table for table in index.iter("Table")}
    assert {name: table.findtext("Name") for name, table in described.items()} == standard.NAMES
    for name, text in raw.items():
        table, columns = described[name], standard.columns_of(name)
        sizes = []
        for column in table.iter("VariableColumn"):
            number = column.find("Numeric")
            most = f"N{number.findtext('Accuracy') or 0}" if number is not None else column.findtext("MaxLength")
            sizes.append((column.findtext("Name"), most))
        assert sizes == columns, name
        assert table.find("UTF8") is not None
        assert (table.findtext("DecimalSymbol"), table.findtext("Range/From")) == (",", "2")
        assert table.findtext(".//ColumnDelimiter") == ";"
        assert text.endswith("\r\n")
        assert text.count("\n") == text.count("\r\n")
        assert next(csv.reader(io.StringIO(text, newline=""), delimiter=";")) == [one for one, _ in columns]
        for row in found[name]:
            for one, size in columns:
                value = row[one]
                assert value or one in standard.MAY_BE_EMPTY | standard.MAY_BE_EMPTY_OF.get(name, set()), (name, row)
                if size.startswith("N"):
                    decimals = rf"(,\d{{1,{size[1:]}}})?" if size != "N0" else ""
                    assert re.fullmatch(rf"(-?(0|[1-9]\d*){decimals})?", value), (name, one, value)
                else:
                    assert len(value) <= int(size), (name, one, value)
                assert re.fullmatch(VALUES.get(one, ".*"), value), (name, one, value)
    assert all(row["STNR"] or row["USTID"] for row in found["cashpointclosing.csv"])
    # Nothing is signed, sold for others, or entered at a second screen of a till.
    for name in ("tse.csv", "transactions_tse.csv", "pa.csv", "slaves.csv", "subitems.csv", "allocation_groups.csv"):
        assert found[name] == []


def lines_of(found: dict[str, list[dict[str, str]]], bon_id: UUID | str) -> list[tuple[str, str, str]]:
    """Each line of a bon: its case, tax key and gross."""
    kinds = {row["POS_ZEILE"]: row["GV_TYP"] for row in found["lines.csv"] if row["BON_ID"] == str(bon_id)}
    shares = (row for row in found["lines_vat.csv"] if row["BON_ID"] == str(bon_id))
    return [(kinds[row["POS_ZEILE"]], row["UST_SCHLUESSEL"], row["POS_BRUTTO"]) for row in shares]


def test_package_is_an_advance_payment_that_its_sessions_use_up_and_corrections_name_their_sale(german: German) -> None:
    world = german.world
    bought = german.sell(line("ten"), client=world.ana)
    used = german.sell(line("trigger_60"), client=world.ana, tip=Tip(amount_minor=5_00))
    sold = german.sell(
        line("trigger_60", 2, exemption=Exemption("prescription", "4711")), line("oil"), client=world.ben
    )
    back = german.refund(sold)
    german.close(left=50_00)
    found = tables(german.files())
    assert lines_of(found, bought) == [("Anzahlungseinstellung", "1", "900,00")]
    (visit, given_up, tip) = lines_of(found, used)
    assert visit[:2] == ("Umsatz", "1")
    assert given_up == ("Anzahlungsaufloesung", "1", f"-{visit[2]}")
    assert tip == ("TrinkgeldAN", "5", "5,00")
    assert {key for _, key, _ in lines_of(found, sold)} == {"6"}, "an exempt treatment and goods at 0 %"
    assert sum(minor(gross) for _, _, gross in lines_of(found, back)) < 0
    (row,) = [row for row in found["references.csv"] if row["BON_ID"] == str(back)]
    closing = found["cashpointclosing.csv"][0]
    assert (row["REF_TYP"], row["REF_BON_ID"], row["REF_Z_NR"]) == ("Transaktion", str(sold), "1")
    assert (row["REF_Z_KASSE_ID"], row["REF_DATUM"]) == (closing["Z_KASSE_ID"], closing["Z_ERSTELLUNG"])
    (of_visit,) = [row for row in found["references.csv"] if row["BON_ID"] == str(used)]
    assert (of_visit["POS_ZEILE"], of_visit["REF_BON_ID"]) == ("2", str(bought))
    assert (closing["NAME"], closing["STRASSE"], closing["PLZ"], closing["ORT"]) == (
        "Ruhepunkt", "Marktgasse 4", "93047", "Regensburg"
    )  # fmt: skip
    assert [row["ZAHLART_BETRAG_WAEH"] for row in found["cash_per_currency.csv"]] == ["50,00"]


def test_visit_that_became_the_first_of_a_package_is_given_back_beside_it(german: German) -> None:
    world = german.world
    visit = german.sell(line("trigger_60"), client=world.ana)
    wanted = world.wanted(line("ten"))
    wanted = replace(wanted, lines=(replace(wanted.lines[0], visit_conversion=VisitConversionRequest(visit, 1)),))
    bought = german.pay(wanted, cash=800_00, client=world.ana)
    german.close()
    found = tables(german.files())
    (back,) = [row["BON_ID"] for row in found["references.csv"] if row["REF_BON_ID"] == str(visit)]
    assert lines_of(found, back) == [("Umsatz", "1", "-100,00"), ("MehrzweckgutscheinKauf", "5", "100,00")]
    assert ("MehrzweckgutscheinEinloesung", "5", "-100,00") in lines_of(found, bought)
    taxes = sum(minor(row["POS_UST"]) for row in found["lines_vat.csv"])
    assert taxes == -world.balance(german.site, "tax_payable")
    with world.app.app_context():
        assert list(cash_data_differences(reading(), german.scope())) == []


def test_sessions_of_a_package_that_is_partly_exempt_are_taxed_as_it_was(german: German) -> None:
    world = german.world
    some = german.sell(line("five", exemption=Exemption("prescription", "4711", 2)), client=world.ana)
    none = german.sell(line("three", exemption=Exemption("certificate", "K 12")), client=world.ben)
    used = [german.sell(line("trigger_60"), client=who) for who in (world.ana, world.ben)]
    back = german.refund(german.sell(line("foot_60", 2, exemption=Exemption("prescription", "4711", 1))))
    german.close()
    found = tables(german.files())
    assert lines_of(found, some) == [
        ("Anzahlungseinstellung", "1", "276,00"), ("Anzahlungseinstellung", "6", "184,00"),
    ]  # fmt: skip
    assert lines_of(found, none) == [("Anzahlungseinstellung", "6", "285,00")]
    assert [(kind, key) for kind, key, _ in lines_of(found, used[0])] == [
        ("Umsatz", "1"), ("Umsatz", "6"), ("Anzahlungsaufloesung", "1"), ("Anzahlungsaufloesung", "6"),
    ]  # fmt: skip
    assert lines_of(found, used[1]) == [("Umsatz", "6", "95,00"), ("Anzahlungsaufloesung", "6", "-95,00")]
    assert {key for _, key, _ in lines_of(found, back)} == {"6"}


def test_signed_data_of_a_device_stands_beside_its_bon(german: German, monkeypatch: pytest.MonkeyPatch) -> None:
    sale_id = german.sell(line("oil"))
    german.close()
    device = Device("A1" * 32, "ecdsa-plain-SHA256", "unixTime", "UTF-8", "key", "c" * 1_200)

    def signed(bons: list[Bon]) -> dict[str, Signed]:
        return {bon.id: Signed(device, 7, "1", "2", "Kassenbeleg-V1", 9, "sig") for bon in bons if bon.note}

    monkeypatch.setattr("pos.reports.bookkeeping.dsfinvk.rows.signed", signed)
    found = tables(german.files())
    (tse,), (row,) = found["tse.csv"], found["transactions_tse.csv"]
    assert (len(tse["TSE_ZERTIFIKAT_I"]), len(tse["TSE_ZERTIFIKAT_II"])) == (1_000, 200)
    assert (row["BON_ID"], row["TSE_ID"], row["TSE_TANR"], row["TSE_TA_SIGZ"]) == (
        str(sale_id),
        tse["TSE_ID"],
        "7",
        "9",
    )


def test_cash_data_is_refused_outside_germany_without_closings_and_where_the_books_differ(
    german: German, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, out = german.world, io.BytesIO()
    with world.app.app_context():
        here, there = place(reading(), german.site.location_id), place(reading(), world.usd.location_id)
        with pytest.raises(Conflict, match="in Germany"):
            write_cash_data(there, TODAY, TODAY, out)
        with pytest.raises(Invalid, match="No drawer was closed"):
            write_cash_data(here, TODAY, TODAY, out)
        with pytest.raises(Invalid, match="92 days"):
            write_cash_data(here, TODAY, TODAY + timedelta(days=92), out)
    german.move("paid_in", 20_00)
    german.close()
    monkeypatch.setattr("pos.reports.bookkeeping.dsfinvk.moved.movements", lambda *_: [])
    with world.app.app_context(), pytest.raises(Conflict, match="Z report 1 do not agree"):
        write_cash_data(here, TODAY, TODAY, out)
    assert out.getvalue() == b""


def test_export_cash_data_command_writes_the_file_and_says_why_not(german: German, tmp_path: Path) -> None:
    runner, folder = CliRunner(), tmp_path / "out"
    folder.mkdir()
    german.sell(line("oil"))
    german.close()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pos.cli.bookkeeping.app", lambda: german.world.app)
        patch.setattr("pos.cli.common.app", lambda: german.world.app)
        days = ["--from", TODAY.isoformat(), "--to", TODAY.isoformat(), "--output", str(folder)]
        done = runner.invoke(cli.main, ["export", "cash-data", "--location", "altstadt", *days])
        assert done.exit_code == 0, done.output
        assert "1 closing" in done.output
        refused = runner.invoke(cli.main, ["export", "cash-data", "--location", "riverside", *days])
        assert (refused.exit_code, "in Germany" in refused.output) == (1, True)
    assert [path.name for path in folder.iterdir()] == [f"dsfinvk-altstadt-{TODAY}-{TODAY}.zip"]
