"""The screen that faces the client: its page, what it shows now, the tip chosen on it, the codes scanned off it."""

from __future__ import annotations

from flask import Response, jsonify, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from pos.core.app_context import settings
from pos.core.database.base import reading
from pos.core.errors import Invalid, NotFound, PosError
from pos.core.messages.payments import QR_CODE_GONE
from pos.core.messages.till import DISPLAY_CODE_WRONG, NO_SUCH_DISPLAY
from pos.domain.displays.pairing import desk_of, of_desk, require_code
from pos.domain.locations.queries import DeskPlace, desk_place
from pos.domain.payments.attempt_states import PENDING
from pos.domain.sales import repository as sales
from pos.domain.staff.permissions import Permission
from pos.reports.desk.at_the_desk import just_sold, ticket_in_work
from pos.services.locations.displays import choose_tip, pair_display
from pos.services.payments.payment_state import payment_state
from pos.web.common.json_body import Body
from pos.web.common.permissions import public, requires
from pos.web.common.qr_picture import qr_picture
from pos.web.common.security import limiter
from pos.web.common.sessions import give_device
from pos.web.register.api.serializers import TIP_PERCENTS
from pos.web.register.blueprint import bp
from pos.web.register.current_desk import current_desk_id
from pos.web.register.display.facing import THANKS, facing

DISPLAY_COOKIE = "tp_display"


def _desk() -> DeskPlace | None:
    """The desk that this screen is paired with."""
    session = reading()
    desk_id = desk_of(session, request.cookies.get(DISPLAY_COOKIE))
    return desk_place(session, desk_id) if desk_id else None


def _paired_desk() -> DeskPlace:
    desk = _desk()
    if desk is None:
        raise NotFound(NO_SUCH_DISPLAY)
    return desk


@bp.get("/display/")
@public
def display() -> str:
    """The screen itself, or the field for its code where it is not paired."""
    return render_template("register/display.html", desk=_desk(), error=None)


@bp.post("/display/pair")
@public
@limiter.limit("10 per minute")
def pair() -> AnyResponse:
    """Pair this screen with the desk whose code was typed."""
    error: PosError = Invalid(DISPLAY_CODE_WRONG, field="code")
    try:
        token = pair_display(code=require_code(request.form.get("code", "")[:20]))
    except Invalid as refused:
        token, error = None, refused
    if token is None:
        return make_response(render_template("register/display.html", desk=_desk(), error=error), 422)
    response = redirect(url_for("register.display"), 303)
    give_device(response, DISPLAY_COOKIE, token, path="/register/display", secure=settings().secure)
    return response


@bp.get("/display/state")
@public
def display_state() -> Response:
    """What the screen shows now; only its key where that is what it shows already (`seen`)."""
    desk = _desk()
    if desk is None:
        return jsonify({"state": "unpaired", "key": "unpaired"})
    return jsonify(facing(desk, request.args.get("seen", "")[:80]))


@bp.post("/display/tip")
@public
@limiter.limit("60 per minute")
def tip() -> Response:
    """Choose a tip of a percentage that is offered, or none ("0"); the desk takes it to its ticket."""
    desk, body = _paired_desk(), Body()
    current = ticket_in_work(reading(), desk.id)
    choose_tip(
        desk_id=desk.id, ticket_id=body.id("ticket_id"), percent=body.text("percent", most=8), offered=TIP_PERCENTS,
        current=current.id if current is not None and current.state == "open" else None,
    )  # fmt: skip
    return jsonify({"chosen": True})


@bp.get("/display/code.svg")
@public
def display_code() -> Response:
    """The QR code that pays what the desk is asking for."""
    desk, session = _paired_desk(), reading()
    ticket = ticket_in_work(session, desk.id)
    order = sales.placed_order(session, ticket.id) if ticket else None
    state = payment_state(session, order.id) if order else None
    if state is None or state.kind != "checkout" or state.url is None or state.state != PENDING:
        raise NotFound(QR_CODE_GONE)
    return qr_picture(state.url)


@bp.get("/display/receipt.svg")
@public
def display_receipt() -> Response:
    """The QR code of the receipt of the sale just completed."""
    found = just_sold(reading(), _paired_desk(), THANKS)
    if found is None:
        raise NotFound(QR_CODE_GONE)
    return qr_picture(f"{settings().base_url}/r/{found.token}")


@bp.get("/api/display")
@requires(Permission.RING_UP)
def display_choice() -> Response:
    """Whether this desk has a display, and the tip last chosen on it."""
    row = of_desk(reading(), current_desk_id())
    choice = None
    if row is not None and row.choice_ticket_id:
        choice = {
            "ticket_id": str(row.choice_ticket_id), "percent": row.choice_percent, "number": row.choice_number,
        }  # fmt: skip
    return jsonify({"paired": bool(row and row.token_hash), "choice": choice})
