"""The register's JSON interface: the sales of this location, to be looked at again without the number of a receipt."""

from __future__ import annotations

from flask import Response, jsonify, request

from pos.core.database.base import reading
from pos.domain.staff.permissions import Permission
from pos.reports.desk.found_sales import MOST, FoundSale, find_sales
from pos.reports.period import parse_day
from pos.web.common.permissions import requires
from pos.web.register.blueprint import bp
from pos.web.register.current_desk import current_desk


def sale_row_json(found: FoundSale) -> dict[str, object]:
    """A sale as a row of a list."""
    return {
        "sale_id": str(found.sale_id),
        "receipt": found.receipt,
        "completed_at": found.completed_at.isoformat(),
        "on": found.business_on.isoformat(),
        "client": found.client or None,
        "desk": found.desk or None,
        "total_minor": found.total_minor,
        "tenders": list(found.tenders),
        "last4": found.last4 or None,
        "refund": found.refund or None,
    }


@bp.get("/api/sales")
@requires(Permission.RING_UP)
def list_sales() -> Response:
    """Sales of this location: of today at this desk, of a day (`on`), or what every word of `q` fits."""
    desk, args = current_desk(), request.args
    text, day = args.get("q", "")[:80].strip(), args.get("on", "")
    here = desk.id if "here" in args else None
    on = parse_day(day, field="on") if day else None
    found = find_sales(reading(), desk.place, text, on=on, desk_id=here)
    return jsonify(
        {"sales": [sale_row_json(one) for one in found], "most": MOST, "today": desk.place.today().isoformat()}
    )
