"""The whole catalogue as a file: taken out, looked at row by row when it comes back, and brought in whole or not at all."""

from __future__ import annotations

from flask import Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from pos.core.database.base import reading
from pos.core.errors import PosError
from pos.core.i18n.sanitize import printable
from pos.domain.catalogue.tax_rates import tax_category_names
from pos.domain.staff.permissions import Permission
from pos.reports.exporters import write_csv
from pos.services.imports.catalogue_rows import KINDS
from pos.services.imports.catalogue_sheet import COLUMNS, catalogue_sheet, price_columns
from pos.services.imports.import_catalogue import (
    MOST_BYTES,
    CatalogueFile,
    CatalogueRefused,
    import_catalogue,
    look_at_catalogue,
)
from pos.web.common.downloads import CSV, file_answer
from pos.web.common.packed_file import pack, sent_file
from pos.web.common.permissions import requires
from pos.web.common.sessions import current_staff
from pos.web.office.blueprint import bp
from pos.web.office.request_args import own_places, typed_first_day

SHOWN_ROWS = 200


def _page(
    error: PosError | None = None, found: CatalogueFile | None = None, *, packed: str = "", name: str = ""
) -> Response:
    places = own_places()
    page = render_template(
        "office/catalogue/catalogue_file.html",
        found=found,
        error=error,
        packed=packed,
        name=name,
        from_text=request.form.get("from_on", places[0].today().isoformat())[:40],
        kinds=KINDS,
        columns=COLUMNS,
        prices=list(price_columns(places)),
        categories=tax_category_names(reading(), active=True),
        shown_rows=SHOWN_ROWS,
    )
    status = error.status if error else 422 if found and found.of("refused") else 200
    return make_response(page, status)


@bp.get("/settings/catalogue.csv")
@requires(Permission.MANAGE_CATALOGUE)
def catalogue_csv() -> Response:
    """What is on offer as a file that can be brought in again."""
    sheet = catalogue_sheet(reading(), own_places())
    return file_answer(lambda out: write_csv(sheet, out, for_spreadsheet=True), name="catalogue.csv", media_type=CSV)


@bp.get("/settings/catalogue-file")
@requires(Permission.MANAGE_CATALOGUE, chain_wide=True)
def catalogue_file() -> Response:
    """How to take the catalogue out and bring one in."""
    return _page()


@bp.post("/settings/catalogue-file", defaults={"action": "look"})
@bp.post("/settings/catalogue-file/confirm", defaults={"action": "confirm"})
@requires(Permission.MANAGE_CATALOGUE, chain_wide=True)
def bring_catalogue_in(action: str) -> AnyResponse:
    """Say what would become of each row of a file, or bring in the one that was looked at."""
    person, packed, name = current_staff().person, "", ""
    try:
        content, sent_name = sent_file(MOST_BYTES)
        packed, name = pack(content), printable(sent_name, 200) or "catalogue.csv"
        if action == "look":
            return _page(found=look_at_catalogue(content, person, typed_first_day()), packed=packed, name=name)
        import_catalogue(content=content, editor=person, from_on=typed_first_day(), seen=request.form.get("seen", ""))
    except CatalogueRefused as error:
        return _page(error, error.found)
    except PosError as error:
        # The file was read; what is wrong stands beside it, and it need not be chosen again.
        return _page(error, packed=packed if error.field == "from_on" else "", name=name)
    return redirect(url_for("office.items", done="imported"), 303)
