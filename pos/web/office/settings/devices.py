"""Devices: the browsers whose desks take PINs, paired and unpaired; and what too many wrong attempts have locked."""

from __future__ import annotations

from uuid import UUID

from flask import Response, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from pos.core.app_context import settings
from pos.core.database.base import reading
from pos.core.errors import PosError
from pos.domain.staff import devices
from pos.domain.staff.permissions import Permission
from pos.services.auth import (
    needs_pairing,
    pair_device,
    unlock_login,
    unpair_device,
)
from pos.web.common.permissions import may_chain_wide, requires
from pos.web.common.sessions import DEVICE_COOKIE, current_staff, give_device
from pos.web.office.blueprint import bp
from pos.web.office.request_args import own_ids, own_places, requested_place


def _kind_words() -> dict[str, str]:
    return {
        "device": _("PINs at the device “%(name)s”"),
        "desk": _("PINs at the desk %(name)s"),
        "person": _("approvals asked for by %(name)s"),
        "account": _("office sign-ins of %(name)s on devices not used before"),
        "known": _("office sign-ins of %(name)s on a device used before"),
        "gift-card": _("codes of gift cards typed at the desk %(name)s"),
        "gift-card-shop": _("codes of gift cards typed in the shop from the network address %(name)s"),
        "factor": _("codes of the second factor of %(name)s"),
        "reset": _("mails for a new password asked for by %(name)s"),
        "new-pin": _("new PINs chosen by %(name)s"),
        "client": _("office sign-ins from the network address %(name)s"),
    }


def _page(error: PosError | None = None) -> Response:
    session, places = reading(), own_places()
    page = render_template(
        "office/settings/devices.html",
        place=requested_place(),
        own_places=places,
        places={place.id: place for place in places},
        rows=devices.paired(session, own_ids()),
        shut=devices.active_lockouts(session, own_ids(), chain_wide=may_chain_wide()),
        kinds=_kind_words(),
        needs_pairing=needs_pairing(),
        is_kept=request.args.get("done") == "paired",
        zone=places[0].time_zone,
        error=error,
        typed=request.form.get("label", ""),
    )
    return make_response(page, error.status if error else 200)


@bp.get("/settings/devices")
@requires(Permission.MANAGE_BOOKS)
def paired_devices() -> Response:
    """The paired browsers of the person's locations, and what is locked."""
    return _page()


@bp.post("/settings/devices/pair")
@requires(Permission.MANAGE_BOOKS)
def pair_this_device() -> AnyResponse:
    """Pair the browser that asks with the desks of a location."""
    place = requested_place()
    try:
        token = pair_device(
            location_id=place.id, label=request.form.get("label", "")[:200], person=current_staff().person
        )
    except PosError as error:
        return _page(error)
    response = redirect(url_for("office.paired_devices", location=place.slug, done="paired"), 303)
    give_device(response, DEVICE_COOKIE, token, path="/register", secure=settings().secure)
    return response


@bp.post("/settings/devices/<uuid:device_id>/unpair")
@requires(Permission.MANAGE_BOOKS)
def unpair(device_id: UUID) -> AnyResponse:
    """End a pairing; whoever is signed in at a desk of its location signs in again."""
    unpair_device(device_id=device_id, own=own_ids(), person=current_staff().person)
    return redirect(url_for("office.paired_devices"), 303)


@bp.post("/settings/devices/unlock")
@requires(Permission.MANAGE_BOOKS)
def unlock() -> AnyResponse:
    """Forget the wrong attempts that locked a device, a person, an account or codes of gift cards."""
    unlock_login(
        door=request.form.get("door", "")[:400],
        own=own_ids(),
        chain_wide=may_chain_wide(),
        person=current_staff().person,
    )
    return redirect(url_for("office.paired_devices", _anchor="locked"), 303)
