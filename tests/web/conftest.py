from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import databases
from tests.support.cards import Till
from tests.web.house import open_house


@pytest.fixture(scope="module")
def house(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Till]:
    """One world on SQLite for all tests of a module."""
    folder = tmp_path_factory.mktemp("house")
    shutil.copyfile(sqlite_template, folder / "tenderpoint.sqlite3")
    with open_house(f"sqlite:///{folder / 'tenderpoint.sqlite3'}", folder) as till:
        yield till


@pytest.fixture(scope="module")
def house_on_postgresql(postgres_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Till]:
    """The same on PostgreSQL."""
    with (
        databases.postgres_database(postgres_folder) as url,
        open_house(url, tmp_path_factory.mktemp("house")) as till,
    ):
        yield till
