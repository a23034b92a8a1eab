"""The statement of credits: every move with who, when, which visit, the balance after and the value, as of any day.

A statement is read a page at a time and its totals are summed in the database: ten thousand moves cost as much as fifty.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, func, select
from sqlalchemy.orm import Session, aliased

from pos.domain.clients.models import Client
from pos.domain.clients.persons import is_of, remaining
from pos.domain.credits.models import (
    CreditLot,
    CreditMove,
    PurchasedPackage,
    Redemption,
)
from pos.domain.locations.action_context import kept_reason
from pos.domain.sales.models import SaleLine
from pos.domain.staff.models import Staff


@dataclass(frozen=True)
class HeldLot:
    """A lot as it stands, with its package. Money in minor units of `currency`, net of tax unless it says tax.

    `client_id` holds it, `purchaser_id` paid for it and is who a refund goes to.
    """

    lot_id: UUID
    package_id: UUID
    location_id: UUID
    client_id: UUID
    client: str
    purchaser_id: UUID
    sale_id: UUID | None
    kind: str
    reason: str
    name: str
    currency: str
    purchased_on: date
    expires_on: date | None
    status: str
    quantity: int
    remaining: int
    held: int
    redeemed: int
    burned: int
    removed: int
    net_minor: int
    tax_minor: int
    recognised_minor: int
    price_minor: int
    unpaid_minor: int
    locked: int
    origin_lot_id: UUID | None
    terms: dict[str, Any]

    @property
    def liability_minor(self) -> int:
        """What the clinic still owes in sessions, net of tax."""
        return self.net_minor - self.recognised_minor

    @property
    def paid_minor(self) -> int:
        """What of the price of a package in parts was paid, as displayed."""
        return self.price_minor - self.unpaid_minor

    @property
    def to_pay_minor(self) -> int:
        """What is still to be paid of its price, as displayed; nothing once it is empty."""
        return self.unpaid_minor if self.remaining + self.held else 0

    @property
    def usable(self) -> int:
        """The credits left that are paid for."""
        return max(0, self.remaining - self.locked)

    def valid_on(self, day: date) -> bool:
        """Whether a visit on `day` may use it, as far as its expiry goes."""
        return self.expires_on is None or day <= self.expires_on


def _held() -> Select[PurchasedPackage, CreditLot, Client, UUID]:
    return (
        select(PurchasedPackage, CreditLot, Client, remaining(PurchasedPackage.client_id))
        .join(CreditLot, CreditLot.package_id == PurchasedPackage.id)
        .join(Client, Client.id == remaining(CreditLot.client_id))
    )


def _as_held(package: PurchasedPackage, lot: CreditLot, client: Client, purchaser_id: UUID) -> HeldLot:
    return HeldLot(
        lot_id=lot.id,
        package_id=package.id,
        location_id=lot.location_id,
        client_id=client.id,
        client=client.name,
        purchaser_id=purchaser_id,
        sale_id=package.sale_id,
        kind=package.kind,
        reason=kept_reason(package.reason),
        name=package.name,
        currency=lot.currency,
        purchased_on=package.purchased_on,
        expires_on=lot.expires_on,
        status=lot.status,
        quantity=lot.quantity,
        remaining=lot.remaining,
        held=lot.held,
        redeemed=lot.redeemed,
        burned=lot.burned,
        removed=lot.removed,
        net_minor=lot.net_minor,
        tax_minor=lot.tax_minor,
        recognised_minor=lot.recognised_minor,
        price_minor=lot.price_minor,
        unpaid_minor=lot.unpaid_minor,
        locked=lot.locked,
        origin_lot_id=lot.origin_lot_id,
        terms=package.terms,
    )


def lots_held(session: Session, client_id: UUID) -> list[HeldLot]:
    """Every lot a client holds, bought or given, newest first."""
    query = (
        _held().where(is_of(CreditLot.client_id, client_id)).order_by(CreditLot.granted_at.desc(), CreditLot.id.desc())
    )
    return [_as_held(*row) for row in session.execute(query)]


def lots_in(session: Session, package_id: UUID) -> list[HeldLot]:
    """The lots of a package: the purchaser's first, then what was given to others."""
    query = _held().where(PurchasedPackage.id == package_id).order_by(CreditLot.granted_at, CreditLot.id)
    return [_as_held(*row) for row in session.execute(query)]


@dataclass(frozen=True)
class StatementLine:
    """One move. `value_minor` is the change of what is owed, `balance_after` what its lot had left.

    `what`, `therapist`, `treated` and `service_on` tell of the visit, where there was one. `undone` says that a later move
    reversed it.
    """

    move_id: UUID
    lot_id: UUID
    package_id: UUID
    package: str
    currency: str
    kind: str
    key: str
    delta: int
    balance_after: int
    value_minor: int
    business_on: date
    at: datetime
    sale_id: UUID | None
    staff: str | None
    approver: str | None
    reason: str
    undone: bool
    what: str | None
    therapist: str | None
    treated_id: UUID | None
    treated: str | None
    service_on: date | None


@dataclass(frozen=True)
class Totals:
    """What a statement adds up to at the end of a day."""

    credits: int
    value_minor: int
    moves: int


def _until(query: Any, lot_ids: Sequence[UUID], on: date | None) -> Any:
    # Breakage recognised ahead is the clinic's own reckoning: it changes nothing for whoever owns the credits.
    query = query.where(CreditMove.lot_id.in_(lot_ids), CreditMove.kind != "breakage")
    return query if on is None else query.where(CreditMove.business_on <= on)


def totals(session: Session, lot_ids: Sequence[UUID], *, on: date | None = None) -> dict[UUID, Totals]:
    """Credits left, value owed and number of moves of some lots at the end of a business date (None: now)."""
    query = select(
        CreditMove.lot_id,
        func.coalesce(func.sum(CreditMove.delta), 0),
        func.coalesce(func.sum(CreditMove.value_minor), 0),
        func.count(),
    ).group_by(CreditMove.lot_id)
    return {
        lot_id: Totals(int(credits), int(value), count)
        for lot_id, credits, value, count in session.execute(_until(query, lot_ids, on))
    }


_by, _approver, _undo = aliased(Staff), aliased(Staff), aliased(CreditMove)


def statement(
    session: Session, lot_ids: Sequence[UUID], *, on: date | None = None, limit: int = 50, offset: int = 0
) -> list[StatementLine]:
    """Moves of some lots until the end of a business date, newest first, a page of them."""
    query = (
        select(
            CreditMove,
            CreditLot.package_id,
            CreditLot.currency,
            PurchasedPackage.name.label("package"),
            _by.name.label("staff"),
            _approver.name.label("approver"),
            _undo.id.label("undone_by"),
        )
        .join(CreditLot, CreditLot.id == CreditMove.lot_id)
        .join(PurchasedPackage, PurchasedPackage.id == CreditLot.package_id)
        .outerjoin(_by, _by.id == CreditMove.staff_id)
        .outerjoin(_approver, _approver.id == CreditMove.approver_id)
        .outerjoin(_undo, and_(_undo.reverses_id == CreditMove.id, *(() if on is None else (_undo.business_on <= on,))))
        .order_by(CreditMove.at.desc(), CreditMove.lot_id, CreditMove.seq.desc())
        .limit(limit)
        .offset(offset)
    )
    rows = session.execute(_until(query, lot_ids, on)).all()
    visits = _visits(session, [row.CreditMove for row in rows])
    return [_line(row, visits) for row in rows]


def _line(row: Any, visits: dict[str, Any]) -> StatementLine:
    move: CreditMove = row.CreditMove
    visit = visits.get(move.key)
    return StatementLine(
        move_id=move.id,
        lot_id=move.lot_id,
        package_id=row.package_id,
        package=row.package,
        currency=row.currency,
        kind=move.kind,
        key=move.key,
        delta=move.delta,
        balance_after=move.balance_after,
        value_minor=move.value_minor,
        business_on=move.business_on,
        at=move.at,
        sale_id=move.sale_id,
        staff=row.staff,
        approver=row.approver,
        reason=kept_reason(move.reason),
        undone=row.undone_by is not None,
        what=visit.what if visit else None,
        therapist=visit.therapist if visit else None,
        treated_id=visit.client_id if visit else None,
        treated=f"{visit.given_name} {visit.family_name}".strip() if visit else None,
        service_on=visit.service_on if visit else None,
    )


def _visits(session: Session, moves: Sequence[CreditMove]) -> dict[str, Any]:
    """The visits behind moves, by the moves' keys."""
    sales = {move.sale_id for move in moves if move.kind == "redeem"}
    if not sales:
        return {}
    rows = session.execute(
        select(
            Redemption.sale_id,
            Redemption.sale_position,
            Redemption.number,
            Client.id.label("client_id"),
            Redemption.service_on,
            SaleLine.name.label("what"),
            Staff.name.label("therapist"),
            Client.given_name,
            Client.family_name,
        )
        .join(SaleLine, (SaleLine.sale_id == Redemption.sale_id) & (SaleLine.position == Redemption.sale_position))
        .join(Client, Client.id == remaining(Redemption.client_id))
        .outerjoin(Staff, Staff.id == Redemption.therapist_id)
        .where(Redemption.sale_id.in_(sales))
    )
    return {f"redeem:{row.sale_id}:{row.sale_position}:{row.number}": row for row in rows}
