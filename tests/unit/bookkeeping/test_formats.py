"""The files of bookkeeping programs, read back field by field against the rules that each program publishes."""

from __future__ import annotations

import csv
import io
import re
from collections import defaultdict
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from pos.core.money import to_decimal
from pos.reports.bookkeeping.formats import datev
from pos.reports.bookkeeping.journals import Books
from pos.reports.bookkeeping.programs import PROGRAMS
from tests.unit.bookkeeping.year import year

ODD = 'Maple "Street" – Ostübung\t東京; ' + "very long " * 20
Entries = dict[tuple[str, ...], list[tuple[str, Decimal]]]


def _expected(books: Books) -> dict[date, list[tuple[str, Decimal]]]:
    return {
        day.on: sorted((books.target(line), to_decimal(line.amount_minor, books.currency)) for line in day.lines)
        for day in books.days
    }


def _signed(debit: str, credit: str) -> Decimal:
    assert bool(debit) != bool(credit)
    amount = Decimal(debit or credit)
    assert amount > 0
    return amount if debit else -amount


@pytest.mark.parametrize(("currency", "digits"), [("EUR", 2), ("JPY", 0), ("KWD", 3)])
def test_csv_of_a_year_has_every_line_with_the_currency_s_decimals(currency: str, digits: int) -> None:
    books = year(PROGRAMS["csv"], currency=currency, location=ODD)
    (file,) = PROGRAMS["csv"].write(books)
    rows = list(csv.DictReader(io.StringIO(file.content.decode(), newline="")))
    found = defaultdict(list)
    for row in rows:
        assert re.fullmatch(r"-?\d+" + (rf"\.\d{{{digits}}}" if digits else ""), row["Debit"] or row["Credit"])
        assert not re.match(r"[=+\-@]", row["AccountName"])
        found[date.fromisoformat(row["Date"])].append((row["AccountCode"], _signed(row["Debit"], row["Credit"])))
    expected = {
        day.on: sorted(
            (books.accounts[line.account_key].code, to_decimal(line.amount_minor, currency)) for line in day.lines
        )
        for day in books.days
    }
    assert {on: sorted(lines) for on, lines in found.items()} == expected
    assert books.from_on.isoformat() in file.name


def test_quickbooks_online_of_a_year_keeps_its_columns_dates_and_rows() -> None:
    # Intuit, “Import journal entries”: at most 1,000 rows in a file, MM/DD/YYYY, one of debit and credit in each row.
    books = year(PROGRAMS["quickbooks-online"], location=ODD)
    found: Entries = defaultdict(list)
    for file in PROGRAMS["quickbooks-online"].write(books):
        rows = list(csv.reader(io.StringIO(file.content.decode(), newline="")))
        assert rows[0][:6] == ["JournalNo", "JournalDate", "AccountName", "Debits", "Credits", "Description"]
        assert len(rows) <= 1000
        assert len(file.content) < 2_000_000
        here: Entries = defaultdict(list)
        for number, day, account, debit, credit, about, currency in rows[1:]:
            assert re.fullmatch(r"[\w-]{1,21}", number)
            assert re.fullmatch(r"(0[1-9]|1[0-2])/(0[1-9]|[12]\d|3[01])/\d{4}", day)
            assert currency == "EUR"
            assert len(about) <= 200
            here[number, day].append((account, _signed(debit, credit)))
        assert not here.keys() & found.keys(), "an entry goes on in another file"
        assert all(sum(amount for _, amount in lines) == 0 for lines in here.values())
        found |= here
    read = {date(int(day[6:]), int(day[:2]), int(day[3:5])): sorted(lines) for (_, day), lines in found.items()}
    assert read == _expected(books)


def test_iif_of_a_year_is_trns_spl_endtrns_and_sums_to_zero() -> None:
    books = year(PROGRAMS["quickbooks-desktop"], location=ODD)
    (file,) = PROGRAMS["quickbooks-desktop"].write(books)
    text = file.content.decode("cp1252")
    assert text.count("\n") == text.count("\r\n")
    rows = [row.split("\t") for row in text.split("\r\n")[:-1]]
    heads, body = rows[:3], rows[3:]
    assert [row[0] for row in heads] == ["!TRNS", "!SPL", "!ENDTRNS"]
    assert heads[0][1:] == heads[1][1:]
    assert {"TRNSTYPE", "ACCNT", "AMOUNT"} <= set(heads[0])
    read: dict[date, list[tuple[str, Decimal]]] = {}
    entry: list[dict[str, str]] = []
    for row in body:
        if row == ["ENDTRNS"]:
            assert [one["kind"] for one in entry] == ["TRNS", *["SPL"] * (len(entry) - 1)]
            assert len({(one["DATE"], one["DOCNUM"]) for one in entry}) == 1
            month, day, of_year = entry[0]["DATE"].split("/")
            lines = sorted((one["ACCNT"], Decimal(one["AMOUNT"])) for one in entry)
            assert sum(amount for _, amount in lines) == 0
            read[date(int(of_year), int(month), int(day))] = lines
            entry = []
            continue
        assert len(row) == len(heads[0])
        entry.append(dict(zip(("kind", *heads[0][1:]), row, strict=True)))
        assert entry[-1]["TRNSTYPE"] == "GENERAL JOURNAL"
        assert len(entry[-1]["DOCNUM"]) <= 11
        assert re.fullmatch(r"(0[1-9]|1[0-2])/(0[1-9]|[12]\d|3[01])/\d{4}", entry[-1]["DATE"])
        assert re.fullmatch(r"-?\d+\.\d\d", entry[-1]["AMOUNT"])
        assert all(len(part) <= 31 for part in entry[-1]["ACCNT"].split(":"))
        assert '"' not in "".join(row)
    assert not entry
    assert read == _expected(books)


def test_xero_of_a_year_keeps_its_template_and_300_lines() -> None:
    books = year(PROGRAMS["xero"], location=ODD)
    read: dict[date, list[tuple[str, Decimal]]] = defaultdict(list)
    narrations = {}
    for file in PROGRAMS["xero"].write(books):
        rows = list(csv.DictReader(io.StringIO(file.content.decode(), newline="")))
        assert list(rows[0]) == [
            "*Narration", "*Date", "Description", "*AccountCode", "*TaxRate", "*Amount",
            "TrackingName1", "TrackingOption1", "TrackingName2", "TrackingOption2",
        ]  # fmt: skip
        assert len(rows) <= 300
        for row in rows:
            day, month, of_year = (int(part) for part in row["*Date"].split("/"))
            on = date(of_year, month, day)
            assert narrations.setdefault(on, row["*Narration"]) == row["*Narration"]
            assert row["*TaxRate"] == "Tax Exempt"
            assert re.fullmatch(r"-?\d+\.\d\d", row["*Amount"])
            assert 1 <= len(row["*AccountCode"]) <= 10
            assert not re.match(r"[=+\-@]", row["*Narration"])
            read[on].append((row["*AccountCode"], Decimal(row["*Amount"])))
    assert len(set(narrations.values())) == len(narrations)
    assert {on: sorted(lines) for on, lines in read.items()} == _expected(books)


# DATEV-Format, header: each of its 31 fields as the expression in its description, for what is written here.
HEADER = (
    r'"EXTF"', r"700", r"21", r'"Buchungsstapel"', r"13", r"20\d{15}", r"", r'"[A-Z]{0,2}"', r'".{0,25}"', r'".{0,25}"',
    r"[1-9]\d{3,6}", r"[1-9]\d{0,4}", r"20\d{6}", r"[4-8]", r"20\d{6}", r"20\d{6}", r'".{0,30}"', r'"([A-Z]{2}){0,2}"',
    r"[12]", r"(0|30|40|50|64)", r"[01]", r'"[A-Z]{3}"', r"", r'""', r"", r"", r'"(\d{2}){0,2}"', r"(\d{4})?", r"", r'""',
    r'".{0,16}"',
)  # fmt: skip
# DATEV-Format, “Buchungsstapel”: the columns that are written, by their number; every other one is empty.
POSTING = {
    1: r"\d{1,10},\d{2}", 2: r'"(S|H)"', 3: r'"[A-Z]{3}"', 7: r"\d{1,9}", 8: r"\d{1,9}", 10: r"\d{4}",
    11: r'"[A-Za-z0-9$&%*+\-/]{0,36}"', 14: r'".{0,60}"', 114: r"[01]",
}  # fmt: skip
# Those whose expression begins with a quotation mark are texts, and quoted even where they are empty.
QUOTED = {
    2, 3, 6, 9, 11, 12, 14, 16, *range(20, 39), 40, 42, *range(48, 88), 91, 95, 96, 98, 102, 103, 105, 107, 109, 110, 112,
    118, 120, 121, 123,
}  # fmt: skip


def _fields(row: str) -> list[str]:
    """The fields of a row, each with the quotation marks that it has."""
    return re.findall(r'(?:^|;)("(?:[^"]|"")*"|[^;"]*)', row)


def test_datev_of_a_year_matches_the_published_expression_of_every_field() -> None:
    books = year(PROGRAMS["datev"], location=ODD)
    files = PROGRAMS["datev"].write(books)
    assert len(files) == 12
    read: dict[date, list[tuple[str, Decimal]]] = defaultdict(list)
    for file in files:
        assert re.fullmatch(r"EXTF_[\w-]+\.csv", file.name)
        text = file.content.decode("cp1252")
        assert text.count("\n") == text.count("\r\n")
        header, columns, *rows = text.split("\r\n")[:-1]
        for field, pattern in zip(_fields(header), HEADER, strict=True):
            assert re.fullmatch(pattern, field.replace('""', "'") if len(field) > 2 else field), (field, pattern)
        assert columns.split(";") == list(datev.COLUMNS)
        assert len(datev.COLUMNS) == 125
        first, last = header.split(";")[14:16]
        year_start = header.split(";")[12]
        assert year_start <= first <= last
        clearing: dict[str, Decimal] = defaultdict(Decimal)
        for row in rows:
            fields = _fields(row)
            assert len(fields) == 125
            for number, field in enumerate(fields, start=1):
                inner = field[1:-1].replace('""', "'") if number in QUOTED else field
                field = f'"{inner}"' if number in QUOTED else field
                assert re.fullmatch(POSTING.get(number, '""' if number in QUOTED else ""), field), (number, field)
            amount = Decimal(fields[0].replace(",", ".")) * (1 if fields[1] == '"S"' else -1)
            assert amount
            assert fields[6] != fields[7]
            assert max(len(fields[6]), len(fields[7])) <= int(header.split(";")[13]), (
                "longer than the accounts of the header"
            )
            clearing[fields[9]] += amount
            of_year = first[:4]
            on = date(int(of_year), int(fields[9][2:]), int(fields[9][:2]))
            assert first <= f"{on:%Y%m%d}" <= last
            read[on].append((fields[6], amount))
        assert not any(clearing.values()), "the clearing account does not end at zero"
    assert {on: sorted(lines) for on, lines in read.items()} == _expected(books)


def test_datev_text_whose_ligatures_become_letters_stays_within_its_field() -> None:
    (file,) = PROGRAMS["datev"].write(year(PROGRAMS["datev"], days=3, location="\ufb03" * 40))
    head, _columns, *rows = list(csv.reader(io.StringIO(file.content.decode("cp1252"), newline=""), delimiter=";"))
    assert len(head[16]) == 30
    assert {len(row[datev.COLUMNS.index("Buchungstext")]) for row in rows} == {60}


def test_datev_fiscal_year_that_begins_within_a_month_divides_its_file() -> None:
    books = year(PROGRAMS["datev"], days=31)
    divided = PROGRAMS["datev"].write(replace(books, settings={**books.settings, "year_start": "01-15"}))
    heads = [file.content.split(b"\r\n")[0].split(b";")[12:16:1] for file in divided]
    assert [(start, first, last) for start, _, first, last in heads] == [
        (b"20240115", b"20250101", b"20250114"),
        (b"20250115", b"20250115", b"20250131"),
    ]


@pytest.mark.parametrize(
    ("program", "good", "bad"),
    [
        (
            "quickbooks-online",
            ["Sales", "Income:Sales of services"],
            ["=Sales", "A\tB", ":Sales", "Sales:", 'Say "x"', "x" * 101],
        ),
        ("quickbooks-desktop", ["Sales:" + "x" * 31, "Zürich – Umsatz"], ["x" * 32, "悪い債権", "Łódź"]),
        ("xero", ["200", "SALES-1"], ["", "12345678901", "a b", "=1"]),
        ("datev", ["4400", "0420", "9"], ["", "0", "0000", "44000", "4a", "-1", "1370", "4400,00"]),
        (
            "beancount",
            ["Assets:Cash", "Income:4000-Müller"],
            ["assets:Cash", "Assets", "Assets:cash", "Assets:A_b", "Assets:", "Cash:X"],
        ),
        ("hledger", ["assets:cash box", "Vermögen:Kasse"], ["a  b", "a;b", ":a", "a:", "(a)", "a::b", " a", "a\tb"]),
    ],
)
def test_account_of_a_program_is_taken_or_refused_by_its_rules(program: str, good: list[str], bad: list[str]) -> None:
    settings = {"account_length": "4", "clearing": "1370"}
    ask = PROGRAMS[program].account_error
    assert [text for text in good if ask(text, settings) is not None] == []
    assert [text for text in bad if ask(text, settings) is None] == []


def test_currency_with_three_decimals_is_taken_only_by_formats_that_hold_them() -> None:
    assert [key for key, program in PROGRAMS.items() if program.takes("KWD")] == ["csv", "beancount", "hledger"]
    assert not PROGRAMS["datev"].takes("USD")
