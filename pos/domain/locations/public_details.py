"""What the public reads of a location: opening hours, closed days, the words of its shop, its legal pages."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from pos.core.errors import Invalid
from pos.core.i18n.sanitize import printable
from pos.core.messages.installation import (
    CLOSED_DAY_UNREADABLE,
    HOURS_OVERLAP,
    HOURS_UNREADABLE,
    LOCATION_TEXT_TOO_LONG,
    TOO_MANY_CLOSED_DAYS,
)
from pos.domain.locations.models import PublicPage

LEGAL_PAGES = ("privacy", "imprint", "terms")
MOST_HEADLINE, MOST_INTRODUCTION, MOST_LEGAL, MOST_CLOSED = 120, 600, 40_000, 400
_SPAN = re.compile(r"(\d{1,2})(?::(\d{2}))?\s*[-–]\s*(\d{1,2})(?::(\d{2}))?")
_DAY_END = 24 * 60

# Minutes after midnight, from and until.
Span = tuple[int, int]


@dataclass(frozen=True)
class PublicDetails:
    """Hours by weekday (Monday first) as spans of minutes after midnight, closed days with a name, and texts."""

    hours: tuple[tuple[Span, ...], ...] = ((),) * 7
    closed_days: tuple[tuple[date, str], ...] = ()
    headline: str = ""
    introduction: str = ""
    privacy: str = ""
    imprint: str = ""
    terms: str = ""

    @property
    def has_hours(self) -> bool:
        """Whether opening hours are set at all; without them nothing is said about them."""
        return any(self.hours)

    @property
    def legal_pages(self) -> tuple[str, ...]:
        """The legal pages that have a text."""
        return tuple(name for name in LEGAL_PAGES if getattr(self, name))

    def grouped_hours(self) -> list[tuple[int, int, tuple[Span, ...]]]:
        """Weekdays with the same hours together: first and last weekday, and their spans."""
        found: list[tuple[int, int, tuple[Span, ...]]] = []
        for weekday, spans in enumerate(self.hours):
            if found and found[-1][2] == spans:
                found[-1] = (found[-1][0], weekday, spans)
            else:
                found.append((weekday, weekday, spans))
        return found

    def closed_from(self, day: date) -> tuple[tuple[date, str], ...]:
        """The closed days from a day on."""
        return tuple(one for one in self.closed_days if one[0] >= day)

    def cleaned(self) -> PublicDetails:
        """The details as they are kept; raises Invalid naming the field."""
        for weekday, spans in enumerate(self.hours):
            if any(later[0] < earlier[1] for earlier, later in pairwise(spans)):
                raise Invalid(HOURS_OVERLAP, field=f"hours_{weekday}")
        if len(self.closed_days) > MOST_CLOSED:
            raise Invalid(TOO_MANY_CLOSED_DAYS(most=MOST_CLOSED), field="closed_days")
        texts = {
            "headline": _text(self.headline, MOST_HEADLINE, "headline"),
            "introduction": _text(self.introduction, MOST_INTRODUCTION, "introduction"),
            **{name: _text(getattr(self, name), MOST_LEGAL, name) for name in LEGAL_PAGES},
        }
        return PublicDetails(self.hours, tuple(sorted(dict(self.closed_days).items())), **texts)

    def to_json(self) -> dict[str, Any]:
        """The details as columns and as the audit log keeps them."""
        return {
            "hours": [[list(span) for span in spans] for spans in self.hours],
            "closed_days": [[day.isoformat(), name] for day, name in self.closed_days],
            **{name: getattr(self, name) for name in ("headline", "introduction", *LEGAL_PAGES)},
        }


def _text(text: str, most: int, field: str) -> str:
    """Plain text by lines, without control characters; paragraphs are kept."""
    lines = [printable(line, most + 1) for line in text.replace("\r\n", "\n").split("\n")]
    clean = re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
    if len(clean) > most:
        raise Invalid(LOCATION_TEXT_TOO_LONG(most=most), field=field)
    return clean


def parse_spans(text: str, field: str) -> tuple[Span, ...]:
    """The spans in `9-12:30, 14:00-18:00`; none in an empty text. Raises Invalid."""
    found = []
    for part in filter(None, (one.strip() for one in text.split(","))):
        match = _SPAN.fullmatch(part)
        if match is None:
            raise Invalid(HOURS_UNREADABLE, field=field)
        first, last = (int(match[at]) * 60 + int(match[at + 1] or 0) for at in (1, 3))
        if not first < last <= _DAY_END or int(match[2] or 0) > 59 or int(match[4] or 0) > 59:
            raise Invalid(HOURS_UNREADABLE, field=field)
        found.append((first, last))
    return tuple(sorted(found))


def written_spans(spans: tuple[Span, ...]) -> str:
    """`09:00–12:30, 14:00–18:00`, as it is typed and shown."""
    return ", ".join(f"{a // 60:02d}:{a % 60:02d}–{b // 60:02d}:{b % 60:02d}" for a, b in spans)


def parse_closed_days(text: str) -> tuple[tuple[date, str], ...]:
    """The days in lines such as `2026-12-25 Christmas`; raises Invalid naming the line."""
    found = []
    for line in filter(None, (printable(one, 200) for one in text.splitlines())):
        day, _, name = line.partition(" ")
        try:
            found.append((date.fromisoformat(day), name.strip()[:60]))
        except ValueError as error:
            raise Invalid(CLOSED_DAY_UNREADABLE(typed=line[:40]), field="closed_days") from error
    return tuple(found)


def written_closed_days(days: tuple[tuple[date, str], ...]) -> str:
    """Closed days as they are typed, a line each."""
    return "\n".join(f"{day.isoformat()} {name}".strip() for day, name in days)


def public_details(session: Session, location_id: UUID) -> PublicDetails:
    """What the public reads of a location; empty where nothing is set."""
    row = session.get(PublicPage, location_id)
    if row is None:
        return PublicDetails()
    return PublicDetails(
        tuple(tuple((span[0], span[1]) for span in spans) for spans in row.hours),
        tuple((date.fromisoformat(day), name) for day, name in row.closed_days),
        row.headline,
        row.introduction,
        row.privacy,
        row.imprint,
        row.terms,
    )
