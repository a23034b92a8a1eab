"""The register's JSON interface: the state of the desk."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify

from pos.core.app_context import settings
from pos.core.database.base import reading
from pos.core.errors import PosError
from pos.domain.catalogue.gift_card_item import GIFT_CARD_ITEM
from pos.domain.catalogue.open_item import OPEN_ITEM, open_item_categories
from pos.domain.catalogue.queries import menu
from pos.domain.locations.printers import printer_of_desk
from pos.domain.locations.queries import DeskPlace, scanner_of, tier_names
from pos.domain.payments import repository as payments
from pos.domain.sales.carts import ticket_of
from pos.domain.staff.permissions import Permission
from pos.domain.staff.queries import therapists
from pos.domain.till.shifts import current_shift
from pos.services.checkout import cart
from pos.services.integrity.stops import active_stops
from pos.web.common.permissions import requires
from pos.web.common.sessions import current_staff
from pos.web.common.template_context import page_text
from pos.web.register.api.serializers import tenders_json
from pos.web.register.api.tickets import parked_json, ticket_view
from pos.web.register.blueprint import bp
from pos.web.register.current_desk import current_desk
from pos.web.register.desk_json import menu_json, place_json


def shift_json(desk: DeskPlace) -> dict[str, Any] | None:
    """The open shift of a desk; nothing of what should be in its drawer."""
    shift = current_shift(reading(), desk.id)
    if shift is None:
        return None
    return {"shift_id": str(shift.id), "opened_at": shift.opened_at.isoformat(), "float_minor": shift.float_minor}


@bp.get("/api/state")
@requires(Permission.RING_UP)
def get_state() -> Response:
    """All that a desk needs to draw itself, the ticket it was working on included: a reload loses nothing."""
    desk, person, session = current_desk(), current_staff().person, reading()
    ticket, stuck = _current(desk)
    has_reader = payments.has_reader(session, desk.id)
    return jsonify(
        {
            "desk": {"desk_id": str(desk.id), "name": desk.name},
            "place": place_json(desk),
            "printer": printer_json(desk),
            "scanner": scanner_of(session, desk.id),
            "person": {"staff_id": str(person.id), "name": person.name, "role": person.role.value},
            "permissions": sorted(p.value for p in Permission if person.may(p)),
            "shift": shift_json(desk),
            "menu": menu_json(menu(session, desk.place, desk.place.today())),
            "therapists": _therapists(desk),
            "gift_card_item": str(GIFT_CARD_ITEM),
            "open_item": _open_item_json(desk),
            "tenders": tenders_json(),
            "card": {
                "on": settings().payments.on,
                "reader": settings().payments.on and has_reader,
                "tips": desk.place.reader_tips,
                "mode": settings().payments.mode,
            },
            "parked": parked_json(desk),
            "offline_limits": {
                "minutes": desk.place.offline.minutes,
                "sales": desk.place.offline.sales,
                "most_minor": desk.place.offline.most_minor(desk.place.currency),
            },
            "ticket": ticket,
            "stuck": stuck,
            "stopped": bool(active_stops(session, (desk.place.id,))),
        }
    )


def _open_item_json(desk: DeskPlace) -> dict[str, Any]:
    """The item that goods outside the catalogue are sold as, and how they can be taxed here."""
    categories = open_item_categories(reading(), desk.place, desk.place.today())
    return {"item_id": str(OPEN_ITEM), "categories": [{"key": key, "name": name} for key, name in categories.items()]}


def printer_json(desk: DeskPlace) -> dict[str, Any] | None:
    """The network printer of a desk, where it has one."""
    found = printer_of_desk(reading(), desk.id)
    if found is None:
        return None
    return {"name": found.name, "prints_always": found.prints_always, "opens_drawer": found.opens_drawer}


def _therapists(desk: DeskPlace) -> list[dict[str, Any]]:
    """Who treats here, with the name of their tier where it is not the standard one."""
    named = tier_names(reading())
    return [
        {"staff_id": str(staff_id), "name": name, "tier": named.get(tier) if tier else None}
        for staff_id, name, tier in therapists(reading(), desk.place.id)
    ]


def _current(desk: DeskPlace) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
    """The cart a desk was working on; or, where it cannot be priced any more, what it asked for and why not."""
    session = reading()
    current = cart.current_ticket(session, desk.id)
    if current is None:
        return None, None
    try:
        return ticket_view(current, desk), None
    except PosError as error:
        row = ticket_of(session, current, desk.place.id)
        client_id = str(row.client_id) if row.client_id else None
        found = {"ticket_id": str(current), "version": row.version, "client_id": client_id, "content": row.content}
        return None, found | {"sentence": page_text(error.sentence)}
