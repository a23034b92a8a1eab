"""Roles: what each may do, what it does alone at a location, and which need a second factor."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from pos.core.database.base import reading
from pos.core.errors import Invalid, PosError
from pos.core.messages.people import LIMIT_NOT_WHOLE
from pos.core.money import parse_amount, plain, read_percent
from pos.domain.locations.queries import Place
from pos.domain.staff import second_factors
from pos.domain.staff.limit_rules import KINDS, LIMITED_ROLES, Limit, Limits, Unit, Value
from pos.domain.staff.permissions import Permission, Role, may
from pos.domain.staff.role_limits import limits_of
from pos.domain.staff.team import team
from pos.services.staff.roles import require_second_factor, set_role_limits
from pos.web.common.permissions import requires
from pos.web.common.sessions import current_staff
from pos.web.office.blueprint import bp
from pos.web.office.request_args import own_places, requested_place
from pos.web.office.team.forms import role_words
from pos.web.office.team.role_words import limit_words, permission_groups


@dataclass(frozen=True)
class LimitField:
    """A limit on the page, as text; `about` says what it counts."""

    name: str
    label: str
    unit: str
    about: str
    text: str
    is_nothing: bool
    is_whole: bool


@dataclass(frozen=True)
class RolePage:
    """A role on the page. `without_factor` are the names of whoever has a password and no second factor yet."""

    role: Role
    title: str
    groups: tuple[tuple[str, tuple[str, ...]], ...]
    limits: tuple[LimitField, ...]
    has_password: bool
    is_required: bool
    without_factor: tuple[str, ...]


def _text(unit: Unit, value: Value, currency: str) -> str:
    if value is None:
        return ""
    return plain(int(value), currency) if unit == "money" else f"{value:f}" if unit == "percent" else str(value)


def _limit_fields(role: Role, place: Place) -> tuple[LimitField, ...]:
    if role not in LIMITED_ROLES:
        return ()
    limits, words = limits_of(reading(), place.id, role), limit_words(place.currency)
    return tuple(
        LimitField(
            limit.value, *words[limit], text=_text(kind.unit, limits.of(limit), place.currency),
            is_nothing=limits.of(limit) == 0, is_whole=kind.unit in ("credits", "days"),
        )
        for limit, kind in KINDS.items()
        if role in kind.roles
    )  # fmt: skip


def _roles(place: Place) -> list[RolePage]:
    words, groups = role_words(), permission_groups()
    required, people = second_factors.required_roles(reading()), team(reading())
    return [
        RolePage(
            role=role,
            title=words[role],
            groups=tuple(
                (name, tuple(text for permission, text in said.items() if may(role, permission)))
                for name, said in groups
                if any(may(role, permission) for permission in said)
            ),
            limits=_limit_fields(role, place),
            has_password=may(role, Permission.OWN),
            is_required=role in required,
            without_factor=tuple(
                one.name
                for one in people
                if one.role is role and one.active and one.has_password and not one.has_second_factor
            ),
        )
        for role in (Role.RECEPTIONIST, Role.MANAGER, Role.OWNER, Role.THERAPIST, Role.BOOKKEEPER)
    ]


def _page(error: PosError | None = None, action: str = "") -> Response:
    place, person = requested_place(), current_staff().person
    page = render_template(
        "office/team/roles.html",
        place=place,
        own_places=own_places(),
        roles=_roles(place),
        has_own_factor=second_factors.has_second_factor(reading(), person.id),
        error=error,
        action=action,
        typed=request.form if error else {},
    )
    return make_response(page, error.status if error else 200)


@bp.get("/settings/roles")
@requires(Permission.MANAGE_STAFF)
def roles() -> Response:
    """Every role, with its limits at a location."""
    return _page()


def _read(limit: Limit, text: str, currency: str) -> Value:
    text = text[:40].strip()
    if not text:
        return None
    match KINDS[limit].unit:
        case "money":
            return parse_amount(text, currency, field=limit.value)
        case "percent":
            percent = read_percent(text, field=limit.value)
            # What is out of range is refused as it is: rounding takes no number of thirty digits.
            return round(percent, 3) if abs(percent) <= 100 else percent
        case _:
            if not text.isdecimal() or not text.isascii():
                raise Invalid(LIMIT_NOT_WHOLE, field=limit.value)
            return int(text)


def _done(done: str, place: Place) -> AnyResponse:
    return redirect(url_for("office.roles", location=place.slug, done=done, _anchor=done), 303)


@bp.post("/settings/roles/<any('receptionist', 'manager'):role>/limits")
@requires(Permission.MANAGE_ROLES)
def change_role_limits(role: str) -> AnyResponse:
    """Change what a role does alone at a location; what is empty has no limit."""
    place, of = requested_place(), Role(role)
    try:
        chosen = {
            limit: _read(limit, request.form.get(limit.value, "0"), place.currency)
            for limit, kind in KINDS.items()
            if of in kind.roles
        }
        set_role_limits(location_id=place.id, role=of, limits=Limits(chosen), person=current_staff().person)
    except PosError as error:
        return _page(error, role)
    return _done(role, place)


@bp.post("/settings/roles/<any('owner', 'manager', 'bookkeeper', 'therapist'):role>/second-factor")
@requires(Permission.MANAGE_ROLES)
def change_required_factor(role: str) -> AnyResponse:
    """Need a second factor of a role, or no longer."""
    try:
        required = request.form.get("required") == "1"
        require_second_factor(role=Role(role), required=required, person=current_staff().person)
    except PosError as error:
        return _page(error, f"{role}-factor")
    return _done(f"{role}-factor", requested_place())
