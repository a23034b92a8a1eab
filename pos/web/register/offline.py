"""The desk without the server: the script that keeps the register's page, and the sales taken meanwhile."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from flask import Response, jsonify

from pos.core import clock
from pos.core.errors import Invalid
from pos.core.messages.sales import OFFLINE_TIME_MALFORMED, TICKET_EMPTY
from pos.domain.sales.carts import EMPTY, cart_request_from_json
from pos.domain.staff.permissions import Permission
from pos.services.offline.take_offline_sale import OfflineOutcome, Refused, TakeOfflineSale, take_offline_sale
from pos.web.common.json_body import Body
from pos.web.common.permissions import public, requires
from pos.web.common.sessions import current_staff
from pos.web.common.template_context import STATIC, page_text
from pos.web.register.blueprint import bp
from pos.web.register.current_desk import current_desk_id

MOST_CONTENT = 20_000


@bp.get("/service-worker.js")
@public
def service_worker() -> Response:
    """The script that answers for the server when it is away; a script governs the addresses below its own."""
    path = STATIC / "js" / "register" / "offline" / "service_worker.js"
    return Response(path.read_bytes(), mimetype="text/javascript")


def _taken_at(body: Body) -> datetime:
    try:
        found = datetime.fromisoformat(body.text("taken_at", most=40))
        if found.tzinfo is not None:
            return found.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise Invalid(OFFLINE_TIME_MALFORMED, field="taken_at") from error
    raise Invalid(OFFLINE_TIME_MALFORMED, field="taken_at")


@bp.post("/api/offline-sales")
@requires(Permission.RING_UP)
def create_offline_sale() -> tuple[Response, int]:
    """A sale that was paid in cash while the server did not answer. `sale_id` guards the retry.

    The answer has the `problem` in words where it could not be completed as it was shown; it waits as a parked ticket then.
    `refused` is what the server said of it before: with that it is kept whatever it holds.
    """
    body = Body()
    if why := body.text("refused", most=400):
        return _answer(take_offline_sale(_refused(body, why)))
    if not body.values.get("lines"):
        raise Invalid(TICKET_EMPTY, field="lines")
    outcome = take_offline_sale(
        TakeOfflineSale(
            sale_id=body.id("sale_id"),
            desk_id=current_desk_id(),
            person=current_staff().person,
            client_id=body.id_or_none("client_id"),
            wanted=cart_request_from_json(body.values),
            due_minor=body.integer("due_minor"),
            cash_minor=body.integer("cash_minor"),
            credits=body.integer("credits", most=9999),
            taken_at=_taken_at(body),
            taken_by=body.text("taken_by", most=120),
            ticket_id=body.id_or_none("ticket_id"),
        )
    )
    return _answer(outcome)


def _answer(outcome: OfflineOutcome) -> tuple[Response, int]:
    answer = {"sale_id": str(outcome.sale_id), "problem": page_text(outcome.problem) if outcome.problem else None}
    return jsonify(answer), 201


def _refused(body: Body, why: str) -> TakeOfflineSale:
    """A sale that was refused when it was sent: cash was received for it, so it waits for a person as an empty ticket.

    Its content stays with it as far as it is of a sensible size.
    """
    sent = {name: value for name, value in body.values.items() if name != "refused"}
    content = sent if len(json.dumps(sent)) <= MOST_CONTENT else {}
    try:
        taken_at = _taken_at(body)
    except Invalid:
        taken_at = clock.now()
    return TakeOfflineSale(
        sale_id=body.id("sale_id"),
        desk_id=current_desk_id(),
        person=current_staff().person,
        client_id=None,
        wanted=EMPTY,
        due_minor=body.integer("due_minor"),
        cash_minor=body.integer("cash_minor"),
        credits=0,
        taken_at=taken_at,
        taken_by=body.text("taken_by", most=120),
        refused=Refused(why, content),
    )
