"""A dry completion: before a card is asked for, the order is completed for trial and undone.

An order that may be charged is one that can be completed. The trial is the real completion with all its rows, in a
transaction that is rolled back, so that no rule has to be written a second time.
"""

from __future__ import annotations

import logging
from uuid import UUID

from sqlalchemy.orm import Session

from pos.core.database.base import reading
from pos.core.database.unit_of_work import SAME_MOMENT, may_pass, unit_of_work
from pos.core.errors import Conflict, PosError
from pos.core.messages.payments import SALE_NOT_COMPLETABLE
from pos.domain.payments.attempt_states import FINAL
from pos.domain.sales import repository as sales
from pos.services.checkout.place_order import attempt_needed, end_unsent
from pos.services.payments.complete_order import complete_order

log = logging.getLogger(__name__)


class _UndoneError(Exception):
    """The trial went well; raised so that the unit of work undoes it."""


@unit_of_work
def _try(session: Session, order_id: UUID) -> None:
    order = sales.lock_order(session, order_id)
    attempt = attempt_needed(session, order_id, lock=True)
    if order.state == "placed" and attempt.state not in FINAL:
        complete_order(session, order, trial=attempt)
        session.flush()
    raise _UndoneError


def require_completable(order_id: UUID) -> None:
    """Refuse to have an order charged that could not be completed then; nothing is written when it could.

    Raises what completing it raises, or Conflict for what nobody foresaw. A payment nobody was told of yet has ended then
    and its order is released; one that is at work already stays to be canceled.
    """
    try:
        _try(order_id)
    except _UndoneError:
        return
    except Exception as error:
        if may_pass(error):
            raise
        log.exception("order %s cannot be completed, so it is not charged", order_id)
        known = (
            error
            if isinstance(error, PosError) and error.status < 500 and error.extra.get("why") != SAME_MOMENT
            else None
        )
        _end(order_id, known.sentence if known else SALE_NOT_COMPLETABLE)
        if known:
            raise
        raise Conflict(SALE_NOT_COMPLETABLE, why="not_completable") from error


def _end(order_id: UUID, sentence: str) -> None:
    attempt_id = attempt_needed(reading(), order_id).id
    end_unsent(order_id, attempt_id, "not_completable", sentence)
