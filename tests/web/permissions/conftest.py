from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import delete

from pos.domain.staff.models import LoginLockout
from tests.support import databases
from tests.support.cards import Till
from tests.web.permissions.full_app import open_full_app
from tests.web.permissions.malicious_client import Hostile
from tests.web.permissions.permission_fixtures import PermissionFixtures


@pytest.fixture(scope="module")
def shared_till(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Till]:
    """One world on SQLite for all tests of a module."""
    folder = tmp_path_factory.mktemp("shared_till")
    shutil.copyfile(sqlite_template, folder / "tenderpoint.sqlite3")
    with open_full_app(f"sqlite:///{folder / 'tenderpoint.sqlite3'}", folder) as till:
        yield till


@pytest.fixture(scope="module")
def shared_till_on_postgresql(postgres_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Till]:
    """The same on PostgreSQL."""
    with (
        databases.postgres_database(postgres_folder) as url,
        open_full_app(url, tmp_path_factory.mktemp("shared_till")) as till,
    ):
        yield till


@pytest.fixture(scope="module", params=["shared_till", "shared_till_on_postgresql"])
def fixtures(request: pytest.FixtureRequest) -> PermissionFixtures:
    """The shared world, once on each database."""
    return PermissionFixtures(request.getfixturevalue(request.param))


@pytest.fixture
def open_drawers(fixtures: PermissionFixtures) -> None:
    """Rows run in any order, and one of them closes the drawers."""
    fixtures.drawers(open_=True)


@pytest.fixture
def open_doors(fixtures: PermissionFixtures, open_drawers: None) -> None:
    """Wrong PINs of one test do not lock the door for the next."""
    fixtures.clinic.write(lambda s: s.execute(delete(LoginLockout)))


@pytest.fixture
def hostile(fixtures: PermissionFixtures) -> Hostile:
    """A signed-in receptionist's browser in wrong hands."""
    return Hostile(fixtures)
