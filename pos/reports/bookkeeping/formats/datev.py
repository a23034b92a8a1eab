"""DATEV: a posting batch (Buchungsstapel) in the DATEV-Format, header 700, category 21, format version 13.

DATEV publishes the fields at developer.datev.de, “DATEV-Format”: the header, and “Buchungsstapel” with a regular
expression for each column. Windows-1252, semicolons, CRLF, decimal comma; texts are quoted even when they are empty,
numbers never.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta
from itertools import groupby

from pos.core.clock import days_of_month
from pos.core.i18n.message import Message
from pos.core.messages.books import DATEV_ACCOUNT_IS_CLEARING, DATEV_ACCOUNT_MALFORMED
from pos.core.money import plain
from pos.reports.bookkeeping.formats.text import one_line, windows_1252
from pos.reports.bookkeeping.journals import Books, DayJournal, File, Line
from pos.reports.bookkeeping.program import Program, Setting

_PAIRED = [f"{kind} {n}" for n in range(1, 9) for kind in ("Beleginfo - Art", "Beleginfo - Inhalt")]
_MORE = [f"{kind} {n}" for n in range(1, 21) for kind in ("Zusatzinformation - Art", "Zusatzinformation- Inhalt")]
# In the order of the format; a * marks what is a text.
_MARKED = (
    "Umsatz (ohne Soll/Haben-Kz)", "*Soll/Haben-Kennzeichen", "*WKZ Umsatz", "Kurs", "Basis-Umsatz", "*WKZ Basis-Umsatz",
    "Konto", "Gegenkonto (ohne BU-Schlüssel)", "*BU-Schlüssel", "Belegdatum", "*Belegfeld 1", "*Belegfeld 2", "Skonto",
    "*Buchungstext", "Postensperre", "*Diverse Adressnummer", "Geschäftspartnerbank", "Sachverhalt", "Zinssperre",
    "*Beleglink", *(f"*{name}" for name in _PAIRED), "*KOST1 - Kostenstelle", "*KOST2 - Kostenstelle", "Kost-Menge",
    "*EU-Land u. UStID (Bestimmung)", "EU-Steuersatz (Bestimmung)", "*Abw. Versteuerungsart", "Sachverhalt L+L",
    "Funktionsergänzung L+L", "BU 49 Hauptfunktionstyp", "BU 49 Hauptfunktionsnummer", "BU 49 Funktionsergänzung",
    *(f"*{name}" for name in _MORE), "Stück", "Gewicht", "Zahlweise", "*Forderungsart", "Veranlagungsjahr",
    "Zugeordnete Fälligkeit", "Skontotyp", "*Auftragsnummer", "*Buchungstyp", "USt-Schlüssel (Anzahlungen)",
    "*EU-Land (Anzahlungen)", "Sachverhalt L+L (Anzahlungen)", "EU-Steuersatz (Anzahlungen)", "Erlöskonto (Anzahlungen)",
    "*Herkunft-Kz", "*Buchungs GUID", "KOST-Datum", "*SEPA-Mandatsreferenz", "Skontosperre", "*Gesellschaftername",
    "Beteiligtennummer", "*Identifikationsnummer", "*Zeichnernummer", "Postensperre bis", "*Bezeichnung SoBil-Sachverhalt",
    "Kennzeichen SoBil-Buchung", "Festschreibung", "Leistungsdatum", "Datum Zuord. Steuerperiode", "Fälligkeit",
    "*Generalumkehr (GU)", "Steuersatz", "*Land", "*Abrechnungsreferenz", "BVV-Position", "*EU-Land u. UStID (Ursprung)",
    "EU-Steuersatz (Ursprung)", "Abw. Skontokonto",
)  # fmt: skip
COLUMNS = tuple(name.removeprefix("*") for name in _MARKED)
TEXTS = frozenset(name.removeprefix("*") for name in _MARKED if name.startswith("*"))
_TEXT, _RECEIPT = 60, 36


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def _text(text: str, most: int) -> str:
    # A ligature becomes two letters.
    return windows_1252(one_line(text, most))[:most]


def _fiscal_year(day: date, starts: str) -> date:
    """The first day of the fiscal year of a day; `starts` is month and day, `01-01`."""
    month, of_month = (int(part) for part in starts.split("-"))
    start = date(day.year, month, of_month)
    return start if start <= day else date(day.year - 1, month, of_month)


def _header(books: Books, days: list[DayJournal], first: date, last: date) -> str:
    settings = books.settings
    fields = (
        _quoted("EXTF"), "700", "21", _quoted("Buchungsstapel"), "13",
        # When it was made: the newest entry, so that the same days give the same bytes.
        f"{books.newest:%Y%m%d%H%M%S}{books.newest.microsecond // 1000:03d}",
        "", _quoted("RE"), _quoted(""), _quoted(""), settings["consultant"], settings["client"],
        f"{_fiscal_year(days[0].on, settings['year_start']):%Y%m%d}", settings["account_length"],
        f"{first:%Y%m%d}", f"{last:%Y%m%d}", _quoted(_text(f"{first:%Y-%m} {books.location}", 30)), _quoted(""),
        # Bookkeeping, for no purpose of its own, not locked, in euro.
        "1", "0", "0", _quoted("EUR"), "", _quoted(""), "", "", _quoted(""), "", "", _quoted(""), _quoted(""),
    )  # fmt: skip
    return ";".join(fields)


def _row(books: Books, day: DayJournal, line: Line) -> str:
    amount = plain(abs(line.amount_minor), books.currency).replace(".", ",")
    filled = {
        "Umsatz (ohne Soll/Haben-Kz)": amount,
        "Soll/Haben-Kennzeichen": "S" if line.debit_minor else "H",
        "WKZ Umsatz": books.currency,
        "Konto": books.target(line),
        "Gegenkonto (ohne BU-Schlüssel)": books.settings["clearing"],
        "Belegdatum": f"{day.on:%d%m}",
        "Belegfeld 1": re.sub(r"[^A-Za-z0-9$&%*+\-/]", "-", books.number(day))[:_RECEIPT],
        "Buchungstext": _text(books.about(line), _TEXT),
        "Festschreibung": "0",
    }
    return ";".join(_quoted(filled.get(name, "")) if name in TEXTS else filled.get(name, "") for name in COLUMNS)


def write(books: Books) -> list[File]:
    """A file for each month, as DATEV advises; a day's lines stand against the clearing account, which ends at zero.

    A posting has one account and one contra account, and a journal has several on both sides: so each line is a posting
    between its account and the clearing account. No tax key is written, for tax stands on accounts of its own.
    """
    files = []
    for month, grouped in groupby(books.days, key=lambda day: day.on.replace(day=1)):
        days = list(grouped)
        first = max(books.from_on, month)
        last = min(books.to_on, days_of_month(month)[1])
        # A fiscal year that begins within a month divides it.
        turn = _fiscal_year(last, books.settings["year_start"])
        spans = [(first, turn - timedelta(days=1)), (turn, last)] if first < turn <= last else [(first, last)]
        for start, end in spans:
            its = [day for day in days if start <= day.on <= end]
            if not its:
                continue
            rows = [_header(books, its, start, end), ";".join(COLUMNS)]
            rows += [_row(books, day, line) for day in its for line in day.lines]
            content = "".join(f"{row}\r\n" for row in rows).encode("cp1252")
            files.append(File(f"EXTF_Buchungsstapel_{books.slug}_{start}_{end}.csv", content))
    return files


def account_error(text: str, settings: Mapping[str, str]) -> Message | None:
    """What is wrong with an account, if anything: a number of at most the account length, and not the clearing account."""
    digits = settings.get("account_length", "")
    most = int(digits) if re.fullmatch(r"[4-8]", digits) else 8
    if not re.fullmatch(rf"[0-9]{{1,{most}}}", text) or not int(text):
        return DATEV_ACCOUNT_MALFORMED(digits=most)
    clearing = settings.get("clearing", "")
    if clearing.isdecimal() and int(text) == int(clearing):
        return DATEV_ACCOUNT_IS_CLEARING
    return None


def settings_error(settings: Mapping[str, str]) -> tuple[str, Message] | None:
    """The clearing account stands in every line, so it is no longer than the account length that the header names."""
    digits, clearing = settings.get("account_length", ""), settings.get("clearing", "")
    if re.fullmatch(r"[4-8]", digits) and clearing.isdecimal() and len(clearing) > int(digits):
        return "clearing", DATEV_ACCOUNT_MALFORMED(digits=digits)
    return None


def _number(_key: str, code: str, _name: str) -> str:
    return code if re.fullmatch(r"[1-9][0-9]{3}", code) else ""


PROGRAM = Program(
    key="datev",
    title="DATEV (EXTF)",
    about="A posting batch for each month. Every line is booked against the clearing account, which ends each day at zero.",
    write=write,
    account_word="Account number in DATEV",
    account_error=account_error,
    suggest=_number,
    settings=(
        Setting(
            "consultant", "Consultant number", "1001 to 9999999",
            r"100[1-9]|10[1-9]\d|1[1-9]\d\d|[2-9]\d{3}|[1-9]\d{4,6}",
        ),
        Setting("client", "Client number", "1 to 99999", r"[1-9]\d{0,4}"),
        Setting(
            "year_start", "Fiscal year begins on", "month and day, such as 01-01",
            r"(0[1-9]|1[0-2])-(0[1-9]|1\d|2[0-8])", "01-01",
        ),
        Setting("account_length", "Length of account numbers", "4 to 8 digits", r"[4-8]", "4"),
        Setting("clearing", "Clearing account", "a number that no other account has", r"[1-9]\d{0,7}"),
    ),
    settings_error=settings_error,
    currencies=frozenset({"EUR"}),
    decimals=2,
)  # fmt: skip
