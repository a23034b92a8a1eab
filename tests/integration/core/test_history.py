"""How rows are reduced to digests, and which statements say by themselves what they change."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy import Column, Date, Integer, MetaData, String, Table, bindparam, delete, select, text, update
from sqlalchemy.orm import Session

from pos.core.database.change_log import ChangeLog
from pos.core.database.history import (
    Kept,
    Recorder,
    row_digest,
    touching,
)
from pos.core.database.prepared import run
from pos.domain.credits.models import CreditLot
from pos.domain.ledger.models import JournalEntry
from pos.domain.sales.models import Sale, VisitConversion
from tests.support.clinic import Clinic, line

KEY = UUID("019376d4-0000-7000-8000-000000000001")
FACTS = (("a", False), ("b", True), ("c", False))


def test_row_digest_of_known_values_never_changes() -> None:
    """Databases hold them: another value here would break every one of them."""
    values = (KEY, None, 5)
    assert row_digest("sales", FACTS, values) == row_digest("sales", FACTS, list(values))
    assert row_digest("sales", FACTS, values) == "7d53e3d26a7239c99b80235fd5ae7bcc"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Decimal("8.00"), Decimal(8)),
        (datetime(2026, 6, 16, 12, tzinfo=UTC), datetime(2026, 6, 16, 14, tzinfo=timezone(timedelta(hours=2)))),
        (b"%PDF", memoryview(b"%PDF")),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
    ],
)
def test_row_digest_equal_values_are_equal(one: object, other: object) -> None:
    assert row_digest("t", FACTS, (1, one, 1)) == row_digest("t", FACTS, (1, other, 1))


@pytest.mark.parametrize(
    ("one", "other"),
    [(0, None), (1, 2), ("", None), ("1", 1), (date(2026, 1, 1), date(2027, 1, 1)), (Decimal(0), None), (False, None)],
)
def test_row_digest_different_values_differ(one: object, other: object) -> None:
    assert row_digest("t", FACTS, (1, one, 1)) != row_digest("t", FACTS, (1, other, 1))


def test_row_digest_added_column_with_default_is_unchanged() -> None:
    before = Recorder(Table("t", MetaData(), Column("id", Integer, primary_key=True)), Kept())
    columns = (Column("minor", Integer, nullable=False), Column("on", Date), Column("word", String, nullable=False))
    after = Recorder(Table("t", MetaData(), Column("id", Integer, primary_key=True), *columns), Kept())
    assert after.item({"id": 7, "minor": 0, "on": None, "word": ""}) == before.item({"id": 7})
    assert after.item({"id": 7, "minor": 1, "on": None, "word": ""}) != before.item({"id": 7})


def test_row_digest_renamed_table_and_column_is_unchanged() -> None:
    old = Recorder(Table("old", MetaData(), Column("z", Integer, primary_key=True), Column("b", Integer)), Kept())
    table = Table("new", MetaData(), Column("a", Integer, primary_key=True), Column("b", Integer))
    new = Recorder(table, Kept(known_as="old", renamed={"a": "z"}))
    assert new.item({"a": 7, "b": 1}) == old.item({"z": 7, "b": 1})


def test_history_statement_on_unrecorded_columns_is_skipped() -> None:
    assert touching(update(CreditLot).values(remaining=CreditLot.remaining - 1)) is None
    assert touching(update(Sale).values(tip_minor=1)) is None  # the triggers refuse it
    assert touching(select(CreditLot.id)) is None
    assert touching(text("SELECT 1")) is None
    assert touching(update(CreditLot).values(expires_on=None)) is not None
    assert touching(delete(VisitConversion)) is not None


def _last(session: Session) -> list[str]:
    return session.scalars(select(ChangeLog).order_by(ChangeLog.seq.desc()).limit(1)).one().recorded


def test_history_update_by_key_or_by_owner_is_recorded(clinic: Clinic) -> None:
    lots = [clinic.buy("ten", clinic.ana), clinic.buy("ten", clinic.ana)]
    by_key = update(CreditLot).where(CreditLot.id == bindparam("lot")).values(expires_on=bindparam("to"))
    by_owner = update(CreditLot).where(CreditLot.client_id == bindparam("who")).values(expires_on=bindparam("to"))
    clinic.write(lambda session: run(session, by_key, lot=lots[0], to=date(2027, 1, 1)))
    with clinic.read() as session:
        assert [item.split(":")[1] for item in _last(session)] == [str(lots[0])]
    clinic.write(lambda session: run(session, by_owner, who=clinic.ana, to=date(2028, 1, 1)))
    with clinic.read() as session:
        assert {item.split(":")[1] for item in _last(session)} == {str(lot) for lot in lots}
    mapped = update(CreditLot).where(CreditLot.client_id == clinic.ana).values(expires_on=date(2029, 1, 1))
    clinic.write(lambda session: session.execute(mapped))
    with clinic.read() as session:
        assert {item.split(":")[1] for item in _last(session)} == {str(lot) for lot in lots}


def test_history_rolled_back_change_is_not_recorded(clinic: Clinic) -> None:
    with clinic.read() as session:
        before = session.scalar(select(ChangeLog.seq).order_by(ChangeLog.seq.desc()).limit(1))

    def fail(session: Session) -> None:
        lot = session.scalars(select(CreditLot)).one()
        lot.expires_on = date(2030, 1, 1)
        session.flush()
        raise LookupError

    clinic.buy("ten", clinic.ana)
    with clinic.read() as session:
        bought = session.scalar(select(ChangeLog.seq).order_by(ChangeLog.seq.desc()).limit(1))
    with pytest.raises(LookupError):
        clinic.write(fail)
    with clinic.read() as session:
        assert session.scalar(select(ChangeLog.seq).order_by(ChangeLog.seq.desc()).limit(1)) == bought
    assert bought == (before or 0) + 1


def test_history_cash_sale_with_credit_is_recorded_in_its_journal_entry(clinic: Clinic) -> None:
    """The path of a sale has no statement more."""
    clinic.buy("ten", clinic.ana)
    with clinic.read() as session:
        before = session.scalar(select(ChangeLog.seq).order_by(ChangeLog.seq.desc()).limit(1))
    sold = clinic.sell(line("trigger_60"), line("cupping"), client=clinic.ana)
    with clinic.read() as session:
        assert session.scalar(select(ChangeLog.seq).order_by(ChangeLog.seq.desc()).limit(1)) == before
        entry = session.scalars(select(JournalEntry).where(JournalEntry.subject_id == sold.sale_id)).one()
        assert sorted(item.split(":")[0] for item in entry.recorded or ()) == [
            "credit_moves", "receipts", "redemptions", "sale_lines", "sale_lines", "sales", "tenders",
        ]  # fmt: skip
