"""The invariant of visits and smaller packages that became part of a package: given back whole, and spent on it."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import and_, case, func, or_, select

from pos.core.i18n.message import Message
from pos.core.messages.kept import package_checks as messages
from pos.domain.credits.models import CreditLot, PurchasedPackage, Redemption
from pos.domain.payments.models import Tender
from pos.domain.receipts.models import Receipt
from pos.domain.refunds.models import RefundLine
from pos.domain.sales.models import Sale, SaleLine, VisitConversion
from pos.reports.invariants.base import Check, CheckScope


def _not_whole(look: CheckScope) -> Iterator[Message]:
    paid = SaleLine.net_minor + SaleLine.tax_minor
    back = (
        select(func.coalesce(func.sum(RefundLine.net_minor + RefundLine.tax_minor), 0))
        .where(RefundLine.sale_id == VisitConversion.sale_id, RefundLine.sale_position == VisitConversion.position)
        .correlate(VisitConversion)
        .scalar_subquery()
    )
    spent = (
        select(Tender.sale_id)
        .where(Tender.sale_id == VisitConversion.by_id, Tender.kind == "account_credit", Tender.amount_minor == paid)
        .exists()
    )
    used = (
        select(Redemption.id)
        .join(CreditLot, CreditLot.id == Redemption.lot_id)
        .join(PurchasedPackage, PurchasedPackage.id == CreditLot.package_id)
        .where(Redemption.sale_id == VisitConversion.by_id, PurchasedPackage.sale_id == VisitConversion.by_id)
        .exists()
    )
    # A package that was given free paid nothing of the bigger one: there is no tender of it.
    unpaid = and_(paid > 0, ~spent)
    rows = look.rows(
        select(Receipt.label, paid, back, case((unpaid, "unpaid"), else_=""))
        .select_from(VisitConversion)
        .join(
            SaleLine, and_(SaleLine.sale_id == VisitConversion.sale_id, SaleLine.position == VisitConversion.position)
        )
        .join(Receipt, Receipt.sale_id == VisitConversion.sale_id)
        # An order that still waits for its card has reserved the visit and done nothing more.
        .join(Sale, Sale.id == VisitConversion.by_id)
        .where(
            look.in_scope(Sale.location_id),
            or_(back != paid, unpaid, and_(SaleLine.kind == "variant", ~used)),
        )
        .order_by(Receipt.label)
    )
    for label, came_to, given, what in rows:
        if given != came_to:
            yield messages.CONVERSION_NOT_GIVEN_BACK(receipt=label, given=given, paid=came_to)
        elif what == "unpaid":
            yield messages.CONVERSION_NOT_SPENT(receipt=label)
        else:
            yield messages.CONVERSION_WITHOUT_VISIT(receipt=label)


CHECKS = (
    Check(
        "visit_conversions",
        "What became part of a package was given back whole, paid for it, and a visit was used of it",
        Sale.location_id,
        _not_whole,
    ),
)
