"""What a clinic tells the public: opening hours in the footer, and its legal pages."""

from __future__ import annotations

from dataclasses import dataclass

from babel.dates import get_day_names
from flask import render_template
from flask_babel import gettext as _

from pos.core.database.base import reading
from pos.core.errors import NotFound
from pos.core.messages.general import NO_SUCH_PAGE
from pos.domain.locations.public_details import PublicDetails, public_details, written_spans
from pos.domain.locations.queries import Place, place_by_slug
from pos.web.common.permissions import public
from pos.web.common.template_context import page_translator
from pos.web.shop.blueprint import bp


@dataclass(frozen=True)
class ClinicFooter:
    """Lines of opening hours, the closed days to come, and the legal pages with their titles."""

    hours: tuple[str, ...]
    closed_days: tuple[str, ...]
    legal: tuple[tuple[str, str], ...]


_MOST_CLOSED_SHOWN = 3


def _titles() -> dict[str, str]:
    return {"privacy": _("Privacy"), "imprint": _("Legal notice"), "terms": _("Terms")}


def _hours(details: PublicDetails) -> tuple[str, ...]:
    if not details.has_hours:
        return ()
    by_weekday = get_day_names("abbreviated", locale=page_translator().locale)
    names = [by_weekday[weekday] for weekday in range(7)]
    lines = []
    for first, last, spans in details.grouped_hours():
        days = names[first] if first == last else f"{names[first]}–{names[last]}"
        hours = written_spans(spans) if spans else _("closed")
        lines.append(f"{days} {hours}")
    return tuple(lines)


def clinic_footer(place: Place) -> ClinicFooter:
    """What the footer of a clinic's pages says."""
    details, w = public_details(reading(), place.id), page_translator()
    closed = details.closed_from(place.today())[:_MOST_CLOSED_SHOWN]
    titles = _titles()
    return ClinicFooter(
        _hours(details),
        tuple(f"{w.day(day)} {name}".strip() for day, name in closed),
        tuple((name, titles[name]) for name in details.legal_pages),
    )


@bp.context_processor
def _footer() -> dict[str, object]:
    return {"clinic_footer": clinic_footer}


@bp.get("/shop/<slug>/privacy", defaults={"page": "privacy"})
@bp.get("/shop/<slug>/imprint", defaults={"page": "imprint"})
@bp.get("/shop/<slug>/terms", defaults={"page": "terms"})
@public
def legal_page(slug: str, page: str) -> str:
    """A legal page of a clinic, where it has a text."""
    place = place_by_slug(reading(), slug)
    text: str = getattr(public_details(reading(), place.id), page)
    if not text:
        raise NotFound(NO_SUCH_PAGE)
    return render_template(
        "shop/legal_page.html",
        place=place,
        site_name=place.clinic_name,
        title=_titles()[page],
        paragraphs=[paragraph.split("\n") for paragraph in text.split("\n\n")],
    )
