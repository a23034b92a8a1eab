"""Sales as rows: one for each sale and each refund, as the screen, the CSV and the XLSX show them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import chain
from operator import sub
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, String, case, cast, func, literal, select, true
from sqlalchemy.orm import Session

from pos.core.messages.refunds import REFUND_OF_RECEIPT, VOID_OF_RECEIPT
from pos.core.paging.portions import portions
from pos.core.paging.window import Window
from pos.domain.clients.persons import is_of
from pos.domain.payments.models import Tender
from pos.domain.refunds.models import Refund
from pos.domain.sales.models import Sale, SaleLine
from pos.domain.staff.models import Staff
from pos.reports.analysis.narrowing import sales_wanted
from pos.reports.period import Scope
from pos.reports.sales.by_column import Columns, as_rows, size, with_back
from pos.reports.sales.refund_lines import amounts_of
from pos.reports.sales.refund_lines import here as refunds_in
from pos.reports.sales.refunds import RefundRow, refund_rows
from pos.reports.sales.sale_columns import (
    HEAD,
    SALE_MONEY,
    SaleHead,
    as_kept,
    client_name,
    credit_used,
    fetched_columns,
    headed,
    ordered,
    window_of_both,
)
from pos.reports.sales.sales_totals import in_scope

# Texts of lines and tenders whose meaning is kept.
_KEPT = 5_000


@dataclass(kw_only=True, slots=True)
class SaleRow(SaleHead):
    """One sale, or one refund of its own day with its amounts negative (`refund_id` says so). Money in minor units of
    `currency`; `credit_minor` is what the credits used turned into revenue. A gift card sold is no sale: it is in
    `gift_sold_minor`, not in `net_minor`; both and the tax are `total_minor`. `second_tax_minor` is the part of the tax that
    is the second tax. `tenders` is by kind, cash as it was handed over.
    """

    therapists: str
    items: str
    list_minor: int
    covered_minor: int
    discount_minor: int
    credit_minor: int
    net_minor: int
    tax_minor: int
    gift_sold_minor: int
    total_minor: int
    tip_minor: int
    tenders: Mapping[str, int]
    second_tax_minor: int = 0
    refund_id: UUID | None = None

    @property
    def rounding_minor(self) -> int:
        """What the tenders are more than what was owed, or with a negative sign less: rounding of cash."""
        return sum(self.tenders.values()) - self.total_minor - self.tip_minor

    def tender_minor(self, *kinds: str) -> int:
        """What these kinds of tender paid, or with a negative sign gave back."""
        return sum(self.tenders.get(kind, 0) for kind in kinds)


def _tendered(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    # Correlated by name: the query around it may read tenders as well.
    return select(Tender.sale_id).where(Tender.sale_id == Sale.id, *conditions).correlate(Sale).exists()


def paid_by(tender: str) -> ColumnElement[bool]:
    """Sales with a tender of this kind; `none` for those that cost nothing."""
    if tender == "none":
        return ~_tendered()
    return _tendered(Tender.kind == tender)


def paid_in(shift_id: UUID) -> ColumnElement[bool]:
    """Sales whose cash went into the drawer in one shift."""
    return _tendered(Tender.shift_id == shift_id)


def _all_of(what: ColumnElement[Any], separator: str, model: type[SaleLine | Tender]) -> ColumnElement[str]:
    """A text of each line or tender of a sale, as one text."""
    texts = func.aggregate_strings(what, separator).aggregate_order_by(model.position)
    return select(texts).where(model.sale_id == Sale.id).correlate(Sale).scalar_subquery()


def _text(value: Any) -> ColumnElement[str]:
    return cast(value, String)


_SOLD = case((SaleLine.quantity > 1, _text(SaleLine.quantity) + " × " + SaleLine.name), else_=SaleLine.name)
# The key of the therapist; of gift cards and of what a credit paid also the net and the value of the credits.
_GIFT = case((SaleLine.kind == "gift_card", SaleLine.net_minor), else_=0)
_FACTS = func.coalesce(_text(SaleLine.therapist_id), "") + case(
    ((SaleLine.kind == "gift_card") | (SaleLine.cover == "credit"), ":" + _text(_GIFT) + ":" + _text(credit_used())),
    else_="",
)
_PAID = Tender.kind + "=" + _text(Tender.moved_minor)
# One statement, which gives a row for each sale: to put together what several had found took a third of the time of a file.
_SALES = headed(
    select(*HEAD, *SALE_MONEY, _all_of(_SOLD, ", ", SaleLine), _all_of(_FACTS, ",", SaleLine), _all_of(_PAID, ",", Tender))
    .select_from(Sale)
)  # fmt: skip


class _Facts(dict[str | None, tuple[str, int, int]]):
    """What the text of a sale's lines says: its therapists, gift cards sold, and credits used. Such texts repeat."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self._names = names

    def __missing__(self, text: str | None) -> tuple[str, int, int]:
        if len(self) > _KEPT:
            self.clear()
        lines = [line.split(":") for line in text.split(",")] if text else []
        therapists = dict.fromkeys(self._names[key] for key, *_ in lines if key)
        minors = [tuple(map(int, rest)) for _, *rest in lines if rest]
        found = self[text] = ", ".join(therapists), sum(gift for gift, _ in minors), sum(used for _, used in minors)
        return found


class _Paid(dict[str | None, Mapping[str, int]]):
    """What the text of a sale's tenders says: the sum of each kind. Such texts repeat."""

    def __missing__(self, text: str | None) -> Mapping[str, int]:
        if len(self) > _KEPT:
            self.clear()
        found: dict[str, int] = {}
        for tender in text.split(",") if text else ():
            kind, minor = tender.split("=")
            found[kind] = found.get(kind, 0) + int(minor)
        self[text] = found
        return found


class _Reader:
    """Reads sales; what it has once found out serves all portions of a file."""

    def __init__(self, session: Session) -> None:
        self.session = session
        keys, names = fetched_columns(session, select(as_kept(Staff.id), Staff.name))
        self._facts, self._paid = _Facts(dict(zip(keys, names, strict=True))), _Paid()

    def read(self, scope: Scope, which: ColumnElement[bool]) -> Columns:
        """The sales that are asked for, oldest first, as columns of `SaleRow`."""
        (
            sale, location, business_on, completed_at, receipt, client, given, family, person, channel, currency,
            list_minor, covered_minor, discount_minor, net_minor, tax_minor, second_tax_minor, total_minor, tip_minor,
            items, facts, paid,
        ) = fetched_columns(self.session, ordered(_SALES.where(which)))  # fmt: skip
        therapists, gifts, credits = zip(*map(self._facts.__getitem__, facts), strict=True) if sale else [()] * 3
        return {
            "sale_key": sale,
            "place": [*map(scope.place, location)],
            "business_on": business_on,
            "completed_at": completed_at,
            "receipt": [text or "" for text in receipt],
            "client_key": client,
            "client": [*map(client_name, given, family)],
            "person": [text or "" for text in person],
            "therapists": therapists,
            "items": [text or "" for text in items],
            "channel": channel,
            "currency": currency,
            "list_minor": list_minor,
            "covered_minor": covered_minor,
            "discount_minor": discount_minor,
            "credit_minor": credits,
            "net_minor": [*map(sub, net_minor, gifts)],
            "tax_minor": tax_minor,
            "second_tax_minor": second_tax_minor,
            "gift_sold_minor": gifts,
            "total_minor": total_minor,
            "tip_minor": tip_minor,
            "tenders": [*map(self._paid.__getitem__, paid)],
            "refund_id": (None,) * len(sale),
        }


def _signs_of(session: Session, found: Sequence[RefundRow]) -> Iterator[SaleRow]:
    """Refunds as rows of sales with their amounts turned round."""
    for some in portions(found, 500):
        amounts = amounts_of(session, [row.refund_id for row in some])
        for row in some:
            yield _sign_of(row, amounts.get(row.refund_id, (0, 0, 0, 0, 0)))


def _sign_of(found: RefundRow, amounts: tuple[int, int, int, int, int]) -> SaleRow:
    """A refund as the row of a sale; `amounts` are what `amounts_of` says that it took back."""
    listed, covered, discount, credit, gifts = amounts
    return SaleRow(
        sale_key=found.sale_id,
        place=found.place,
        business_on=found.business_on,
        completed_at=found.created_at,
        receipt=found.note,
        client_key=found.client_id,
        client=found.client,
        person=found.person,
        therapists="",
        items=(
            VOID_OF_RECEIPT(receipt=found.receipt, reason=found.reason)
            if found.kind == "void"
            else REFUND_OF_RECEIPT(receipt=found.receipt, reason=found.reason)
        ),
        channel=found.channel,
        currency=found.currency,
        list_minor=-listed,
        covered_minor=-covered,
        discount_minor=-discount,
        credit_minor=-credit,
        net_minor=gifts - found.net_minor,
        tax_minor=-found.tax_minor,
        second_tax_minor=-found.second_tax_minor,
        gift_sold_minor=-gifts,
        total_minor=-found.net_minor - found.tax_minor,
        tip_minor=-found.tip_minor,
        tenders={kind: -minor for kind, minor in found.ways},
        refund_id=found.refund_id,
    )


def key_of(row: SaleRow) -> tuple[date, datetime, UUID]:
    """What rows are ordered by, and a page begins after."""
    return row.business_on, row.completed_at, row.refund_id or row.sale_id


def _stretch(reader: _Reader, scope: Scope) -> Columns:
    """The sales and refunds of a few days, in one order."""
    sold = reader.read(scope, in_scope(scope) & sales_wanted(scope))
    return with_back(sold, sorted(refund_sale_rows(reader.session, scope), key=key_of), key_of)


def refund_sale_rows(session: Session, scope: Scope) -> Iterator[SaleRow]:
    """The refunds and voids of a scope as rows of sales, their amounts negative."""
    return _signs_of(session, refund_rows(session, scope))


def columns_with_refunds(session: Session, scope: Scope) -> Iterator[Columns]:
    """The sales of a scope and the refunds made on its days, in one order; a refund's amounts are negative.

    By the column, some thousand rows at a time, so that memory does not grow with their number.
    """
    reader = _Reader(session)
    return scope.in_portions(lambda part: _stretch(reader, part), size)


def sale_columns(session: Session, scope: Scope, which: ColumnElement[bool]) -> Iterator[Columns]:
    """Some of the sales of a scope, oldest first, by the column."""
    reader, wanted = _Reader(session), which & sales_wanted(scope)
    return scope.in_portions(lambda part: reader.read(part, in_scope(part) & wanted), size)


def rows_with_refunds(session: Session, scope: Scope, *, window: Window | None = None) -> Iterator[SaleRow]:
    """The sales of a scope and the refunds made on its days, in one order; a refund's amounts are negative.

    Of a window they are the newest first.
    """
    if window is None:
        return chain.from_iterable(as_rows(SaleRow, part) for part in columns_with_refunds(session, scope))
    of_sale, of_refund = (
        (Sale.business_on, Sale.completed_at, Sale.id),
        (Refund.business_on, Refund.created_at, Refund.id),
    )
    sold = select(*of_sale, literal(0).label("back")).where(in_scope(scope), sales_wanted(scope))
    given = select(*of_refund, literal(1).label("back")).where(refunds_in(scope))
    if scope.is_narrowed:
        given = given.join(Sale, Sale.id == Refund.sale_id).where(sales_wanted(scope))
    wanted = window_of_both(session, scope, window, (sold, of_sale, Sale), (given, of_refund, Refund))
    sales, backs = [row.id for row in wanted if not row.back], [row.id for row in wanted if row.back]
    rows = [*as_rows(SaleRow, _Reader(session).read(scope, Sale.id.in_(sales)))]
    rows += _signs_of(session, refund_rows(session, scope, ids=backs)) if backs else ()
    return iter(sorted(rows, key=key_of, reverse=True))


def sale_rows(
    session: Session,
    scope: Scope,
    *,
    which: ColumnElement[bool] | None = None,
    window: Window | None = None,
) -> Iterator[SaleRow]:
    """The sales of a scope, oldest first, of a window newest first; memory does not grow with their number."""
    asked = true() if which is None else which
    if window is None:
        return chain.from_iterable(as_rows(SaleRow, part) for part in sale_columns(session, scope, asked))
    order = (Sale.business_on, Sale.completed_at, Sale.id)
    keys = window.of(select(*order).where(in_scope(scope), asked, sales_wanted(scope)), order)
    found = [row.id for row in session.execute(keys)]
    rows = as_rows(SaleRow, _Reader(session).read(scope, Sale.id.in_(found)))
    return iter(sorted(rows, key=key_of, reverse=True))


def bought_by(client_id: UUID) -> ColumnElement[bool]:
    """Sales to one client."""
    return is_of(Sale.client_id, client_id)
