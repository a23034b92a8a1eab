"""Invariants of credits: what is left, every move, every redemption."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import case, func, or_, select

from pos.credits.models import CreditLot, CreditMove, Redemption
from pos.locations.models import Location
from pos.reports.invariants.looking import Check, Look


def _of_moves(what: Any) -> Any:
    total = func.coalesce(func.sum(what), 0)
    return select(total).where(CreditMove.lot_id == CreditLot.id).correlate(CreditLot).scalar_subquery()


def _of_redemptions(what: Any) -> Any:
    return select(what).where(Redemption.lot_id == CreditLot.id).correlate(CreditLot).scalar_subquery()


def _other_balance(look: Look) -> Iterator[str]:
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
            look.here(CreditLot.location_id),
            or_(
                CreditLot.remaining < 0,
                CreditLot.remaining != _of_moves(CreditMove.delta),
                CreditLot.held != _of_moves(held),
                CreditLot.quantity != CreditLot.remaining + CreditLot.held + CreditLot.redeemed,
            ),
        )
        .order_by(CreditLot.granted_at, CreditLot.id)
    )
    for lot_id, slug, remaining, moved in rows:
        yield f"Lot {lot_id} of {slug} has {remaining} credits left, its moves say {moved}; or a hold is lost."


def _other_moves(look: Look) -> Iterator[str]:

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
        .where(look.here(CreditLot.location_id))
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
        yield f"Move {seq} of lot {lot_id} leaves {balance}; by the moves before it, it should leave {running}."
    last = _of_moves(1)
    ends = look.rows(
        select(CreditLot.id, CreditLot.seq, last)
        .where(look.here(CreditLot.location_id), CreditLot.seq != last)
        .order_by(CreditLot.id)
    )
    for lot_id, seq, count in ends:
        yield f"Lot {lot_id} counts {seq} moves and has {count}."


def _other_redemptions(look: Look) -> Iterator[str]:
    count = _of_redemptions(func.count())
    value = _of_redemptions(func.coalesce(func.sum(Redemption.value_minor), 0))
    moves = _of_moves(case((CreditMove.kind == "redeem", 1), else_=0))
    rows = look.rows(
        select(CreditLot.id, Location.slug, CreditLot.redeemed, count, CreditLot.recognised_minor, value)
        .join(Location, Location.id == CreditLot.location_id)
        .where(
            look.here(CreditLot.location_id),
            or_(CreditLot.redeemed != count, CreditLot.redeemed != moves, CreditLot.recognised_minor != value),
        )
        .order_by(CreditLot.granted_at, CreditLot.id)
    )
    for lot_id, slug, redeemed, found, recognised, worth in rows:
        yield (
            f"Lot {lot_id} of {slug} says {redeemed} used for {recognised}; its redemptions are {found} for {worth}"
            " (minor units)."
        )


CHECKS = (
    Check("left", "Credits left are the sum of their moves, never below zero", CreditLot.location_id, _other_balance),
    Check(
        "moves",
        "Moves follow each other without a gap and leave the right balance",
        CreditLot.location_id,
        _other_moves,
    ),
    Check("redeemed", "Credits used are the redemptions, at their value", CreditLot.location_id, _other_redemptions),
)
