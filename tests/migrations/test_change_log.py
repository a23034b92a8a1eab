"""What was written before there was a change log is recorded by the migration, as it stands."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config

from pos.kernel.db import engine
from pos.schema import SCRIPTS, migrate
from tests.support.books import failing, tamper
from tests.support.history import make_all_history
from tests.support.world import World, line

BEFORE = "0016"


def _without_a_log_and_back(world: World, folder: Path) -> None:
    """Take the change log away from a database with rows, and bring it to today's tables again."""
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    with world.app.app_context():
        with engine().connect() as connection:
            config.attributes["connection"] = connection
            command.downgrade(config, BEFORE)
            connection.commit()
        assert migrate(engine(), folder)


def test_rows_from_before_are_recorded_and_a_change_of_them_is_found(clinic: World, tmp_path: Path) -> None:
    make_all_history(clinic)
    _without_a_log_and_back(clinic, tmp_path)
    assert not {"recorded", "change_log"} & failing(clinic).keys()
    clinic.sell(line("oil"), site=clinic.eur)
    clinic.buy("ten", clinic.ana, site=clinic.eur)
    assert not {"recorded", "change_log"} & failing(clinic).keys()
    tamper(clinic, "UPDATE purchased_packages SET name = 'Another' WHERE kind = 'sale'")
    assert "purchased_packages" in failing(clinic)["recorded"]


def test_rows_from_before_that_never_change_are_watched_too(clinic: World, tmp_path: Path) -> None:
    make_all_history(clinic)
    _without_a_log_and_back(clinic, tmp_path)
    tamper(clinic, "UPDATE tenders SET tendered_minor = tendered_minor + 1, change_minor = change_minor + 1")
    assert "tenders" in failing(clinic)["recorded"]
