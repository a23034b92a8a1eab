"""Changing what a location is set to."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.orm import Session

from pos.core.errors import NotFound
from pos.core.messages.general import NO_SUCH_LOCATION
from pos.domain.locations.models import Location
from pos.domain.locations.offline_limits import OfflineLimits


def set_payment_methods(
    session: Session, location_id: UUID, *, reader_tips: bool, online_methods: tuple[str, ...], offline: OfflineLimits
) -> None:
    """Whether readers may ask for a tip, what Stripe's page takes, and how much is taken offline; raises NotFound."""
    row = session.get(Location, location_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound(NO_SUCH_LOCATION)
    row.reader_tips, row.online_methods = reader_tips, list(online_methods)
    row.offline_minutes, row.offline_sales, row.offline_minor = offline.minutes, offline.sales, offline.amount_minor
