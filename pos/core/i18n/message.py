"""Sentences for people: an English text with a code for programs, translated where a reader's language is known.

The catalogue, `pos/core/messages/`, has one constant for each. Extraction knows them by the name of the class.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, date, datetime
from functools import lru_cache
from types import MappingProxyType, ModuleType
from typing import Any, Protocol

_NOTHING: Mapping[str, object] = MappingProxyType({})


class Translate(Protocol):
    """Looks texts up in one language: `pos.core.i18n.translator.translator(locale)`."""

    def __call__(self, message: str, **values: object) -> str:
        """The translated text with its `%(name)s` values filled in."""

    def plural(self, one: str, many: str, count: int, **values: object) -> str:
        """The right form for a count, which is `%(count)s` in the message."""

    def day(self, value: date) -> str:
        """A day as the language writes it."""

    def moment(self, value: datetime, time_zone: str) -> str:
        """An instant as the language writes it, on the clock of a zone."""


class Message(str):
    """A sentence in English that knows its code, its text before values were filled in, and those values.

    It is a `str`, so that logs, tables and documents take it as it is; `translated` gives it in another language. Values
    are filled in by calling it, `%(name)s` each, and make a `%` of the text `%%`; `many` is the form for another `count`
    than one.
    """

    code: str
    one: str
    many: str | None
    values: Mapping[str, object]

    def __new__(cls, code: str, one: str, many: str | None = None) -> Message:
        return cls._made(one, code, one, many, _NOTHING)

    @classmethod
    def _made(cls, text: str, code: str, one: str, many: str | None, values: Mapping[str, object]) -> Message:
        made = str.__new__(cls, text)
        made.code, made.one, made.many, made.values = code, one, many, values
        return made

    def __call__(self, **values: object) -> Message:
        """The same sentence with its values; a value may be a message itself, a day, or an instant."""
        form = self.one if self.many is None or values["count"] == 1 else self.many
        plain = {name: _plain(value) for name, value in values.items()}
        return self._made(form % plain, self.code, self.one, self.many, values)

    def __reduce__(self) -> tuple[Any, ...]:
        return _again, (str(self), self.code, self.one, self.many, dict(self.values))

    def text(self, translate: Translate) -> str:
        """The sentence in the language of `translate`, and the messages among its values too."""
        if not self.values:
            return translate(self.one)
        values = {name: translated(value, translate) for name, value in self.values.items()}
        if self.many is None:
            return translate(self.one, **values)
        count = values.pop("count")
        assert isinstance(count, int)
        return translate.plural(self.one, self.many, count, **values)


def _again(text: str, code: str, one: str, many: str | None, values: dict[str, object]) -> Message:
    return Message._made(text, code, one, many, values)


def plain_day(day: date) -> str:
    """`22 Nov 2026`, for an English sentence that is kept or logged."""
    return f"{day.day} {day:%b %Y}"


_VALUE = re.compile(r"%\((\w+)\)s")
_DAY = re.compile(r"\d{1,2} [A-Z][a-z]{2} \d{4}")


@lru_cache(maxsize=512)
def _pattern_of(one: str) -> re.Pattern[str]:
    """A pattern of the texts that are made of a sentence with values."""
    parts = _VALUE.split(one)
    if len(parts) == 1:  # it is never filled in, so that a `%` in it is one
        return re.compile(re.escape(one))
    return re.compile("".join(f"(?P<{part}>.+)" if at % 2 else re.escape(part % ()) for at, part in enumerate(parts)))


def messages_of(*modules: ModuleType) -> tuple[Message, ...]:
    """The messages of some modules of the catalogue, for `remade`: whole sentences before what they are about, and those
    that say more of their own first, because the values of the others match anything."""
    found = (value for module in modules for value in vars(module).values() if isinstance(value, Message))
    return tuple(sorted(found, key=lambda message: (not message.one.endswith("."), -len(_VALUE.sub("", message.one)))))


def remade(text: str, *messages: Message) -> str:
    """The one of some messages that a kept text was made of, with its values, which may be messages of these themselves;
    another text as it is. They have no plural. A value called `day` becomes a date if the sentence then reads the same.
    """
    for message in messages:
        if found := _pattern_of(message.one).fullmatch(text):
            made = message(**{name: _value(name, value, messages) for name, value in found.groupdict().items()})
            if str(made) == text:
                return made
    return text


def _value(name: str, text: str, messages: tuple[Message, ...]) -> object:
    if name == "day" and _DAY.fullmatch(text):
        # What somebody typed may look like a day that no calendar has.
        with suppress(ValueError):
            return datetime.strptime(f"{text} +0000", "%d %b %Y %z").date()
    return remade(text, *messages)


def _plain(value: object) -> object:
    match value:
        case datetime():
            return f"{plain_day(value.astimezone(UTC))}, {value.astimezone(UTC):%H:%M} UTC"
        case date():
            return plain_day(value)
        case _:
            return value


def translated(value: object, translate: Translate) -> object:
    """A message, a day or an instant in the language of `translate`; every other value as it is."""
    match value:
        case Message():
            return value.text(translate)
        case datetime():
            return f"{translate.moment(value, 'UTC')} UTC"
        case date():
            return translate.day(value)
        case _:
            return value


def translated_text(text: str, translate: Translate) -> str:
    """A sentence in the language of `translate`: a message, or one that was stored without values; English otherwise."""
    if isinstance(text, Message):
        return text.text(translate)
    return translate(text) if text else text
