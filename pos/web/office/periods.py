"""Links to days people name: yesterday, last month, the same days before."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import urlencode

from flask import request
from flask_babel import gettext as _
from flask_babel import ngettext

from pos.reports.period import FIRST, PERIODS, Scope, days_of, same_before, year_before

# What another period begins anew: the days, and the page of their rows.
_OF_DAYS = ("from", "to", "period", "page", "after", "before")


@dataclass(frozen=True)
class PeriodLink:
    """A link to some days; `current` where the page shows these days."""

    text: str
    href: str
    current: bool = False


def period_words() -> dict[str, str]:
    """What PERIODS are called."""
    return {
        "today": _("Today"),
        "yesterday": _("Yesterday"),
        "this-week": _("This week"),
        "last-week": _("Last week"),
        "this-month": _("This month"),
        "last-month": _("Last month"),
        "this-quarter": _("This quarter"),
        "last-quarter": _("Last quarter"),
        "year-to-date": _("Year to date"),
        "last-year": _("Last year"),
    }


def _href(left_out: Collection[str | None] = (), /, **days: str) -> str:
    """This page of other days; everything else that it was asked stays, but what is left out."""
    kept = {name: text for name, text in request.args.items() if name not in _OF_DAYS and name not in left_out}
    return f"{request.path}?{urlencode(kept | days)}"


def coming_links(today: date, scope: Scope | None, lengths: Iterable[int]) -> list[PeriodLink]:
    """Days from today on, so many days ahead."""
    found = []
    for length in lengths:
        last = today + timedelta(days=length)
        is_current = scope is not None and (scope.from_on, scope.to_on) == (today, last)
        href = _href(**{"from": today.isoformat(), "to": last.isoformat()})
        found.append(PeriodLink(ngettext("Next day", "Next %(num)d days", length), href, is_current))
    return found


def period_links(today: date, scope: Scope | None, left_out: Collection[str | None] = ()) -> list[PeriodLink]:
    """The periods by their names, then those before the days shown; everything else the page was asked stays, but what is
    left out."""
    words = period_words()
    shown = (scope.from_on, scope.to_on) if scope else None
    found: list[PeriodLink] = []
    for name in PERIODS:
        # On the first day of a week or month several names mean the same days: the first of them is the current one.
        is_current = days_of(name, today) == shown and not any(link.current for link in found)
        found.append(PeriodLink(words[name], _href(left_out, period=name), is_current))
    for text, days in ((_("Same period before"), same_before), (_("A year before"), year_before)):
        if shown:
            first, last = days(*shown)
            if first >= FIRST:
                found.append(PeriodLink(text, _href(left_out, **{"from": first.isoformat(), "to": last.isoformat()})))
    return found
