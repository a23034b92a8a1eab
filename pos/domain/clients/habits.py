"""What a client usually has, derived from their visits; nothing of it is stored. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeVar
from uuid import UUID

# Lately: the newest visits, as far as they were in the last year.
NEWEST, LATELY = 12, timedelta(days=365)

K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Visit:
    """One treatment a client had: a line of a sale that was not voided. `therapist` is empty where nobody was named."""

    sale_id: UUID
    on: date
    item_id: UUID
    name: str
    therapist_id: UUID | None
    therapist: str


@dataclass(frozen=True, slots=True)
class Habits:
    """The treatment at its duration, and the therapist, that a client had most often lately; None where there is none."""

    item_id: UUID | None
    therapist_id: UUID | None


def habits(visits: Sequence[Visit], day: date) -> Habits:
    """What of `visits`, newest first, was had most often among the NEWEST of the LATELY days until `day`.

    Of two had equally often it is the one had last. A visit that names no therapist counts for none.
    """
    lately = [visit for visit in visits if visit.on >= day - LATELY][:NEWEST]
    return Habits(
        _most([visit.item_id for visit in lately]),
        _most([visit.therapist_id for visit in lately if visit.therapist_id is not None]),
    )


def _most(newest_first: Sequence[K]) -> K | None:
    # A counter keeps the order in which its keys came, and its most common of equals is the first.
    return Counter(newest_first).most_common(1)[0][0] if newest_first else None
