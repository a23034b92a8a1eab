"""Invariants of credits: what is left, every move, every redemption."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import and_, case, func, not_, or_, select
from sqlalchemy.orm import aliased

from pos.core.i18n.message import Message
from pos.core.messages.kept import package_checks as messages
from pos.domain.credits.models import (
    CreditLot,
    CreditMove,
    LotExtension,
    LotFreeze,
    LotShare,
    Redemption,
    RedemptionReversal,
)
from pos.domain.credits.outflows import OUTFLOWS
from pos.domain.locations.models import Location
from pos.domain.sales.models import Sale, SaleLine
from pos.reports.invariants.base import Check, CheckScope


def _of_moves(what: Any) -> Any:
    total = func.coalesce(func.sum(what), 0)
    return select(total).where(CreditMove.lot_id == CreditLot.id).correlate(CreditLot).scalar_subquery()


def _of_redemptions(what: Any) -> Any:
    return select(what).where(Redemption.lot_id == CreditLot.id).correlate(CreditLot).scalar_subquery()


def _of_reversals(what: Any) -> Any:
    return (
        select(what)
        .select_from(RedemptionReversal)
        .join(Redemption, Redemption.id == RedemptionReversal.redemption_id)
        .where(Redemption.lot_id == CreditLot.id)
        .correlate(CreditLot)
        .scalar_subquery()
    )


def _count(kind: str, undone_by: str) -> Any:
    """Moves of a kind less those that undo it."""
    return _of_moves(case((CreditMove.kind == kind, 1), (CreditMove.kind == undone_by, -1), else_=0))


def _other_balance(look: CheckScope) -> Iterator[Message]:
    # A held credit that is redeemed moves nothing any more: it left with its hold.
    held = case(
        (CreditMove.kind == "hold", 1),
        (CreditMove.kind == "release", -1),
        ((CreditMove.kind == "redeem") & (CreditMove.delta == 0), -1),
        else_=0,
    )
    rows = look.rows(
        select(CreditLot.id, Location.slug, CreditLot.remaining, _of_moves(CreditMove.delta))
        .join(Location, Location.id == CreditLot.location_id)
        .where(
            look.in_scope(CreditLot.location_id),
            or_(
                CreditLot.remaining < 0,
                CreditLot.remaining != _of_moves(CreditMove.delta),
                CreditLot.held != _of_moves(held),
                CreditLot.burned != _count("burn", "restore"),
                CreditLot.removed
                != -_of_moves(case((CreditMove.kind.in_((*OUTFLOWS, "reinstate")), CreditMove.delta), else_=0)),
                CreditLot.quantity
                != CreditLot.remaining + CreditLot.held + CreditLot.redeemed + CreditLot.burned + CreditLot.removed,
            ),
        )
        .order_by(CreditLot.granted_at, CreditLot.id)
    )
    for lot_id, slug, remaining, moved in rows:
        if remaining == moved and remaining >= 0:
            yield messages.LOT_COUNTS_OTHER(lot=lot_id, place=slug)
        else:
            yield messages.LOT_LEFT_OTHER(lot=lot_id, place=slug, left=remaining, moved=moved)


def _other_moves(look: CheckScope) -> Iterator[Message]:

    def in_order(what: Any) -> Any:
        return what.over(partition_by=CreditMove.lot_id, order_by=CreditMove.seq)

    moves = (
        select(
            CreditMove.lot_id,
            CreditMove.seq,
            CreditMove.balance_after,
            in_order(func.row_number()).label("place"),
            in_order(func.sum(CreditMove.delta)).label("running"),
        )
        .join(CreditLot, CreditLot.id == CreditMove.lot_id)
        .where(look.in_scope(CreditLot.location_id))
        .subquery()
    )
    rows = look.rows(
        select(moves.c.lot_id, moves.c.seq, moves.c.balance_after, moves.c.running)
        .where(
            (moves.c.seq != moves.c.place) | (moves.c.balance_after != moves.c.running) | (moves.c.balance_after < 0)
        )
        .order_by(moves.c.lot_id, moves.c.seq)
    )
    for lot_id, seq, balance, running in rows:
        yield messages.MOVE_LEAVES_OTHER(move=seq, lot=lot_id, left=balance, expected=running)
    last = _of_moves(1)
    ends = look.rows(
        select(CreditLot.id, CreditLot.seq, last)
        .where(look.in_scope(CreditLot.location_id), CreditLot.seq != last)
        .order_by(CreditLot.id)
    )
    for lot_id, seq, count in ends:
        yield messages.LOT_MOVES_MISSING(lot=lot_id, counted=seq, found=count)


def _other_redemptions(look: CheckScope) -> Iterator[Message]:
    count = _of_redemptions(func.count()) - _of_reversals(func.count())
    rows = look.rows(
        select(CreditLot.id, Location.slug, CreditLot.redeemed, count, _count("redeem", "reverse"))
        .join(Location, Location.id == CreditLot.location_id)
        .where(
            look.in_scope(CreditLot.location_id),
            or_(CreditLot.redeemed != count, CreditLot.redeemed != _count("redeem", "reverse")),
        )
        .order_by(CreditLot.granted_at, CreditLot.id)
    )
    for lot_id, slug, redeemed, found, moved in rows:
        yield messages.LOT_USED_OTHER(lot=lot_id, place=slug, used=redeemed, redemptions=found, moves=moved)
    used = (
        select(CreditMove.lot_id, func.sum(CreditMove.value_minor).label("minor"))
        .where(CreditMove.kind.in_(("redeem", "reverse")))
        .group_by(CreditMove.lot_id)
        .subquery()
    )
    worth = func.coalesce(_of_redemptions(func.sum(Redemption.value_minor)), 0) - func.coalesce(
        _of_reversals(func.sum(RedemptionReversal.value_minor)), 0
    )
    values = look.rows(
        select(CreditLot.id, Location.slug, used.c.minor, count, worth)
        .join(Location, Location.id == CreditLot.location_id)
        .join(used, used.c.lot_id == CreditLot.id)
        .where(look.in_scope(CreditLot.location_id), worth != -used.c.minor)
        .order_by(CreditLot.granted_at, CreditLot.id)
    )
    for lot_id, slug, minor, found, said in values:
        yield messages.LOT_EARNED_OTHER(lot=lot_id, place=slug, earned=-minor, redemptions=found, worth=said)
    strangers = look.rows(
        select(Redemption.lot_id, Location.slug, Redemption.sale_id, Redemption.sale_position)
        .join(CreditLot, CreditLot.id == Redemption.lot_id)
        .join(Location, Location.id == CreditLot.location_id)
        .join(Sale, Sale.id == Redemption.sale_id)
        .join(SaleLine, and_(SaleLine.sale_id == Redemption.sale_id, SaleLine.position == Redemption.sale_position))
        .where(
            look.in_scope(CreditLot.location_id),
            Redemption.client_id != func.coalesce(SaleLine.person_id, Sale.client_id),
        )
        .order_by(Redemption.at, Redemption.id)
    )
    for lot_id, slug, sale_id, position in strangers:
        yield messages.LOT_USED_FOR_OTHER(lot=lot_id, place=slug, line=position, sale=sale_id)


def _unlike_moves(look: CheckScope, stands: Any, change: Any) -> Iterator[Any]:
    """Lots where a sum is not that of the moves: the lot, its location, both sums."""
    moved = _of_moves(change)
    return look.rows(
        select(CreditLot.id, Location.slug, stands, moved)
        .join(Location, Location.id == CreditLot.location_id)
        .where(look.in_scope(CreditLot.location_id), stands != moved)
        .order_by(CreditLot.granted_at, CreditLot.id)
    )


def _other_value(look: CheckScope) -> Iterator[Message]:
    owed = CreditLot.net_minor - CreditLot.recognised_minor
    for lot_id, slug, minor, said in _unlike_moves(look, owed, CreditMove.value_minor):
        yield messages.LOT_OWED_OTHER(lot=lot_id, place=slug, stands=minor, moved=said)
    later = CreditLot.tax_minor - CreditLot.tax_due_minor
    for lot_id, slug, minor, said in _unlike_moves(look, later, CreditMove.tax_minor):
        yield messages.LOT_TAX_LATER_OTHER(lot=lot_id, place=slug, stands=minor, moved=said)
    second = CreditLot.second_tax_minor - CreditLot.second_tax_due_minor
    for lot_id, slug, minor, said in _unlike_moves(look, second, CreditMove.second_tax_minor):
        yield messages.LOT_SECOND_TAX_LATER_OTHER(lot=lot_id, place=slug, stands=minor, moved=said)
    for lot_id, slug, minor, said in _unlike_moves(look, CreditLot.breakage_minor, CreditMove.breakage_minor):
        yield messages.LOT_BREAKAGE_OTHER(lot=lot_id, place=slug, stands=minor, moved=said)


def _other_reversals(look: CheckScope) -> Iterator[Message]:
    first, second = aliased(CreditMove), aliased(CreditMove)
    pairs = {"reverse": "redeem", "restore": "burn"}
    fits = or_(*(and_(second.kind == later, first.kind == before) for later, before in pairs.items()))
    rows = look.rows(
        select(second.lot_id, second.seq)
        .join(CreditLot, CreditLot.id == second.lot_id)
        .outerjoin(first, first.id == second.reverses_id)
        .where(
            look.in_scope(CreditLot.location_id),
            second.kind.in_(tuple(pairs)),
            or_(
                first.id.is_(None),
                not_(fits),
                first.lot_id != second.lot_id,
                first.value_minor != -second.value_minor,
            ),
        )
        .order_by(second.lot_id, second.seq)
    )
    for lot_id, seq in rows:
        yield messages.MOVE_REVERSES_NO_USE(move=seq, lot=lot_id)


def _other_given(look: CheckScope) -> Iterator[Message]:
    given, out = aliased(CreditLot), aliased(CreditMove)
    in_scope = (
        select(CreditMove.key).where(CreditMove.lot_id == given.id, CreditMove.kind == "transfer_in").scalar_subquery()
    )
    rows = look.rows(
        select(given.id, Location.slug)
        .join(Location, Location.id == given.location_id)
        .outerjoin(
            out,
            and_(out.lot_id == given.origin_lot_id, out.kind == "transfer_out", out.key + ":in" == in_scope),
        )
        .where(
            look.in_scope(given.location_id),
            given.origin_lot_id.is_not(None),
            or_(out.id.is_(None), out.delta != -given.quantity, out.value_minor != -given.net_minor),
        )
        .order_by(given.granted_at, given.id)
    )
    for lot_id, slug in rows:
        yield messages.LOT_GIVEN_OTHER(lot=lot_id, place=slug)


def _other_shares(look: CheckScope) -> Iterator[Message]:
    rows = look.rows(
        select(LotShare.lot_id, Location.slug, LotShare.used, LotShare.cap)
        .join(CreditLot, CreditLot.id == LotShare.lot_id)
        .join(Location, Location.id == CreditLot.location_id)
        .where(look.in_scope(CreditLot.location_id), LotShare.used > LotShare.cap)
        .order_by(LotShare.lot_id, LotShare.id)
    )
    for lot_id, slug, used, cap in rows:
        yield messages.LOT_SHARE_OVER_CAP(lot=lot_id, place=slug, used=used, cap=cap)


def _other_rest(look: CheckScope) -> Iterator[Message]:
    open_rests = (
        select(func.count())
        .where(LotFreeze.lot_id == CreditLot.id, LotFreeze.ended_on.is_(None))
        .correlate(CreditLot)
        .scalar_subquery()
    )
    rests = case((CreditLot.status.in_(("frozen", "suspended")), 1), else_=0)
    last = (
        select(func.max(LotExtension.to_on))
        .where(LotExtension.lot_id == CreditLot.id)
        .correlate(CreditLot)
        .scalar_subquery()
    )
    rows = look.rows(
        select(CreditLot.id, Location.slug)
        .join(Location, Location.id == CreditLot.location_id)
        .where(
            look.in_scope(CreditLot.location_id),
            or_(
                open_rests != rests,
                and_(last.is_not(None), or_(CreditLot.expires_on.is_(None), CreditLot.expires_on != last)),
            ),
        )
        .order_by(CreditLot.granted_at, CreditLot.id)
    )
    for lot_id, slug in rows:
        yield messages.LOT_RESTS_OTHER(lot=lot_id, place=slug)


CHECKS = (
    Check("left", "Credits left are the sum of their moves, never below zero", CreditLot.location_id, _other_balance),
    Check(
        "moves",
        "Moves follow each other without a gap and leave the right balance",
        CreditLot.location_id,
        _other_moves,
    ),
    Check(
        "redeemed",
        "Credits used are the redemptions, at their value and of the person of their line",
        CreditLot.location_id,
        _other_redemptions,
    ),
    Check("worth", "What a lot is owed is the sum of its moves' values", CreditLot.location_id, _other_value),
    Check(
        "reversals", "A reversal takes back one use of its lot, at its value", CreditLot.location_id, _other_reversals
    ),
    Check("given", "Credits given to others are those that left, at their value", CreditLot.location_id, _other_given),
    Check("shares", "Nobody used more of a shared package than their cap", CreditLot.location_id, _other_shares),
    Check("rests", "Frozen packages rest, and every moved expiry is written down", CreditLot.location_id, _other_rest),
)
