"""Opening balances from another system: dry run, control totals, commit, first visit, undo while unused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from uuid import UUID

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import func, select

from pos import cli
from pos.core.errors import (
    Conflict,
    Invalid,
    NotFound,
    PosError,
)
from pos.core.ids import new_id
from pos.domain.clients.models import Client
from pos.domain.credits.models import CreditLot, PurchasedPackage
from pos.domain.ledger.models import JournalEntry
from pos.domain.locations.queries import place
from pos.domain.sales.models import Sale
from pos.services.imports.import_balances import Imported, import_balances, undo_import
from pos.services.imports.parse_balances import BalanceFile, read_balances
from tests.support.books import book_floats, failing
from tests.support.clinic import Clinic, TaxHabit, line

HEAD = "given_name,family_name,email,phone,package,sessions,left,net_paid,expires_on,tax_paid,tax_percent,reference\n"
CASE_12 = HEAD + 'Ana,Núñez,ana@mail.example,,"Trigger point therapy, 60 min",8,4,320.00,2027-05-12,yes,8,OLD-1\n'


@pytest.fixture
def books(clinic: Clinic) -> Clinic:
    return book_floats(clinic)


Run = Callable[..., Result]


@pytest.fixture
def run_pos(books: Clinic, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Run `pos` on the world's application."""
    monkeypatch.setattr("pos.installation.command_app", lambda *_, **__: books.app)
    monkeypatch.setenv("INSTANCE_DIR", str(tmp_path))
    monkeypatch.setenv("WORKER_THREAD", "off")
    return lambda *arguments: CliRunner().invoke(cli.main, arguments)


def dry(world: Clinic, text: str) -> BalanceFile:
    with world.read() as session:
        return read_balances(session, place(session, world.usd.location_id), text.encode(), "old.csv")


def commit(world: Clinic, text: str, *, import_id: UUID | None = None, **totals: int) -> Imported:
    with world.app.app_context():
        return import_balances(
            import_id=import_id or new_id(),
            location_id=world.usd.location_id,
            content=text.encode(),
            name="old.csv",
            staff_id=world.manager.id,
            **totals,
        )


def undo(world: Clinic, done: Imported) -> Imported:
    with world.app.app_context():
        return undo_import(import_id=done.import_id, staff_id=world.manager.id)


def lots(world: Clinic) -> list[CreditLot]:
    with world.read() as session:
        return list(session.scalars(select(CreditLot).order_by(CreditLot.granted_at, CreditLot.id)))


def test_import_opening_balance_is_no_sale_and_first_visit_recognises_40(books: Clinic) -> None:
    done = commit(books, CASE_12)
    (lot,) = lots(books)
    assert (lot.quantity, lot.net_minor, lot.expires_on, lot.client_id) == (4, 160_00, date(2027, 5, 12), books.ana)
    assert books.postings(lot.id) == {"migration_suspense": 160_00, "package_liability": -160_00}
    with books.read() as session:
        assert session.scalar(select(func.count()).select_from(Sale)) == 0
        assert session.get_one(PurchasedPackage, lot.package_id).kind == "opening"
    assert books.balance(books.usd, "service_revenue") == books.balance(books.usd, "tax_payable") == 0
    visit = books.sell(line("trigger_60"), client=books.ana)
    assert books.postings(visit.sale_id) == {"package_liability": 40_00, "service_revenue": -40_00}
    assert (done.rows, done.credits, done.value_minor) == (1, 4, 160_00)
    assert failing(books) == {}


def test_import_value_left_follows_cumulative_rounding(books: Clinic) -> None:
    rows = HEAD + "Ben,,,,Buy 5 get 1,6,1,425.00,,no,,OLD-2\n"
    (row,) = dry(books, rows).rows
    assert row.value_minor == 70_83  # 425.00 less round(425.00 · 5/6)


def test_import_dry_run_names_each_wrong_row_and_changes_nothing(books: Clinic) -> None:
    text = CASE_12 + (
        "Zoe,,not-an-address,,10 × 60 min,10,11,900.00,2027-05-12,yes,8,OLD-2\n"
        ",,,,Nothing we sell,0,1,-5,12/05/2027,perhaps,100,\n"
        "Eva,,,,10 × 60 min,10,3,900.00,2020-01-01,yes,8,OLD-1\n"
    )
    found = dry(books, text)
    assert (len(found.rows), found.credits, found.value_minor) == (1, 4, 160_00)
    assert [(e.number, e.column) for e in found.errors] == [
        (3, "email"), (3, "left"),
        (4, "given_name"), (4, "package"), (4, "sessions"), (4, "net_paid"), (4, "expires_on"), (4, "reference"),
        (4, "tax_paid"), (4, "tax_percent"),
        (5, "reference"), (5, "expires_on"),
    ]  # fmt: skip
    with pytest.raises(Invalid, match="Row 3, email"):
        commit(books, text)
    assert lots(books) == []


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"\xff\xfe\x00", "UTF-8"),
        (b"", "lacks given_name"),
        (b"given_name,package\n", "lacks sessions"),
        (HEAD.replace("phone", "diagnosis").encode(), "nobody knows: diagnosis"),
        (HEAD.encode() + b'"open', "not a CSV table"),
        (b"x" * 5_000_001, "5 MB"),
    ],
)
def test_import_malformed_file_is_refused(books: Clinic, content: bytes, sentence: str) -> None:
    with books.read() as session, pytest.raises(Invalid, match=sentence):
        read_balances(session, place(session, books.usd.location_id), content, "x.csv")


def test_import_control_totals_differ_is_refused(books: Clinic) -> None:
    with pytest.raises(Invalid, match="4 sessions, not 5"):
        commit(books, CASE_12, credits=5)
    with pytest.raises(Invalid, match="control total"):
        commit(books, CASE_12, credits=4, value_minor=160_01)
    assert commit(books, CASE_12, credits=4, value_minor=160_00).rows == 1


def test_import_repeated_is_idempotent_and_known_file_or_reference_is_refused(books: Clinic) -> None:
    key = new_id()
    assert commit(books, CASE_12, import_id=key) == commit(books, CASE_12, import_id=key)
    with pytest.raises(Conflict, match="imported already"):
        commit(books, CASE_12)
    with pytest.raises(Invalid, match="imported before"):
        commit(books, CASE_12 + "Eva,,,,10 × 60 min,10,3,900.00,,yes,8,OLD-2\n")
    assert len(lots(books)) == 1


def test_import_client_is_matched_by_address_or_phone_or_created(books: Clinic) -> None:
    rows = HEAD + (
        "ana,NUNEZ,ANA@mail.example,,10 × 60 min,10,3,900,,yes,8,A\n"
        "Ana,Núñez,,503-555-0142,10 × 60 min,10,3,900,,yes,8,B\n"
        "Neu,Hier,,,10 × 60 min,10,3,900,,yes,8,C\n"
    )
    commit(books, rows)
    assert [lot.client_id == books.ana for lot in lots(books)] == [True, True, False]
    with books.read() as session:
        assert session.get_one(Client, books.ana).given_name == "Ana"


def test_import_shared_phone_with_other_name_is_other_client(books: Clinic) -> None:
    """Smallest input: two rows, two names, one phone. Before, all sessions went to whoever had the number first."""
    rows = HEAD + (
        "Eva,Núñez,,503-555-0142,10 × 60 min,10,3,900,,yes,8,A\n"
        "Max,Berg,,503-555-0199,10 × 60 min,10,3,900,,yes,8,B\n"
        "Mia,Berg,,503-555-0199,10 × 60 min,10,3,900,,yes,8,C\n"
        "Mía,Berg,,503-555-0199,10 × 60 min,10,3,900,,yes,8,D\n"
    )
    commit(books, rows)
    owners = [lot.client_id for lot in lots(books)]
    assert books.ana not in owners
    assert len(set(owners)) == 3
    assert owners[2] == owners[3]


def test_import_address_under_other_name_is_refused_with_row(books: Clinic) -> None:
    rows = HEAD + (
        "Eva,Núñez,ana@mail.example,,10 × 60 min,10,3,900,,yes,8,A\n"
        "Max,Müller,max@mail.example,,10 × 60 min,10,3,900,,yes,8,B\n"
        "Max,Mueller,max@mail.example,,10 × 60 min,10,3,900,,yes,8,C\n"
        "Mia,Müller,max@mail.example,,10 × 60 min,10,3,900,,yes,8,D\n"
    )
    found = dry(books, rows)
    assert [(error.number, error.column) for error in found.errors] == [(2, "email"), (5, "email")]
    assert "Ana Núñez" in found.errors[0].sentence
    assert "Max Müller" in found.errors[1].sentence
    with pytest.raises(Invalid, match="Row 2, email"):
        commit(books, rows)
    assert lots(books) == []


def test_import_spreadsheet_leftovers_are_read(books: Clinic) -> None:
    """Empty lines of commas, empty columns, and x for ×."""
    head = HEAD.strip() + ",,\n"
    row = "Neu,Hier,,,10 x 60 MIN,10,3,900,,yes,8,C,,\n"
    empty = "," * 13 + "\n"
    found = dry(books, head + row + empty + row.replace(",C,", ",D,").replace("10 x 60 MIN", "10×60 min") + empty)
    assert found.errors == []
    assert [(one.number, one.item.name) for one in found.rows] == [(2, "10 × 60 min"), (4, "10 × 60 min")]
    with pytest.raises(Invalid, match="Row 2 has a value under no heading"):
        dry(books, HEAD + "Neu,Hier,,,10 × 60 min,10,3,900,50,,yes,8,C\n")
    with pytest.raises(Invalid, match="Row 2 has a value under no heading"):
        dry(books, head + row.replace(",C,,", ",C,,x"))


def test_import_undo_of_unused_balances_removes_them(books: Clinic) -> None:
    done = commit(books, CASE_12)
    assert undo(books, done).credits == 4
    (lot,) = lots(books)
    assert (lot.remaining, lot.status) == (0, "closed")
    assert books.balance(books.usd, "package_liability") == books.balance(books.usd, "migration_suspense") == 0
    assert failing(books) == {}
    with pytest.raises(Conflict, match="undone before"):
        undo(books, done)
    assert commit(books, CASE_12).rows == 1  # corrected elsewhere, it may come again
    with pytest.raises(NotFound), books.app.app_context():
        undo_import(import_id=new_id())


def test_import_undo_after_redemption_is_refused(books: Clinic) -> None:
    done = commit(books, CASE_12)
    books.sell(line("trigger_60"), client=books.ana)
    with pytest.raises(Conflict, match="Row 2"):
        undo(books, done)
    assert lots(books)[0].remaining == 3
    assert failing(books) == {}


def test_import_balance_worth_nothing_posts_no_entry(books: Clinic) -> None:
    commit(books, HEAD + "Eva,,,,10 × 60 min,10,3,0,,yes,8,A\n")
    with books.read() as session:
        query = select(func.count()).select_from(JournalEntry).where(JournalEntry.event == "opening_balance")
        assert session.scalar(query) == 0
    assert failing(books) == {}


def test_import_undo_from_other_location_is_refused(books: Clinic) -> None:
    done = commit(books, CASE_12)
    with books.app.app_context(), pytest.raises(PosError):
        undo_import(import_id=done.import_id, location_ids=frozenset({books.eur.location_id}))


def test_import_command_dry_run_commit_and_undo_report_results(books: Clinic, tmp_path: Path, run_pos: Run) -> None:
    file = tmp_path / "old.csv"
    file.write_text(CASE_12, encoding="utf-8")
    looked = run_pos("import", "balances", str(file), "--location", "riverside")
    assert (looked.exit_code, looked.stdout.splitlines()[0]) == (
        0,
        "1 row, 4 sessions left, worth 160.00 USD; 0 errors",
    )
    assert lots(books) == []
    refused = run_pos("import", "balances", str(file), "--location", "riverside", "--commit", "--credits", "9")
    assert (refused.exit_code, len(lots(books))) == (1, 0)
    done = run_pos("import", "balances", str(file), "--location", "riverside", "--commit", "--value", "160")
    assert done.exit_code == 0, done.output
    key = done.stdout.split()[-1]
    assert run_pos("import", "undo", key).exit_code == 0
    assert run_pos("import", "undo", key).exit_code == 1
    wrong = run_pos("import", "balances", str(file), "--location", "nowhere")
    assert wrong.exit_code == 1


QUEBEC = HEAD.replace("tax_percent,", "tax_percent,second_tax_percent,") + (
    'Ana,Núñez,ana@mail.example,,"Trigger point therapy, 60 min",8,4,320.00,2027-05-12,no,5,9.975,OLD-1\n'
)


def test_balance_import_second_rate_where_there_is_one_tax_is_refused(books: Clinic) -> None:
    assert [error.column for error in dry(books, QUEBEC).errors] == ["second_tax_percent"]


def test_balance_import_rate_with_more_than_three_decimals_is_refused(build_clinic: Callable[..., Clinic]) -> None:
    quebec = book_floats(build_clinic(usd=TaxHabit("5", second="9.975")))
    found = dry(quebec, QUEBEC.replace("9.975", "9.97500000000000001").replace(",5,", ",1e-20,"))
    assert [error.column for error in found.errors] == ["tax_percent", "second_tax_percent"]


def test_balance_import_two_taxes_not_paid_yet_wait_each_on_its_account(build_clinic: Callable[..., Clinic]) -> None:
    """160.00 left, 5 % and 9.975 % to come: 8.00 and 15.96."""
    quebec = book_floats(build_clinic(usd=TaxHabit("5", second="9.975")))
    done = commit(quebec, QUEBEC)
    (lot,) = lots(quebec)
    assert (lot.tax_minor, lot.second_tax_minor, lot.second_tax_due_minor) == (23_96, 15_96, 0)
    assert quebec.balance(quebec.usd, "migration_suspense") == 183_96
    assert failing(quebec) == {}
    undo(quebec, done)
    assert quebec.balance(quebec.usd, "migration_suspense") == quebec.balance(quebec.usd, "tax_not_due") == 0
    assert failing(quebec) == {}
