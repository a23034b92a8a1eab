"""Bons of sales: what was sold, what credits and stored value paid of it, tips, and the money.

A package is an advance payment (Anzahlung) where its tax is due at the sale, and a multi-purpose voucher
(Mehrzweckgutschein) where it is due as its sessions are used; see decision 47.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, select
from sqlalchemy.orm import Session

from pos.core.money import round_half_up
from pos.core.paging.portions import portions
from pos.domain.catalogue.gift_card_item import GIFT_CARD
from pos.domain.catalogue.service_charge_item import SERVICE_CHARGE
from pos.domain.credits.models import CreditLot, PurchasedPackage, Redemption
from pos.domain.ledger.models import JournalEntry
from pos.domain.payments.models import PaymentAttempt, Tender
from pos.domain.receipts.models import Receipt
from pos.domain.receipts.repository import TEST_SERIES
from pos.domain.sales.models import Sale, SaleLine, TaxExemption, Ticket
from pos.domain.sales.tender_kinds import STORED, label_of
from pos.domain.stored_value.models import GiftCard
from pos.domain.till.models import ZReport
from pos.reports.bookkeeping.dsfinvk.bons import (
    EXEMPT,
    Bon,
    Payment,
    Position,
    Reference,
    Share,
    summed,
    taxed,
    untaxed,
    vat_key,
)

_GROUPS = {
    "variant": "Behandlung", "add_on": "Zusatzleistung", "retail": "Ware", "package": "Paket", GIFT_CARD: "Gutschein",
    SERVICE_CHARGE: "Servicezuschlag",
}  # fmt: skip
# What a tender of stored value is called on a line.
_STORED = {"gift_card": "Gutschein", "account_credit": "Kundenguthaben"}
# The GV_TYP of a multi-purpose voucher that is sold, and of one that pays or is taken back.
_BOUGHT, _REDEEMED = "MehrzweckgutscheinKauf", "MehrzweckgutscheinEinloesung"
_CREDIT_CARDS = frozenset({"visa", "mastercard", "amex", "discover", "diners", "jcb", "unionpay", "cartes_bancaires"})
_DEBIT_CARDS = frozenset({"girocard"})
# How many cents the tax of a line differs from its own rounding, where an invoice's tax was shared out.
_ROUNDED = 2


def card_payment(brand: str | None, minor: int) -> Payment:
    """A payment that went through Stripe. A brand does not tell whether its card is a debit card."""
    name = brand or ""
    if name in _DEBIT_CARDS:
        return Payment("ECKarte", name, minor, "card")
    if name in _CREDIT_CARDS:
        return Payment("Kreditkarte", name, minor, "card")
    return Payment("ElZahlungsdienstleister", name or "Stripe", minor, "card")


def payment(kind: str, brand: str | None, minor: int) -> Payment:
    """Money of one kind of tender; what is received outside the till has a name of its own."""
    if kind == "cash":
        return Payment("Bar", "", minor, kind)
    return card_payment(brand, minor) if kind == "card" else Payment("Unbar", label_of(kind), minor, kind)


def stored_value(kind: str, minor: int, voucher: str = "") -> Position:
    """Stored value that pays (a negative amount), or money that is put onto it."""
    word = _STORED.get(kind, label_of(kind))
    case, text = (_BOUGHT, f"{word}: Gutschrift") if minor > 0 else (_REDEEMED, f"{word}: Einlösung")
    return Position(case, text, untaxed(minor), name="" if kind == "gift_card" else word, voucher=voucher)


def rounding(minor: int) -> Position:
    """What cash was more, or less, than the amounts it settled."""
    return Position("Einzahlung" if minor > 0 else "Auszahlung", "Barrundung", untaxed(minor), name="Barrundung")


def merged(payments: Iterable[Payment]) -> tuple[Payment, ...]:
    """One payment for each type and name; none at all is a payment too, of the type for that."""
    found: dict[tuple[str, str, str], int] = {}
    for one in payments:
        key = one.kind, one.name, one.tender
        found[key] = found.get(key, 0) + one.minor
    kept = tuple(Payment(kind, name, minor, tender) for (kind, name, tender), minor in found.items() if minor)
    return kept or (Payment("Keine", "", 0),)


def taxed_shares(net: int, tax: int, percent: Decimal, exempt_net: int = 0) -> tuple[Share, ...]:
    """A net amount and its tax, by keys. Where less was taxed than all of it, the rest was exempt.

    A line's share of an invoice's tax is a cent or two off by rounding, and no exemption.
    """
    full = taxed(net, percent).tax
    if not percent or (not tax and full):
        return (Share(EXEMPT, net, 0),)
    if not exempt_net and abs(full) - abs(tax) > _ROUNDED:
        exempt_net = net - round_half_up(tax * 100 / percent)
    rest = Share(vat_key(percent), net - exempt_net, tax)
    return summed((Share(EXEMPT, exempt_net, 0), rest)) if exempt_net else (rest,)


def _is_voucher(line_kind: str, tax_point: str) -> bool:
    """Whether a line is a multi-purpose voucher: a gift card, or a package whose tax is due as it is used."""
    return line_kind == GIFT_CARD or (line_kind == "package" and tax_point == "redemption")


def sold_shares(
    line_kind: str, net: int, tax: int, percent: Decimal, tax_point: str, exempt_net: int = 0
) -> tuple[Share, ...]:
    """How an amount of a line is taxed; a voucher is not."""
    if _is_voucher(line_kind, tax_point):
        return untaxed(net + tax)
    return taxed_shares(net, tax, percent, exempt_net)


def kind_of(line_kind: str, tax_point: str, *, back: bool = False) -> str:
    """The GV_TYP of a line that is sold, or given back."""
    if _is_voucher(line_kind, tax_point):
        return _REDEEMED if back else _BOUGHT
    if line_kind == "package":
        return "Anzahlungsaufloesung" if back else "Anzahlungseinstellung"
    return "Aufschlag" if line_kind == SERVICE_CHARGE else "Umsatz"


def group_of(line_kind: str) -> tuple[str, str]:
    """Key and name of the group of goods (WARENGR) of a line."""
    return line_kind, _GROUPS.get(line_kind, line_kind)


def tip(minor: int) -> Position:
    """A tip: it is owed to whoever treated, and is no revenue."""
    return Position("TrinkgeldAN", "Trinkgeld", untaxed(minor))


def references(session: Session, sale_ids: Iterable[UUID]) -> dict[UUID, Reference]:
    """Where each of some sales stands: the closing of its till, or its receipt where it was made at none."""
    found = {}
    query = (
        select(Receipt.sale_id, Receipt.label, ZReport.closed_at, ZReport.drawer_id, ZReport.number)
        .outerjoin(JournalEntry, (JournalEntry.subject_id == Receipt.sale_id) & (JournalEntry.event == "sale"))
        .outerjoin(ZReport, ZReport.shift_id == JournalEntry.shift_id)
    )
    for some in portions(list(sale_ids), 500):
        for row in session.execute(query.where(Receipt.sale_id.in_(some))):
            if row.number is None:
                found[row.sale_id] = Reference(row.label, name="Verkauf außerhalb der Kasse")
            else:
                found[row.sale_id] = Reference(str(row.sale_id), row.closed_at, str(row.drawer_id), row.number)
    return found


def _by_sale(session: Session, query: Select[*tuple[Any, ...]]) -> dict[UUID, list[Row[Any]]]:
    found = defaultdict(list)
    for row in session.execute(query):
        found[row.sale_id].append(row)
    return found


def _price(line: SaleLine, share: Share, *, tax_inclusive: bool) -> tuple[tuple[str, Share], ...]:
    """How the price of a line came about where it was reduced: the price before, and the discount."""
    percent = line.tax_percent if share.tax else Decimal(0)
    if tax_inclusive:
        net = int((Decimal(line.discount_minor) / (1 + percent / 100)).quantize(Decimal(1)))
        less = Share(share.key, -net, net - line.discount_minor)
    else:
        less = replace(taxed(-line.discount_minor, percent), key=share.key)
    return ("base_amount", Share(share.key, share.net - less.net, share.tax - less.tax)), ("discount", less)


def _used(row: Row[Any], refers: Reference | None) -> tuple[tuple[Share, ...], Position]:
    """A credit that was used: the treatment that is sold by it, and the advance payment or voucher that pays it."""
    value, tax = row.value_minor, row.tax_minor
    if row.tax_prepaid:
        # What the advance payment held of the tax goes and comes again: the credit's part of what the package was taxed.
        tax = round_half_up(Decimal(value) * row.lot_tax / row.lot_net) if row.lot_net else 0
    shares = taxed_shares(value, tax, row.tax_percent)
    kind = "Anzahlungsaufloesung" if row.tax_prepaid else _REDEEMED
    back = tuple(one.negated() for one in shares) if row.tax_prepaid else untaxed(-value - tax)
    return shares, Position(kind, f"Paket: {row.package}", back, quantity=-1, refers=refers)


def _positions(
    sale: Sale, rows: dict[str, dict[UUID, list[Row[Any]]]], where: dict[UUID, Reference]
) -> Iterable[Position]:
    exempt = {row.position: row.net_minor for row in rows["exempt"].get(sale.id, ())}
    used = defaultdict(list)
    for row in rows["used"].get(sale.id, ()):
        used[row.sale_position].append(_used(row, where.get(row.package_sale)))
    for row in rows["lines"].get(sale.id, ()):
        line: SaleLine = row.SaleLine
        shares = sold_shares(
            line.kind, line.net_minor, line.tax_minor, line.tax_percent, line.tax_point, exempt.get(line.position, 0)
        )
        found = _price(line, shares[-1], tax_inclusive=sale.tax_inclusive) if line.discount_minor else ()
        by_credit = used.get(line.position, [])
        # A treatment that credits paid whole has no amount of its own.
        own = [one for one in shares if one.gross] if by_credit else shares
        yield Position(
            kind_of(line.kind, line.tax_point), line.name, summed([*own, *(one for paid, _ in by_credit for one in paid)]),
            quantity=line.quantity, article=str(line.item_id), group=group_of(line.kind), found=found,
        )  # fmt: skip
        yield from (position for _, position in by_credit if position.gross)
    if sale.tip_minor:
        yield tip(sale.tip_minor)
    for row in rows["tenders"].get(sale.id, ()):
        tender: Tender = row.Tender
        if tender.kind in STORED:
            yield stored_value(tender.kind, -tender.amount_minor, f"…{row.last4}" if row.last4 else "")
        if tender.rounding_minor:
            yield rounding(tender.rounding_minor)


def sale_bons(session: Session, which: Sequence[ColumnElement[bool]]) -> dict[UUID, Bon]:
    """The bons of some sales, by the key of each."""
    ids = select(Sale.id).where(*which).scalar_subquery()
    rows = {
        "lines": _by_sale(
            session,
            select(SaleLine.sale_id, SaleLine)
            .where(SaleLine.sale_id.in_(ids))
            .order_by(SaleLine.sale_id, SaleLine.position),
        ),
        "exempt": _by_sale(session, select(*TaxExemption.__table__.c).where(TaxExemption.sale_id.in_(ids))),
        "used": _by_sale(
            session,
            select(
                Redemption.sale_id, Redemption.sale_position, Redemption.value_minor, Redemption.tax_minor,
                CreditLot.tax_percent, CreditLot.tax_prepaid, CreditLot.net_minor.label("lot_net"),
                CreditLot.tax_minor.label("lot_tax"), PurchasedPackage.name.label("package"),
                PurchasedPackage.sale_id.label("package_sale"),
            )
            .join(CreditLot, CreditLot.id == Redemption.lot_id)
            .join(PurchasedPackage, PurchasedPackage.id == CreditLot.package_id)
            .where(Redemption.sale_id.in_(ids))
            .order_by(Redemption.sale_id, Redemption.sale_position, Redemption.number),
        ),
        "tenders": _by_sale(
            session,
            select(Tender.sale_id, Tender, PaymentAttempt.card_brand, GiftCard.last4)
            .outerjoin(PaymentAttempt, PaymentAttempt.id == Tender.attempt_id)
            .outerjoin(GiftCard, GiftCard.id == Tender.gift_card_id)
            .where(Tender.sale_id.in_(ids))
            .order_by(Tender.sale_id, Tender.position),
        ),
    }  # fmt: skip
    where = references(session, {row.package_sale for used in rows["used"].values() for row in used} - {None})
    query = (
        select(Sale, Receipt.label, Receipt.series, Ticket.created_at)
        .outerjoin(Receipt, Receipt.sale_id == Sale.id)
        .outerjoin(Ticket, Ticket.id == Sale.ticket_id)
        .where(*which)
    )
    found = {}
    for sale, label, series, begun in session.execute(query):
        received = (
            payment(row.Tender.kind, row.card_brand, row.Tender.moved_minor)
            for row in rows["tenders"].get(sale.id, ())
            if row.Tender.kind not in STORED
        )
        found[sale.id] = Bon(
            id=str(sale.id),
            start=min(begun or sale.completed_at, sale.completed_at),
            end=sale.completed_at,
            staff_id=sale.staff_id,
            client_id=sale.client_id,
            kind="AVTraining" if series == TEST_SERIES else "Beleg",
            positions=tuple(_positions(sale, rows, where)),
            payments=merged(received),
            note=label or "",
        )
    return found
