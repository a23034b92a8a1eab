"""A random year of journals, read by the programs themselves: bean-check and hledger with strict checks."""

from __future__ import annotations

import os
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest

from pos.core.money import to_decimal
from pos.reports.bookkeeping.journals import Books
from pos.reports.bookkeeping.programs import PROGRAMS
from tests.unit.bookkeeping.year import year

ODD = 'Maple "Street" \\ Ostübung 東京; | (a) *'
CURRENCIES = ("EUR", "JPY", "KWD")
# hledger reads files in the encoding of its locale.
_ENVIRONMENT = {**os.environ, "LC_ALL": "C.UTF-8"}


def _written(folder: Path, program: str, currency: str) -> tuple[Books, Path]:
    books = year(PROGRAMS[program], currency=currency, location=ODD)
    (file,) = PROGRAMS[program].write(books)
    (folder / file.name).write_bytes(file.content)
    return books, folder / file.name


def _run(*command: str) -> str:
    ran = subprocess.run(command, capture_output=True, text=True, env=_ENVIRONMENT, timeout=60, check=False)
    assert ran.returncode == 0, (ran.stdout + ran.stderr)[:2000]
    return ran.stdout + ran.stderr


@pytest.mark.parametrize("currency", CURRENCIES)
def test_beancount_of_a_year_is_accepted_and_has_the_balances(tmp_path: Path, currency: str) -> None:
    books, file = _written(tmp_path, "beancount", currency)
    cash = "cash_drawer:0198c0de-0000-7000-8000-00000000abcd"
    held = sum(line.amount_minor for day in books.days for line in day.lines if line.account_key == cash)
    amount = to_decimal(held, currency)
    with file.open("a", encoding="utf-8") as out:
        out.write(f"2026-01-01 balance {books.accounts[cash].target} {amount} ~ 0 {currency}\n")
    said = _run(sys.executable, "-m", "beancount.scripts.check", str(file))
    assert said == ""
    # The check is one: another balance is refused.
    file.write_text(file.read_text(encoding="utf-8").replace(f"{amount} ~ 0", f"{amount + 1} ~ 0"), encoding="utf-8")
    refused = subprocess.run(
        [sys.executable, "-m", "beancount.scripts.check", str(file)], capture_output=True, text=True, timeout=60
    )
    assert refused.returncode != 0


@pytest.mark.parametrize("currency", CURRENCIES)
def test_hledger_of_a_year_passes_strict_checks_and_has_the_balances(tmp_path: Path, currency: str) -> None:
    books, file = _written(tmp_path, "hledger", currency)
    _run("hledger", "check", "--strict", "ordereddates", "--file", str(file))
    printed = _run(
        "hledger", "balance", "--file", str(file), "--flat", "--no-elide", "--empty", "--output-format", "csv"
    )
    found = {}
    for row in printed.splitlines()[1:]:
        account, _, balance = row.strip('"').partition('","')
        if account != "total":
            found[account] = Decimal(balance.split(" ")[0])
    expected: dict[str, Decimal] = {}
    for day in books.days:
        for line in day.lines:
            target = books.target(line)
            expected[target] = expected.get(target, Decimal(0)) + to_decimal(line.amount_minor, currency)
    assert found == expected
