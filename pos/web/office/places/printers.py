"""Receipt printers on the network of a location: added, changed, tried, retired, brought back."""

from __future__ import annotations

from uuid import UUID

from flask import Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from pos.core.database.base import reading
from pos.core.errors import Invalid, NotConfigured, NotFound, PosError
from pos.core.ids import new_id, parse_id
from pos.core.messages.till import NO_SUCH_PRINTER
from pos.domain.locations.printers import PrinterFacts, all_printers, printer
from pos.domain.locations.queries import all_desks, place
from pos.domain.staff.permissions import Permission
from pos.integrations.receipt_printer import MODELS, PrinterSilent
from pos.services.documents.roll_printing import print_test
from pos.services.locations.printers import PrinterTerms, add_printer, change_printer, retire_printer
from pos.web.common.permissions import requires
from pos.web.common.sessions import current_staff
from pos.web.office.blueprint import bp
from pos.web.office.request_args import own_places, requested_place


def _page(error: PosError | None = None, at: str = "") -> Response:
    session, where = reading(), requested_place()
    page = render_template(
        "office/places/printers.html", place=where, own_places=own_places(), models=MODELS,
        printers=all_printers(session, where.id), error=error, at=at, empty=PrinterTerms(name="", host="", model=""),
        typed=_typed() if error and "name" in request.form else None, key=request.form.get("key") or str(new_id()),
    )  # fmt: skip
    return make_response(page, error.status if error else 200)


def _done(action: str) -> AnyResponse:
    return redirect(url_for("office.printers", location=requested_place().slug, done=action), 303)


def _typed() -> PrinterTerms:
    form = request.form
    return PrinterTerms(
        name=form.get("name", "")[:200], host=form.get("host", "")[:300], model=form.get("model", "")[:40],
        port=form.get("port", "")[:20], opens_drawer="opens_drawer" in form, prints_always="prints_always" in form,
    )  # fmt: skip


def _own(printer_id: UUID) -> PrinterFacts:
    found = printer(reading(), printer_id)
    if found.location_id not in current_staff().person.locations:
        raise NotFound(NO_SUCH_PRINTER)
    return found


@bp.get("/settings/printers")
@requires(Permission.MANAGE_BOOKS)
def printers() -> Response:
    """The printers of a location."""
    return _page()


@bp.post("/settings/printers")
@requires(Permission.MANAGE_BOOKS)
def new_printer() -> AnyResponse:
    """Add a printer."""
    try:
        add_printer(
            printer_id=parse_id(request.form.get("key"), field="key"), location_id=requested_place().id,
            terms=_typed(), person=current_staff().person,
        )  # fmt: skip
    except Invalid as error:
        return _page(error, "new")
    return _done("added")


@bp.post("/settings/printers/<uuid:printer_id>/<any(change, test, retire, restore):action>")
@requires(Permission.MANAGE_BOOKS)
def act_on_printer(printer_id: UUID, action: str) -> AnyResponse:
    """Change a printer, print its test page, retire it or bring it back."""
    person, found = current_staff().person, _own(printer_id)
    try:
        if action == "change":
            change_printer(printer_id=printer_id, terms=_typed(), person=person)
        elif action == "test":
            where = place(reading(), found.location_id)
            desks = [one.name for one in all_desks(reading(), where.id) if one.printer_id == printer_id]
            print_test(found, desks, where.name)
        else:
            retire_printer(printer_id=printer_id, person=person, retired=action == "retire")
    except (Invalid, PrinterSilent, NotConfigured) as error:
        return _page(error, str(printer_id))
    return _done(action)
