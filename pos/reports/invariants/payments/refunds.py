"""Invariants of refunds and voids: never more than was taken, approved where it must be, booked and numbered."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, and_, case, func, or_, select
from sqlalchemy.orm import aliased

from pos.core import clock
from pos.core.i18n.message import Message
from pos.core.messages.kept import payment_checks as messages
from pos.domain.ledger.models import JournalEntry, Posting
from pos.domain.locations.models import Location
from pos.domain.payments.models import Tender
from pos.domain.payouts.models import UnmatchedTransaction
from pos.domain.receipts.credit_note_models import CreditNote, CreditNoteSeries
from pos.domain.receipts.models import Receipt
from pos.domain.refunds.models import (
    Refund,
    RefundLine,
    RefundPart,
    SaleRefunded,
    TenderRefunded,
)
from pos.domain.sales.models import Sale, SaleLine, VisitConversion
from pos.domain.sales.tender_kinds import RECEIVED, TENDER_KINDS
from pos.domain.staff.limit_rules import LIMITED_ROLES
from pos.domain.staff.models import Staff
from pos.domain.staff.permissions import Role
from pos.reports.dashboard import PATIENCE
from pos.reports.invariants.base import Check, CheckScope

_REFUND_ALONE = [role.value for role in (*LIMITED_ROLES, Role.OWNER)]
_IN_DOUBT = {"created": messages.STATE_CREATED, "unknown": messages.STATE_UNKNOWN}


def _sum(column: Any) -> Any:
    return func.coalesce(func.sum(column), 0)


def _too_much(look: CheckScope) -> Iterator[Message]:
    """Of every sale, tender and line, against the rows of the refunds themselves and the counters that guard them."""
    back = select(_sum(Refund.total_minor)).where(Refund.sale_id == Sale.id).correlate(Sale).scalar_subquery()
    rows = look.rows(
        select(Receipt.label, back, Sale.total_minor + Sale.tip_minor, SaleRefunded.refunded_minor)
        .select_from(Sale)
        .join(Receipt, Receipt.sale_id == Sale.id)
        .outerjoin(SaleRefunded, SaleRefunded.sale_id == Sale.id)
        .where(
            look.in_scope(Sale.location_id),
            (back > Sale.total_minor + Sale.tip_minor) | (back != func.coalesce(SaleRefunded.refunded_minor, 0)),
        )
        .order_by(Receipt.label)
    )
    for label, given, taken, counted in rows:
        yield messages.RECEIPT_GIVEN_BACK_OTHER(receipt=label, given=given, taken=taken, counted=counted or 0)
    parts = (
        select(_sum(RefundPart.amount_minor))
        .where(
            RefundPart.sale_id == Tender.sale_id,
            RefundPart.tender_position == Tender.position,
            RefundPart.state != "failed",
        )
        .correlate(Tender)
        .scalar_subquery()
    )
    tenders = look.rows(
        select(Tender.sale_id, Tender.position, parts, Tender.amount_minor, TenderRefunded.refunded_minor)
        .join(Sale, Sale.id == Tender.sale_id)
        .outerjoin(
            TenderRefunded,
            and_(TenderRefunded.sale_id == Tender.sale_id, TenderRefunded.position == Tender.position),
        )
        .where(
            look.in_scope(Sale.location_id),
            (parts > Tender.amount_minor) | (parts != func.coalesce(TenderRefunded.refunded_minor, 0)),
        )
        .order_by(Tender.sale_id, Tender.position)
    )
    for sale_id, position, given, taken, counted in tenders:
        yield messages.TENDER_GIVEN_BACK_OTHER(
            tender=position, sale=sale_id, taken=taken, given=given, counted=counted or 0
        )
    lines = look.rows(
        select(RefundLine.sale_id, RefundLine.sale_position)
        .join(SaleLine, and_(SaleLine.sale_id == RefundLine.sale_id, SaleLine.position == RefundLine.sale_position))
        .join(Sale, Sale.id == SaleLine.sale_id)
        .where(look.in_scope(Sale.location_id))
        .group_by(
            RefundLine.sale_id,
            RefundLine.sale_position,
            SaleLine.net_minor,
            SaleLine.tax_minor,
            SaleLine.second_tax_minor,
            SaleLine.quantity,
        )
        .having(
            (func.sum(RefundLine.net_minor) > SaleLine.net_minor)
            | (func.sum(RefundLine.tax_minor) > SaleLine.tax_minor)
            | (func.sum(RefundLine.second_tax_minor) > SaleLine.second_tax_minor)
            | (func.sum(RefundLine.units) > SaleLine.quantity)
        )
        .order_by(RefundLine.sale_id, RefundLine.sale_position)
    )
    for sale_id, position in lines:
        yield messages.LINE_GIVEN_BACK_MORE(line=position, sale=sale_id)


def _other_sums(look: CheckScope) -> Iterator[Message]:
    def of(model: Any, column: Any, *where: ColumnElement[bool]) -> ScalarSelect[int]:
        return select(_sum(column)).where(model.refund_id == Refund.id, *where).correlate(Refund).scalar_subquery()

    first = of(RefundPart, RefundPart.amount_minor, RefundPart.replaces_id.is_(None))
    rows = look.rows(
        select(Refund.id)
        .where(
            look.in_scope(Refund.location_id),
            or_(
                Refund.net_minor != of(RefundLine, RefundLine.net_minor),
                Refund.tax_minor != of(RefundLine, RefundLine.tax_minor),
                Refund.second_tax_minor != of(RefundLine, RefundLine.second_tax_minor),
                Refund.liability_minor != of(RefundLine, RefundLine.liability_minor),
                Refund.total_minor != first,
            ),
        )
        .order_by(Refund.created_at, Refund.id)
    )
    for (refund_id,) in rows:
        yield messages.REFUND_SUMS_OTHER(refund=refund_id)
    instead = aliased(RefundPart)
    others = look.rows(
        select(instead.id)
        .join(RefundPart, RefundPart.id == instead.replaces_id)
        .join(Refund, Refund.id == instead.refund_id)
        .where(
            look.in_scope(Refund.location_id),
            (instead.amount_minor != RefundPart.amount_minor)
            | (RefundPart.state != "failed")
            | (instead.refund_id != RefundPart.refund_id),
        )
        .order_by(instead.id)
    )
    for (part_id,) in others:
        yield messages.REFUND_REPLACED_OTHER(part=part_id)


def _not_approved(look: CheckScope) -> Iterator[Message]:
    """By what the role of the actor gave back alone then, in all and in cash of a sale not paid by cash alone."""
    cash = (
        select(_sum(RefundPart.moved_minor))
        .where(RefundPart.refund_id == Refund.id, RefundPart.kind == "cash", RefundPart.replaces_id.is_(None))
        .correlate(Refund)
        .scalar_subquery()
    )
    mixed = select(Tender.sale_id).where(Tender.sale_id == Refund.sale_id, Tender.kind != "cash").exists()
    # A visit that became the first of a package is given back by its sale, and spent in it: nothing is paid out.
    became_first = (
        select(RefundLine.refund_id)
        .join(
            VisitConversion,
            and_(VisitConversion.sale_id == RefundLine.sale_id, VisitConversion.position == RefundLine.sale_position),
        )
        .outerjoin(RefundPart, RefundPart.refund_id == RefundLine.refund_id)
        # A package that was given free pays nothing, so nothing of it is given back.
        .where(RefundLine.refund_id == Refund.id, (RefundPart.kind == "account_credit") | (Refund.total_minor == 0))
        .exists()
    )
    alone = Refund.approver_id.is_(None) | (Refund.approver_id == Refund.staff_id)
    asked = (
        Refund.staff_role.not_in(_REFUND_ALONE)
        | (Refund.alone_minor == 0)
        | (Refund.total_minor > Refund.alone_minor)
        | ((Refund.kind != "void") & mixed & (cash > Refund.alone_cash_minor))
    )
    rows = look.rows(
        select(Refund.id, CreditNote.label, Staff.name)
        .join(Staff, Staff.id == Refund.staff_id)
        .outerjoin(CreditNote, CreditNote.refund_id == Refund.id)
        .where(
            look.in_scope(Refund.location_id), (alone & asked & ~became_first) | (Refund.approver_id == Refund.staff_id)
        )
        .order_by(Refund.created_at, Refund.id)
    )
    for refund_id, label, name in rows:
        yield messages.REFUND_NOT_APPROVED(refund=label or refund_id, name=name)


def _sums_of(*bases: str) -> Any:
    fits: ColumnElement[bool] = Posting.account_key.in_(bases)
    for base in bases:
        fits = fits | Posting.account_key.startswith(f"{base}:", autoescape=True)
    return _sum(case((fits, Posting.amount_minor), else_=0))


def _other_entries(look: CheckScope) -> Iterator[Message]:
    """The entry of a refund or void against its own rows; of a failure and of what was paid instead against the part."""
    booked = (
        select(
            JournalEntry.event,
            JournalEntry.subject_id,
            *(_sums_of(TENDER_KINDS[kind].account).label(kind) for kind in RECEIVED),
            _sums_of("tax_payable", "tax_not_due").label("tax"),
            _sums_of("tax_payable:second", "tax_not_due:second").label("second_tax"),
            _sums_of("tips_payable").label("tip"),
            _sums_of("refunds_payable").label("owed"),
        )
        .join(Posting, Posting.entry_id == JournalEntry.id)
        .where(JournalEntry.event.in_(("refund", "void", "refund_failed")), look.in_scope(JournalEntry.location_id))
        .group_by(JournalEntry.event, JournalEntry.subject_id)
        .subquery()
    )

    def paid(kind: str) -> ScalarSelect[int]:
        return (
            select(_sum(RefundPart.moved_minor))
            .where(RefundPart.refund_id == Refund.id, RefundPart.kind == kind, RefundPart.replaces_id.is_(None))
            .correlate(Refund)
            .scalar_subquery()
        )

    event = case((Refund.kind == "void", "void"), else_="refund")
    rows = look.rows(
        select(Refund.id, booked.c.subject_id)
        .outerjoin(booked, (booked.c.subject_id == Refund.id) & (booked.c.event == event))
        .where(
            look.in_scope(Refund.location_id),
            (booked.c.subject_id.is_(None) & (Refund.total_minor + Refund.liability_minor > 0))
            | or_(*(booked.c[kind] != -paid(kind) for kind in RECEIVED))
            | (booked.c.tax != Refund.tax_minor)
            | (booked.c.second_tax != Refund.second_tax_minor)
            | (booked.c.tip != Refund.tip_minor),
        )
        .order_by(Refund.created_at, Refund.id)
    )
    for refund_id, found in rows:
        yield (
            messages.REFUND_ENTRY_OTHER(refund=refund_id) if found else messages.REFUND_ENTRY_MISSING(refund=refund_id)
        )
    again, failed = booked.alias("again"), booked.alias("failed")
    parts = look.rows(
        select(RefundPart.id)
        .join(Refund, Refund.id == RefundPart.refund_id)
        .outerjoin(failed, (failed.c.subject_id == RefundPart.id) & (failed.c.event == "refund_failed"))
        .outerjoin(again, (again.c.subject_id == RefundPart.id) & (again.c.event == "refund"))
        .where(
            look.in_scope(Refund.location_id),
            (func.coalesce(failed.c.card, 0) != case((RefundPart.state == "failed", RefundPart.amount_minor), else_=0))
            | (
                func.coalesce(again.c.owed, 0)
                != case((RefundPart.replaces_id.is_not(None), RefundPart.amount_minor), else_=0)
            ),
        )
        .order_by(RefundPart.created_at, RefundPart.id)
    )
    for (part_id,) in parts:
        yield messages.REFUND_PART_BOOKED_OTHER(part=part_id)


def _other_owed(look: CheckScope) -> Iterator[Message]:
    later = aliased(RefundPart)
    owed = dict(
        iter(
            look.session.execute(
                select(Refund.location_id, func.sum(RefundPart.amount_minor))
                .join(Refund, Refund.id == RefundPart.refund_id)
                .outerjoin(later, later.replaces_id == RefundPart.id)
                .where(look.in_scope(Refund.location_id), RefundPart.state == "failed", later.id.is_(None))
                .group_by(Refund.location_id)
            )
        )
    )
    booked = look.sums(Posting.location_id, Posting.amount_minor, Posting.account_key == "refunds_payable")
    for location, minor in look.sums(
        UnmatchedTransaction.location_id,
        UnmatchedTransaction.amount_minor,
        UnmatchedTransaction.state.in_(("refunding", "failed")),
    ).items():
        owed[location] = owed.get(location, 0) + minor
    names = dict(iter(look.session.execute(select(Location.id, Location.slug).where(look.in_scope(Location.id)))))
    for where, name in sorted(names.items(), key=lambda item: item[1]):
        found, in_ledger = int(owed.get(where, 0)), -booked.get(where, 0)
        if found != in_ledger:
            yield messages.REFUNDS_OWED_OTHER(place=name, found=found, owed=in_ledger)


def _notes(look: CheckScope) -> Iterator[Message]:
    of_series = (CreditNote.location_id, CreditNote.series)
    place = func.row_number().over(partition_by=of_series, order_by=CreditNote.number).label("place")
    numbered = select(*of_series, CreditNote.number, place).where(look.in_scope(CreditNote.location_id)).subquery()
    gaps = look.rows(
        select(Location.slug, func.min(numbered.c.number))
        .join(Location, Location.id == numbered.c.location_id)
        .where(numbered.c.number != numbered.c.place)
        .group_by(Location.slug, numbered.c.series)
        .order_by(Location.slug, numbered.c.series)
    )
    for slug, number in gaps:
        yield messages.CREDIT_NOTE_MISSING(place=slug, number=number)
    issued = select(*of_series, func.max(CreditNote.number).label("number")).group_by(*of_series).subquery()
    is_counter = (CreditNoteSeries.location_id == issued.c.location_id) & (CreditNoteSeries.series == issued.c.series)
    counters = look.rows(
        select(Location.slug, CreditNoteSeries.last_number, func.coalesce(issued.c.number, 0))
        .join(Location, Location.id == CreditNoteSeries.location_id)
        .outerjoin(issued, is_counter)
        .where(
            look.in_scope(CreditNoteSeries.location_id),
            CreditNoteSeries.last_number != func.coalesce(issued.c.number, 0),
        )
        .order_by(Location.slug, CreditNoteSeries.series)
    )
    for slug, counted, number in counters:
        yield messages.CREDIT_NOTE_COUNTER_OTHER(place=slug, counted=counted, number=number)
    uncounted = look.rows(
        select(Location.slug)
        .join(issued, issued.c.location_id == Location.id)
        .outerjoin(CreditNoteSeries, is_counter)
        .where(look.in_scope(Location.id), CreditNoteSeries.location_id.is_(None))
        .order_by(Location.slug, issued.c.series)
    )
    for (slug,) in uncounted:
        yield messages.CREDIT_NOTE_COUNTER_MISSING(place=slug)
    bare = look.rows(
        select(Refund.id)
        .outerjoin(CreditNote, (CreditNote.refund_id == Refund.id) & (CreditNote.location_id == Refund.location_id))
        .where(look.in_scope(Refund.location_id), CreditNote.id.is_(None))
        .order_by(Refund.created_at, Refund.id)
    )
    for (refund_id,) in bare:
        yield messages.REFUND_WITHOUT_CREDIT_NOTE(refund=refund_id)


def _in_doubt(look: CheckScope) -> Iterator[Message]:
    rows = look.rows(
        select(RefundPart.id, RefundPart.state, Location.slug)
        .join(Refund, Refund.id == RefundPart.refund_id)
        .join(Location, Location.id == Refund.location_id)
        .where(
            look.in_scope(Refund.location_id),
            RefundPart.state.in_(_IN_DOUBT),
            RefundPart.created_at < clock.now() - PATIENCE,
        )
        .order_by(RefundPart.created_at, RefundPart.id)
    )
    for part_id, state, slug in rows:
        yield messages.REFUND_IN_DOUBT(refund=part_id, place=slug, state=_IN_DOUBT[state])


CHECKS = (
    Check("refunded", "Never more is given back than was taken", Sale.location_id, _too_much),
    Check("refund_sums", "Every refund is the sum of its lines and of its ways", Refund.location_id, _other_sums),
    Check("approved", "Refunds and voids carry an approval where one is asked for", Refund.location_id, _not_approved),
    Check("refund_entries", "Every entry of a refund says what the refund says", Refund.location_id, _other_entries),
    Check("refunds_owed", "The ledger owes the refunds that did not arrive", Refund.location_id, _other_owed),
    Check("credit_notes", "Every refund has a credit note, numbered without a gap", Refund.location_id, _notes),
    Check("refunds_settled", "No refund is in doubt for more than 15 minutes", Refund.location_id, _in_doubt),
)
