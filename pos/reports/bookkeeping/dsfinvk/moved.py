"""Bons of everything else that moves money in a shift: refunds and voids, cash in and out, the opening and the count."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from pos.domain.ledger.entries import CASH_ROUNDING
from pos.domain.ledger.models import JournalEntry, Posting
from pos.domain.payments.models import PaymentAttempt
from pos.domain.receipts.credit_note_models import CreditNote
from pos.domain.refunds.models import Refund, RefundLine, RefundPart
from pos.domain.sales.models import Sale, SaleLine
from pos.domain.sales.tender_kinds import STORED
from pos.domain.till.models import CashMovement, Shift
from pos.reports.bookkeeping.dsfinvk.bons import Bon, Payment, Position, untaxed
from pos.reports.bookkeeping.dsfinvk.sold import (
    group_of,
    kind_of,
    merged,
    payment,
    references,
    rounding,
    sale_bons,
    sold_shares,
    stored_value,
    tip,
)

# Kind of a movement: its GV_TYP, and whether cash comes in or goes out.
_MOVEMENTS = {
    "paid_in": ("Einzahlung", 1), "paid_out": ("Auszahlung", -1), "drop": ("Geldtransit", -1),
    "tip_paid_out": ("TrinkgeldAN", -1),
}  # fmt: skip
_CASHED_OUT = {"gift_card_cash_out": "gift_card", "account_credit_payout": "account_credit"}


def _cash(minor: int) -> tuple[Payment, ...]:
    return merged([payment("cash", None, minor)])


def _of_shift(shift: Shift, which: str, at: datetime, staff_id: UUID | None, positions: list[Position]) -> Bon:
    minor = sum(one.gross for one in positions)
    return Bon(f"{shift.id.hex}-{which}", at, at, staff_id, tuple(positions), _cash(minor))


def opening(shift: Shift) -> Iterator[Bon]:
    """What was in the drawer when it was opened, and what was put in: from the bank, or found over or short."""
    more = shift.float_minor - shift.opening_found_minor
    kind = "DifferenzSollIst" if shift.opening_found_minor else "Geldtransit"
    text = "Kassendifferenz bei der Öffnung" if shift.opening_found_minor else "Wechselgeld von der Bank"
    positions = [Position("Anfangsbestand", "Anfangsbestand", untaxed(shift.opening_found_minor))]
    if more:
        positions.append(Position(kind, text, untaxed(more)))
    yield _of_shift(shift, "open", shift.opened_at, shift.opened_by, positions)


def closing(shift: Shift) -> Iterator[Bon]:
    """What the count found over or short, and what went to the bank."""
    assert shift.closed_at is not None
    counted = shift.counted_minor or 0
    over, banked = counted - (shift.expected_minor or 0), counted - shift.left_minor
    positions = []
    if over:
        positions.append(Position("DifferenzSollIst", "Kassendifferenz bei der Zählung", untaxed(over)))
    if banked:
        positions.append(Position("Geldtransit", "Abschöpfung zur Bank", untaxed(-banked)))
    if positions:
        yield _of_shift(shift, "close", shift.closed_at, shift.closed_by, positions)


def movements(session: Session, shift: Shift) -> Iterator[Bon]:
    """Cash paid in and out, taken to the bank, and tips paid out; a drawer opened for nothing is a bon without positions."""
    rows = session.scalars(select(CashMovement).where(CashMovement.shift_id == shift.id))
    for row in rows:
        if row.kind not in _MOVEMENTS:
            yield Bon(str(row.id), row.at, row.at, row.staff_id, (), (), kind="AVSonstige", note=row.reason)
            continue
        kind, sign = _MOVEMENTS[row.kind]
        position = Position(kind, row.reason, untaxed(sign * row.amount_minor), quantity=sign)
        yield Bon(
            str(row.id), row.at, row.at, row.staff_id, (position,), _cash(sign * row.amount_minor), note=row.reason
        )


def cashed_out(session: Session, shift: Shift) -> Iterator[Bon]:
    """What was left on gift cards and accounts and was paid out in cash."""
    rows = session.execute(
        select(JournalEntry, Posting.account_key, Posting.amount_minor)
        .join(Posting, Posting.entry_id == JournalEntry.id)
        .where(JournalEntry.shift_id == shift.id, JournalEntry.event.in_(_CASHED_OUT))
    )
    moved: dict[UUID, dict[str, int]] = defaultdict(dict)
    entries = {}
    for entry, account, minor in rows:
        entries[entry.id] = entry
        moved[entry.id][account.partition(":")[0]] = minor
    for key, entry in entries.items():
        cash, more = moved[key].get("cash_drawer", 0), moved[key].get(CASH_ROUNDING, 0)
        positions = [stored_value(_CASHED_OUT[entry.event], cash + more)]
        if more:
            positions.append(rounding(-more))
        at = entry.posted_at
        yield Bon(str(entry.subject_id), at, at, entry.actor_id, tuple(positions), _cash(cash), note=entry.reference)


def _money_back(parts: list[tuple[RefundPart, str | None]]) -> tuple[list[Position], tuple[Payment, ...]]:
    """The positions of stored value and rounding, and the money, of the parts of a refund."""
    positions, payments = [], []
    for part, brand in parts:
        if part.kind in STORED:
            positions.append(stored_value(part.kind, part.amount_minor))
        else:
            payments.append(payment(part.kind, brand, -part.moved_minor))
        if part.rounding_minor:
            positions.append(rounding(-part.rounding_minor))
    return positions, merged(payments)


def refunds(session: Session, shift: Shift, sold: dict[UUID, Bon]) -> Iterator[Bon]:
    """Refunds and voids of a shift, and failed ones paid another way; each refers to the bon of its sale."""
    here = Refund.shift_id == shift.id
    rows = session.execute(
        select(Refund, CreditNote.label).outerjoin(CreditNote, CreditNote.refund_id == Refund.id).where(here)
    ).all()
    parts = defaultdict(list)
    for part, brand in session.execute(
        select(RefundPart, PaymentAttempt.card_brand)
        .join(Refund, Refund.id == RefundPart.refund_id)
        .outerjoin(PaymentAttempt, PaymentAttempt.id == RefundPart.attempt_id)
        .where(here, RefundPart.replaces_id.is_(None))
        .order_by(RefundPart.refund_id, RefundPart.position)
    ):
        parts[part.refund_id].append((part, brand))
    lines = defaultdict(list)
    for line, tax_point, item_id in session.execute(
        select(RefundLine, SaleLine.tax_point, SaleLine.item_id)
        .join(Refund, Refund.id == RefundLine.refund_id)
        .join(SaleLine, (SaleLine.sale_id == RefundLine.sale_id) & (SaleLine.position == RefundLine.sale_position))
        .where(here)
        .order_by(RefundLine.refund_id, RefundLine.position)
    ):
        lines[line.refund_id].append((line, tax_point, item_id))
    other = {refund.sale_id for refund, _ in rows if refund.kind == "void"} - set(sold)
    before = sale_bons(session, [Sale.id.in_(other)]) if other else {}
    retried = list(_retried(session, shift))
    where = references(session, {refund.sale_id for refund, _ in rows} | {sale_id for sale_id, _ in retried})
    for refund, label in rows:
        more, payments = _money_back(parts[refund.id])
        kind = "Beleg"
        if refund.kind == "void":
            of_sale = sold.get(refund.sale_id) or before[refund.sale_id]
            positions, kind = [one.negated() for one in of_sale.positions], of_sale.kind
        else:
            positions = [_line_back(*one).negated() for one in lines[refund.id]]
            positions += [tip(-refund.tip_minor)] if refund.tip_minor else []
            positions += more
        at = refund.created_at
        yield Bon(
            str(refund.id), at, at, refund.staff_id, tuple(positions), payments, kind=kind,
            note=f"{label or ''} {refund.reason}".strip(), refers=where.get(refund.sale_id),
        )  # fmt: skip
    for sale_id, bon in retried:
        yield replace(bon, refers=where.get(sale_id))


def _line_back(line: RefundLine, tax_point: str, item_id: UUID) -> Position:
    """A line of a refund as if it were sold once more; the caller turns it round."""
    return Position(
        kind_of(line.kind, tax_point, back=True), line.name,
        sold_shares(line.kind, line.net_minor, line.tax_minor, line.tax_percent, tax_point),
        quantity=line.units or 1, article=str(item_id), group=group_of(line.kind),
    )  # fmt: skip


def _retried(session: Session, shift: Shift) -> Iterator[tuple[UUID, Bon]]:
    """Refunds that did not reach their card and were paid another way in this shift: what was owed goes."""
    rows = session.execute(
        select(RefundPart, PaymentAttempt.card_brand, Refund.sale_id, JournalEntry.reference)
        .join(Refund, Refund.id == RefundPart.refund_id)
        .join(JournalEntry, (JournalEntry.subject_id == RefundPart.id) & (JournalEntry.event == "refund"))
        .outerjoin(PaymentAttempt, PaymentAttempt.id == RefundPart.attempt_id)
        .where(JournalEntry.shift_id == shift.id)
    )
    for part, brand, sale_id, reference in rows:
        more, payments = _money_back([(part, brand)])
        owed = Position(
            "Auszahlung", "Erstattung auf anderem Weg", untaxed(-part.amount_minor), name="Erstattung auf anderem Weg"
        )
        at = part.created_at
        yield sale_id, Bon(str(part.id), at, at, part.staff_id, (owed, *more), payments, note=reference)
