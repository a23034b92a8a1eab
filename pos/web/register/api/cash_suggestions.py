"""Which notes a client is likely to hand over. Pure."""

from __future__ import annotations

from pos.core.money import exponent

# Coins and notes people pay with, in major units; other currencies get the general list.
_NOTES = {
    "USD": (1, 5, 10, 20, 50, 100),
    "EUR": (5, 10, 20, 50, 100, 200),
    "GBP": (5, 10, 20, 50),
    "JPY": (1000, 2000, 5000, 10000),
}
_GENERAL = (5, 10, 20, 50, 100, 200)


def note_steps(currency: str) -> list[int]:
    """The coins and notes that clients pay with, in minor units."""
    scale: int = 10 ** exponent(currency)
    return [note * scale for note in _NOTES.get(currency, _GENERAL)]


def suggestions(due_minor: int, currency: str, most: int = 4) -> list[int]:
    """The exact amount, then the next sums that notes make up, rising; minor units. Nothing for a ticket without due."""
    if due_minor <= 0:
        return []
    found = {due_minor} | {-(-due_minor // step) * step for step in note_steps(currency)}
    return sorted(found)[:most]
