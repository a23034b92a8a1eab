"""A location's day at a glance, and what somebody should look at."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, case, exists, func, select
from sqlalchemy.orm import Session

from pos.core import clock
from pos.core.database.day_totals import DayTotals
from pos.core.outbox import OutboxMessage
from pos.domain.ledger.models import JournalEntry, Posting
from pos.domain.locations.models import Desk
from pos.domain.locations.queries import Place
from pos.domain.payments.attempt_states import ACTIVE, BANK_TAKES_DAYS, MISMATCH, SUCCEEDED
from pos.domain.payments.models import (
    PaymentAttempt,
    Tender,
)
from pos.domain.payments.received import is_asking, received
from pos.domain.payouts.models import UnmatchedTransaction
from pos.domain.sales.models import Order, Sale
from pos.domain.sales.tender_kinds import STORED
from pos.domain.staff.models import Staff
from pos.domain.till.models import Drawer, Shift, ZReport
from pos.reports.books.ledger_agreement import Agreement, compare
from pos.reports.period import Scope
from pos.reports.sales.sales_totals import by_day, totals
from pos.reports.sales.sums import Figures
from pos.reports.totals.kept import figures_of
from pos.reports.totals.stored import read

# A payment whose outcome nobody knows for this long is in doubt.
PATIENCE = timedelta(minutes=15)
# A reader asks for a quarter of an hour from the last time it was sent; the polling job that ends it comes each minute.
SWEPT = timedelta(minutes=3)
# Discounts above this part of the list price are worth a look.
DISCOUNT_PERCENT = 10
# Counts that were wrong stay on the page this long.
COUNTS_FOR = timedelta(days=7)


@dataclass(frozen=True)
class Drawn:
    """A drawer: its newest shift, and what should be in it. Minor units of the location's currency."""

    place: Place
    desk: str
    shift_id: UUID
    state: str
    business_on: date
    opened_at: datetime
    opened_by: str
    closed_at: datetime | None
    float_minor: int
    cash_minor: int
    expected_minor: int
    counted_minor: int | None
    z_id: UUID | None
    z_number: int | None

    @property
    def other_minor(self) -> int:
        """Cash that went in or out besides sales: movements and refunds."""
        return self.expected_minor - self.float_minor - self.cash_minor

    @property
    def over_short_minor(self) -> int | None:
        """Over is positive, short negative, None while the drawer is open."""
        return None if self.counted_minor is None else self.counted_minor - self.expected_minor


@dataclass(frozen=True)
class StuckPayment:
    """A card payment somebody should look at; `why` is `doubt`, `mismatch`, or `no_sale` for money without a sale.

    `part`: a ticket is paid in part and was left so; the amount is all that was received for it.
    """

    attempt_id: UUID
    place: Place
    why: str
    state: str
    amount_minor: int
    currency: str
    created_at: datetime
    intent_id: str | None
    sentence: str | None


@dataclass(frozen=True)
class LocationDay:
    """One location's day so far. `takings_before_minor` came in on the same weekday a week earlier, up to the same time."""

    place: Place
    day: date
    figures: Figures
    takings_before_minor: int
    agreement: Agreement
    week: tuple[tuple[date, int], ...]
    week_before: tuple[tuple[date, int], ...]
    drawers: tuple[Drawn, ...]

    @property
    def discount_percent(self) -> int:
        """Discounts as a part of the gross, rounded down."""
        gross = self.figures.gross_minor
        return 100 * self.figures.discount_minor // gross if gross > 0 else 0


def _same_time_last_week(place: Place, now: datetime) -> datetime:
    """The same local time seven days ago, also where the clocks have changed since."""
    local = now.astimezone(clock.zone(place.time_zone))
    return (local.replace(tzinfo=None) - timedelta(days=7)).replace(tzinfo=local.tzinfo)


def _takings(session: Session, scope: Scope, until: datetime, until_on: date) -> tuple[dict[date, int], int]:
    """Money received on each day of one location, and what of the day `until_on` had come by `until`; minor units.

    Past days are read from their totals. Of `until_on` the rows are read too, and of all days that have no totals.
    """
    (place,), stored = scope.places, read(session, scope, DayTotals.figures)
    found = {on: figures_of(kept, place.currency).takings_minor for (_, on), kept in stored.read() if kept is not None}
    # Each day by name: for stretches joined by "or" PostgreSQL reads all tenders.
    all_days = (scope.from_on + timedelta(days=number) for number in range(scope.days))
    of_rows = [on for on in all_days if on == until_on or (place.id, on) not in stored.days]
    so_far = case((Sale.completed_at <= until, Tender.moved_minor), else_=0)
    query = (
        select(Sale.business_on, func.sum(Tender.moved_minor), func.sum(so_far))
        .join(Tender, Tender.sale_id == Sale.id)
        .where(Sale.location_id == place.id, Sale.business_on.in_(of_rows))
        .where(Tender.kind.not_in(STORED))
        .group_by(Sale.business_on)
    )
    rows = {on: (int(minor), int(by_then)) for on, minor, by_then in session.execute(query)}
    return found | {on: minor for on, (minor, _) in rows.items()}, rows.get(until_on, (0, 0))[1]


def location_day(session: Session, place: Place) -> LocationDay:
    """Today at a location."""
    now = clock.now()
    day = place.business_date(now)
    today_scope = Scope((place,), day, day)
    days = by_day(session, today_scope)
    (figures,) = totals(today_scope, days)
    monday, week_ago = day - timedelta(days=day.weekday()), day - timedelta(days=7)
    weeks = replace(today_scope, from_on=monday - timedelta(days=7))
    takings, before = _takings(session, weeks, _same_time_last_week(place, now), week_ago)

    def week(start: date, count: int) -> tuple[tuple[date, int], ...]:
        return tuple((on, takings.get(on, 0)) for on in (start + timedelta(days=n) for n in range(count)))

    return LocationDay(
        place=place,
        day=day,
        figures=figures,
        takings_before_minor=before,
        agreement=compare(session, today_scope, days),
        week=week(monday, day.weekday() + 1),
        week_before=week(monday - timedelta(days=7), 7),
        drawers=tuple(newest_shifts(session, place)),
    )


def shifts(session: Session, scope: Scope) -> list[Drawn]:
    """The shifts of a scope, newest first."""
    return _drawn(session, scope.places, Shift.business_on.between(scope.from_on, scope.to_on))


def newest_shifts(session: Session, place: Place) -> list[Drawn]:
    """The newest shift of each drawer, by desk."""
    at_place = select(Drawer.id).join(Desk, Desk.id == Drawer.desk_id).where(Desk.location_id == place.id)
    newest = (
        select(Shift.drawer_id, func.max(Shift.opened_at).label("opened_at"))
        .where(Shift.drawer_id.in_(at_place))
        .group_by(Shift.drawer_id)
        .subquery()
    )
    chosen = (
        select(Shift.id)
        .join(newest, (newest.c.drawer_id == Shift.drawer_id) & (newest.c.opened_at == Shift.opened_at))
        .scalar_subquery()
    )
    return sorted(_drawn(session, (place,), Shift.id.in_(chosen)), key=lambda drawn: drawn.desk)


def wrong_counts(session: Session, places: tuple[Place, ...]) -> list[Drawn]:
    """Closed shifts of the last days whose count differed, newest first."""
    since = clock.now() - COUNTS_FOR
    return _drawn(session, places, (Shift.counted_minor != Shift.expected_minor) & (Shift.closed_at >= since))


def _drawn(session: Session, places: tuple[Place, ...], which: ColumnElement[bool]) -> list[Drawn]:
    taken = (
        select(func.coalesce(func.sum(Tender.moved_minor), 0))
        .where(Tender.shift_id == Shift.id, Tender.kind == "cash")
        .scalar_subquery()
    )
    booked = (
        select(func.coalesce(func.sum(Posting.amount_minor), 0))
        .join(JournalEntry, JournalEntry.id == Posting.entry_id)
        .where(
            JournalEntry.shift_id == Shift.id,
            JournalEntry.event != "float",
            Posting.account_key.startswith("cash_drawer:"),
        )
        .scalar_subquery()
    )
    known = {place.id: place for place in places}
    query = (
        select(Shift, Desk.name, Staff.name, taken, booked, ZReport.id, ZReport.number)
        .outerjoin(ZReport, ZReport.shift_id == Shift.id)
        .join(Drawer, Drawer.id == Shift.drawer_id)
        .join(Desk, Desk.id == Drawer.desk_id)
        .join(Staff, Staff.id == Shift.opened_by)
        .where(Shift.location_id.in_(known), which)
        .order_by(Shift.opened_at.desc(), Desk.name)
    )
    return [
        Drawn(
            place=known[shift.location_id],
            desk=desk,
            shift_id=shift.id,
            state=shift.state,
            business_on=shift.business_on,
            opened_at=shift.opened_at,
            opened_by=person,
            closed_at=shift.closed_at,
            float_minor=shift.float_minor,
            cash_minor=int(cash),
            expected_minor=shift.float_minor + int(moved) if shift.expected_minor is None else shift.expected_minor,
            counted_minor=shift.counted_minor,
            z_id=z_id,
            z_number=z_number,
        )
        for shift, desk, person, cash, moved, z_id, z_number in session.execute(query)
    ]


def stuck_payments(session: Session, places: tuple[Place, ...]) -> list[StuckPayment]:
    """Card payments in doubt for too long, that do not fit their sale, or that paid for no sale, oldest first; then tickets
    that were left paid in part.
    """
    known = {place.id: place for place in places}
    # Those have a page of their own, where they are decided about.
    unmatched = exists().where(
        UnmatchedTransaction.stripe_id == PaymentAttempt.intent_id, UnmatchedTransaction.kind == "payment"
    )
    query = (
        select(PaymentAttempt, Order.location_id, Order.state)
        .join(Order, Order.id == PaymentAttempt.order_id)
        .outerjoin(Tender, Tender.attempt_id == PaymentAttempt.id)
        .where(
            Order.location_id.in_(known),
            PaymentAttempt.state.in_(ACTIVE)
            | (
                (PaymentAttempt.state == SUCCEEDED)
                & Tender.sale_id.is_(None)
                & ~unmatched
                & ~((Order.state == "placed") & PaymentAttempt.reason_code.is_(None))
            ),
        )
        .order_by(PaymentAttempt.created_at, PaymentAttempt.id)
    )
    latest, asked_before = clock.now() - PATIENCE, clock.now() - SWEPT
    found = []
    for attempt, location, _ in session.execute(query):
        if attempt.state == SUCCEEDED:
            why = "no_sale"
        elif attempt.reason_code == MISMATCH:
            why = "mismatch"
        elif attempt.reason_code == BANK_TAKES_DAYS:
            continue
        elif (attempt.expires_at or attempt.created_at) < (asked_before if attempt.kind == "reader" else latest):
            why = "doubt"
        else:
            continue
        found.append(
            StuckPayment(
                attempt_id=attempt.id,
                place=known[location],
                why=why,
                state=attempt.state,
                amount_minor=attempt.amount_minor + attempt.tip_minor,
                currency=attempt.currency,
                created_at=attempt.created_at,
                intent_id=attempt.intent_id,
                sentence=attempt.sentence,
            )
        )
    return found + _left_in_part(session, known, latest)


def _left_in_part(session: Session, known: dict[UUID, Place], latest: datetime) -> list[StuckPayment]:
    query = select(Order).where(Order.location_id.in_(known), Order.state == "placed", Order.desk_id.is_not(None))
    found = []
    for order in session.scalars(query.order_by(Order.placed_at, Order.id)):
        so_far = received(session, order)
        since = max([order.placed_at, *(one.changed_at for one in so_far.cards)])
        if so_far.is_begun and since < latest and not is_asking(session, order.id):
            found.append(
                StuckPayment(
                    attempt_id=order.id,
                    place=known[order.location_id],
                    why="part",
                    state="partly_paid",
                    amount_minor=so_far.card_minor + so_far.cash_minor,
                    currency=order.currency,
                    created_at=order.placed_at,
                    intent_id=so_far.cards[-1].intent_id if so_far.cards else None,
                    sentence=None,
                )
            )
    return found


def dead_messages(session: Session) -> list[tuple[str, int, datetime]]:
    """What the outbox gave up on: topic, how many, since when."""
    rows = session.execute(
        select(OutboxMessage.topic, func.count(), func.min(OutboxMessage.created_at))
        .where(OutboxMessage.state == "dead")
        .group_by(OutboxMessage.topic)
        .order_by(OutboxMessage.topic)
    )
    return [(topic, count, since) for topic, count, since in rows]
