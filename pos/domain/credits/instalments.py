"""Packages paid in parts: the first part with the sale, later ones by sales of their own.

What is still to be paid is no value of the lot: `net_minor` grows with each part, so no more is owed to the client than was
received. floor(paid · n / price) credits may be used in all; the others are `locked`.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import BindParameter, and_, bindparam, null, or_, select, update
from sqlalchemy.orm import Session

from pos.core.database.base import execute
from pos.core.errors import Conflict
from pos.core.messages.packages import INSTALMENT_USED_SINCE, PACKAGE_PAID_OR_RETURNED_MEANWHILE
from pos.core.money import inside, rates_of
from pos.domain.credits.lot_writes import (
    CHANGED,
    LOT,
    RESTING_TOO,
    CreditTax,
    change,
    refuse,
    write_move,
)
from pos.domain.credits.models import (
    CreditLot,
    CreditMove,
    Instalment,
    PurchasedPackage,
)
from pos.domain.credits.rules.value import usable
from pos.domain.locations.action_context import ActionContext
from pos.domain.sales.models import Sale

_ORDER = bindparam("order_key", type_=CreditLot.held_by_order_id.type)
_FREE = or_(CreditLot.held_by_order_id.is_(None), CreditLot.held_by_order_id == _ORDER)
_OWES = CreditLot.unpaid_minor >= bindparam("amount", type_=CreditLot.unpaid_minor.type)
# A package that is frozen can be paid; one without credits, or whose payment is disputed, cannot, unless a card was being
# asked for it before the bank took another part back: that card was charged.
_PAYABLE = (CreditLot.remaining > 0, _OWES)
_PROMISED = or_(RESTING_TOO, and_(CreditLot.status == "suspended", CreditLot.held_by_order_id == _ORDER))
_RESERVE = (
    update(CreditLot).where(LOT, _FREE, RESTING_TOO, *_PAYABLE).values(held_by_order_id=_ORDER).returning(CreditLot.id)
)
_RELEASE = update(CreditLot).where(LOT, CreditLot.held_by_order_id == _ORDER).values(held_by_order_id=null())
_COLUMNS = (
    "net_minor", "tax_minor", "tax_due_minor", "second_tax_minor", "second_tax_due_minor", "unpaid_minor",
    "unpaid_net_minor", "locked",
)  # fmt: skip
_PAID: dict[str, BindParameter[int]] = {name: bindparam(f"new_{name}") for name in _COLUMNS}
_BEFORE = CreditLot.unpaid_minor == bindparam("unpaid_before", type_=CreditLot.unpaid_minor.type)
_PAY = change(_FREE, _PROMISED, *_PAYABLE, _BEFORE, **_PAID, held_by_order_id=null()).returning(*CHANGED)
_UNPAY = change(
    CreditLot.held_by_order_id.is_(None), CreditLot.status == "active", _BEFORE,
    CreditLot.remaining >= _PAID["locked"], CreditLot.recognised_minor + CreditLot.breakage_minor <= _PAID["net_minor"],
    **_PAID,
).returning(*CHANGED)  # fmt: skip


@dataclass(frozen=True)
class PartPaid:
    """A package after a part was paid: paid and still to pay as displayed, and how many credits may be used in all."""

    name: str
    quantity: int
    price_minor: int
    paid_minor: int
    usable: int
    in_all: int

    @property
    def unpaid_minor(self) -> int:
        """What is still to be paid of it, as displayed."""
        return self.price_minor - self.paid_minor


def standing(lot: CreditLot, name: str) -> PartPaid:
    """How far a package is paid."""
    paid = lot.price_minor - lot.unpaid_minor
    in_all = usable(lot.price_minor, paid, lot.quantity)
    return PartPaid(name, lot.quantity, lot.price_minor, paid, max(0, lot.remaining - lot.locked), in_all)


def note_first(session: Session, lot: CreditLot, sale: Sale, position: int, amount_minor: int) -> None:
    """Write down the part that was paid when the package was sold."""
    move_id = session.scalars(select(CreditMove.id).where(CreditMove.lot_id == lot.id, CreditMove.seq == 1)).one()
    _note(session, lot.id, sale, position, move_id, amount_minor)


def _note(session: Session, lot_id: UUID, sale: Sale, position: int, move_id: UUID, amount_minor: int) -> None:
    session.add(
        Instalment(
            sale_id=sale.id,
            sale_position=position,
            lot_id=lot_id,
            move_id=move_id,
            amount_minor=amount_minor,
        )
    )


def reserve(session: Session, lot_id: UUID, amount_minor: int, *, order_id: UUID) -> None:
    """Keep a part for the order whose card is being asked for it; raises Conflict where another one is faster."""
    if execute(session, _RESERVE, lot=lot_id, amount=amount_minor, order_key=order_id).first() is None:
        raise _no(session, lot_id)


def release(session: Session, lot_id: UUID, *, order_id: UUID) -> None:
    """Let the part of an order that is given up be paid another way."""
    execute(session, _RELEASE, lot=lot_id, order_key=order_id)


def _no(session: Session, lot_id: UUID) -> Conflict:
    found = refuse(session, lot_id)
    return found if isinstance(found, Conflict) else Conflict(PACKAGE_PAID_OR_RETURNED_MEANWHILE, lot_id=str(lot_id))


def _after(lot: CreditLot, amount_minor: int, net_minor: int, tax: CreditTax, *, tax_inclusive: bool) -> dict[str, int]:
    """The lot's columns when an amount, as displayed, is paid of it (negative: taken back)."""
    unpaid = lot.unpaid_minor - amount_minor
    return {
        "new_net_minor": lot.net_minor + net_minor,
        "new_tax_minor": lot.tax_minor + tax.minor,
        "new_tax_due_minor": lot.tax_due_minor + tax.minor,
        "new_second_tax_minor": lot.second_tax_minor + tax.second_minor,
        "new_second_tax_due_minor": lot.second_tax_due_minor + tax.second_minor,
        "new_unpaid_minor": unpaid,
        "new_unpaid_net_minor": unpaid - (inside(unpaid, rates_of(lot).total) if tax_inclusive else 0),
        "new_locked": lot.quantity - usable(lot.price_minor, lot.price_minor - unpaid, lot.quantity),
        "unpaid_before": lot.unpaid_minor,
    }


def pay(
    session: Session,
    lot_id: UUID,
    sale: Sale,
    position: int,
    context: ActionContext,
    *,
    amount_minor: int,
    net_minor: int,
    tax: CreditTax,
) -> PartPaid:
    """Pay a part, as displayed, by a sale's line with its net and tax; more credits may be used from here on.

    Raises Conflict where that much is not to be paid any more, or a card is being asked for another part.
    """
    lot = session.get_one(CreditLot, lot_id, populate_existing=True)
    after = _after(lot, amount_minor, net_minor, tax, tax_inclusive=sale.tax_inclusive)
    row = execute(session, _PAY, lot=lot_id, amount=amount_minor, order_key=sale.id, **after).first()
    if row is None:
        raise _no(session, lot_id)
    keyed = context.keyed(f"pay:{sale.id}:{position}")
    moved = write_move(session, lot_id, "pay", 0, row, keyed, value_minor=net_minor, paid=True, sale_id=sale.id)
    _note(session, lot_id, sale, position, moved.move_id, amount_minor)
    session.refresh(lot)
    return standing(lot, session.get_one(PurchasedPackage, lot.package_id).name)


def later_parts(session: Session, lot_id: UUID) -> list[Instalment]:
    """The parts of a package that were paid after its sale and not taken back, oldest first."""
    undone = select(CreditMove.reverses_id).where(CreditMove.lot_id == lot_id, CreditMove.reverses_id.is_not(None))
    rows = session.scalars(
        select(Instalment)
        .join(CreditMove, CreditMove.id == Instalment.move_id)
        .where(Instalment.lot_id == lot_id, CreditMove.kind == "pay", Instalment.move_id.not_in(undone))
        .order_by(CreditMove.seq)
    )
    return list(rows)


def take_back(
    session: Session, part: Instalment, context: ActionContext, *, net_minor: int, tax: CreditTax, tax_inclusive: bool
) -> None:
    """Undo a part whose sale is voided, the newest first; raises Conflict where sessions it paid for were used."""
    lot = session.get_one(CreditLot, part.lot_id, populate_existing=True)
    newest = later_parts(session, lot.id)[-1:]
    after = _after(lot, -part.amount_minor, -net_minor, -tax, tax_inclusive=tax_inclusive)
    row = (
        execute(session, _UNPAY, lot=lot.id, **after).first()
        if [one.move_id for one in newest] == [part.move_id]
        else None
    )
    if row is None:
        raise Conflict(INSTALMENT_USED_SINCE)
    write_move(
        session, lot.id, "pay", 0, row, context, value_minor=-net_minor, paid=True, reverses_id=part.move_id,
        sale_id=part.sale_id,
    )  # fmt: skip
    session.refresh(lot)
