"""The verbs a test of refunds needs, over `tests/support/clinic.py`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from uuid import UUID

import pytest
from sqlalchemy import select

from pos.core.database.unit_of_work import unit_of_work
from pos.core.ids import new_id
from pos.domain.credits.models import PurchasedPackage
from pos.domain.ledger.models import JournalEntry, Posting
from pos.domain.receipts.credit_note_models import CreditNote
from pos.domain.refunds.models import RefundPart
from pos.domain.staff import approvals
from pos.services.refunds.calculate import RefundChoice, RefundQuote, quote_refund
from pos.services.refunds.card_refunds import (
    RetryPart,
    news_of,
    poll_refunds,
    retry_part,
    settle_part,
)
from pos.services.refunds.issue_refund import RefundCommand, refund
from pos.services.refunds.refundable import Refundable, refundable
from pos.services.refunds.status import RefundState
from pos.services.refunds.void_sale import VoidSale, void_sale
from tests.support.books import book_floats
from tests.support.cards import Till, take_cards
from tests.support.clinic import Clinic, Colleague, TaxHabit


@dataclass
class Desk:
    """A clinic whose books are complete, and the steps of somebody who gives money back."""

    clinic: Clinic
    till: Till | None = field(default=None)

    def found(self, sale_id: UUID) -> Refundable:
        with self.clinic.read() as session:
            return refundable(session, sale_id)

    def preview(self, sale_id: UUID, **wanted: object) -> RefundQuote:
        return quote_refund(self.found(sale_id), RefundChoice(sale_id, **wanted))

    def package(self, sale_id: UUID) -> UUID:
        """The package a sale granted."""
        with self.clinic.read() as session:
            return session.scalars(select(PurchasedPackage.id).where(PurchasedPackage.sale_id == sale_id)).one()

    def approval(self, action: str, subject_id: UUID, amount_minor: int, *, asked_by: Colleague) -> UUID:
        """A manager's (or, for a manager, the owner's) consent."""
        by = self.clinic.owner if asked_by is self.clinic.manager else self.clinic.manager

        def give(session: object) -> UUID:
            return approvals.approve(
                session,
                action=action,
                subject_id=subject_id,
                amount_minor=amount_minor,
                location_id=self.clinic.usd.location_id,
                asked_by=asked_by.id,
                approver_id=by.id,
            ).id

        with self.clinic.app.app_context():
            return unit_of_work(give)()

    def command(
        self,
        sale_id: UUID,
        *,
        by: Colleague | None = None,
        office: bool = False,
        approval_id: UUID | None = None,
        refund_id: UUID | None = None,
        expected: int | None = None,
        desk: UUID | None = None,
        **wanted: object,
    ) -> RefundCommand:
        return RefundCommand(
            refund_id=refund_id or new_id(),
            wanted=RefundChoice(sale_id, **wanted),
            reason="The client asked for it",
            actor=by or self.clinic.manager,
            desk_id=None if office else desk or self.clinic.usd.desk,
            approval_id=approval_id,
            expected_total_minor=expected,
        )

    def run(self, command: RefundCommand) -> RefundState:
        with self.clinic.app.app_context():
            return refund(command)

    def refund(self, sale_id: UUID, **given: object) -> RefundState:
        return self.run(self.command(sale_id, **given))

    def void(
        self,
        sale_id: UUID,
        *,
        by: Colleague | None = None,
        approval_id: UUID | None = None,
        refund_id: UUID | None = None,
        desk: UUID | None = None,
    ) -> RefundState:
        with self.clinic.app.app_context():
            return void_sale(
                VoidSale(
                    refund_id=refund_id or new_id(),
                    sale_id=sale_id,
                    reason="Rung up twice",
                    actor=by or self.clinic.manager,
                    desk_id=desk or self.clinic.usd.desk,
                    approval_id=approval_id,
                )
            )

    def another_way(
        self, part_id: UUID, kind: str, *, by: Colleague | None = None, office: bool = False
    ) -> RefundState:
        person = by or self.clinic.manager
        approval_id = None
        if kind == "cash" and not office:
            with self.clinic.read() as session:
                amount = session.get_one(RefundPart, part_id).amount_minor
            approval_id = self.approval("refund_again", part_id, amount, asked_by=person)
        with self.clinic.app.app_context():
            desk_id = None if office else self.clinic.usd.desk
            return retry_part(RetryPart(part_id, kind, person, desk_id, approval_id))

    def poll_pending(self) -> int:
        with self.clinic.app.app_context():
            return poll_refunds()

    def news(self, stripe_refund_id: str) -> bool:
        with self.clinic.app.app_context():
            return news_of(stripe_refund_id)

    def settle(self, part_id: UUID) -> None:
        with self.clinic.app.app_context():
            settle_part(part_id)

    def entry(self, event: str, subject_id: UUID) -> dict[str, int]:
        """The postings of one entry, a drawer's key shortened."""
        with self.clinic.read() as session:
            rows = session.execute(
                select(Posting.account_key, Posting.amount_minor)
                .join(JournalEntry, JournalEntry.id == Posting.entry_id)
                .where(JournalEntry.event == event, JournalEntry.subject_id == subject_id)
            )
            return {("cash_drawer" if key.startswith("cash_drawer:") else key): minor for key, minor in rows}

    def balance(self, base: str) -> int:
        return self.clinic.balance(self.clinic.usd, base)

    def notes(self) -> list[str]:
        """The numbers of all credit notes, in their order."""
        with self.clinic.read() as session:
            return list(session.scalars(select(CreditNote.label).order_by(CreditNote.number)))

    def parts(self, refund_id: UUID) -> list[RefundPart]:
        with self.clinic.read() as session:
            return list(
                session.scalars(
                    select(RefundPart).where(RefundPart.refund_id == refund_id).order_by(RefundPart.position)
                )
            )


@pytest.fixture
def build_desk(build_clinic: Callable[..., Clinic]) -> Callable[..., Desk]:
    """A desk in a world with other taxes: `build_desk(TaxHabit("10", inclusive=True))`."""

    def build(usd: TaxHabit = TaxHabit("8")) -> Desk:  # noqa: B008  (frozen)
        return Desk(book_floats(build_clinic(usd=usd)))

    return build


@pytest.fixture
def desk(build_desk: Callable[..., Desk]) -> Desk:
    """A desk in the usual world, without cards."""
    return build_desk()


@pytest.fixture
def card_desk(build_desk: Callable[..., Desk]) -> Iterator[Desk]:
    """A desk whose clinic takes cards; the test is marked CARDS."""
    found = build_desk()
    with take_cards(found.clinic) as till:
        found.till = till
        yield found
