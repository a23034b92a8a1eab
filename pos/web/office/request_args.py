"""What a page was asked for: locations, dates and a page number from the address, kept as typed when they are wrong."""

from __future__ import annotations

import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from babel.dates import format_date, format_skeleton
from flask import g, request, url_for

from pos.core.database.base import reading
from pos.core.errors import Invalid, NotAllowed, NotFound
from pos.core.messages.general import DAY_MISSING, TWO_DAYS_MISSING
from pos.core.messages.people import NO_LOCATION_YET, NO_SUCH_LOCATION_OR_NOT_YOURS
from pos.core.messages.sales import NO_SUCH_SALE
from pos.core.paging.window import Window
from pos.domain.locations.queries import Place, all_places, places_called
from pos.domain.sales import repository as sales
from pos.domain.staff.queries import works_at_all
from pos.reports.period import Scope, days_of, parse_day, parse_days
from pos.web.common.sessions import current_staff
from pos.web.common.template_context import page_translator
from pos.web.office.periods import PeriodLink, period_links

if TYPE_CHECKING:
    from pos.domain.sales.models import Sale

R = TypeVar("R")
PAGE_ROWS = 50
_LAST_PAGE = 100_000


def own_places() -> tuple[Place, ...]:
    """The locations the signed-in person works at, the open ones first; raises NotAllowed for somebody without any.

    A request that only reads looks them up once.
    """
    if "own_places" in g:
        kept: tuple[Place, ...] = g.own_places
        return kept
    person, every = current_staff().person, all_places(reading())
    found = tuple(place for place in every if place.id in person.locations)
    if not found:
        raise NotAllowed(NO_LOCATION_YET)
    if request.method == "GET":
        g.own_places = found
        g.chain_wide = works_at_all(person, (place.id for place in every))
    return found


def own_ids() -> frozenset[UUID]:
    """The keys of the person's locations."""
    return frozenset(place.id for place in own_places())


def own_sale(sale_id: UUID) -> Sale:
    """A sale at one of the person's locations; raises NotFound for any other."""
    found = sales.sale(reading(), sale_id)
    if found is None or found.location_id not in own_ids():
        raise NotFound(NO_SUCH_SALE)
    return found


def requested_place() -> Place:
    """The location named in the address, or the person's first; raises NotFound for another's."""
    slug, mine = request.args.get("location", ""), own_places()
    if not slug:
        return mine[0]
    return next((place for place in mine if place.slug == slug), None) or _nowhere()


def requested_places(among: tuple[Place, ...] = ()) -> tuple[Place, ...]:
    """The location named in the address, those of a currency, or all, of the person's or `among` some; raises NotFound
    for another's."""
    return places_called(among or own_places(), request.args.get("location", "")) or (_nowhere(),)


def _nowhere() -> Place:
    raise NotFound(NO_SUCH_LOCATION_OR_NOT_YOURS)


@dataclass(frozen=True)
class ScopeRequest:
    """Places and dates a page was asked for. `scope` is None when the dates are wrong; `error` then says why.

    `left_out` are the words of the address that no link keeps: filters that are wrong.
    """

    places: tuple[Place, ...]
    location: str
    from_text: str
    to_text: str
    scope: Scope | None
    error: Invalid | None
    left_out: frozenset[str | None] = frozenset()

    @property
    def periods(self) -> list[PeriodLink]:
        """Links to days by their names."""
        return period_links(self.places[0].today(), self.scope, self.left_out)

    def args(self) -> dict[str, str]:
        """The same question for a link."""
        return {"location": self.location, "from": self.from_text, "to": self.to_text}


def requested_scope(
    *, days: int | None = None, ahead: int | None = None, among: tuple[Place, ...] = ()
) -> ScopeRequest:
    """Read `location`, `from` and `to`, or `period`; without dates this month so far, the last `days`, or the days from
    today to `ahead` days later. `among` are the locations, where they are not the person's own."""
    chosen = requested_places(among)
    today = chosen[0].today()
    start, end = today.replace(day=1) if days is None else today - timedelta(days=days - 1), today
    if ahead is not None:
        start, end = today, today + timedelta(days=ahead)
    scope, error = None, None
    try:
        if (period := request.args.get("period", "")) and "from" not in request.args:
            start, end = days_of(period, today)
    except Invalid as refused:
        error = refused
    from_text = request.args.get("from", start.isoformat())[:40]
    to_text = request.args.get("to", end.isoformat())[:40]
    if error:
        return ScopeRequest(chosen, request.args.get("location", ""), from_text, to_text, None, error)
    try:
        scope = Scope(chosen, *parse_days(from_text, to_text))
    except Invalid as refused:
        error = refused
    return ScopeRequest(chosen, request.args.get("location", ""), from_text, to_text, scope, error)


def required_scope(among: tuple[Place, ...] = ()) -> Scope:
    """Places and dates for a download; raises Invalid where a page would show what was typed."""
    found = requested_scope(among=among)
    if found.scope is None:
        raise found.error or Invalid(TWO_DAYS_MISSING)
    return found.scope


def requested_day(place: Place, field: str = "on") -> tuple[str, date | None, Invalid | None]:
    """One date from the address: as typed, as a date, and what is wrong with it; today without one."""
    text = request.args.get(field, place.today().isoformat())[:40]
    try:
        return text, parse_day(text, field=field), None
    except Invalid as error:
        return text, None, error


def typed_first_day() -> date:
    """The day of a form's `from_on`, from which something holds; raises Invalid where there is none."""
    try:
        return date.fromisoformat(request.form.get("from_on", "")[:10])
    except ValueError as error:
        raise Invalid(DAY_MISSING, field="from_on") from error


def page_number() -> int:
    """The page asked for, from 1."""
    text = request.args.get("page", "1")
    return min(int(text), _LAST_PAGE) if re.fullmatch(r"[1-9]\d{0,5}", text) else 1


def _instant(part: Any) -> datetime:
    found = datetime.fromisoformat(part)
    if found.tzinfo is None:
        raise ValueError("an instant without its zone")
    return found.astimezone(UTC)


def _number(part: Any) -> int:
    if type(part) is not int or abs(part) >= _LARGEST:
        raise ValueError("no number of a row")
    return part


def _words(part: Any) -> str:
    # PostgreSQL refuses NUL, and no database takes half a surrogate pair.
    if not isinstance(part, str) or "\0" in part:
        raise ValueError("no text of a row")
    return part.encode().decode()


_LARGEST = 2**31  # what an INTEGER of PostgreSQL does not hold any more
_READ: dict[type, Callable[[Any], Any]] = {
    date: date.fromisoformat, datetime: _instant, UUID: lambda part: UUID(_words(part)), int: _number, str: _words,
}  # fmt: skip


def _key_of(text: str, kinds: tuple[type, ...]) -> tuple[Any, ...] | None:
    """The key of a row as an address has it; None for anything else."""
    try:
        parts = json.loads(urlsafe_b64decode(text.encode()))
        return tuple(_READ[kind](part) for kind, part in zip(kinds, parts, strict=True))
    except (ValueError, TypeError, OverflowError, RecursionError):
        return None


def _as_text(key: tuple[Any, ...]) -> str:
    plain = [
        one if isinstance(one, int | str) else one.isoformat() if isinstance(one, date) else str(one) for one in key
    ]
    return urlsafe_b64encode(json.dumps(plain).encode()).decode()


def requested_window(*kinds: type) -> Window:
    """The page of a list asked for by the row it begins after or ends before, whose key is of these kinds.

    The first page where none is asked for, or by words that are no key.
    """
    for name in ("after", "before"):
        key = _key_of(request.args.get(name, "")[:400], kinds)
        if key is not None:
            return Window(PAGE_ROWS + 1, key, backwards=name == "before")
    return Window(PAGE_ROWS + 1)


def keyed_pages(
    rows: Sequence[R], window: Window, key: Callable[[R], tuple[Any, ...]], /, **args: Any
) -> tuple[Sequence[R], Pages]:
    """What of the rows in a window stands on this page, and its pager; `args` are the rest of the address."""
    more = len(rows) > PAGE_ROWS
    shown = (rows[1:] if window.backwards else rows[:PAGE_ROWS]) if more else rows
    number = page_number() if window.key is not None else 1
    endpoint = request.endpoint or "office.today"
    first = (number - 1) * PAGE_ROWS
    earlier: dict[str, Any] = {"before": _as_text(key(shown[0])), "page": number - 1} if shown and number > 2 else {}
    later: dict[str, Any] = {"after": _as_text(key(shown[-1])), "page": number + 1} if shown else {}
    return shown, Pages(
        first=first + 1 if shown else 0,
        last=first + len(shown),
        previous_href=url_for(endpoint, **args, **earlier) if number > 1 else None,
        next_href=url_for(endpoint, **args, **later) if shown and (more or window.backwards) else None,
    )


@dataclass(frozen=True)
class Pages:
    """Where a page of rows stands: which rows, and the links beside it."""

    first: int
    last: int
    previous_href: str | None
    next_href: str | None


def pages(shown: int, more: bool, **args: Any) -> Pages:
    """The pager of this view: `shown` rows on this page, `more` after it; `args` are the rest of the address."""
    number = page_number()
    endpoint = request.endpoint or "office.today"
    first = (number - 1) * PAGE_ROWS
    return Pages(
        first=first + 1 if shown else 0,
        last=first + shown,
        previous_href=url_for(endpoint, **args, page=number - 1) if number > 1 else None,
        next_href=url_for(endpoint, **args, page=number + 1) if more else None,
    )


def short_day(day: date) -> str:
    """`22 Nov`, in the language of the page."""
    locale = page_translator().locale
    if locale.language == "en":
        return format_date(day, "d MMM", locale=locale)
    return format_skeleton("MMMd", day, locale=locale)


def long_day(day: date) -> str:
    """`Sunday, 22 November 2026`, in the language of the page."""
    locale = page_translator().locale
    return format_date(day, "EEEE, d MMMM yyyy" if locale.language == "en" else "full", locale=locale)


def week_day(day: date) -> str:
    """`Sun`, in the language of the page."""
    return format_date(day, "EEE", locale=page_translator().locale)


def whole_week_day(day: date) -> str:
    """`Sunday`, in the language of the page."""
    return format_date(day, "EEEE", locale=page_translator().locale)


def format_days(scope: Scope) -> str:
    """`1 Nov – 22 Nov 2026`, `1 Nov 2025 – 22 Nov 2026`, or one day."""
    w = page_translator()
    if scope.from_on == scope.to_on:
        return w.day(scope.from_on)
    first = short_day(scope.from_on) if scope.from_on.year == scope.to_on.year else w.day(scope.from_on)
    return f"{first} – {w.day(scope.to_on)}"
