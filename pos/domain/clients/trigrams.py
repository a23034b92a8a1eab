"""Clients found by three letters in a row, by the index that `pos/migrations/client_search.py` makes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    Text,
    Uuid,
    and_,
    column,
    func,
    literal,
    literal_column,
    or_,
    select,
    table,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from pos.domain.clients.models import Client

_OF_SQLITE = table("client_search", column("client_id", Uuid))
# What more clients than this have in common is found sooner in the order of names, where the first few are soon together.
_MANY = 500
_LETTERS = 3
_Words = Sequence[tuple[str, ...]]
_Keys = Select[*tuple[Any, ...]]


def keys_of_rare(session: Session, words: _Words) -> _Keys | None:
    """A query of the keys of all clients who may have these words, each in one of its spellings.

    None where the words are too short for it or where many have them. A client found has the trigrams of a word, not always
    the word: whoever asks compares.
    """
    long = [spellings for spellings in words if all(len(spelling) >= _LETTERS for spelling in spellings)]
    if not long:
        return None
    keys = (_keys_of_sqlite if session.get_bind().dialect.name == "sqlite" else _keys_of_postgresql)(long)
    first = keys.limit(_MANY + 1).subquery()
    return keys if (session.scalar(select(func.count()).select_from(first)) or 0) <= _MANY else None


def _keys_of_sqlite(words: _Words) -> _Keys:
    asked = " AND ".join(f"({' OR '.join(map(_quoted, spellings))})" for spellings in words)
    return select(_OF_SQLITE.c.client_id).where(literal_column("client_search").op("MATCH")(literal(asked)))


def _quoted(spelling: str) -> str:
    return "({})".format(" AND ".join('"{}"'.format(one.replace('"', '""')) for one in _trigrams(spelling)))


def _keys_of_postgresql(words: _Words) -> _Keys:
    found = func.client_trigrams(Client.search_text, type_=ARRAY(Text))

    def has(spelling: str) -> ColumnElement[bool]:
        return found.contains(_trigrams(spelling))

    return select(Client.id).where(and_(*(or_(*map(has, spellings)) for spellings in words)))


def _trigrams(spelling: str) -> list[str]:
    return [*dict.fromkeys(spelling[at : at + _LETTERS] for at in range(len(spelling) - _LETTERS + 1))]
