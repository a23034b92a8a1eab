"""The register's JSON interface: a client added, a credit forfeited, account credit paid out."""

from __future__ import annotations

from uuid import UUID

from flask import Response, jsonify

from pos.core.database.base import reading
from pos.core.errors import NotFound
from pos.core.messages.packages import NO_SUCH_PACKAGE
from pos.domain.clients import queries as clients
from pos.domain.clients.persons import same_person
from pos.domain.clients.queries import client as client_of
from pos.domain.staff.permissions import Permission
from pos.services.clients import register_client
from pos.services.packages.adjust_credits import forfeit_credit
from pos.services.packages.authorization import PackageAction, lot_and_package
from pos.services.stored_value.account_credit import pay_out
from pos.web.common.json_body import Body
from pos.web.common.permissions import requires
from pos.web.common.sessions import current_staff
from pos.web.register.api.serializers import client_json
from pos.web.register.blueprint import bp
from pos.web.register.current_desk import current_desk, current_desk_id

# What is written down where nothing else was typed.
CAUSES = {"late_cancel": "Cancelled too late", "no_show": "Did not come"}


def _answer(client_id: UUID, **more: object) -> Response:
    session = reading()
    return jsonify(client_json(session, current_desk().place, client_of(session, client_id)) | more)


@bp.post("/api/clients")
@requires(Permission.RING_UP)
def create_client() -> tuple[Response, int]:
    """Add a client; whoever may be the same person is told first, unless the desk says that `is_another`."""
    desk, body = current_desk(), Body()
    client_id = register_client(
        client_id=body.id("client_id"),
        given_name=body.text("given_name", most=80),
        family_name=body.text("family_name", most=80),
        email=body.text("email", most=320) or None,
        phone=body.text("phone", most=40) or None,
        country=desk.place.country,
        locale=desk.place.locale,
        staff_id=current_staff().person.id,
        location_id=desk.place.id,
        is_another=body.flag("is_another"),
    )
    session = reading()
    return jsonify(client_json(session, desk.place, clients.client(session, client_id))), 201


@bp.post("/api/clients/<uuid:client_id>/burn")
@requires(Permission.RING_UP)
def burn(client_id: UUID) -> Response:
    """Use up a credit of one of the client's packages for a late cancel or a no-show. `action_id` guards the retry."""
    body, person = Body(), current_staff().person
    lot_id, cause = body.id("lot_id"), body.text("cause", most=20)
    lot, _ = lot_and_package(reading(), lot_id)
    if lot.location_id != current_desk().place.id or not same_person(reading(), lot.client_id, client_id):
        raise NotFound(NO_SUCH_PACKAGE)
    reason = body.text("reason", most=200) or CAUSES.get(cause, "")
    command = PackageAction(body.id("action_id"), person, reason, body.id_or_none("approval_id"))
    forfeit_credit(command, lot_id, cause=cause)
    return _answer(client_id)


@bp.post("/api/clients/<uuid:client_id>/account-credit/pay-out")
@requires(Permission.RING_UP)
def pay_credit_out(client_id: UUID) -> Response:
    """Pay the client's account credit out of the drawer; a second person agrees. `action_id` guards the retry."""
    body = Body()
    done = pay_out(
        client_id=client_id,
        action_id=body.id("action_id"),
        desk_id=current_desk_id(),
        staff_id=current_staff().person.id,
        reason=body.text("reason", most=200),
        approval_id=body.id_or_none("approval_id"),
    )
    return _answer(client_id, paid_out_minor=current_desk().place.cash.rounded(done.amount_minor))
