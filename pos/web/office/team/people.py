"""Staff: the list, one person, and what is done with them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from pos.core.database.base import reading
from pos.core.errors import NotFound, PosError
from pos.core.ids import new_id
from pos.core.messages.people import NO_SUCH_PERSON
from pos.domain.locations.queries import Place, places, tier_names
from pos.domain.staff.permissions import Permission, Role, may
from pos.domain.staff.team import Member, commissions, team
from pos.services.staff.access import Reach, reach_of
from pos.services.staff.commission import set_commission
from pos.services.staff.mailed_links import invite
from pos.services.staff.people import add_person, change_person, deactivate, take_back, terms_of
from pos.services.staff.second_factor import reset_second_factor
from pos.services.staff.sign_in_means import propose_pin, set_password_of, set_pin
from pos.web.common.permissions import requires
from pos.web.common.sessions import current_staff
from pos.web.common.template_context import page_translator
from pos.web.office.blueprint import bp
from pos.web.office.packages.forms import add_error
from pos.web.office.request_args import own_places
from pos.web.office.team.forms import CommissionForm, StaffForm, form_values, role_words


def _reach() -> Reach:
    return reach_of(reading(), current_staff().person)


def _offered(reach: Reach) -> tuple[Place, ...]:
    return places(reading()) if reach.everywhere else own_places()


def _member(staff_id: UUID) -> Member:
    """Somebody the signed-in person may change; raises NotFound, NotAllowed."""
    reach, found = _reach(), team(reading(), only=staff_id)
    if not found:
        raise NotFound(NO_SUCH_PERSON)
    reach.require(found[0].role, found[0].locations)
    return found[0]


@bp.get("/settings/staff")
@requires(Permission.MANAGE_STAFF)
def staff_list() -> str:
    """Everybody at the person's locations: who works here, then who did."""
    reach = _reach()
    rows = [one for one in team(reading()) if reach.sees(one.locations)]
    return render_template(
        "office/team/list.html",
        rows=[(one, reach.changes(one.role, one.locations)) for one in rows],
        names={place.id: place.name for place in own_places()},
        roles=role_words(),
        zone=own_places()[0].time_zone,
    )


def _form(member: Member | None) -> StaffForm:
    reach, given = _reach(), (request.form if request.endpoint in _EDITS and request.method == "POST" else None)
    values: dict[str, Any] = {"role": Role.RECEPTIONIST.value}
    if member:
        values = form_values(terms_of(reading(), member.id))
    offered = _offered(reach)
    if member is None and len(offered) == 1:
        values["locations"] = [str(offered[0].id)]
    form = StaffForm(given, staff_id=str(member.id if member else new_id()), **values)
    form.offer(offered, tier_names(reading()), owner=reach.person.role is Role.OWNER)
    return form


_EDITS = ("office.new_staff", "office.staff_member")


def _page(
    form: StaffForm,
    member: Member | None,
    *,
    commission: CommissionForm | None = None,
    error: PosError | None = None,
    action: str = "",
    pin: str | None = None,
    status: int = 200,
) -> Response:
    place = own_places()[0]
    page = render_template(
        "office/team/person.html",
        form=form,
        member=member,
        is_self=member is not None and member.id == current_staff().person.id,
        is_owner=current_staff().person.role is Role.OWNER,
        needs_pin=member is not None and may(member.role, Permission.RING_UP),
        needs_password=member is not None and may(member.role, Permission.OWN),
        commission=commission or CommissionForm(from_on=place.today()),
        rules=commissions(reading(), member.id) if member else [],
        zone=place.time_zone,
        error=error,
        action=action,
        pin=pin,
    )
    return make_response(page, status)


def _done(staff_id: UUID, done: str) -> AnyResponse:
    return redirect(url_for("office.staff_member", staff_id=staff_id, done=done), 303)


@bp.route("/settings/staff/new", methods=["GET", "POST"])
@requires(Permission.MANAGE_STAFF)
def new_staff() -> AnyResponse:
    """Somebody who is not there yet."""
    form = _form(None)
    if request.method == "GET":
        return _page(form, None)
    if not form.validate():
        return _page(form, None, status=422)
    try:
        staff_id = add_person(staff_id=form.key(), terms=form.typed(), person=current_staff().person)
    except PosError as error:
        add_error(form, error)
        return _page(form, None, status=error.status)
    return _done(staff_id, "added")


@bp.route("/settings/staff/<uuid:staff_id>", methods=["GET", "POST"])
@requires(Permission.MANAGE_STAFF)
def staff_member(staff_id: UUID) -> AnyResponse:
    """One person: what is kept, how they sign in, what they earn beside the wage."""
    member = _member(staff_id)
    form = _form(member)
    if request.method == "GET":
        return _page(form, member)
    if not form.validate():
        return _page(form, member, status=422)
    try:
        change_person(staff_id=staff_id, terms=form.typed(), person=current_staff().person)
    except PosError as error:
        add_error(form, error)
        return _page(form, member, status=error.status)
    return _done(staff_id, "saved")


@bp.post("/settings/staff/<uuid:staff_id>/pin")
@requires(Permission.MANAGE_STAFF)
def set_staff_pin(staff_id: UUID) -> AnyResponse:
    """Set a typed PIN, or a random one that this answer shows and nothing shows again."""
    person = current_staff().person
    _member(staff_id)
    try:
        if "propose" in request.form:
            pin = propose_pin(staff_id=staff_id, person=person)
            member = _member(staff_id)
            return _page(_form(member), member, pin=pin)
        set_pin(staff_id=staff_id, pin=request.form.get("pin", "")[:40].strip(), person=person)
    except PosError as error:
        return _refused(staff_id, error, "pin")
    return _done(staff_id, "pin")


@bp.post("/settings/staff/<uuid:staff_id>/password")
@requires(Permission.MANAGE_STAFF)
def set_staff_password(staff_id: UUID) -> AnyResponse:
    """Set somebody's password for the office."""
    _member(staff_id)
    try:
        password = request.form.get("password", "")[:200]
        set_password_of(staff_id=staff_id, password=password, person=current_staff().person)
    except PosError as error:
        return _refused(staff_id, error, "password")
    return _done(staff_id, "password")


@bp.post("/settings/staff/<uuid:staff_id>/<any('deactivate', 'take-back', 'invite', 'end-second-factor'):action>")
@requires(Permission.MANAGE_STAFF)
def do_with_staff(staff_id: UUID, action: str) -> AnyResponse:
    """Lock somebody out, take them back, mail them an invitation, or end their second factor."""
    person = current_staff().person
    _member(staff_id)
    try:
        match action:
            case "deactivate":
                deactivate(staff_id=staff_id, person=person)
            case "take-back":
                take_back(staff_id=staff_id, person=person)
            case "invite":
                invite(staff_id=staff_id, locale=page_translator().locale.language, person=person)
            case _:
                reset_second_factor(staff_id=staff_id, person=person)
    except PosError as error:
        return _refused(staff_id, error, action)
    return _done(staff_id, action)


@bp.post("/settings/staff/<uuid:staff_id>/commission")
@requires(Permission.MANAGE_STAFF)
def set_staff_commission(staff_id: UUID) -> AnyResponse:
    """Set what somebody earns beside the wage from a day on."""
    member, form = _member(staff_id), CommissionForm(request.form)
    if not form.validate():
        return _page(_form(member), member, commission=form, status=422)
    assert form.from_on.data is not None
    try:
        set_commission(
            staff_id=staff_id,
            from_on=form.from_on.data,
            visit_percent=form.visit_percent.value,
            sale_percent=form.sale_percent.value,
            person=current_staff().person,
        )
    except PosError as error:
        add_error(form, error)
        return _page(_form(member), member, commission=form, status=error.status)
    return _done(staff_id, "commission")


def _refused(staff_id: UUID, error: PosError, action: str) -> Response:
    member = _member(staff_id)
    return _page(_form(member), member, error=error, action=action, status=error.status)
