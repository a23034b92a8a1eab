"""What a look at one piece of the installation found."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from pos.core.i18n.message import Message
from pos.core.messages.command.doctor import DOCTOR_BROKEN, DOCTOR_LOOK, DOCTOR_OK


class State(StrEnum):
    """How a piece stands; only what is broken makes `pos doctor` end with 1."""

    OK = "ok"
    LOOK = "look at"
    BROKEN = "broken"


STATE_WORDS = {State.OK: DOCTOR_OK, State.LOOK: DOCTOR_LOOK, State.BROKEN: DOCTOR_BROKEN}


@dataclass(frozen=True)
class Finding:
    """A piece, how it stands, and one sentence: what was seen and, where it is not well, what to do."""

    piece: Message
    state: State
    sentence: Message


def ok(piece: Message, sentence: Message) -> Finding:
    """All is well."""
    return Finding(piece, State.OK, sentence)


def look_at(piece: Message, sentence: Message) -> Finding:
    """It works and somebody should look."""
    return Finding(piece, State.LOOK, sentence)


def broken(piece: Message, sentence: Message) -> Finding:
    """It does not work."""
    return Finding(piece, State.BROKEN, sentence)
