"""Invariants of gift cards and account credit: moves, balances, what is set aside, and what the ledger owes."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby, pairwise
from typing import Any
from uuid import UUID

from sqlalchemy import Select, case, func, select

from pos.core.i18n.message import Message
from pos.core.messages.kept import package_checks as messages
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


def _other_cards(look: CheckScope) -> Iterator[Message]:
    moved = _sum_by(select(GiftCardMove.card_id, *_measures(GiftCardMove)).group_by(GiftCardMove.card_id), look)
    rows = look.rows(
        select(GiftCard.id, GiftCard.last4, GiftCard.balance_minor, GiftCard.held_minor, GiftCard.seq)
        .where(look.in_scope(GiftCard.location_id))
        .order_by(GiftCard.location_id, GiftCard.id)
    )
    for card_id, last4, balance, held, seq in rows:
        name = messages.GIFT_CARD_ENDING_IN(digits=last4)
        yield from _wrong(name, (balance, held, seq), moved.get((card_id,), (0, 0, 0)))


def _other_accounts(look: CheckScope) -> Iterator[Message]:
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
        yield from _wrong(messages.ACCOUNT_CREDIT_OF_CLIENT(client=client), (balance, held, seq), found)


def _wrong(name: Message, kept: tuple[int, int, int], moved: tuple[int, int, int]) -> Iterator[Message]:
    (balance, held, seq), (left, aside, count) = kept, moved
    if balance != left or balance < 0:
        yield messages.WALLET_HOLDS_OTHER(subject=name, amount=balance, moved=left)
    if held != aside or held < 0:
        yield messages.WALLET_SETS_ASIDE_OTHER(subject=name, amount=held, moved=aside)
    if seq != count or seq < 0:
        yield messages.WALLET_COUNTS_OTHER(subject=name, counted=seq, found=count)


def _broken(name: Message, moves: list[tuple[int, int, int]]) -> Iterator[Message]:
    for seq, delta, after in moves[:1]:
        if seq != 1 or after != delta:
            yield messages.WALLET_BEGINS_OTHERWISE(subject=name, move=seq, left=after, change=delta)
    for (seq, _, after), (next_seq, delta, next_after) in pairwise(moves):
        if next_seq != seq + 1:
            yield messages.WALLET_MOVE_MISSING(subject=name, move=seq, following=next_seq)
        elif next_after != after + delta or next_after < 0:
            yield messages.WALLET_MOVE_LEAVES_OTHER(
                subject=name, move=next_seq, left=next_after, expected=after + delta
            )


def _gone_astray(look: CheckScope) -> Iterator[Message]:
    """Both sorts of moves in their order, one balance at a time."""
    cards = look.rows(
        select(GiftCard.last4, GiftCardMove.card_id, GiftCardMove.seq, GiftCardMove.delta_minor,
               GiftCardMove.balance_after_minor)
        .join(GiftCard, GiftCard.id == GiftCardMove.card_id)
        .where(look.in_scope(GiftCard.location_id))
        .order_by(GiftCardMove.card_id, GiftCardMove.seq)
    )  # fmt: skip
    yield from _runs((messages.GIFT_CARD_ENDING_IN(digits=last4), key, move) for last4, key, *move in cards)
    accounts = look.rows(
        select(AccountCreditMove.client_id, AccountCreditMove.location_id, AccountCreditMove.seq,
               AccountCreditMove.delta_minor, AccountCreditMove.balance_after_minor)
        .where(look.in_scope(AccountCreditMove.location_id))
        .order_by(AccountCreditMove.client_id, AccountCreditMove.location_id, AccountCreditMove.seq)
    )  # fmt: skip
    yield from _runs(
        (messages.ACCOUNT_CREDIT_OF_CLIENT(client=who), (who, place), move) for who, place, *move in accounts
    )


def _runs(rows: Iterator[tuple[Message, Any, list[int]]]) -> Iterator[Message]:
    for _, group in groupby(rows, key=lambda row: row[1]):
        of_one = list(group)
        yield from _broken(of_one[0][0], [(seq, delta, after) for _, _, (seq, delta, after) in of_one])


def _owed_otherwise(look: CheckScope) -> Iterator[Message]:
    for place, held, owed in _unlike_ledger(look, "gift_card_liability", GiftCard):
        yield messages.GIFT_CARDS_OWED_OTHER(place=place, held=held, owed=owed)
    for place, held, owed in _unlike_ledger(look, "account_credit", AccountCredit):
        yield messages.ACCOUNT_CREDIT_OWED_OTHER(place=place, held=held, owed=owed)


def _unlike_ledger(
    look: CheckScope, account: str, model: type[GiftCard] | type[AccountCredit]
) -> Iterator[tuple[str, int, int]]:
    """Locations where what is held is not what the ledger owes: the location, both in minor units."""
    names: dict[UUID, str] = dict(
        iter(look.session.execute(select(Location.id, Location.slug).where(look.in_scope(Location.id))))
    )
    booked = look.sums(Posting.location_id, Posting.amount_minor, Posting.account_key == account)
    held = look.sums(model.location_id, model.balance_minor + model.held_minor)
    for where, slug in sorted(names.items(), key=lambda item: item[1]):
        found, owed = held.get(where, 0), -booked.get(where, 0)
        if found != owed:
            yield slug, found, owed


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
