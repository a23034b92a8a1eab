"""What a booking system said of a visit, kept as hashes so that only what it says anew is taken."""

from __future__ import annotations

_PERSONAL, ERASED = ("who", "note"), "erased"


def without_person(sent: dict[str, str]) -> dict[str, str]:
    """What is kept of it once the client is erased: neither who it is nor the note.

    So the same reference does not bring them back.
    """
    return {**sent, **dict.fromkeys(_PERSONAL, ERASED)}
