"""Invariants of gift cards and account credit: moves, balances, what is set aside, and what the ledger owes."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any
from uuid import UUID

from sqlalchemy import Select, case, func, select

from pos.domain.ledger.models import Posting
from pos.domain.locations.models import Location
from pos.domain.stored_value.models import (
    AccountCredit,
    AccountCreditMove,
    GiftCard,
    GiftCardMove,
)
from pos.reports.invariants.base import Check, CheckScope


def _sum_by(query: Select[*tuple[Any, ...]], look: CheckScope) -> dict[tuple[Any, ...], tuple[int, int, int]]:
    return {tuple(key): (int(a), int(b), int(c)) for *key, a, b, c in look.rows(query)}


def _measures(move: type[GiftCardMove] | type[AccountCreditMove]) -> tuple[Any, ...]:
    """Sum of the moves, what they leave set aside, and how many they are."""
    aside = case((move.kind.in_(("hold", "release")), -move.delta_minor), else_=0)
    return func.sum(move.delta_minor), func.sum(aside), func.count()


def _other_cards(look: CheckScope) -> Iterator[str]:
    moved = _sum_by(select(GiftCardMove.card_id, *_measures(GiftCardMove)).group_by(GiftCardMove.card_id), look)
    rows = look.rows(
        select(GiftCard.id, GiftCard.last4, GiftCard.balance_minor, GiftCard.held_minor, GiftCard.seq)
        .where(look.in_scope(GiftCard.location_id))
        .order_by(GiftCard.location_id, GiftCard.id)
    )
    for card_id, last4, balance, held, seq in rows:
        yield from _wrong(f"Gift card •••• {last4}", (balance, held, seq), moved.get((card_id,), (0, 0, 0)))


def _other_accounts(look: CheckScope) -> Iterator[str]:
    named = (AccountCreditMove.client_id, AccountCreditMove.location_id)
    moved = _sum_by(select(*named, *_measures(AccountCreditMove)).group_by(*named), look)
    rows = look.rows(
        select(
            AccountCredit.client_id,
            AccountCredit.location_id,
            AccountCredit.balance_minor,
            AccountCredit.held_minor,
            AccountCredit.seq,
        )
        .where(look.in_scope(AccountCredit.location_id))
        .order_by(AccountCredit.location_id, AccountCredit.client_id)
    )
    for client, place, balance, held, seq in rows:
        found = moved.get((client, place), (0, 0, 0))
        yield from _wrong(f"Account credit of client {client}", (balance, held, seq), found)


def _wrong(name: str, kept: tuple[int, int, int], moved: tuple[int, int, int]) -> Iterator[str]:
    for what, now, expected in zip(("holds", "sets aside", "counts moves to"), kept, moved, strict=True):
        if now != expected or now < 0:
            yield f"{name} {what} {now}, its moves say {expected}."


def _broken(name: str, moves: list[tuple[int, int, int]]) -> Iterator[str]:
    for seq, delta, after in moves[:1]:
        if seq != 1 or after != delta:
            yield f"{name}: its first move is number {seq} and leaves {after} after {delta}."
    for (seq, _, after), (next_seq, delta, next_after) in pairwise(moves):
        if next_seq != seq + 1:
            yield f"{name}: after move {seq} comes move {next_seq}."
        elif next_after != after + delta or next_after < 0:
            yield f"{name}: move {next_seq} says {next_after} are left, it should be {after + delta}."


def _gone_astray(look: CheckScope) -> Iterator[str]:
    """Both sorts of moves in their order, one balance at a time."""
    cards = look.rows(
        select(GiftCard.last4, GiftCardMove.card_id, GiftCardMove.seq, GiftCardMove.delta_minor,
               GiftCardMove.balance_after_minor)
        .join(GiftCard, GiftCard.id == GiftCardMove.card_id)
        .where(look.in_scope(GiftCard.location_id))
        .order_by(GiftCardMove.card_id, GiftCardMove.seq)
    )  # fmt: skip
    yield from _runs((f"Gift card •••• {last4}", key, move) for last4, key, *move in cards)
    accounts = look.rows(
        select(AccountCreditMove.client_id, AccountCreditMove.location_id, AccountCreditMove.seq,
               AccountCreditMove.delta_minor, AccountCreditMove.balance_after_minor)
        .where(look.in_scope(AccountCreditMove.location_id))
        .order_by(AccountCreditMove.client_id, AccountCreditMove.location_id, AccountCreditMove.seq)
    )  # fmt: skip
    yield from _runs((f"Account credit of client {who}", (who, place), move) for who, place, *move in accounts)


def _runs(rows: Iterator[tuple[str, Any, list[int]]]) -> Iterator[str]:
    name, key, moves = "", None, list[tuple[int, int, int]]()
    for next_name, next_key, (seq, delta, after) in rows:
        if next_key != key:
            yield from _broken(name, moves)
            name, key, moves = next_name, next_key, []
        moves.append((seq, delta, after))
    yield from _broken(name, moves)


def _owed_otherwise(look: CheckScope) -> Iterator[str]:
    names: dict[UUID, str] = dict(
        iter(look.session.execute(select(Location.id, Location.slug).where(look.in_scope(Location.id))))
    )
    booked: dict[tuple[UUID, str], int] = {
        (where, key): -int(minor)
        for where, key, minor in look.session.execute(
            select(Posting.location_id, Posting.account_key, func.sum(Posting.amount_minor))
            .where(
                look.in_scope(Posting.location_id), Posting.account_key.in_(("gift_card_liability", "account_credit"))
            )
            .group_by(Posting.location_id, Posting.account_key)
        )
    }
    wallets = (
        ("gift_card_liability", "gift cards hold", GiftCard),
        ("account_credit", "clients have account credit of", AccountCredit),
    )
    for account, words, model in wallets:
        held = look.sums(model.location_id, model.balance_minor + model.held_minor)
        for where, slug in sorted(names.items(), key=lambda item: item[1]):
            found, owed = held.get(where, 0), booked.get((where, account), 0)
            if found != owed:
                yield f"{slug}: {words} {found}, the ledger owes {owed} (minor units)."


CHECKS = (
    Check(
        "gift_card_balance",
        "What is on a gift card is the sum of its moves, never below zero.",
        GiftCard.location_id,
        _other_cards,
    ),
    Check(
        "account_credit_balance",
        "A client's account credit is the sum of its moves, never below zero.",
        AccountCredit.location_id,
        _other_accounts,
    ),
    Check(
        "stored_value_moves",
        "Moves of gift cards and account credit are numbered without gaps, and each leaves what it says.",
        GiftCard.location_id,
        _gone_astray,
    ),
    Check(
        "stored_value_liability",
        "What the ledger owes on gift cards and as account credit is what they hold.",
        Location.id,
        _owed_otherwise,
    ),
)
