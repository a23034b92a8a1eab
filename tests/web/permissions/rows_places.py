"""Permissions of the pages about locations and desks: method, rule, what everybody gets, what is asked, if it writes."""

from __future__ import annotations

from tests.web.permissions.permission_requests import anybody, chain_wide, office
from tests.web.permissions.permission_row import Row
from tests.web.permissions.requests_places import (
    category_asked,
    charge_asked,
    desk_asked,
    legal_page_asked,
    location_asked,
    new_charge_asked,
    new_desk_asked,
    new_location_asked,
    new_printer_asked,
    printer_asked,
    rate_asked,
    reopen_asked,
    review_asked,
    texts_asked,
)

PLACES = "/office/settings/locations"
ROWS = (
    Row("GET", PLACES, office(bookkeeper=403)),
    Row("GET", f"{PLACES}/new", chain_wide()),
    Row("POST", f"{PLACES}/new", chain_wide(303), new_location_asked),
    Row("GET", f"{PLACES}/<uuid:location_id>", office(bookkeeper=403), location_asked),
    Row("POST", f"{PLACES}/<uuid:location_id>", office(303, bookkeeper=403), location_asked),
    Row("POST", f"{PLACES}/<uuid:location_id>/<any(retire, reopen):action>", chain_wide(303), reopen_asked, writes=False),
    Row("GET", "/office/settings/desks", office(bookkeeper=403)),
    Row("POST", "/office/settings/desks", office(303, bookkeeper=403), new_desk_asked),
    Row("POST", "/office/settings/desks/<uuid:desk_id>/<any(change, retire, restore):action>", office(303, bookkeeper=403),
        desk_asked),
    Row("GET", "/office/settings/printers", office(bookkeeper=403)),
    Row("POST", "/office/settings/printers", office(303, bookkeeper=403), new_printer_asked),
    Row("POST", "/office/settings/printers/<uuid:printer_id>/<any(change, test, retire, restore):action>",
        office(303, bookkeeper=403), printer_asked),
    Row("GET", "/office/settings/service-charges", office(bookkeeper=403)),
    Row("GET", "/office/settings/service-charges/new", office(bookkeeper=403)),
    Row("POST", "/office/settings/service-charges/new", office(303, bookkeeper=403), new_charge_asked),
    Row("GET", "/office/settings/service-charges/<uuid:key>", office(bookkeeper=403), charge_asked),
    Row("POST", "/office/settings/service-charges/<uuid:key>", office(303, bookkeeper=403), charge_asked),
    Row("GET", "/office/settings/public-pages", office(bookkeeper=403)),
    Row("POST", "/office/settings/public-pages", office(303, bookkeeper=403), texts_asked),
    Row("GET", "/office/settings/events-to-review", office(bookkeeper=403)),
    Row("POST", "/office/settings/events-to-review", office(303, bookkeeper=403), review_asked),
    *(Row("GET", f"/shop/<slug>/{page}", anybody(), legal_page_asked) for page in ("privacy", "imprint", "terms")),
    Row("POST", "/office/settings/tax/take-back", office(303, bookkeeper=403), rate_asked),
    Row("POST", "/office/settings/tax/categories/add", chain_wide(303), category_asked("add")),
    Row("POST", "/office/settings/tax/categories/rename", chain_wide(303), category_asked("rename")),
    Row("POST", "/office/settings/tax/categories/retire", chain_wide(303), category_asked("retire")),
    Row("POST", "/office/settings/tax/categories/restore", chain_wide(303), category_asked("restore"), writes=False),
)  # fmt: skip
