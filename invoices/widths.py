"""How wide the columns of figures must be, told from their longest text.

Tables with widths given are laid out in half the time of tables that must be measured, and columns of separate tables line
up on one axis.
"""

from __future__ import annotations

from collections.abc import Iterable

_MM_PER_POINT = 25.4 / 72
# Tabular figures of Inter are 0.62 em wide at the boldest weight used; points and spaces are narrower.
_EM_PER_SIGN = 0.63


def width_of(texts: Iterable[str], points: float, gap: float = 0.0) -> float:
    """Millimetres that hold the longest of the texts at the given size, and the gap before it; 0 where all are empty."""
    longest = max((len(text) for text in texts), default=0)
    return round(longest * _EM_PER_SIGN * points * _MM_PER_POINT + gap, 2) if longest else 0.0
