"""A refund and a dispute of the same sale at once: once the bank has the money, nothing is given back. With the control."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy import select

from pos.core.errors import Conflict
from pos.core.ids import new_id
from pos.domain.disputes import repository as disputes
from pos.domain.ledger.models import JournalEntry
from pos.services.reconciliation import disputes as use_case
from pos.services.refunds import issue_refund
from pos.services.refunds.calculate import RefundChoice
from pos.services.refunds.issue_refund import RefundCommand, refund
from pos.services.refunds.refundable import Refundable, refundable
from tests.integration.reconciliation.conftest import PostPaymentCase
from tests.support.barrier import race
from tests.support.books import failing
from tests.support.cards import CARDS
from tests.support.clinic import line

pytestmark = CARDS


@pytest.fixture
def seen_before(case: PostPaymentCase, monkeypatch: pytest.MonkeyPatch) -> UUID:
    """A card sale whose refund is on a screen: it is decided by what was seen before the bank came."""
    sale_id = case.sold(line("foot_60"))
    with case.clinic.read() as session:
        shown: Refundable = refundable(session, sale_id)
    monkeypatch.setattr(
        issue_refund, "refundable", lambda session, key: shown if key == sale_id else refundable(session, key)
    )
    return sale_id


def give_back(case: PostPaymentCase, sale_id: UUID) -> object:
    with case.clinic.app.app_context():
        return refund(RefundCommand(new_id(), RefundChoice(sale_id), "Asked for it", case.clinic.manager))


def order_of(case: PostPaymentCase) -> list[str]:
    with case.clinic.read() as session:
        query = select(JournalEntry.event).where(JournalEntry.event.in_(("refund", "dispute_opened")))
        return list(session.scalars(query.order_by(JournalEntry.seq)))


def test_refund_of_disputed_sale_from_stale_screen_is_refused(case: PostPaymentCase, seen_before: UUID) -> None:
    case.hear(case.disputed(seen_before))
    with pytest.raises(Conflict, match="taken this payment back"):
        give_back(case, seen_before)
    assert order_of(case) == ["dispute_opened"]
    assert failing(case.clinic) == {}


def test_refund_of_disputed_sale_without_second_check_is_made(
    case: PostPaymentCase, seen_before: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control."""
    monkeypatch.setattr(disputes, "require_undisputed", lambda *_: None)
    case.hear(case.disputed(seen_before))
    give_back(case, seen_before)
    assert order_of(case) == ["dispute_opened", "refund"]


def test_refund_and_dispute_at_once_refund_is_first_or_refused(case: PostPaymentCase, seen_before: UUID) -> None:
    stripe_id = case.disputed(seen_before)
    with case.clinic.app.app_context():
        told = use_case.gateway().disputes.fetch_dispute(stripe_id)

    def hear() -> object:
        with case.clinic.app.app_context():
            return use_case.apply_dispute(told)

    race(lambda: give_back(case, seen_before), hear)
    assert order_of(case) in (["dispute_opened"], ["refund", "dispute_opened"])


def test_dispute_received_twice_at_once_is_written_once(case: PostPaymentCase, seen_before: UUID) -> None:
    stripe_id = case.disputed(seen_before)
    race(lambda: case.hear(stripe_id), lambda: case.hear(stripe_id))
    assert (order_of(case), sorted(case.steps(stripe_id))) == (["dispute_opened"], ["opened"])
    assert failing(case.clinic) == {}
