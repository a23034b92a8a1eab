"""Refunds and voids by their lines: rows and sums with negative amounts, on the day they were made.

A void takes back everything its sale said, list price, cover and credits included. A refund takes back what was paid, the
discount that belongs to it, and the list price both came from; units count where whole ones were given back.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, false, func, select, true
from sqlalchemy.orm import Session, aliased

from pos.domain.clients.models import Client
from pos.domain.credits.models import CreditMove, Redemption, RedemptionReversal
from pos.domain.receipts.credit_note_models import CreditNote
from pos.domain.refunds.models import Refund, RefundLine
from pos.domain.sales.models import Sale, SaleLine, TaxExemption
from pos.domain.staff.models import Staff
from pos.reports.analysis.time_of_week import at_time_of_week
from pos.reports.period import Scope
from pos.reports.sales.sums import KindSum

_PERSON, _THERAPIST = aliased(Staff), aliased(Staff)
_VOID: ColumnElement[bool] = Refund.kind == "void"
_PAID = RefundLine.net_minor + case((Sale.tax_inclusive, RefundLine.tax_minor), else_=0)


# What a refunded line shares with the line that was sold.
_SAME = ("position", "item", "kind", "cover", "tax_percent", "second_tax_percent", "discount_reason")


def _amounts(units: Any) -> tuple[ColumnElement[int], ...]:
    """What a line takes back: units, list price, cover, discount, net and tax; positive."""
    return (
        case((_VOID, units), else_=RefundLine.units).label("quantity"),
        case((_VOID, SaleLine.list_minor), else_=_PAID + RefundLine.discount_minor).label("list_minor"),
        case((_VOID, SaleLine.covered_minor), else_=0).label("covered_minor"),
        case((_VOID, SaleLine.discount_minor), else_=RefundLine.discount_minor).label("discount_minor"),
        RefundLine.net_minor.label("net_minor"),
        RefundLine.tax_minor.label("tax_minor"),
    )


def here(scope: Scope) -> ColumnElement[bool]:
    """The refunds and voids of a scope."""
    days = Refund.location_id.in_(scope.location_ids) & Refund.business_on.between(scope.from_on, scope.to_on)
    return days & at_time_of_week(scope, Refund.location_id, Refund.business_on, Refund.created_at)


def backs_that(what: str) -> ColumnElement[bool]:
    """Refunded lines that fit `pos.reports.sales.sale_lines.lines_that`."""
    match what:
        case "":
            return true()
        case "credit":
            return _VOID & (SaleLine.cover == "credit")
        case "discounted":
            return (RefundLine.discount_minor > 0) | (_VOID & (SaleLine.discount_minor > 0))
        case "variant" | "add_on" | "retail" | "service_charge" | "package" | "gift_card":
            return RefundLine.kind == what
        case _:
            return false()


def _lined(query: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    return (
        query.select_from(RefundLine)
        .join(Refund, Refund.id == RefundLine.refund_id)
        .join(SaleLine, and_(SaleLine.sale_id == RefundLine.sale_id, SaleLine.position == RefundLine.sale_position))
        .join(Sale, Sale.id == SaleLine.sale_id)
    )


def _credits_back(session: Session, which: ColumnElement[bool], *keys: Any) -> dict[Any, int]:
    """The value of the credits that voids gave back, by `keys`."""
    rows = session.execute(
        select(*keys, func.sum(RedemptionReversal.value_minor))
        .select_from(RedemptionReversal)
        .join(CreditMove, CreditMove.id == RedemptionReversal.move_id)
        .join(Redemption, Redemption.id == RedemptionReversal.redemption_id)
        .join(Refund, Refund.sale_id == Redemption.sale_id)
        .join(Sale, Sale.id == Refund.sale_id)
        .join(SaleLine, and_(SaleLine.sale_id == Redemption.sale_id, SaleLine.position == Redemption.sale_position))
        .where(_VOID, CreditMove.key.startswith("refund:"), which)
        .group_by(*keys)
    )
    return {tuple(key): int(minor) for *key, minor in rows}


def amounts_of(session: Session, refund_ids: Sequence[UUID]) -> dict[UUID, tuple[int, int, int, int, int]]:
    """List price, cover, discount, value of credits and gift cards that some refunds took back; positive minor units."""
    _, *three = _amounts(SaleLine.quantity)
    gift = case((SaleLine.kind == "gift_card", RefundLine.net_minor), else_=0)
    sums = [func.sum(column) for column in (*three[:3], gift)]
    rows = session.execute(
        _lined(select(RefundLine.refund_id, *sums)).where(Refund.id.in_(refund_ids)).group_by(RefundLine.refund_id)
    )
    credits = _credits_back(session, Refund.id.in_(refund_ids), Refund.id)
    return {
        refund_id: (int(listed), int(covered), int(discount), credits.get((refund_id,), 0), int(gifts))
        for refund_id, listed, covered, discount, gifts in rows
    }


def back_facts(
    session: Session,
    which_refunds: ColumnElement[bool],
    what: str,
    units: ColumnElement[int],
    part: ColumnElement[bool],
    wanted: ColumnElement[bool],
) -> Iterator[tuple[Any, dict[str, Any]]]:
    """The refunded lines that fit, oldest first: each row's columns, and its values negative as a sale's line has them.

    `units` counts what a line sold, `part` says that it paid a later part of a package; `wanted` narrows the lines.
    """
    amounts = _amounts(units)
    query = (
        _lined(
            select(
                Refund.id.label("refund_id"), Refund.sale_id.label("id"), Refund.location_id, Refund.business_on,
                Refund.created_at.label("completed_at"), CreditNote.label, Sale.client_id, Client.given_name,
                Client.family_name, _PERSON.name.label("person"), Refund.channel, Refund.currency, RefundLine.position,
                SaleLine.position.label("sale_position"), RefundLine.name.label("item"),
                case((part, "part"), else_=RefundLine.kind).label("kind"), SaleLine.cover, SaleLine.discount_reason,
                RefundLine.tax_percent, RefundLine.second_tax_percent, RefundLine.second_tax_minor,
                _THERAPIST.name.label("therapist"),
                case((_VOID, TaxExemption.net_minor), else_=0).label("exempt_minor"), *amounts,
            )
        )
        .outerjoin(CreditNote, CreditNote.refund_id == Refund.id)
        .outerjoin(Client, Client.id == Sale.client_id)
        .outerjoin(_PERSON, _PERSON.id == Refund.staff_id)
        .outerjoin(_THERAPIST, _THERAPIST.id == SaleLine.therapist_id)
        .outerjoin(
            TaxExemption, and_(TaxExemption.sale_id == SaleLine.sale_id, TaxExemption.position == SaleLine.position)
        )
        .where(which_refunds, backs_that(what), wanted)
        .order_by(Refund.business_on, Refund.created_at, Refund.id, RefundLine.position)
    )  # fmt: skip
    ids = select(Refund.id).where(which_refunds)
    credits = _credits_back(session, Refund.id.in_(ids), Refund.id, SaleLine.position)
    for row in session.execute(query):
        values = {column.name: -(getattr(row, column.name)) for column in amounts}
        values |= {name: getattr(row, name) for name in _SAME}
        values |= {
            "therapist": row.therapist or "",
            "credit_minor": -credits.get((row.refund_id, row.sale_position), 0),
            "exempt_minor": -(row.exempt_minor or 0),
            "exempt_by": "",
            "second_tax_minor": -row.second_tax_minor,
            "refund_id": row.refund_id,
        }
        yield row, values


def back_sums(
    session: Session, scope: Scope, what: str, units: ColumnElement[int], wanted: ColumnElement[bool]
) -> dict[str, tuple[int, KindSum, int, int]]:
    """For each currency: how many lines were given back, their sums, the value of credits given back, and gift cards among
    the net; negative sums. `wanted` narrows the lines."""
    which = here(scope) & backs_that(what) & wanted
    gift = case((SaleLine.kind == "gift_card", RefundLine.net_minor), else_=0)
    sums = [func.sum(column) for column in (*_amounts(units), gift)]
    rows = session.execute(_lined(select(Refund.currency, func.count(), *sums)).where(which).group_by(Refund.currency))
    # Of lines that were refunded only voids give credits back, and a void has every line of its sale.
    used = _credits_back(session, here(scope) & _of_credits(what) & wanted, Refund.currency)
    return {
        currency: (count, KindSum(*(-int(minor) for minor in found)), -used.get((currency,), 0), -int(cards))
        for currency, count, *found, cards in rows
    }


def _of_credits(what: str) -> ColumnElement[bool]:
    if what == "credit":
        return SaleLine.cover == "credit"
    if what == "discounted":
        return SaleLine.discount_minor > 0
    return true() if what == "" else SaleLine.kind == what
