from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from weakref import WeakKeyDictionary

import pytest
from flask import Flask
from sqlalchemy import delete

from pos.domain.staff.models import LoginLockout
from tests.support import databases
from tests.support.cards import Till
from tests.web.permissions.full_app import kept, open_full_app
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


# What a world held when its drawers were last seen to be open.
_opened: WeakKeyDictionary[Flask, dict[str, int]] = WeakKeyDictionary()


@pytest.fixture
def open_drawers(fixtures: PermissionFixtures) -> None:
    """Rows run in any order, and one of them closes the drawers. Nothing is asked where nothing was written since, which
    only a SQLite file tells at once."""
    world = fixtures.clinic
    if not world.app.config["SQLALCHEMY_DATABASE_URI"].startswith("sqlite"):
        fixtures.open_drawers()
    elif _opened.get(world.app) != kept(world):
        fixtures.open_drawers()
        _opened[world.app] = kept(world)


@pytest.fixture
def open_doors(fixtures: PermissionFixtures, open_drawers: None) -> None:
    """Wrong PINs of one test do not lock the door for the next."""
    fixtures.clinic.write(lambda s: s.execute(delete(LoginLockout)))


@pytest.fixture
def hostile(fixtures: PermissionFixtures) -> Hostile:
    """A signed-in receptionist's browser in wrong hands."""
    return Hostile(fixtures)
