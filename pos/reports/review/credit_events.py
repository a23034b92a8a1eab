"""Events of credits: used out of hours or by a colleague, given free of charge, moved to another last day, restored."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from pos.core.clock import zone
from pos.core.i18n.name_folding import same_name
from pos.core.messages.books import FROM_DAY_TO_DAY
from pos.core.paging.portions import portions
from pos.domain.clients.models import Client
from pos.domain.credits.models import CreditLot, CreditMove, LotExtension, PurchasedPackage, Redemption
from pos.domain.locations.action_context import kept_reason
from pos.domain.locations.public_details import PublicDetails, public_details
from pos.domain.receipts.models import Receipt
from pos.domain.sales.models import Sale
from pos.domain.staff.models import Staff
from pos.domain.stored_value.models import AccountCreditMove
from pos.reports.analysis.opens import UNNUMBERED, opens
from pos.reports.period import Scope
from pos.reports.review.event import (
    GIVEN,
    GOODWILL,
    MOVED_EXPIRY,
    OUT_OF_HOURS,
    OWN_ACCOUNT,
    RESTORED,
    Event,
    Limits,
    with_reason,
)
from pos.reports.sales.sales_totals import in_scope

_BY, _APPROVER = aliased(Staff), aliased(Staff)


def is_open(details: PublicDetails, local: datetime) -> bool:
    """Whether a location is open at a local time, by its opening hours and closed days; always where none are set."""
    if not details.has_hours:
        return True
    if any(day == local.date() for day, _ in details.closed_days):
        return False
    minute = 60 * local.hour + local.minute
    return any(first <= minute < last for first, last in details.hours[local.weekday()])


def credits_used(session: Session, scope: Scope, _limits: Limits) -> Iterator[Event]:
    """Credits used while the location was closed, and by clients who have the name or address of who treated or rang up."""
    therapist = aliased(Staff)
    hours: Mapping[UUID, PublicDetails] = {place.id: public_details(session, place.id) for place in scope.places}
    rows = session.execute(
        select(Redemption, Sale, Receipt.label, Client, therapist, _BY)
        .join(Sale, Sale.id == Redemption.sale_id)
        .join(Client, Client.id == Redemption.client_id)
        .outerjoin(Receipt, Receipt.sale_id == Sale.id)
        .outerjoin(therapist, therapist.id == Redemption.therapist_id)
        .outerjoin(_BY, _BY.id == Sale.staff_id)
        .where(in_scope(scope))
        .execution_options(yield_per=500)
    )
    for use, sale, receipt, client, treats, by in rows:
        found = []
        if sale.channel == "register" and not is_open(
            hours[sale.location_id], use.at.astimezone(zone(scope.place(sale.location_id).time_zone))
        ):
            found.append(OUT_OF_HOURS)
        if any(_is_same(client, one) for one in (treats, by) if one):
            found.append(OWN_ACCOUNT)
        for what in found:
            yield Event(
                what, sale.location_id, sale.business_on, use.at, by.name if by else "", "",
                opens(receipt or UNNUMBERED["sale"], "sale", sale.id), use.value_minor, treats.name if treats else "",
            )  # fmt: skip


def _is_same(client: Client, colleague: Staff) -> bool:
    if client.email and colleague.email and client.email.casefold() == colleague.email.casefold():
        return True
    return " " in colleague.name and same_name(client.name, colleague.name)


def _moves(
    session: Session, scope: Scope, kind: str
) -> Iterator[tuple[CreditMove, CreditLot, PurchasedPackage, str, str]]:
    rows = session.execute(
        select(CreditMove, CreditLot, PurchasedPackage, _BY.name, _APPROVER.name)
        .join(CreditLot, CreditLot.id == CreditMove.lot_id)
        .join(PurchasedPackage, PurchasedPackage.id == CreditLot.package_id)
        .outerjoin(_BY, _BY.id == CreditMove.staff_id)
        .outerjoin(_APPROVER, _APPROVER.id == CreditMove.approver_id)
        .where(
            CreditLot.location_id.in_(scope.location_ids),
            CreditMove.business_on.between(scope.from_on, scope.to_on),
            CreditMove.kind == kind,
        )
    )
    for move, lot, package, by, agreed in rows:
        yield move, lot, package, by or "", agreed or ""


def credits_given(session: Session, scope: Scope, _limits: Limits) -> Iterator[Event]:
    """Credits given free of charge, and account credit given by hand."""
    for move, lot, package, by, agreed in _moves(session, scope, "grant"):
        if package.kind == "complimentary" and lot.origin_lot_id is None:
            about = opens(package.name, "package", package.id)
            detail = f"{move.delta} × {package.reason}"
            yield Event(GIVEN, lot.location_id, move.business_on, move.at, by, agreed, about, None, detail)
    rows = session.execute(
        select(AccountCreditMove, _BY.name, Client)
        .join(Client, Client.id == AccountCreditMove.client_id)
        .outerjoin(_BY, _BY.id == AccountCreditMove.staff_id)
        .where(
            AccountCreditMove.location_id.in_(scope.location_ids),
            AccountCreditMove.business_on.between(scope.from_on, scope.to_on),
            AccountCreditMove.kind.in_(("goodwill", "correction")),
        )
    )
    for one, by, client in rows:
        yield Event(
            GOODWILL, one.location_id, one.business_on, one.at, by or "", "", opens(client.name, "client", client.id),
            one.delta_minor, one.note,
        )  # fmt: skip


def last_days_moved(session: Session, scope: Scope, limits: Limits) -> Iterator[Event]:
    """Credits whose last day a manager moved by as many days as the limit says or more."""
    found = list(_moves(session, scope, "extend"))
    keys = [move.id for move, *_ in found]
    moved = {
        one.move_id: one
        for some in portions(keys, 300)
        for one in session.scalars(select(LotExtension).where(LotExtension.move_id.in_(some)))
    }
    for move, lot, package, by, agreed in found:
        one = moved.get(move.id)
        if (
            one
            and one.cause == "manager"
            and abs((one.to_on - one.from_on).days) >= limits[lot.location_id].extension_days
        ):
            yield Event(
                MOVED_EXPIRY, lot.location_id, move.business_on, move.at, by, agreed,
                opens(package.name, "package", package.id), None,
                with_reason(FROM_DAY_TO_DAY(first=one.from_on, last=one.to_on), kept_reason(move.reason)),
            )  # fmt: skip


def cancels_restored(session: Session, scope: Scope, _limits: Limits) -> Iterator[Event]:
    """Credits used up by a late cancel or no-show that were given back."""
    for move, lot, package, by, agreed in _moves(session, scope, "restore"):
        yield Event(
            RESTORED, lot.location_id, move.business_on, move.at, by, agreed, opens(package.name, "package", package.id),
            move.value_minor, kept_reason(move.reason),
        )  # fmt: skip
