"""Where each behaviour of the simulator comes from: Stripe's documentation, or our reading of how it must act."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

Tag = Literal["documented", "inferred"]
DOCUMENTED: Tag = "documented"
INFERRED: Tag = "inferred"

_F = TypeVar("_F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Behaviour:
    """One thing the simulator does, in a sentence, and where that knowledge comes from."""

    name: str
    sentence: str
    tag: Tag


BEHAVIOURS: list[Behaviour] = []


def _note(tag: Tag, sentence: str) -> Callable[[_F], _F]:
    def mark(function: _F) -> _F:
        BEHAVIOURS.append(Behaviour(f"{function.__module__.rpartition('.')[2]}.{function.__name__}", sentence, tag))
        return function

    return mark


def documented(sentence: str) -> Callable[[_F], _F]:
    """Mark a function as doing what Stripe's documentation says; `sentence` repeats it in our words."""
    return _note(DOCUMENTED, sentence)


def inferred(sentence: str) -> Callable[[_F], _F]:
    """Mark a function as doing what we believe Stripe does where its documentation is silent."""
    return _note(INFERRED, sentence)
