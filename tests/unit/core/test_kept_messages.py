"""Every sentence that tables keep is made a message again from its English text, and then told in another language."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime
from importlib import import_module
from itertools import product
from pkgutil import iter_modules

import pytest

from pos.core.i18n.message import Message, messages_of, remade, translated_text
from pos.core.messages import kept
from tests.support.pseudo_language import pseudo

_MODULES = [import_module(f"{kept.__name__}.{found.name}") for found in iter_modules(kept.__path__)]
_ALL = messages_of(*_MODULES)
_MODULE_OF = {message.code: messages_of(module) for module in _MODULES for message in messages_of(module)}
_DAY = date(2026, 11, 16)
# What people named, in letters that no English sentence has.
_GIVEN = {"location": "παραποτάμια-2", "desk": "Πίσω, 2", "label": "ΠΑΡ-000012", "series": "Ω"}
_WORD = re.compile(r"[A-Za-z]")


class _Pseudo:
    """The language that translates everything, without a file of translations."""

    def __call__(self, message: str, **values: object) -> str:
        return pseudo(message) % values if values else pseudo(message)

    def plural(self, one: str, many: str, count: int, **values: object) -> str:
        return self(one if count == 1 else many, count=count, **values)

    def day(self, value: date) -> str:
        return f"{value:%d.%m.%Y}"

    def moment(self, value: datetime, time_zone: str) -> str:
        return f"{value:%d.%m.%Y %H:%M} {time_zone and 'Ω'}"


def _names(message: Message) -> list[str]:
    return re.findall(r"%\((\w+)\)s", message.one)


def _is_whole(message: Message) -> bool:
    """Whether a message is a sentence: others are subjects and words, which stand in sentences."""
    return message.one.endswith(".")


def _plain(message: Message) -> Message:
    given = {name: _DAY if name == "day" else _GIVEN.get(name, str(at)) for at, name in enumerate(_names(message), 2)}
    return message(**given) if given else message


def _filled(message: Message) -> Iterator[Message]:
    """A message with values as they are, then with each subject or reason of its module."""
    plain = _plain(message)
    yield plain
    for name, other in product(plain.values, _MODULE_OF[message.code]):
        if other is not message and _is_whole(other) == {"subject": False, "why": True}.get(name):
            yield message(**{**plain.values, name: _plain(other)})


@pytest.mark.parametrize("message", _ALL, ids=[message.code for message in _ALL])
def test_kept_sentence_is_told_in_another_language(message: Message) -> None:
    assert message.many is None, "a kept text does not say which form it was made of"
    for made in _filled(message):
        again = remade(str(made), *_ALL)
        assert isinstance(again, Message), made
        assert again.code == message.code, made
        assert _WORD.findall(translated_text(again, _Pseudo())) == [], made


def test_kept_sentence_that_was_cut_stays_english() -> None:
    cut = str(_plain(next(filter(_is_whole, _ALL))))[:-1]
    assert not isinstance(remade(cut, *_ALL), Message)
