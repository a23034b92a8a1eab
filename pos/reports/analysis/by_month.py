"""Days month by month: what is asked of years is read in the order of time, a month at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pos.core.clock import days_of_month
from pos.domain.locations.models import Location
from pos.domain.refunds.models import Refund
from pos.domain.sales.models import Sale
from pos.reports.period import Scope


def months(session: Session, scope: Scope) -> Iterator[Scope]:
    """The days of a scope month by month, but none before the month of its locations' first sale or after that of their last
    sale or refund: who asks for a century waits for the years that there were.
    """

    def of_each(end: Any, on: Any, location: Any) -> Any:
        # By location, so that an index has the answer at its end.
        return select(end(on)).where(location == Location.id).correlate(Location).scalar_subquery()

    first = func.min(of_each(func.min, Sale.business_on, Sale.location_id))
    sold = func.max(of_each(func.max, Sale.business_on, Sale.location_id))
    back = func.max(of_each(func.max, Refund.business_on, Refund.location_id))
    begin, *ends = session.execute(select(first, sold, back).where(Location.id.in_(scope.location_ids))).one()
    if begin is None:
        return
    start, end = (
        max(scope.from_on, days_of_month(begin)[0]),
        min(scope.to_on, days_of_month(max(filter(None, ends)))[1]),
    )
    while start <= end:
        last = min(end, days_of_month(start)[1])
        yield replace(scope, from_on=start, to_on=last)
        start = last + timedelta(days=1)
