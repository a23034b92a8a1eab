"""Migrations make exactly the tables the models describe, can be taken back, and survive three first starts at once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect, text

from pos.core.errors import NotConfigured
from pos.migrations.runner import (
    SCRIPTS,
    current,
    migrate,
    newest,
)
from pos.models import metadata
from tests.support import databases


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database without tables."""
    with ExitStack() as stack:
        if request.param == "sqlite":
            yield f"sqlite:///{tmp_path / 'empty.sqlite3'}"
        else:
            folder = request.getfixturevalue("postgres_folder")
            yield stack.enter_context(databases.empty_postgres_database(folder))


@pytest.fixture
def engine(empty: str) -> Iterator[Engine]:
    """An engine on it."""
    engine = databases.open_engine(empty)
    yield engine
    engine.dispose()


def test_migration_result_matches_models(engine: Engine, tmp_path: Path) -> None:
    migrate(engine, tmp_path)
    with engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), metadata)
    # The index of trigrams is no part of a model, and to SQLite a table with tables of its own.
    assert [one for one in differences if not str(one[1].name).startswith("client_search")] == []


def test_migration_runs_at_first_start_only(engine: Engine, tmp_path: Path) -> None:
    with engine.connect() as connection:
        assert current(connection) is None
    assert migrate(engine, tmp_path)
    with engine.connect() as connection:
        assert current(connection) == newest()
    assert not migrate(engine, tmp_path)


def test_migration_three_starts_at_once_run_once(empty: str, tmp_path: Path) -> None:
    barrier = threading.Barrier(3)
    outcomes: list[bool | Exception] = []

    def start() -> None:
        engine = databases.open_engine(empty)
        try:
            barrier.wait()
            outcomes.append(migrate(engine, tmp_path))
        except Exception as error:
            outcomes.append(error)
        finally:
            engine.dispose()

    threads = [threading.Thread(target=start) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes, key=str) == [False, False, True]


@pytest.mark.parametrize("revision", ["0024", "1002", "9999"])
def test_migration_database_of_other_build_is_refused_unchanged(engine: Engine, tmp_path: Path, revision: str) -> None:
    migrate(engine, tmp_path)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :revision"), {"revision": revision})
    before = inspect(engine).get_table_names()
    with pytest.raises(NotConfigured, match=f"made by another build of Tenderpoint .*{revision}") as refused:
        migrate(engine, tmp_path)
    assert refused.value.field == "DATABASE_URL"
    with engine.connect() as connection:
        assert current(connection) == revision
    assert inspect(engine).get_table_names() == before


def test_migration_downgrade_to_base_and_upgrade_again_succeeds(engine: Engine, tmp_path: Path) -> None:
    migrate(engine, tmp_path)
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
        connection.commit()
    assert set(inspect(engine).get_table_names()) == {"alembic_version"}
    assert migrate(engine, tmp_path)


def test_migration_revisions_form_one_sorted_line() -> None:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    line = [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()]
    assert line == sorted(line, reverse=True)
    assert line[0] == newest()
