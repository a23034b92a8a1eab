"""Settings as they stand: the facts of a location, its taxes, prices, desks and readers. Read only."""

from __future__ import annotations

from flask import render_template
from sqlalchemy import select

from pos.catalogue.models import TaxRate
from pos.catalogue.queries import menu
from pos.kernel.db import reading
from pos.kernel.running import settings
from pos.locations.queries import desks
from pos.payments.models import Reader
from pos.staff.rules import Permission
from pos.web.common.guards import requires
from pos.web.office import bp
from pos.web.office.asked import chosen_place, own_places


@bp.get("/settings")
@requires(Permission.SEE_REPORTS)
def setup() -> str:
    """What a location is set to."""
    session, place = reading(), chosen_place()
    rates = session.scalars(
        select(TaxRate).where(TaxRate.location_id == place.id).order_by(TaxRate.tax_category, TaxRate.from_on)
    )
    here = desks(session, place.id)
    readers = session.scalars(select(Reader).where(Reader.desk_id.in_([desk.id for desk in here])))
    return render_template(
        "office/settings.html",
        place=place,
        own_places=own_places(),
        rates=rates.all(),
        menu=menu(session, place, place.today()),
        desks=here,
        readers={reader.desk_id: reader for reader in readers},
        payments=settings().payments.mode,
    )
