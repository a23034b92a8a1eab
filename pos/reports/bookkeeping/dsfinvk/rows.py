"""The rows of one closing: master data, sums, and every bon with its lines. Raises Conflict where sums do not agree."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from pos.core import clock
from pos.core.errors import Conflict
from pos.core.messages.books import CASH_DATA_DISAGREE
from pos.domain.locations.queries import Place
from pos.domain.till.models import ZReport
from pos.reports.bookkeeping.dsfinvk.bons import Bon, Position, Reference, Share, summed, vat_facts
from pos.reports.bookkeeping.dsfinvk.signatures import signed
from pos.reports.bookkeeping.dsfinvk.standard import VERSION

# What a row holds by the name of its column: texts, whole numbers, minor units of amounts, other decimals.
Row = dict[str, str | int | Decimal | None]
Rows = Iterator[tuple[str, Row]]
_COUNTRY = "DEU"


@dataclass(frozen=True, slots=True)
class TillClosing:
    """A Z report with the bons of its shift, oldest first; `staff` are names, `software` the version that writes."""

    place: Place
    z: ZReport
    bons: Sequence[Bon]
    staff: Mapping[UUID, str]
    software: str

    def local(self, at: datetime) -> datetime:
        """An instant on the location's clock."""
        return at.astimezone(clock.zone(self.place.time_zone))

    def iso(self, at: datetime) -> str:
        """An instant on the location's clock, ISO 8601 with its offset."""
        return self.local(at).isoformat(timespec="seconds")

    @property
    def keys(self) -> Row:
        """The first columns of every row."""
        return {"Z_KASSE_ID": str(self.z.drawer_id), "Z_ERSTELLUNG": self.iso(self.z.closed_at), "Z_NR": self.z.number}

    @property
    def counted(self) -> list[Bon]:
        """The bons that make the sums."""
        return [bon for bon in self.bons if bon.counts]


def address_of(lines: Sequence[str]) -> tuple[str, str, str]:
    """Street, postal code and town, of an address as it is written on receipts."""
    for number, line in enumerate(lines):
        if found := re.match(r"(?:D-)?(\d{5})\s+(.+)", line.strip()):
            return ", ".join(one.strip() for one in lines[:number]), found[1], found[2].strip()
    return ", ".join(lines), "", ""


def _tax_numbers(text: str) -> tuple[str, str]:
    """Tax number and VAT number of what is printed as the one."""
    bare = re.sub(r"\s", "", text)
    if found := re.search(r"DE\d{9}", bare):
        return "", found[0]
    number = re.search(r"[\d][\d /]{7,18}\d", text)
    return (number[0] if number else ""), ""


def _master_data(one: TillClosing) -> Rows:
    # What the Z report froze counts, and not how the location is called today.
    facts = one.z.document
    street, code, town = address_of(facts["address_lines"])
    number, vat_number = _tax_numbers(facts.get("tax_id") or "")
    money = [part for bon in one.counted for part in bon.payments]
    yield "cashpointclosing.csv", {
        "Z_BUCHUNGSTAG": one.z.business_on.isoformat() if one.z.business_on != one.local(one.z.closed_at).date() else "",
        "TAXONOMIE_VERSION": VERSION,
        "Z_START_ID": one.bons[0].id if one.bons else "",
        "Z_ENDE_ID": one.bons[-1].id if one.bons else "",
        "NAME": facts["clinic_name"], "STRASSE": street, "PLZ": code, "ORT": town, "LAND": _COUNTRY,
        "STNR": number, "USTID": vat_number,
        "Z_SE_ZAHLUNGEN": sum(part.minor for part in money),
        "Z_SE_BARZAHLUNGEN": sum(part.minor for part in money if part.kind == "Bar"),
    }  # fmt: skip
    yield "location.csv", {
        "LOC_NAME": facts["location"], "LOC_STRASSE": street, "LOC_PLZ": code, "LOC_ORT": town, "LOC_LAND": _COUNTRY,
        "LOC_USTID": vat_number,
    }  # fmt: skip
    yield "cashregister.csv", {
        "KASSE_BRAND": "Tenderpoint", "KASSE_MODELL": facts["desk"], "KASSE_SERIENNR": str(one.z.drawer_id),
        "KASSE_SW_BRAND": "Tenderpoint", "KASSE_SW_VERSION": one.software, "KASSE_BASISWAEH_CODE": facts["currency"],
        "KEINE_UST_ZUORDNUNG": "0",
    }  # fmt: skip
    used = {share.key for bon in one.bons for position in bon.positions for share in position.shares}
    for key in sorted(used):
        percent, words = vat_facts(key)
        yield "vat.csv", {"UST_SCHLUESSEL": key, "UST_SATZ": percent, "UST_BESCHR": words}


def _sums(one: TillClosing) -> Rows:
    cases: dict[tuple[str, str], list[Share]] = {}
    paid: dict[tuple[str, str], int] = {}
    for bon in one.counted:
        for position in bon.positions:
            cases.setdefault((position.kind, position.name), []).extend(position.shares)
        for part in bon.payments:
            paid[part.kind, part.name] = paid.get((part.kind, part.name), 0) + part.minor
    for (kind, name), shares in sorted(cases.items()):
        for share in summed(shares):
            yield "businesscases.csv", {
                "GV_TYP": kind, "GV_NAME": name, "AGENTUR_ID": 0, "UST_SCHLUESSEL": share.key,
                "Z_UMS_BRUTTO": share.gross, "Z_UMS_NETTO": share.net, "Z_UST": share.tax,
            }  # fmt: skip
    for (kind, name), minor in sorted(paid.items()):
        yield "payment.csv", {"ZAHLART_TYP": kind, "ZAHLART_NAME": name, "Z_ZAHLART_BETRAG": minor}
    cash = sum(minor for (kind, _), minor in paid.items() if kind == "Bar")
    yield "cash_per_currency.csv", {"ZAHLART_WAEH": one.z.document["currency"], "ZAHLART_BETRAG_WAEH": cash}


def _reference(one: TillClosing, bon: Bon, line: str, refers: Reference) -> tuple[str, Row]:
    return "references.csv", {
        "BON_ID": bon.id, "POS_ZEILE": line, "REF_TYP": "ExterneSonstige" if refers.number is None else "Transaktion",
        "REF_NAME": refers.name, "REF_DATUM": one.iso(refers.at) if refers.at else "", "REF_Z_KASSE_ID": refers.till,
        "REF_Z_NR": refers.number, "REF_BON_ID": refers.bon_id,
    }  # fmt: skip


def _lines(one: TillClosing, bon: Bon, number: int, position: Position) -> Rows:
    here: Row = {"BON_ID": bon.id, "POS_ZEILE": str(number)}
    is_article = bool(position.article)
    yield "lines.csv", {
        **here, "GUTSCHEIN_NR": position.voucher, "ARTIKELTEXT": position.text, "GV_TYP": position.kind,
        "GV_NAME": position.name, "INHAUS": "0", "P_STORNO": "0", "AGENTUR_ID": 0, "ART_NR": position.article,
        "WARENGR_ID": position.group[0], "WARENGR": position.group[1], "MENGE": Decimal(position.quantity),
        "FAKTOR": Decimal(1), "EINHEIT": "Stück" if is_article else "",
        "STK_BR": Decimal(position.gross) / 100 / position.quantity,
    }  # fmt: skip
    for share in position.shares:
        yield "lines_vat.csv", {
            **here, "UST_SCHLUESSEL": share.key, "POS_BRUTTO": share.gross, "POS_NETTO": share.net, "POS_UST": share.tax,
        }  # fmt: skip
    for kind, share in position.found:
        yield "itemamounts.csv", {
            **here, "TYP": kind, "UST_SCHLUESSEL": share.key, "PF_BRUTTO": share.gross, "PF_NETTO": share.net,
            "PF_UST": share.tax,
        }  # fmt: skip
    if position.refers:
        yield _reference(one, bon, str(number), position.refers)


def _bon(one: TillClosing, number: int, bon: Bon) -> Rows:
    if bon.gross != sum(part.minor for part in bon.payments):
        raise Conflict(CASH_DATA_DISAGREE(bon=bon.note or bon.id, number=one.z.number))
    here: Row = {"BON_ID": bon.id}
    yield "transactions.csv", {
        **here, "BON_NR": number, "BON_TYP": bon.kind, "BON_NAME": "Schublade geöffnet" if bon.kind == "AVSonstige" else "",
        "BON_STORNO": "0", "BON_START": one.iso(bon.start), "BON_ENDE": one.iso(bon.end),
        "BEDIENER_ID": str(bon.staff_id or ""), "BEDIENER_NAME": one.staff.get(bon.staff_id, "") if bon.staff_id else "",
        "UMS_BRUTTO": bon.gross, "KUNDE_ID": str(bon.client_id or ""), "KUNDE_TYP": "Kunde" if bon.client_id else "",
        "BON_NOTIZ": bon.note,
    }  # fmt: skip
    for share in summed(share for position in bon.positions for share in position.shares):
        yield "transactions_vat.csv", {
            **here, "UST_SCHLUESSEL": share.key, "BON_BRUTTO": share.gross, "BON_NETTO": share.net, "BON_UST": share.tax,
        }  # fmt: skip
    for part in bon.payments:
        yield "datapayment.csv", {
            **here, "ZAHLART_TYP": part.kind, "ZAHLART_NAME": part.name, "ZAHLWAEH_CODE": one.z.document["currency"],
            "BASISWAEH_BETRAG": part.minor,
        }  # fmt: skip
    for line, position in enumerate(bon.positions, start=1):
        yield from _lines(one, bon, line, position)
    if bon.refers:
        yield _reference(one, bon, "", bon.refers)


def _signatures(one: TillClosing) -> Rows:
    """What a security device signed; nothing without one, so that its files hold their headings alone."""
    found = signed(one.bons)
    devices = list(dict.fromkeys(by.device for by in found.values()))
    for number, device in enumerate(devices, start=1):
        yield "tse.csv", {
            "TSE_ID": number, "TSE_SERIAL": device.serial, "TSE_SIG_ALGO": device.algorithm,
            "TSE_ZEITFORMAT": device.time_format, "TSE_PD_ENCODING": device.encoding, "TSE_PUBLIC_KEY": device.public_key,
            "TSE_ZERTIFIKAT_I": device.certificate[:1000], "TSE_ZERTIFIKAT_II": device.certificate[1000:],
        }  # fmt: skip
    for bon_id, by in found.items():
        yield "transactions_tse.csv", {
            "BON_ID": bon_id, "TSE_ID": devices.index(by.device) + 1, "TSE_TANR": by.number, "TSE_TA_START": by.start,
            "TSE_TA_ENDE": by.end, "TSE_TA_VORGANGSART": by.kind, "TSE_TA_SIGZ": by.counter, "TSE_TA_SIG": by.signature,
            "TSE_TA_FEHLER": by.failure, "TSE_VORGANGSDATEN": by.data,
        }  # fmt: skip


def _without_keys(one: TillClosing) -> Rows:
    yield from _master_data(one)
    yield from _sums(one)
    for number, bon in enumerate(one.bons, start=1):
        yield from _bon(one, number, bon)
    yield from _signatures(one)


def rows_of(one: TillClosing) -> Rows:
    """Every row of a closing with the file it belongs to; files that a till without slaves or agencies needs no row of have
    none. Raises Conflict for a bon whose lines and payments differ."""
    keys = one.keys
    for file, row in _without_keys(one):
        yield file, keys | row
