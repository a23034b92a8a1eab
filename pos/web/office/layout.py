"""What every office page has: the rail, who is signed in, and the way to the door for a page that was open too long."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response, request, url_for
from flask_babel import gettext as _

from pos.core.database.base import reading
from pos.domain.staff.permissions import Permission
from pos.domain.staff.queries import Person
from pos.services.integrity.stops import active_stops
from pos.web.common.permissions import may_chain_wide
from pos.web.common.sessions import staff_or_none
from pos.web.office.blueprint import bp


@dataclass(frozen=True)
class RailWord:
    """One of the six words of the rail; `is_more`: on a phone it stands in the menu beside the first four."""

    text: str
    icon: str
    href: str
    current: bool
    is_more: bool


_FIRST_ON_A_PHONE = 4
# endpoint of a word's first page, the beginning of its other addresses (or several), its icon
_RAIL: tuple[tuple[str, str, str | tuple[str, ...], str], ...] = (
    ("today", "office.today", "/office/today", "today"),
    ("sales", "office.sales", "/office/sales", "receipt"),
    ("packages", "office.packages", "/office/packages", "package"),
    ("money", "office.journal", ("/office/money", "/office/reports"), "money"),
    ("clients", "office.clients", "/office/clients", "clients"),
    ("settings", "office.setup", "/office/settings", "settings"),
)


def _sees(person: Person | None, name: str) -> bool:
    if person is None:
        return name != "clients"
    return person.may(Permission.SEE_CLIENTS if name == "clients" else Permission.SEE_REPORTS)


def _labels() -> dict[str, str]:
    return {
        "today": _("Today"),
        "sales": _("Sales"),
        "packages": _("Packages"),
        "money": _("Money"),
        "clients": _("Clients"),
        "settings": _("Settings"),
    }


@bp.context_processor
def _frame() -> dict[str, object]:
    signed_in = staff_or_none("office")
    person = signed_in.person if signed_in else None
    words = _labels()
    rail = [
        RailWord(
            words[name],
            icon,
            url_for(endpoint),
            request.path.startswith(beginning) or (name == "today" and request.path == "/office/"),
            number > _FIRST_ON_A_PHONE,
        )
        for number, (name, endpoint, beginning, icon) in enumerate(_RAIL, start=1)
        if _sees(person, name)
    ]
    may = {permission.value: bool(person and person.may(permission)) for permission in Permission}
    is_chain_wide = bool(person and may_chain_wide())
    stopped = bool(person and active_stops(reading(), tuple(person.locations)))
    return {"rail": rail, "person": person, "may": may, "chain_wide": is_chain_wide, "is_stopped": stopped}


@bp.before_request
def _redirect_to_sign_in() -> Response | None:
    """A part of a page asked for after the sign-in has ended: the whole page goes to the door, not the part."""
    if request.headers.get("HX-Request") and staff_or_none("office") is None:
        return Response(headers={"HX-Redirect": url_for("office.sign_in")})
    return None
