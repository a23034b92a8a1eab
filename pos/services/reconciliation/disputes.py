"""Disputes: the bank has taken a payment back. Books and credits follow what Stripe says of it, forward only.

Webhook, polling job and the page's button all fetch the object and come here. Each step is written once for a
dispute, so news may come twice, out of order, or all at once at the end.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from pos.core import audit, clock, outbox
from pos.core.app_context import settings
from pos.core.database.base import reading
from pos.core.database.unit_of_work import unit_of_work
from pos.core.errors import PosError
from pos.core.messages.packages import BANK_KEPT_PAYMENT, DISPUTE_IS_OVER
from pos.core.messages.reconciliation import PACKAGE_PAYMENT_DISPUTED
from pos.domain.credits.dispute_holds import (
    GivenUp,
    give_up,
    packages_of,
    sales_of,
    under_way,
)
from pos.domain.credits.freezes import resume_package, suspend_package
from pos.domain.disputes import repository as disputes
from pos.domain.disputes.models import Dispute
from pos.domain.disputes.rules import TAKEN, closing, is_news
from pos.domain.locations.action_context import ActionContext
from pos.domain.locations.queries import place
from pos.domain.payments import repository as payments
from pos.domain.payments.models import PaymentAttempt
from pos.domain.payouts import balance_transactions
from pos.domain.payouts.models import BalanceTransaction
from pos.domain.posting_rules.disputes import entry_for_loss, entry_for_opening, entry_for_win
from pos.domain.receipts import repository as receipts
from pos.domain.refunds import repository as refunds
from pos.domain.sales.models import Order, Sale
from pos.domain.stored_value import dispute_holds as gift_cards
from pos.integrations.stripe.current import gateway
from pos.integrations.stripe.disputes_payouts.types import CardDispute
from pos.services.reconciliation.stripe_fees import post_at, store_balance_transaction

log = logging.getLogger(__name__)
# How often the polling job asks after undecided disputes and for new ones.
EVERY = timedelta(hours=1)


@unit_of_work
def apply_dispute(session: Session, fetched: CardDispute) -> bool:
    """Let books and credits follow what Stripe says of a dispute; False if it is of no payment of ours."""
    attempt = payments.attempt_by_object(session, fetched.charge_id) or (
        payments.attempt_by_object(session, fetched.intent_id) if fetched.intent_id else None
    )
    if attempt is None or fetched.livemode != (attempt.mode == "live"):
        return False
    sale = session.get(Sale, attempt.order_id)
    if sale is not None:
        # A refund of the same sale that is being written comes first or not at all.
        refunds.lock_sale(session, sale)
    dispute = disputes.by_object(session, fetched.dispute_id, lock=True)
    if dispute is not None and dispute.sale_id is None and sale is not None:
        dispute.sale_id = sale.id  # it came while the card had paid a part, and the rest was paid since
    known = dispute.status if dispute else None
    if fetched.status == "lost" != known and sale is not None and _waits(session, sale.id):
        # What a card holds right now is settled first, so that nothing of it stays; the polling job asks Stripe again.
        fetched = replace(fetched, status="under_review")
    if not is_news(known, fetched.status):
        return True
    if dispute is None:
        dispute = _begin(session, fetched, attempt, sale)
    elif dispute.status != fetched.status:
        dispute.status, dispute.changed_at = fetched.status, clock.now()
    dispute.due_at, dispute.handed_in = fetched.due_at, fetched.handed_in
    session.flush()
    moves = [balance_transactions.keep(session, move) for move in fetched.moves]
    _follow(
        session, dispute, moves, taken=fetched.status in TAKEN or any(move.amount_minor < 0 for move in fetched.moves)
    )
    for move in fetched.moves:
        store_balance_transaction(session, move)
    return True


def _waits(session: Session, sale_id: UUID) -> bool:
    """Whether a card is being asked that has set aside something this sale paid for."""
    return under_way(session, packages_of(session, sale_id)) or gift_cards.under_way(session, sale_id)


def _begin(session: Session, fetched: CardDispute, attempt: PaymentAttempt, sale: Sale | None) -> Dispute:
    order = session.get_one(Order, attempt.order_id)
    now = clock.now()
    dispute = Dispute(
        stripe_dispute_id=fetched.dispute_id,
        location_id=order.location_id,
        attempt_id=attempt.id,
        sale_id=sale.id if sale else None,
        status=fetched.status,
        reason=fetched.reason[:60],
        amount_minor=fetched.amount_minor,
        currency=fetched.currency,
        due_at=fetched.due_at,
        handed_in=fetched.handed_in,
        business_on=place(session, order.location_id).business_date(now),
        opened_at=fetched.created_at,
        changed_at=now,
    )
    session.add(dispute)
    session.flush()
    _notify(session, dispute, "opened")
    return dispute


def _notify(session: Session, dispute: Dispute, what: str) -> None:
    audit.note(
        session,
        f"dispute.{what}",
        location_id=dispute.location_id,
        subject_id=dispute.id,
        amount_minor=dispute.amount_minor,
        status=dispute.status,
    )
    outbox.record(
        session, "dispute_news", {"dispute_id": str(dispute.id), "what": what}, key=f"dispute:{dispute.id}:{what}"
    )


def _follow(session: Session, dispute: Dispute, moves: Sequence[BalanceTransaction], *, taken: bool) -> None:
    """Write the steps that a state asks for and that were not written yet."""
    context = ActionContext.at(place(session, dispute.location_id), key=f"dispute:{dispute.id}")
    done = frozenset(step.kind for step in disputes.steps_of(session, dispute.id))
    if taken and "opened" not in done:
        _open(session, dispute, moves, context)
        done |= {"opened"}
    match closing(dispute.status, done):
        case "lost":
            _lose(session, dispute, context)
        case "won" | "dropped" | "recovered" as step:
            _win(session, dispute, step, context, taken="opened" in done)


def _reference(session: Session, dispute: Dispute) -> str:
    return receipts.of_sale(session, dispute.sale_id).label if dispute.sale_id else dispute.stripe_dispute_id


def _open(session: Session, dispute: Dispute, moves: Sequence[BalanceTransaction], context: ActionContext) -> None:
    credits = 0
    for package_id in packages_of(session, dispute.sale_id) if dispute.sale_id else ():
        credits += suspend_package(session, package_id, context.step("on", PACKAGE_PAYMENT_DISPUTED))
    if dispute.sale_id:
        gift_cards.suspend(session, dispute.sale_id, context.step("on"))
    step = disputes.write_step(
        session, dispute, "opened", on=context.business_date, amount_minor=dispute.amount_minor, credits=credits
    )
    # The fee usually comes with the withdrawal and goes into the same entry; a later one is booked by itself.
    for row in moves:
        balance_transactions.match(session, row)
    fees = [row for row in moves if row.location_id and not row.fee_booked]
    for row in fees:
        row.fee_booked = True
    fee = sum(row.fee_minor for row in fees)
    entry = entry_for_opening(step.id, dispute.currency, dispute.amount_minor, fee)
    post_at(session, dispute.location_id, entry, _reference(session, dispute))


def _lose(session: Session, dispute: Dispute, context: ActionContext) -> None:
    given_up: list[GivenUp] = []
    left = dispute.amount_minor
    for package_id in packages_of(session, dispute.sale_id) if dispute.sale_id else ():
        found = give_up(session, package_id, context.step("lost", BANK_KEPT_PAYMENT), most_minor=left)
        left -= sum(part.net_minor + part.tax_minor for part in found)
        given_up += found
    taken = 0
    if dispute.sale_id:
        taken = gift_cards.take_back(session, dispute.sale_id, context.step("lost"), most_minor=left)
    left -= taken
    step = disputes.write_step(
        session,
        dispute,
        "lost",
        on=context.business_date,
        amount_minor=dispute.amount_minor,
        credits=sum(part.credits for part in given_up),
        liability_minor=taken + sum(part.net_minor for part in given_up),
        tax_minor=sum(part.tax_minor for part in given_up),
        second_tax_minor=sum(part.second_tax_minor for part in given_up),
        bad_debt_minor=left,
    )
    entry = entry_for_loss(step.id, dispute.currency, dispute.amount_minor, given_up, cards_minor=taken)
    post_at(session, dispute.location_id, entry, _reference(session, dispute))
    _rest_again(session, dispute, context)
    _notify(session, dispute, "lost")


def _rest_again(session: Session, dispute: Dispute, context: ActionContext) -> None:
    """What is left is used again, unless another dispute holds the same package or card: that goes on resting."""
    if dispute.sale_id is None:
        return
    for package_id in packages_of(session, dispute.sale_id):
        if disputes.others_contested(session, dispute, sales_of(session, package_id)):
            suspend_package(session, package_id, context.step("again", PACKAGE_PAYMENT_DISPUTED))
    _free_cards(session, dispute, context)


def _free_cards(session: Session, dispute: Dispute, context: ActionContext) -> None:
    assert dispute.sale_id is not None
    for card_id in gift_cards.paid_by(session, dispute.sale_id):
        if not disputes.others_contested(session, dispute, gift_cards.sales_of(session, card_id)):
            gift_cards.resume(session, card_id, context.step("over"))


def _win(session: Session, dispute: Dispute, kind: str, context: ActionContext, *, taken: bool) -> None:
    credits = 0
    if dispute.sale_id and kind != "recovered":
        for package_id in packages_of(session, dispute.sale_id):
            if not disputes.others_contested(session, dispute, sales_of(session, package_id)):
                over = context.step("over", DISPUTE_IS_OVER)
                credits += resume_package(session, package_id, over)
        _free_cards(session, dispute, context)
    amount = dispute.amount_minor if taken else 0
    step = disputes.write_step(session, dispute, kind, on=context.business_date, amount_minor=amount, credits=credits)
    entry = entry_for_win(step.id, dispute.currency, amount, after_loss=kind == "recovered")
    post_at(session, dispute.location_id, entry, _reference(session, dispute))
    _notify(session, dispute, kind)


def news_of_dispute(stripe_dispute_id: str) -> bool:
    """Ask Stripe how far a dispute is and follow it; False if it is none of ours, or Stripe does not say."""
    fetched = gateway().disputes.fetch_dispute(stripe_dispute_id)
    if not isinstance(fetched, CardDispute):
        log.warning("Stripe does not show the dispute %s: %s", stripe_dispute_id, fetched)
        return False
    return apply_dispute(fetched)


@unit_of_work
def _claim_poll(session: Session) -> datetime | None:
    return balance_transactions.claim_poll(session, "disputes", EVERY)


@unit_of_work
def _poll_failed(session: Session, since: datetime) -> None:
    balance_transactions.poll_failed(session, "disputes", since)


def poll_disputes() -> int:
    """Ask after every undecided dispute and for new ones, once an hour; returns how many were looked at."""
    if not settings().payments.on:
        return 0
    since = _claim_poll()
    if since is None:
        return 0
    looked = 0
    found = gateway().disputes.list_disputes(since - timedelta(days=1))
    if not isinstance(found, tuple):
        _poll_failed(since)
    listed = {fetched.dispute_id: fetched for fetched in found} if isinstance(found, tuple) else {}
    waiting = disputes.undecided(reading())
    for stripe_id in dict.fromkeys([*listed, *waiting]):
        try:
            fetched = listed.get(stripe_id)
            looked += apply_dispute(fetched) if fetched is not None else news_of_dispute(stripe_id)
        except PosError as error:
            log.warning("the dispute %s stays as it was: %s", stripe_id, error.sentence)
        except Exception:  # whatever one dispute meets, the others must be looked at too
            log.exception("the dispute %s stays as it was", stripe_id)
            reading().rollback()
    return looked
