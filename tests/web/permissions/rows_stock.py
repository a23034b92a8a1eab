"""The rows of the permission table for the stock of retail articles."""

from __future__ import annotations

from pos.core.ids import new_id
from pos.domain.staff.queries import Person
from pos.services.catalogue.stock import StockEntry, move_stock
from tests.web.permissions.permission_fixtures import PermissionFixtures
from tests.web.permissions.permission_requests import Probe, office
from tests.web.permissions.permission_row import Row


def delivery_asked(t: PermissionFixtures) -> Probe:
    """A delivery of one article."""
    oil = t.clinic.items["oil"]
    form = {"action_id": str(new_id()), "kind": "received", "pieces": "2", f"pieces-{oil}": "2", "low_level": ""}
    return Probe({"item_id": oil}, form=form, query="?location=riverside")


def list_asked(t: PermissionFixtures) -> Probe:
    """A delivery of several articles."""
    asked = delivery_asked(t)
    return Probe(form=asked.form, query=asked.query)


def level_asked(t: PermissionFixtures) -> Probe:
    """Another low level of an article that is counted."""
    oil, who, here = t.clinic.items["oil"], t.clinic.manager, t.clinic.usd.location_id
    with t.clinic.app.app_context():
        move_stock(
            action_id=new_id(), location_id=here, kind="counted", entries=[StockEntry(oil, 5)], reason="",
            person=Person(who.id, who.name, who.role, frozenset({here})),
        )  # fmt: skip
    level = str(new_id().int % 99_991)
    return Probe({"item_id": oil}, form={"low_level": level}, query="?location=riverside")


STOCK = "/office/settings/stock"
ROWS = (
    Row("GET", STOCK, office()),
    Row("POST", STOCK, office(303, bookkeeper=403), list_asked),
    Row("GET", f"{STOCK}/<uuid:item_id>", office(), delivery_asked),
    Row("POST", f"{STOCK}/<uuid:item_id>", office(303, bookkeeper=403), delivery_asked),
    Row("POST", f"{STOCK}/<uuid:item_id>/low", office(303, bookkeeper=403), level_asked),
)
