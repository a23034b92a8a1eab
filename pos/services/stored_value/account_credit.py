"""Account credit outside a sale: given as goodwill by a manager, and paid out in cash at the desk.

Goodwill is money off a treatment still to come, promised to one client. It is booked against `discounts`, which lessens
revenue as the same promise made on a ticket would: nothing was bought with it, so it is no expense, and no tax is touched,
for the treatment it pays is taxed in full when it is sold.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from pos.core import audit
from pos.core.database.unit_of_work import unit_of_work
from pos.core.errors import (
    AlreadyUsedKey,
    Conflict,
    Invalid,
    NotFound,
)
from pos.core.messages.general import NO_SUCH_LOCATION
from pos.core.messages.stored_value import (
    ACCOUNT_CREDIT_IN_USE,
    ACCOUNT_CREDIT_OUT_OF_RANGE,
    CREDITED_ALREADY_TO_OTHER_CLIENT,
    CREDITED_ALREADY_WITH_OTHER_AMOUNT,
    NO_ACCOUNT_CREDIT,
)
from pos.core.messages.till import INSTEAD_PAY_IN_OR_OTHER_DESK, SHIFT_CLOSED
from pos.core.money import plain
from pos.domain.clients.persons import same_person
from pos.domain.clients.queries import client as client_of
from pos.domain.ledger import posting as ledger
from pos.domain.ledger.entries import Draft
from pos.domain.locations.action_context import ActionContext
from pos.domain.locations.queries import Place, desk_place, place
from pos.domain.posting_rules.refunds import pay_out as pay_out_cash
from pos.domain.staff.approvals import use_approval
from pos.domain.staff.limit_rules import Limit, exceeds
from pos.domain.staff.permissions import Permission
from pos.domain.stored_value import wallet as stored_value
from pos.domain.stored_value.balances import ACCOUNTS, StoredValueEntry
from pos.domain.stored_value.models import AccountCredit, AccountCreditMove
from pos.domain.stored_value.queries import terms_of
from pos.domain.till import shifts as till
from pos.services.integrity.run_checks import require_running
from pos.services.packages.authorization import PackageAction, reason_of
from pos.services.till.shifts import acting, require_cash

GOODWILL, PAYOUT = "goodwill", "cash_out"


@dataclass(frozen=True)
class Changed:
    """What an action moved and what it left, minor units."""

    amount_minor: int
    balance_minor: int
    currency: str


def most_goodwill(session: Session, where: Place) -> int:
    """The most that is given in one action, minor units: what a gift card of the location may be. More is a slip."""
    return terms_of(session, where, where.today()).most_minor


def _done_before(session: Session, key: str, client_id: UUID, where: Place) -> Changed | None:
    row = session.scalar(select(AccountCreditMove).where(AccountCreditMove.key == key))
    if row is None:
        return None
    if row.location_id != where.id or not same_person(session, row.client_id, client_id):
        raise AlreadyUsedKey(CREDITED_ALREADY_TO_OTHER_CLIENT)
    return Changed(abs(row.delta_minor), row.balance_after_minor, where.currency)


@unit_of_work
def give_goodwill(
    session: Session, command: PackageAction, *, client_id: UUID, location_id: UUID, amount_minor: int
) -> Changed:
    """Credit a client's account at a location; the same action again changes nothing.

    Raises Invalid without a reason or for a senseless amount, NotFound for a client or a location one does not work at,
    NeedsApproval, AlreadyUsedKey, and what `require_running` raises where the books are stopped.
    """
    if command.person.locations and location_id not in command.person.locations:
        raise NotFound(NO_SUCH_LOCATION)
    where, key = place(session, location_id), f"{GOODWILL}:{command.action_id}"
    if (done := _done_before(session, key, client_id, where)) is not None:
        if done.amount_minor != amount_minor:
            raise AlreadyUsedKey(CREDITED_ALREADY_WITH_OTHER_AMOUNT)
        return done
    require_running(session, location_id)
    client = client_of(session, client_id)
    reason = reason_of(command.reason)
    most = most_goodwill(session, where)
    if not 0 < amount_minor <= most:
        raise Invalid(
            ACCOUNT_CREDIT_OUT_OF_RANGE(most=plain(most, where.currency)),
            field="amount",
        )
    approver = use_approval(
        session,
        command.approval_id,
        action="account_credit_goodwill",
        subject_id=client_id,
        amount_minor=amount_minor,
        actor=command.person,
        permission=Permission.CORRECT_CREDITS,
        location_id=location_id,
        exceeds=exceeds({Limit.GOODWILL: amount_minor}),
    )
    context = ActionContext.at(where, actor_id=command.person.id, approver_id=approver, reason=reason, key=key)
    entry = StoredValueEntry(GOODWILL, context)
    left = stored_value.credit_account(session, client.id, amount_minor, entry, currency=where.currency)
    draft = Draft("account_credit_goodwill", command.action_id, where.currency)
    draft.debit("discounts", amount_minor)
    draft.credit("account_credit", amount_minor)
    ledger.post(session, draft, context, reference="goodwill", client_id=client.id)
    _note(session, "goodwill", client.id, amount_minor, context)
    return Changed(amount_minor, left, where.currency)


@unit_of_work
def pay_out(
    session: Session,
    *,
    client_id: UUID,
    action_id: UUID,
    desk_id: UUID,
    staff_id: UUID,
    reason: str,
    approval_id: UUID | None = None,
) -> Changed:
    """Pay all of a client's account credit at a desk's location out of its drawer; `action_id` guards the retry.

    Where nobody has raised the limit of cash given back, a second person agrees, but to an owner: credit that a manager gave
    would else leave as cash by the same hands.
    What a card payment holds at the moment is refused. Raises Conflict for a closed drawer, too little cash in it, or
    nothing to pay out, Invalid without a reason, NeedsApproval, NotFound.
    """
    desk, key = desk_place(session, desk_id), f"{PAYOUT}:{action_id}"
    where = desk.place
    if (done := _done_before(session, key, client_id, where)) is not None:
        return done
    require_running(session, where.id)
    client, why = client_of(session, client_id), reason_of(reason)
    shift = till.current_shift(session, desk.id, lock=True, closing=True)
    if shift is None:
        raise Conflict(SHIFT_CLOSED, why="shift_closed")
    named = stored_value.account_of(session, client_id, where.id)
    row = session.get(AccountCredit, (named["client_id"], where.id), with_for_update=True, populate_existing=True)
    if row is None or not row.balance_minor + row.held_minor:
        raise Conflict(NO_ACCOUNT_CREDIT)
    if row.held_minor:
        raise Conflict(ACCOUNT_CREDIT_IN_USE)
    amount = row.balance_minor
    more = where.cash.difference(amount)
    require_cash(session, shift, amount + more, where.currency, instead=INSTEAD_PAY_IN_OR_OTHER_DESK)
    approver = use_approval(
        session,
        approval_id,
        action="account_credit_payout",
        subject_id=client_id,
        amount_minor=amount,
        actor=acting(session, staff_id),
        permission=Permission.REFUND,
        location_id=where.id,
        exceeds=exceeds({Limit.REFUND: amount, Limit.CASH_REFUND: amount + more}),
    )
    context = ActionContext.at(where, actor_id=staff_id, approver_id=approver, reason=why, key=key)
    left = stored_value.take(session, ACCOUNTS, named, amount, StoredValueEntry(PAYOUT, context))
    draft = Draft("account_credit_payout", action_id, where.currency)
    draft.debit("account_credit", amount)
    pay_out_cash(draft, shift.drawer_id, amount, more)
    ledger.post(session, draft, context, reference="account credit", shift_id=shift.id, client_id=client.id)
    _note(session, "pay_out", client.id, amount, context)
    return Changed(amount, left, where.currency)


def _note(session: Session, action: str, client_id: UUID, amount_minor: int, context: ActionContext) -> None:
    audit.note(
        session,
        f"account_credit.{action}",
        actor_id=context.actor_id,
        location_id=context.location.id,
        subject_id=client_id,
        amount_minor=amount_minor,
        reason=context.reason,
        approved_by=str(context.approver_id) if context.approver_id else None,
    )
