"""Tips given before it was written down whose they are get their rows when the tables change, by the rule of today."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import select, text

from pos.checkout.refund_choice import Wanted
from pos.checkout.refunding import RefundCommand, refund
from pos.kernel.db import engine
from pos.kernel.ids import new_id
from pos.payments.tip_models import TipAllocation
from pos.sales.tickets import Tip
from pos.schema import SCRIPTS
from tests.support.books import book_floats, failing, trade
from tests.support.world import World, line


def rows(world: World) -> list[tuple[Any, ...]]:
    with world.read() as session:
        return [
            tuple(row) for row in session.execute(select(*TipAllocation.__table__.c).order_by(TipAllocation.deed_id))
        ]


@pytest.mark.usefixtures("frozen")
def test_old_tips_get_their_owner_and_history_is_closed(clinic: World) -> None:
    trade(book_floats(clinic))
    tip = Tip(percent=Decimal(15))
    shared = clinic.sell(
        line("trigger_60", therapist=clinic.therapist), line("foot_60", therapist=clinic.therapist), tip=tip
    )
    clinic.sell(line("trigger_60"), tip=tip)
    with clinic.app.app_context():
        wanted = Wanted(shared.sale_id, tip_minor=5_00)
        refund(RefundCommand(new_id(), wanted, "Wrong tip", clinic.manager, clinic.usd.desk))
    before = rows(clinic)
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    with clinic.app.app_context(), engine().connect() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0021")
        connection.commit()
        command.upgrade(config, "head")
        connection.commit()
        with pytest.raises(Exception, match="append-only"):
            connection.execute(text("UPDATE tip_allocations SET amount_minor = 1"))
        connection.rollback()
    assert rows(clinic) == before
    assert len(before) == 4
    assert failing(clinic) == {}
