"""The rows of the permission table for services, items and the price list."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from pos.core.ids import new_id
from pos.domain.catalogue import repository as catalogue
from pos.domain.catalogue.services_and_items import ItemTerms, ServiceTerms, kept_item, kept_service
from pos.domain.staff.queries import Person
from pos.services.catalogue.services_and_items import write_item, write_service
from pos.services.imports.import_catalogue import look_at_catalogue
from pos.web.common.packed_file import pack
from tests.web.permissions.permission_fixtures import PermissionFixtures
from tests.web.permissions.permission_requests import Probe, chain_wide, office
from tests.web.permissions.permission_row import Row


def _by(t: PermissionFixtures) -> Person:
    who = t.clinic.manager
    return Person(who.id, who.name, who.role, frozenset())


def _service(t: PermissionFixtures) -> tuple[UUID, str]:
    key = new_id()
    with t.clinic.app.app_context():
        write_service(service_id=key, terms=ServiceTerms(f"Service {key.hex}", f"S {key.hex}"), person=_by(t))
    with t.clinic.read() as session:
        return key, kept_service(session, key).state_token


def _article(t: PermissionFixtures, later: str | None = None) -> tuple[UUID, str]:
    key = new_id()
    with t.clinic.app.app_context():
        write_item(item_id=key, terms=ItemTerms("retail", f"Article {key.hex}", "goods"), person=_by(t))
    if later:
        day, where = date.fromisoformat(later), t.clinic.usd.location_id
        t.clinic.write(lambda session: catalogue.set_price(session, key, where, day, 9_00))
    with t.clinic.read() as session:
        return key, kept_item(session, key).state_token


def service_asked(t: PermissionFixtures) -> Probe:
    """A service that was just added, and the form that changes it."""
    service_id, seen = _service(t)
    name = f"Renamed {service_id.hex[-8:]}"
    return Probe({"service_id": service_id, "action": "retire"}, form={"name": name, "short_name": name, "seen": seen})


def item_asked(t: PermissionFixtures) -> Probe:
    """An article that was just added, and the form that changes it."""
    item_id, seen = _article(t)
    form = {"name": f"Renamed {item_id.hex[-8:]}", "tax_category": "goods", "seen": seen}
    return Probe({"item_id": item_id, "action": "retire"}, form=form)


def new_service_asked(t: PermissionFixtures) -> Probe:
    """The form of a new service."""
    key = new_id()
    return Probe(form={"service_id": str(key), "name": f"Service {key.hex}", "short_name": f"S {key.hex[-8:]}"})


def new_item_asked(t: PermissionFixtures) -> Probe:
    """The form of a new article with a price."""
    key = new_id()
    form = {"item_id": str(key), "name": f"Article {key.hex}", "tax_category": "goods", "price-riverside": "5"}
    return Probe({"kind": "retail"}, form=form)


def price_asked(t: PermissionFixtures) -> Probe:
    """A price changed in the price list."""
    name = f"price-{_article(t)[0]}-riverside"
    return Probe(form={"from_on": "2099-01-01", name: "7.00", f"was-{name}": ""})


def take_back_asked(t: PermissionFixtures) -> Probe:
    """A price that is set for a later day."""
    item_id = _article(t, later="2099-01-01")[0]
    return Probe(form={"item": str(item_id), "location": "riverside", "from_on": "2099-01-01"})


def move_asked(t: PermissionFixtures) -> Probe:
    """An article moved up."""
    return Probe(form={"key": str(_article(t)[0]), "way": "up"})


def catalogue_asked(t: PermissionFixtures) -> Probe:
    """A file with an article that is not there yet, as somebody has looked at it."""
    file = f"kind,name,tax_category\nretail,Article {new_id().hex},goods\n".encode()
    with t.clinic.app.app_context():
        seen = look_at_catalogue(file, _by(t)).state_token
    return Probe(form={"packed": pack(file), "name": "catalogue.csv", "from_on": "2099-01-01", "seen": seen})


SERVICE, ITEM = "/office/settings/services/<uuid:service_id>", "/office/settings/items/<uuid:item_id>"
NEW_ITEM = "/office/settings/items/new/<any(variant, add_on, retail):kind>"
ROWS = (
    Row("GET", "/office/settings/items", office()),
    Row("POST", "/office/settings/items/move", chain_wide(303), move_asked),
    Row("GET", "/office/settings/services/new", chain_wide()),
    Row("POST", "/office/settings/services/new", chain_wide(303), new_service_asked),
    Row("GET", SERVICE, chain_wide(), service_asked),
    Row("POST", SERVICE, chain_wide(303), service_asked),
    Row("POST", f"{SERVICE}/<any(retire, offer):action>", chain_wide(303), service_asked),
    Row("GET", NEW_ITEM, chain_wide(), new_item_asked),
    Row("POST", NEW_ITEM, chain_wide(303), new_item_asked),
    Row("GET", ITEM, chain_wide(), item_asked),
    Row("POST", ITEM, chain_wide(303), item_asked),
    Row("POST", f"{ITEM}/<any(retire, offer):action>", chain_wide(303), item_asked),
    Row("GET", "/office/settings/prices", office(bookkeeper=403)),
    Row("GET", "/office/settings/prices.csv", office(bookkeeper=403)),
    Row("POST", "/office/settings/prices/file", office(422, bookkeeper=403), lambda t: Probe(form={}), writes=False),
    Row("GET", "/office/settings/catalogue.csv", office(bookkeeper=403)),
    Row("GET", "/office/settings/catalogue-file", chain_wide()),
    Row("POST", "/office/settings/catalogue-file", chain_wide(), catalogue_asked, writes=False),
    Row("POST", "/office/settings/catalogue-file/confirm", chain_wide(303), catalogue_asked),
    Row("POST", "/office/settings/prices", office(303, bookkeeper=403), price_asked),
    Row("POST", "/office/settings/prices/take-back", office(303, bookkeeper=403), take_back_asked),
)
