"""What was granted and redeemed before moves had values gets them when the tables change."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import text

from pos.kernel.db import engine
from pos.schema import SCRIPTS
from tests.support.books import book_floats, failing
from tests.support.world import World, line


@pytest.mark.usefixtures("frozen")
def test_old_moves_get_their_value_and_history_is_closed_again(clinic: World, tmp_path: Path) -> None:
    lot = clinic.buy("ten", clinic.ana)
    for _ in range(2):
        clinic.sell(line("trigger_60"), client=clinic.ana)
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    with clinic.app.app_context(), engine().connect() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0001")
        connection.commit()
        command.upgrade(config, "head")
        connection.commit()
        query = text("SELECT kind, value_minor FROM credit_moves ORDER BY seq")
        assert [tuple(row) for row in connection.execute(query)] == [
            ("grant", 900_00),
            ("redeem", -90_00),
            ("redeem", -90_00),
        ]
        connection.rollback()
        with pytest.raises(Exception, match="append-only"):
            connection.execute(text("UPDATE credit_moves SET value_minor = 0"))
        connection.rollback()
    assert clinic.lot(lot).remaining == 8
    # The entries were written with what they record; taking that away leaves hashes that covered it.
    assert failing(book_floats(clinic)).keys() == {"chain"}
