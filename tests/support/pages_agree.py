"""Whether the office's pages show the figures of sales as they are defined, under their names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape

from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from pos.core.i18n.translator import translator
from pos.domain.locations.queries import Place
from pos.reports.period import FIRST, Scope
from pos.reports.sales.figures import FIGURES
from pos.reports.sales.sales_totals import by_day, totals
from pos.reports.sales.sums import Figures

_STAT = re.compile(r'class="stat-label">([^<]*)</span>\s*<span class="stat-value">([^<]*)<')
_FOOT = re.compile(r'<tr>\s*<th scope="row" colspan="4">.*?</tr>', re.DOTALL)
_MONEY = re.compile(r'<span class="money">([^<]*)</span>')
# The columns of the foot of items; between tax and credits a column for gift cards, where there are any.
_ITEMS = ("discounts", "net", "tax", "gift_sold", "credits")


def _figures(session: Session, scope: Scope) -> Figures:
    return totals(scope, by_day(session, scope))[0]


def _shown(web: FlaskClient, address: str, found: Figures) -> Iterator[str]:
    """The figures at the head of a page; credits used are shown as their number."""
    words = translator("en-US")
    by_label = {one.label: one for one in FIGURES.values()}
    stats = _STAT.findall(web.get(address).text)
    if not stats:
        yield f"{address}: no figures"
    for label, text in stats:
        figure = by_label[unescape(label).strip()]
        minor = figure.of(found) * (-1 if figure.key == "refunds" else 1)
        wanted = str(found.redeemed) if figure.key == "credits" else words.money(minor, found.currency)
        if unescape(text).strip() != wanted:
            yield f"{address} {label}: {text} ≠ {wanted}"


def pages_disagree(web: FlaskClient, session: Session, place: Place) -> list[str]:
    """What the pages of Today and Sales show of a location's whole life that is not the figure of that name."""
    whole = Scope((place,), FIRST, place.today() + timedelta(days=1))
    found = _figures(session, whole)
    days = f"location={place.slug}&from={whole.from_on}&to={whole.to_on}"
    wrong = [
        *_shown(web, f"/office/sales?{days}", found),
        *_shown(
            web, f"/office/?location={place.slug}", _figures(session, Scope((place,), place.today(), place.today()))
        ),
    ]
    words = translator("en-US")
    has_cards = bool(found.gift_minor or found.back_gift_minor)
    keys = [key for key in _ITEMS if key != "gift_sold" or has_cards]
    feet = _FOOT.findall(web.get(f"/office/sales?rows=items&{days}").text)
    for foot, side in zip(feet, ("of", "back"), strict=False):
        said = [unescape(text) for text in _MONEY.findall(foot)][2:]
        sign = 1 if side == "of" else -1
        wanted = [words.amount(sign * getattr(FIGURES[key], side)(found), found.currency) for key in keys]
        if said != wanted:
            wrong.append(f"items {side} {keys}: {said} ≠ {wanted}")
    return wrong
