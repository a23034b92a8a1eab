"""The invariant of promo codes: what was counted is what is there, and nothing that was given up counts."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import false, func, select

from pos.core.i18n.message import Message
from pos.core.messages.kept import payment_checks as messages
from pos.domain.promotions.models import PromoCode, PromoUse
from pos.domain.refunds.models import SaleRefunded
from pos.domain.sales.models import Order, Sale
from pos.reports.invariants.base import Check, CheckScope


def _miscounted(look: CheckScope) -> Iterator[Message]:
    live = (
        select(func.count())
        .select_from(PromoUse)
        .where(PromoUse.promo_id == PromoCode.id, PromoUse.released_at.is_(None))
        .correlate(PromoCode)
        .scalar_subquery()
    )
    for code, uses, counted in look.rows(
        select(PromoCode.code, PromoCode.uses, live).where(PromoCode.uses != live).order_by(PromoCode.code)
    ):
        yield messages.PROMO_USES_OTHER(code=code, counted=uses, found=counted)
    stands = Sale.id.is_not(None) & func.coalesce(SaleRefunded.voided, false()).is_(False)
    rows = look.rows(
        select(PromoCode.code, PromoUse.by_id)
        .join(PromoCode, PromoCode.id == PromoUse.promo_id)
        .outerjoin(Sale, Sale.id == PromoUse.by_id)
        .outerjoin(SaleRefunded, SaleRefunded.sale_id == Sale.id)
        .outerjoin(Order, Order.id == PromoUse.by_id)
        .where(
            look.in_scope(PromoUse.location_id),
            PromoUse.released_at.is_(None) != (stands | (func.coalesce(Order.state, "") == "placed")),
        )
        .order_by(PromoUse.by_id)
    )
    for code, by_id in rows:
        yield messages.PROMO_USE_DIFFERS(code=code, sale=by_id)


CHECKS = (
    Check(
        "promo_codes",
        "Every use of a promo code is counted once, by a sale or an order",
        PromoUse.location_id,
        _miscounted,
    ),
)
