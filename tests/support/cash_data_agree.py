"""Whether the files of cash data (DSFinV-K), read back, agree with themselves, with the Z reports and with the ledger."""

from __future__ import annotations

import csv
import io
from collections import Counter, defaultdict
from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from zipfile import ZipFile

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pos.domain.ledger.models import JournalEntry, Posting
from pos.domain.locations.queries import Place
from pos.domain.till.models import Shift, ZReport
from pos.reports.bookkeeping.dsfinvk.closings import till_closings
from pos.reports.bookkeeping.dsfinvk.files import index_xml, write_zip
from pos.reports.bookkeeping.dsfinvk.rows import rows_of
from pos.reports.period import Scope

Rows = list[dict[str, str]]
_STORED = ("Gutschein:", "Kundenguthaben:")


def cash_data(session: Session, scope: Scope) -> bytes:
    """The archive of a location's days."""
    (place,) = scope.places
    out = io.BytesIO()
    found = till_closings(session, place, scope.from_on, scope.to_on, "1")
    write_zip(out, (row for one in found for row in rows_of(one)), index_xml(place.clinic_name, "", ""))
    return out.getvalue()


def tables(content: bytes) -> dict[str, Rows]:
    """Each CSV of an archive, as rows."""
    with ZipFile(io.BytesIO(content)) as archive:
        return {
            name: list(csv.DictReader(io.StringIO(archive.read(name).decode(), newline=""), delimiter=";"))
            for name in archive.namelist()
            if name.endswith(".csv")
        }


def minor(text: str) -> int:
    """An amount as minor units."""
    return int(Decimal(text.replace(",", ".")) * 100)


def _sums(rows: Rows, key: tuple[str, ...], amounts: tuple[str, ...]) -> dict[Any, tuple[int, ...]]:
    found: defaultdict[Any, list[int]] = defaultdict(lambda: [0] * len(amounts))
    for row in rows:
        for number, name in enumerate(amounts):
            found[tuple(row[one] for one in key)][number] += minor(row[name])
    return {one: tuple(sums) for one, sums in found.items()}


def cash_data_differences(session: Session, scope: Scope) -> Iterator[str]:
    """What differs, in words: lines, bons, sums of the closing, the Z report and the books."""
    found = tables(cash_data(session, scope))
    closings = {(row["Z_KASSE_ID"], row["Z_NR"]): row for row in found["cashpointclosing.csv"]}
    frozen = {
        (str(z.drawer_id), str(z.number)): (z, shift)
        for z, shift in session.execute(
            select(ZReport, Shift)
            .join(Shift, Shift.id == ZReport.shift_id)
            .where(ZReport.location_id == scope.places[0].id, ZReport.business_on.between(scope.from_on, scope.to_on))
        )
    }
    if closings.keys() != frozen.keys():
        yield f"closings {closings.keys()} ≠ {frozen.keys()}"
    for key, row in closings.items():
        its = {name: [one for one in rows if (one["Z_KASSE_ID"], one["Z_NR"]) == key] for name, rows in found.items()}
        for difference in (*_of_closing(its, row), *_against_books(session, scope.places[0], its, *frozen[key])):
            yield f"Z {key[1]}: {difference}"


def _of_closing(its: dict[str, Rows], closing: dict[str, str]) -> Iterator[str]:
    three = ("POS_BRUTTO", "POS_NETTO", "POS_UST")
    lines = _sums(its["lines_vat.csv"], ("BON_ID", "UST_SCHLUESSEL"), three)
    bons = _sums(its["transactions_vat.csv"], ("BON_ID", "UST_SCHLUESSEL"), ("BON_BRUTTO", "BON_NETTO", "BON_UST"))
    if lines != bons:
        yield f"lines {lines} ≠ bons {bons}"
    if any(gross != net + tax for gross, net, tax in lines.values()):
        yield "gross is not net and tax"
    heads = {row["BON_ID"]: row for row in its["transactions.csv"]}
    gross = Counter[str]()
    for (bon, _), sums in bons.items():
        gross[bon] += sums[0]
    paid = Counter[str]()
    for row in its["datapayment.csv"]:
        paid[row["BON_ID"]] += minor(row["BASISWAEH_BETRAG"])
    for bon, head in heads.items():
        if not gross[bon] == paid[bon] == minor(head["UMS_BRUTTO"]):
            yield f"bon {head}: {gross[bon]}, {paid[bon]}"
    of_line = {(row["BON_ID"], row["POS_ZEILE"]): row for row in its["lines.csv"]}
    for row in its["lines_vat.csv"]:
        row |= {name: of_line[row["BON_ID"], row["POS_ZEILE"]][name] for name in ("GV_TYP", "GV_NAME")}
    counted = {bon for bon, head in heads.items() if head["BON_TYP"] == "Beleg"}
    case = ("GV_TYP", "GV_NAME", "UST_SCHLUESSEL")
    cases = _sums([row for row in its["lines_vat.csv"] if row["BON_ID"] in counted], case, three)
    written = _sums(its["businesscases.csv"], case, ("Z_UMS_BRUTTO", "Z_UMS_NETTO", "Z_UST"))
    if cases != written:
        yield f"lines {cases} ≠ business cases {written}"
    means = ("ZAHLART_TYP", "ZAHLART_NAME")
    payments = _sums([row for row in its["datapayment.csv"] if row["BON_ID"] in counted], means, ("BASISWAEH_BETRAG",))
    if payments != _sums(its["payment.csv"], means, ("Z_ZAHLART_BETRAG",)):
        yield f"payments {payments} ≠ {its['payment.csv']}"
    total = sum(one for (one,) in payments.values())
    cash = sum(one for (kind, _), (one,) in payments.items() if kind == "Bar")
    if (total, cash) != (minor(closing["Z_SE_ZAHLUNGEN"]), minor(closing["Z_SE_BARZAHLUNGEN"])):
        yield f"payments {total}, {cash} ≠ {closing}"
    if [minor(row["ZAHLART_BETRAG_WAEH"]) for row in its["cash_per_currency.csv"]] != [cash]:
        yield "cash of the currency is not the cash of the closing"
    first, *_, last = [row["BON_ID"] for row in its["transactions.csv"]] * 2
    if (first, last) != (closing["Z_START_ID"], closing["Z_ENDE_ID"]):
        yield "first and last bon are others"
    if [row["BON_NR"] for row in its["transactions.csv"]] != [str(n + 1) for n in range(len(heads))]:
        yield "bons are not numbered without gaps"


def _against_books(session: Session, place: Place, its: dict[str, Rows], z: ZReport, shift: Shift) -> Iterator[str]:
    """The files beside what the Z report froze and what the entries of the shift moved."""
    tests = {row["BON_ID"] for row in its["transactions.csv"] if row["BON_TYP"] == "AVTraining"}
    money = [row for row in its["datapayment.csv"] if row["BON_ID"] not in tests]
    at_close = f"{shift.id.hex}-close"
    expected = sum(
        minor(row["BASISWAEH_BETRAG"]) for row in money if row["ZAHLART_TYP"] == "Bar" and row["BON_ID"] != at_close
    )
    if expected != z.document["expected_minor"]:
        yield f"cash {expected} ≠ expected in the drawer {z.document['expected_minor']}"
    card = sum(minor(row["BASISWAEH_BETRAG"]) for row in money if row["ZAHLART_TYP"] != "Bar")
    if card != z.document["stripe_minor"]:
        yield f"by card {card} ≠ {z.document['stripe_minor']}"
    if minor(its["cash_per_currency.csv"][0]["ZAHLART_BETRAG_WAEH"]) != shift.left_minor:
        yield f"cash at the end ≠ left {shift.left_minor}"
    if z.document.get("tests"):
        return
    texts = {(row["BON_ID"], row["POS_ZEILE"]): row["ARTIKELTEXT"] for row in its["lines.csv"]}
    sold = select(JournalEntry.subject_id).where(JournalEntry.shift_id == shift.id, JournalEntry.event == "sale")
    sales = {str(sale_id) for sale_id in session.scalars(sold)}
    tips = total = 0
    for row in its["lines_vat.csv"]:
        if row["BON_ID"] not in sales:
            continue
        if row["GV_TYP"] == "TrinkgeldAN":
            tips += minor(row["POS_BRUTTO"])
        elif row["GV_NAME"] != "Barrundung" and not texts[row["BON_ID"], row["POS_ZEILE"]].startswith(_STORED):
            total += minor(row["POS_BRUTTO"])
    if (tips, total) != (z.document["tip_minor"], z.document["total_minor"]):
        yield f"tips {tips}, sold {total} ≠ {z.document['tip_minor']}, {z.document['total_minor']}"
    if place.second_tax_label is None and not z.document.get("not_due"):
        taxes = sum(minor(row["POS_UST"]) for row in its["lines_vat.csv"])
        booked = session.scalar(
            select(func.coalesce(func.sum(Posting.amount_minor), 0))
            .join(JournalEntry, JournalEntry.id == Posting.entry_id)
            .where(JournalEntry.shift_id == shift.id, Posting.account_key.like("tax_payable:%"))
        )
        if taxes != -int(booked or 0):
            yield f"taxes {taxes} ≠ booked {-int(booked or 0)}"
