"""Invariants of what was printed: a receipt and a credit note say the amounts of their sale or refund."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from typing import Any
from uuid import UUID

from babel.numbers import get_currency_precision
from sqlalchemy import Select, select

from pos.core.i18n.message import Message
from pos.core.messages.kept import book_checks as messages
from pos.core.money import exponent
from pos.domain.payments.models import Tender
from pos.domain.receipts.credit_note_models import CreditNote
from pos.domain.receipts.models import Receipt
from pos.domain.refunds.models import Refund
from pos.domain.sales.models import Sale, SaleLine
from pos.reports.invariants.base import Check, CheckScope

_NO_DIGITS = re.compile(r"\D+")


def says(text: str, minor: int, currency: str) -> bool:
    """Whether a printed amount is so many minor units, in whatever language: its digits are compared, its sign is not.

    Where CLDR has fewer decimals for a currency than ISO 4217, an amount rounded to them will do.
    """
    digits = _NO_DIGITS.sub("", text)
    if not digits:
        return False
    printed, amount = int(digits), abs(minor)
    if printed == amount:
        return True
    lost = exponent(currency) - get_currency_precision(currency)
    return lost > 0 and abs(printed * 10**lost - amount) <= 10**lost // 2


class _InStep:
    """Rows of a query by their first column, read in step with another query that is ordered by the same keys.

    Both databases order keys as their numbers.
    """

    def __init__(self, look: CheckScope, query: Select[*tuple[Any, ...]]) -> None:
        self._groups = groupby(look.rows(query), key=itemgetter(0))
        self._at: UUID | None = None
        self._waiting: list[Any] = []
        self._next()

    def _next(self) -> None:
        key, group = next(self._groups, (None, ()))
        self._at, self._waiting = key, list(group)

    def of(self, key: UUID) -> list[Any]:
        """The rows of a key. Ask for keys in their order; each once."""
        while self._at is not None and self._at < key:
            self._next()
        if self._at != key:
            return []
        found = self._waiting
        self._next()
        return found


def _printed_otherwise(document: dict[str, Any], sale: Any, lines: list[Any], tenders: list[Any]) -> Message | None:
    """The first thing of a receipt that its sale does not say; None where all of it agrees."""
    currency, label = sale.currency, sale.label
    totals = [total for total in document.get("totals", ()) if total.get("emphasis")]
    if len(totals) != 1 or not says(totals[0]["amount"], sale.total_minor + sale.tip_minor, currency):
        return messages.RECEIPT_SAYS_OTHER_TOTAL(label=label)
    printed = document.get("lines", ())
    if len(printed) != len(lines):
        return messages.RECEIPT_SAYS_OTHER_NUMBER_OF_LINES(label=label)
    for there, line in zip(printed, lines, strict=True):
        displayed = line.list_minor - line.covered_minor - line.discount_minor
        if there["description"] != line.name or there["quantity"] != str(line.quantity):
            return messages.RECEIPT_SAYS_OTHER_LINES(label=label)
        if not says(there["unit_price"], line.unit_minor, currency) or not says(there["amount"], displayed, currency):
            return messages.RECEIPT_SAYS_OTHER_AMOUNTS(label=label)
    paid: list[int] = []
    for tender in tenders:
        paid += [tender.rounding_minor] if tender.rounding_minor else []
        paid.append(tender.tendered_minor if tender.kind == "cash" else tender.amount_minor)
        paid += [tender.change_minor] if tender.change_minor else []
    shown = document.get("tenders", ())
    if len(shown) != len(paid):
        return messages.RECEIPT_SAYS_OTHER_NUMBER_OF_PAYMENTS(label=label)
    alike = (says(one["amount"], minor, currency) for one, minor in zip(shown, paid, strict=True))
    return None if all(alike) else messages.RECEIPT_SAYS_OTHER_PAYMENT(label=label)


def _other_receipts(look: CheckScope) -> Iterator[Message]:
    in_scope = look.in_scope(Sale.location_id)
    lines = _InStep(
        look,
        select(
            SaleLine.sale_id, SaleLine.name, SaleLine.quantity, SaleLine.unit_minor, SaleLine.list_minor,
            SaleLine.covered_minor, SaleLine.discount_minor,
        )
        .join(Sale, Sale.id == SaleLine.sale_id)
        .where(in_scope)
        .order_by(SaleLine.sale_id, SaleLine.position),
    )  # fmt: skip
    tenders = _InStep(
        look,
        select(
            Tender.sale_id,
            Tender.kind,
            Tender.amount_minor,
            Tender.rounding_minor,
            Tender.tendered_minor,
            Tender.change_minor,
        )
        .join(Sale, Sale.id == Tender.sale_id)
        .where(in_scope)
        .order_by(Tender.sale_id, Tender.position),
    )
    rows = look.rows(
        select(
            Sale.id, Sale.currency, Sale.total_minor, Sale.tip_minor, Sale.business_on, Sale.completed_at,
            Receipt.label, Receipt.document, Receipt.business_on.label("dated"), Receipt.issued_at,
        )
        .join(Receipt, Receipt.sale_id == Sale.id)
        .where(in_scope)
        .order_by(Sale.id)
    )  # fmt: skip
    for row in rows:
        its_lines, its_tenders = lines.of(row.id), tenders.of(row.id)
        if row.document.get("number") != row.label or (row.dated, row.issued_at) != (row.business_on, row.completed_at):
            yield messages.RECEIPT_NAMED_OTHERWISE(label=row.label)
        elif other := _printed_otherwise(row.document, row, its_lines, its_tenders):
            yield other


def _other_notes(look: CheckScope) -> Iterator[Message]:
    rows = look.rows(
        select(CreditNote.label, CreditNote.document, Refund.total_minor, Refund.currency)
        .join(Refund, Refund.id == CreditNote.refund_id)
        .where(look.in_scope(CreditNote.location_id))
        .order_by(CreditNote.label)
    )
    for label, document, minor, currency in rows:
        totals = [total for total in document.get("totals", ()) if total.get("emphasis")]
        if document.get("number") != label or len(totals) != 1 or not says(totals[0]["amount"], minor, currency):
            yield messages.CREDIT_NOTE_UNLIKE_REFUND(label=label)


CHECKS = (
    Check("printed", "Receipts say what their sales say", Receipt.location_id, _other_receipts),
    Check("noted", "Credit notes say what their refunds say", CreditNote.location_id, _other_notes),
)
