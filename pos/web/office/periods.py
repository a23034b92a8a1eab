"""Links to days people name: yesterday, last month, the same days before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from flask import request
from flask_babel import gettext as _

from pos.reports.period import FIRST, PERIODS, Scope, days_of, same_before, year_before


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


def period_links(today: date, scope: Scope | None) -> list[PeriodLink]:
    """The periods by their names, then those before the days shown; everything else the page was asked stays."""
    kept = {name: text for name, text in request.args.items() if name not in ("from", "to", "period", "page")}

    def href(**days: str) -> str:
        return f"{request.path}?{urlencode(kept | days)}"

    words = period_words()
    shown = (scope.from_on, scope.to_on) if scope else None
    found: list[PeriodLink] = []
    for name in PERIODS:
        # On the first day of a week or month several names mean the same days: the first of them is the current one.
        is_current = days_of(name, today) == shown and not any(link.current for link in found)
        found.append(PeriodLink(words[name], href(period=name), is_current))
    for text, days in ((_("Same period before"), same_before), (_("A year before"), year_before)):
        if shown:
            first, last = days(*shown)
            if first >= FIRST:
                found.append(PeriodLink(text, href(**{"from": first.isoformat(), "to": last.isoformat()})))
    return found
