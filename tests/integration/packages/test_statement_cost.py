"""A statement over ten thousand moves costs a few questions, whatever page is looked at; bench/statement.py times it."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import event, insert, select
from sqlalchemy.orm import Session

from pos.core.ids import new_id
from pos.domain.credits.models import CreditLot, CreditMove
from pos.domain.credits.statement import statement, totals
from tests.support.clinic import Clinic, line

MOVES = 10_000


def test_credit_statement_ten_thousand_moves_takes_three_queries_at_most(clinic: Clinic) -> None:
    lot_id = clinic.buy("ten", clinic.ana)
    clinic.sell(line("trigger_60"), client=clinic.ana)

    def fill(session: Session) -> None:
        """Holds and releases, as a busy desk could leave them over the years."""
        lot = session.get_one(CreditLot, lot_id)
        first = session.scalars(select(CreditMove).where(CreditMove.lot_id == lot_id).order_by(CreditMove.seq)).all()[
            -1
        ]
        rows = []
        for number in range(1, MOVES + 1):
            hold = number % 2
            rows.append(
                {
                    "id": new_id(), "lot_id": lot_id, "seq": first.seq + number, "kind": "hold" if hold else "release",
                    "delta": -1 if hold else 1, "balance_after": lot.remaining - hold, "key": f"speed:{number}",
                    "business_on": first.business_on + timedelta(days=number // 100),
                    "at": first.at + timedelta(minutes=number), "staff_id": clinic.receptionist.id,
                }
            )  # fmt: skip
        session.execute(insert(CreditMove), rows)

    clinic.write(fill)
    past = clinic.lot(lot_id).granted_at.date() + timedelta(days=50)
    for on, moves in ((None, MOVES + 2), (past, 2 + 5_099)):
        for offset in (0, moves - 50):
            asked: list[str] = []
            with clinic.read() as session:
                bind = session.connection()
                event.listen(bind, "before_cursor_execute", lambda *told, asked=asked: asked.append(told[2]))
                sums = totals(session, [lot_id], on=on)
                page = statement(session, [lot_id], on=on, limit=50, offset=offset)
            assert (len(page), sums[lot_id].moves) == (50, moves)
            assert len(asked) <= 3, asked
