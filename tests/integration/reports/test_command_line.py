"""`pos verify` and `pos report` as somebody types them."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from openpyxl import load_workbook

from pos import cli
from pos.core.database.base import reading
from pos.reports.verify import CHECKS, heads
from tests.support.books import tamper
from tests.support.clinic import Clinic

Run = Callable[..., Result]


@pytest.fixture
def run(books: Clinic, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Run `pos` on the world's application."""
    monkeypatch.setattr("pos.installation.command_app", lambda *_, **__: books.app)
    monkeypatch.setenv("INSTANCE_DIR", str(tmp_path))
    monkeypatch.setenv("WORKER_THREAD", "off")
    return lambda *arguments: CliRunner().invoke(cli.main, arguments)


DAYS = ("--from", "2026-06-01", "--to", "2026-06-30")


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_verify_command_sound_database_succeeds(run: Run) -> None:
    result = run("verify")
    assert result.exit_code == 0
    assert f"All {len(CHECKS)} checks hold." in result.stdout
    assert "holds  Every entry balances, with two postings or more (10)" in result.stdout
    assert "head   riverside=" in result.stdout
    assert "100 %" in result.stdout


def test_verify_command_planted_fault_names_row_and_fails(run: Run, books: Clinic) -> None:
    tamper(books, "UPDATE receipts SET number = 9 WHERE number = 4", "UPDATE receipts SET number = 8 WHERE number = 3")
    result = run("verify")
    assert result.exit_code == 1
    assert "FAILS  Receipts are numbered without a gap, and the counter agrees" in result.stdout
    assert "number before" in result.stdout
    assert " more." in result.stdout
    assert f"2 of {len(CHECKS)} checks fail." in result.stdout


def test_verify_command_expected_heads_differ_fails(run: Run, books: Clinic) -> None:
    with books.app.app_context():
        kept = {location.slug: head for location, _, head in heads(reading())}
    told = [f"--expect-head={slug}={head}" for slug, head in kept.items()]
    assert run("verify", *told).exit_code == 0
    result = run("verify", "--expect-head", f"riverside={kept['altstadt']}")
    assert result.exit_code == 1
    assert "its end was cut off" in result.stdout
    for wrong in ("riverside", "riverside=123", f"nowhere={'0' * 64}"):
        assert run("verify", "--expect-head", wrong).exit_code == 2


def test_report_command_sales_writes_csv_to_stdout(run: Run) -> None:
    result = run("report", "sales", *DAYS)
    assert result.exit_code == 0
    assert len(rows(result.stdout)) == 7
    assert not result.stdout.startswith("\ufeff")
    only = run("report", "items", *DAYS, "--location", "altstadt")
    assert {row["Location"] for row in rows(only.stdout)} == {"Altstadt"}
    assert len(rows(only.stdout)) == 3


def test_report_command_sales_writes_workbook(run: Run, tmp_path: Path) -> None:
    target = tmp_path / "sales.xlsx"
    result = run("report", "sales", *DAYS, "--format", "xlsx", "--output", str(target))
    assert result.exit_code == 0
    assert "rows in" in result.stderr
    assert result.stdout == ""
    book = load_workbook(target)
    assert book.sheetnames == ["Sales", "Totals", "Tax and revenue"]
    assert book["Sales"].max_row == 1 + 7 + 2  # the sums of two currencies


def test_report_command_tax_writes_csv_and_fails_on_disagreement(run: Run, books: Clinic) -> None:
    result = run("report", "tax", *DAYS)
    assert result.exit_code == 0
    found = rows(result.stdout)
    assert {row["Event"] for row in found} == {"Sales and visits", "Refunds and voids", "In all"}
    tamper(books, "UPDATE redemptions SET value_minor = value_minor + 1")
    assert run("report", "tax", *DAYS).exit_code == 1


def test_report_command_liability_of_future_date_warns(run: Run) -> None:
    result = run("report", "liability", "--from", "2026-06-01", "--to", "2030-01-01")
    assert result.exit_code == 0
    assert "1 Jan 2030 has not come yet" in result.stderr


def test_report_command_sales_disagreeing_with_ledger_writes_and_fails(run: Run, books: Clinic) -> None:
    tamper(books, "UPDATE tenders SET amount_minor = amount_minor + 1 WHERE change_minor > 0")
    result = run("report", "sales", *DAYS)
    assert result.exit_code == 1
    assert len(rows(result.stdout)) == 7
    assert "1 figure does not agree with the ledger" in result.stderr


def test_report_command_journal_writes_balanced_csv(run: Run, tmp_path: Path) -> None:
    target = tmp_path / "journal.csv"
    assert run("report", "journal", *DAYS, "--output", str(target)).exit_code == 0
    found = rows(target.read_text("utf-8"))
    cents = [round(100 * float(r["Debit"] or 0)) - round(100 * float(r["Credit"] or 0)) for r in found]
    assert len(found) > 20
    assert sum(cents) == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("report", "sales", "--from", "2026-06-31", "--to", "2026-07-01"), "is not a date"),
        (("report", "sales", "--from", "2026-06-02", "--to", "2026-06-01"), "before the first"),
        (("report", "sales", "--from", "2026-06-02"), "Say which days"),
        (("report", "sales", *DAYS, "--location", "nowhere"), "There is no location"),
        (("report", "journal", *DAYS, "--format", "odt"), "odt"),
        (("report", "nothing", *DAYS), "No such command"),
    ],
)
def test_report_command_wrong_usage_exits_with_2(run: Run, arguments: tuple[str, ...], words: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert words in result.stderr
