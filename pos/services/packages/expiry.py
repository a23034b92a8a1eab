"""What the night does with packages: freezes that end by themselves, credits that expire, reminders before they do.

All of it may run as often as one likes: every action has a key of its own, and what was done is not done again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from pos.core import outbox
from pos.core.database.base import reading
from pos.core.database.unit_of_work import unit_of_work
from pos.core.errors import Conflict, Invalid
from pos.core.messages.packages import EXPIRY_DAY_NOT_REACHED, FREEZE_HAS_ENDED, LAST_DAY_WAS
from pos.core.money import rates_of
from pos.domain.clients.models import Client
from pos.domain.clients.persons import remaining
from pos.domain.credits import freezes, outflows
from pos.domain.credits.models import CreditLot, PurchasedPackage
from pos.domain.credits.rules.value import LATE_CHECKOUT
from pos.domain.ledger.entries import Draft, tax_not_due, tax_payable
from pos.domain.locations.action_context import ActionContext
from pos.domain.locations.queries import Place, place
from pos.domain.posting_rules.sales import move_breakage, tax_becomes_due
from pos.domain.stored_value import wallet as stored_value
from pos.domain.stored_value.balances import StoredValueEntry
from pos.services.integrity.run_checks import require_running
from pos.services.packages.authorization import (
    Adjustment,
    lot_and_package,
    note,
    post,
)

REMINDER_DAYS = (30, 7, 1)
REMINDER = "credits_expire"


@dataclass(frozen=True)
class Expired:
    """Credits of one lot that ended: what became of their value, in minor units.

    `account_minor` is what the purchaser keeps as account credit (tax included), `breakage_minor` what the clinic earned.
    """

    lot_id: UUID
    location: str
    package: str
    expires_on: date
    credits: int
    account_minor: int
    breakage_minor: int
    currency: str


def _by_system(session: Session, lot_id: UUID, key: str, reason: str) -> Adjustment:
    lot, package = lot_and_package(session, lot_id)
    return Adjustment(lot, package, ActionContext.at(place(session, lot.location_id), reason=reason, key=key))


@unit_of_work
def _end_freeze(session: Session, lot_id: UUID, until_on: date) -> None:
    adjustment = _by_system(session, lot_id, f"unfreeze:{lot_id}:{until_on}", FREEZE_HAS_ENDED)
    ends = freezes.unfreeze(session, lot_id, adjustment.context, ended_on=until_on)
    note(session, adjustment, "unfreeze", expires_on=ends.isoformat() if ends else None)


@unit_of_work
def _expire(session: Session, lot_id: UUID, before: date) -> Expired | None:
    lot, package = lot_and_package(session, lot_id)
    if lot.expires_on is None or lot.expires_on >= before or lot.remaining < 1 or lot.held or lot.status != "active":
        return None
    key = f"expire:{lot_id}:{lot.expires_on}:{lot.seq}"
    adjustment = _by_system(session, lot_id, key, LAST_DAY_WAS(day=lot.expires_on))
    context = adjustment.context
    left = outflows.surrender(session, lot_id, lot.remaining, context, kind="expire", even_frozen=False)
    keeps = package.terms.get("expiry_policy") == "account_credit"
    tax = left.tax_minor if keeps else 0
    draft = Draft("expire", left.move_id, lot.currency)
    draft.debit("package_liability", left.net_minor)
    if keeps:
        # The visits will not take place, so the tax paid for them comes back too: account credit is money, untaxed.
        account = tax_payable if lot.tax_prepaid else tax_not_due
        draft.debit_tax(account, rates_of(left), tax, left.second_tax_minor)
        draft.credit("account_credit", left.net_minor + tax)
        if left.net_minor + tax:
            entry = StoredValueEntry("expire", context.keyed(f"expire:{left.move_id}", package.name))
            stored_value.credit_account(session, package.client_id, left.net_minor + tax, entry, currency=lot.currency)
    else:
        # The price is kept, and what of it was collected as tax is nobody's to keep: it is due now.
        draft.credit("breakage", left.net_minor)
        tax_becomes_due(draft, rates_of(left), left.not_due_minor, left.second_not_due_minor)
    move_breakage(draft, left.breakage_minor)
    done = Expired(
        lot_id,
        context.location.slug,
        package.name,
        lot.expires_on,
        left.credits,
        left.net_minor + tax if keeps else 0,
        0 if keeps else left.net_minor,
        lot.currency,
    )
    note(
        session,
        adjustment,
        "expire",
        credits=left.credits,
        account_minor=done.account_minor,
        breakage=done.breakage_minor,
    )
    post(session, adjustment, draft)
    return done


def _judged_on(where: Place, on: date | None, *, dry_run: bool) -> date:
    today = where.today()
    if on is not None and on > today and not dry_run:
        raise Invalid(EXPIRY_DAY_NOT_REACHED, field="on")
    return on or today


def end_freezes_and_expire(
    places: tuple[Place, ...], *, on: date | None = None, dry_run: bool = False
) -> list[Expired]:
    """End the freezes whose last day has come, then the credits whose last day is over, at each location's own date.

    Expiry counts the last day itself, and a visit of that day may be checked out the day after: a lot that is valid until
    31 March ends on 2 April. By its terms the value becomes account credit of the purchaser (what was paid, tax included)
    or breakage. `on` judges by another day up to today; entries always carry today. `dry_run` tells what would happen and
    changes nothing, also for a day to come. Raises Invalid for a day to come without it, and what `require_running` raises
    where the books are stopped.
    """
    found: list[Expired] = []
    for where in places:
        day = _judged_on(where, on, dry_run=dry_run)
        before = day - LATE_CHECKOUT
        if dry_run:
            found += _would_expire(reading(), where, before)
            continue
        require_running(reading(), where.id)
        for lot_id, until_on in freezes.freezes_due_to_end(reading(), where.id, day):
            try:
                _end_freeze(lot_id, until_on)
            except Conflict:
                continue  # somebody ended it this very moment
        for lot_id in outflows.due_to_expire(reading(), where.id, before):
            try:
                done = _expire(lot_id, before)
            except Conflict:
                continue  # used or frozen this very moment: the next run looks again
            if done is not None:
                found.append(done)
    return found


def _would_expire(session: Session, where: Place, before: date) -> list[Expired]:
    found = []
    for lot_id in outflows.due_to_expire(session, where.id, before):
        lot, package = lot_and_package(session, lot_id)
        assert lot.expires_on is not None
        net, tax = outflows.value_of(lot, lot.remaining)
        keeps = package.terms.get("expiry_policy") == "account_credit"
        found.append(
            Expired(
                lot_id,
                where.slug,
                package.name,
                lot.expires_on,
                lot.remaining,
                net + tax if keeps else 0,
                0 if keeps else net,
                lot.currency,
            )
        )
    return found


def reminder_key(lot_id: UUID, expires_on: date, stage: int) -> str:
    """The key of the message that reminds of a lot, so many days before its last one."""
    return f"{REMINDER}:{lot_id}:{expires_on}:{stage}"


@dataclass(frozen=True)
class Reminder:
    """A reminder due: `stage` is 30, 7 or 1 days before. Without an address nothing can be sent."""

    lot_id: UUID
    location: str
    client: str
    email: str | None
    package: str
    credits: int
    expires_on: date
    stage: int

    @property
    def key(self) -> str:
        """What makes sending it twice impossible: a later last day starts anew."""
        return reminder_key(self.lot_id, self.expires_on, self.stage)


def _stage(days: int) -> int:
    return min(stage for stage in REMINDER_DAYS if days <= stage)


def ending_lots(where: Place, from_on: date, to_on: date) -> Select[CreditLot, str, Client]:
    """A query of the lots of a location with credits that can be used and end on some days: each with the name of its
    package and whose it is; frozen ones are left out, because their day moves when the freeze ends."""
    return (
        select(CreditLot, PurchasedPackage.name, Client)
        .join(PurchasedPackage, PurchasedPackage.id == CreditLot.package_id)
        .join(Client, Client.id == remaining(CreditLot.client_id))
        .where(
            CreditLot.location_id == where.id,
            CreditLot.status == "active",
            CreditLot.remaining > 0,
            CreditLot.expires_on.between(from_on, to_on),
        )
    )


def reminders_due(session: Session, where: Place, day: date) -> list[Reminder]:
    """Reminders not sent yet, of a location on a day: one for each lot with credits left that ends within 30 days.

    The night may have been missed: then the nearest stage is sent late, never two at once. A lot granted after a stage's
    day has none of that stage.
    """
    ending = ending_lots(where, day, day + timedelta(days=max(REMINDER_DAYS)))
    rows = session.execute(ending.order_by(CreditLot.expires_on, CreditLot.id))
    due = []
    for lot, package, client in rows:
        assert lot.expires_on is not None
        stage = _stage((lot.expires_on - day).days)
        if where.business_date(lot.granted_at) <= lot.expires_on - timedelta(days=stage):
            due.append(
                Reminder(lot.id, where.slug, client.name, client.email, package, lot.remaining, lot.expires_on, stage)
            )
    sent = outbox.recorded(session, [reminder.key for reminder in due])
    return [reminder for reminder in due if reminder.key not in sent]


@unit_of_work
def _remind(session: Session, where: Place, day: date) -> list[Reminder]:
    due = reminders_due(session, where, day)
    for reminder in due:
        if reminder.email:
            payload = {
                "lot_id": str(reminder.lot_id),
                "expires_on": reminder.expires_on.isoformat(),
                "stage": reminder.stage,
            }
            outbox.record(session, REMINDER, payload, key=reminder.key)
    return due


def remind(places: tuple[Place, ...], *, on: date | None = None, dry_run: bool = False) -> list[Reminder]:
    """Put the reminders of the day into the outbox, 30, 7 and 1 days before the last one; never the same twice.

    `on` judges by another day up to today. `dry_run` only tells. Raises Invalid for a day to come without it.
    """
    found: list[Reminder] = []
    for where in places:
        day = _judged_on(where, on, dry_run=dry_run)
        found += reminders_due(reading(), where, day) if dry_run else _remind(where, day)
    return found
