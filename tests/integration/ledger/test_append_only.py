"""History is added to, never changed: both databases refuse, whoever holds the connection."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError

from pos.core.database.base import engine
from pos.models import APPEND_ONLY, metadata
from tests.support.clinic import Clinic
from tests.support.history import make_history


@pytest.fixture
def history(clinic: Clinic) -> Clinic:
    """A row in every append-only table."""
    return make_history(clinic)


def refused(world: Clinic, statement: str) -> str:
    """The database's refusal of a statement; fails if there is none."""
    with world.app.app_context(), engine().connect() as connection:
        with pytest.raises(DBAPIError) as refusal:
            connection.execute(text(statement))
        connection.rollback()
        return str(refusal.value.orig)


def count(world: Clinic, table: str) -> int:
    with world.app.app_context(), engine().connect() as connection:
        return connection.scalar(text(f"SELECT count(*) FROM {table}")) or 0


def test_append_only_table_update_and_delete_are_refused(history: Clinic) -> None:
    before = {table: count(history, table) for table in APPEND_ONLY}
    assert all(before.values()), f"a table of history is empty: {before}"
    for table in APPEND_ONLY:
        column = next(iter(metadata.tables[table].columns)).name
        for statement in (f"UPDATE {table} SET {column} = {column}", f"DELETE FROM {table}"):
            assert f"{table} is append-only" in refused(history, statement)
    assert {table: count(history, table) for table in APPEND_ONLY} == before


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_append_only_table_truncate_is_refused(history: Clinic) -> None:
    for table in APPEND_ONLY:
        assert f"{table} is append-only" in refused(history, f"TRUNCATE {table} CASCADE")


def test_append_only_list_matches_triggers(build_clinic: Callable[..., Clinic]) -> None:
    """A table that has triggers is in the list, and a table in the list has triggers."""
    world = build_clinic()
    with world.app.app_context(), engine().connect() as connection:
        if connection.dialect.name == "sqlite":
            query = "SELECT tbl_name FROM sqlite_master WHERE type = 'trigger' AND name NOT LIKE 'clients_search_%'"
        else:
            query = "SELECT event_object_table FROM information_schema.triggers"
        guarded = set(connection.scalars(text(query)))
        assert guarded == set(APPEND_ONLY)
        assert guarded <= set(inspect(connection).get_table_names())
