"""What a look at one piece of the installation found."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """How a piece stands; only what is broken makes `pos doctor` end with 1."""

    OK = "ok"
    LOOK = "look at"
    BROKEN = "broken"


@dataclass(frozen=True)
class Finding:
    """A piece, how it stands, and one sentence: what was seen and, where it is not well, what to do."""

    piece: str
    state: State
    sentence: str


def ok(piece: str, sentence: str) -> Finding:
    """All is well."""
    return Finding(piece, State.OK, sentence)


def look_at(piece: str, sentence: str) -> Finding:
    """It works and somebody should look."""
    return Finding(piece, State.LOOK, sentence)


def broken(piece: str, sentence: str) -> Finding:
    """It does not work."""
    return Finding(piece, State.BROKEN, sentence)
