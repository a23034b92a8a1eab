"""Tips in the office: owed to whom, the pools that are to be shared out, and moving a tip that went to the wrong person."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

from flask import Response, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from pos.core.database.base import reading
from pos.core.errors import (
    Conflict,
    Invalid,
    NotFound,
    PosError,
)
from pos.core.i18n.sanitize import printable
from pos.core.ids import new_id, parse_id
from pos.core.messages.general import CHOOSE_ONE_OF_THESE, NO_SUCH_LOCATION
from pos.core.messages.till import POOL_NOT_SEEN
from pos.core.money import parse_amount, plain
from pos.domain.staff.permissions import Permission
from pos.domain.staff.queries import names, therapists
from pos.domain.tips import repository as tips
from pos.reports.period import one_moment, parse_day
from pos.reports.sales.tips import tips_by_person
from pos.services.tips import (
    MoveTip,
    SharePool,
    move_tip,
    share_out,
)
from pos.web.common.permissions import requires
from pos.web.common.sessions import current_staff
from pos.web.office.blueprint import bp
from pos.web.office.request_args import (
    format_days,
    own_places,
    own_sale,
    requested_scope,
)

if TYPE_CHECKING:
    from pos.domain.sales.models import Sale

POOL = "pool"


def _page(error: PosError | None = None) -> Response:
    question = requested_scope(days=31)
    shared = {"asked": question, "own_places": own_places()}
    if question.scope is None:
        return make_response(render_template("office/sales/tips.html", **shared), 422)
    session = reading()
    one_moment(session)
    found = tips_by_person(session, question.scope)
    known = names(session)
    rendered = render_template(
        "office/sales/tips.html",
        **shared,
        found=found,
        # Who may share in a pool: those who treat here, and those who treated on its date; these are ticked.
        among={
            (place_tips.place.id, on): _among(place_tips.place.id, on, known)
            for place_tips in found
            for on in place_tips.pools
        },
        days_words=format_days(question.scope),
        new_key=new_id,
        error=error,
        typed=request.form if error else None,
    )
    return make_response(rendered, error.status if error else 200)


def _among(location_id: UUID, on: date, known: dict[UUID, str]) -> list[tuple[UUID, str, bool]]:
    worked = tips.treated(reading(), location_id, on)
    present = {staff_id: name for staff_id, name, _tier in therapists(reading(), location_id)}
    everybody = present | {one: known.get(one, "") for one in worked}
    return [(one, name, one in worked) for one, name in sorted(everybody.items(), key=lambda row: row[1])]


@bp.get("/money/tips")
@requires(Permission.SEE_REPORTS)
def tip_list() -> Response:
    """Who is owed what of tips, and what is in the pools."""
    return _page()


@bp.post("/money/tips/share")
@requires(Permission.APPROVE)
def share_tips() -> AnyResponse:
    """Share out the pool of one business date."""
    form = request.form
    where = next((place for place in own_places() if place.slug == form.get("place", "")), None)
    if where is None:
        raise NotFound(NO_SUCH_LOCATION)
    shown = form.get("expected_minor", "")[:20]
    try:
        if not shown.removeprefix("-").isascii() or not shown.removeprefix("-").isdecimal():
            raise Invalid(POOL_NOT_SEEN, field="expected_minor")
        command = SharePool(
            action_id=parse_id(form.get("action_id"), field="action_id"),
            location_id=where.id,
            on=parse_day(form.get("on", "")[:40], field="on"),
            among=frozenset(parse_id(one, field="among") for one in form.getlist("among")[:200]),
            by_value=form.get("rule") == "value",
            expected_minor=int(shown),
            staff_id=current_staff().person.id,
        )
        share_out(command)
    except (Conflict, Invalid) as error:
        return _page(error)
    return redirect(url_for("office.tip_list", location=where.slug, done="shared"), 303)


def _move_page(sale: Sale, error: PosError | None = None) -> Response:
    session = reading()
    known = {str(one): name for one, name in names(session).items()} | {POOL: _("the pool")}
    found = {str(holder or POOL): minor for holder, minor in tips.left_of_sale(session, sale).items()}
    held = [(one, known.get(one, ""), minor) for one, minor in found.items()]
    present = [str(staff_id) for staff_id, _name, _tier in therapists(session, sale.location_id)]
    rendered = render_template(
        "office/sales/tip.html",
        sale=sale,
        place=next(place for place in own_places() if place.id == sale.location_id),
        held=sorted(held, key=lambda row: row[1]),
        most=plain(max((minor for _one, _name, minor in held), default=0), sale.currency),
        to=[(one, known[one]) for one in [*present, POOL]],
        action_id=request.form.get("action_id") or str(new_id()),
        typed=request.form,
        error=error,
    )
    return make_response(rendered, error.status if error else 200)


def _holder(field: str) -> UUID | None:
    text = request.form.get(field, "")
    if not text:
        raise Invalid(CHOOSE_ONE_OF_THESE, field=field)
    return None if text == POOL else parse_id(text, field=field)


@bp.get("/sales/<uuid:sale_id>/tip")
@requires(Permission.APPROVE)
def tip_form(sale_id: UUID) -> Response:
    """Who has the tip of a sale, and the form that moves it."""
    return _move_page(own_sale(sale_id))


@bp.post("/sales/<uuid:sale_id>/tip")
@requires(Permission.APPROVE)
def move_a_tip(sale_id: UUID) -> AnyResponse:
    """Move a part of a sale's tip to somebody else."""
    sale, form = own_sale(sale_id), request.form
    try:
        command = MoveTip(
            action_id=parse_id(form.get("action_id"), field="action_id"),
            sale_id=sale.id,
            from_id=_holder("from"),
            to_id=_holder("to"),
            amount_minor=parse_amount(form.get("amount", "")[:40], sale.currency),
            reason=printable(form.get("reason", ""), 200),
            staff_id=current_staff().person.id,
        )
        move_tip(command)
    except (Conflict, Invalid) as error:
        return _move_page(own_sale(sale_id), error)
    return redirect(url_for("office.sale", sale_id=sale_id), 303)
