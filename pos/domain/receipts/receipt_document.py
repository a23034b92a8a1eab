"""From the facts of a sale to the words on its receipt, in the language of the place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from types import MappingProxyType
from uuid import UUID

import msgspec

from invoices.documents import (
    RECEIPT_LABELS,
    CreditBalance,
    Line,
    PackageSold,
    ReceiptDocument,
    Tender,
    Total,
)
from pos.core.clock import zone
from pos.core.i18n.translator import Translator, translator
from pos.core.money import Rate, Rates, rates_of
from pos.domain.credits.instalments import PartPaid
from pos.domain.locations.queries import Place
from pos.domain.payments.models import Tender as TenderRow
from pos.domain.receipts.letterhead import letterhead, watermark
from pos.domain.sales.models import Sale
from pos.domain.sales.pricing import EXEMPT_REASONS, Cart, CartLine
from pos.domain.sales.tender_kinds import RECORDED, STORED, TENDER_KINDS


@dataclass(frozen=True)
class UsedCredits:
    """A lot drawn on in a sale: credits used and left after it; `person_id` used them where that is not the client."""

    package: str
    used: int
    left: int
    expires_on: date | None
    person_id: UUID | None = None


@dataclass(frozen=True)
class SoldPackage:
    """A package the sale granted; `part` says how far it is paid where that is in parts."""

    package: str
    credits: int
    expires_on: date | None
    part: PartPaid | None = None


@dataclass(frozen=True)
class PrintedCard:
    """A gift card the sale made or reloaded; the code stands on its certificate alone, for receipts are kept for ever."""

    last4: str
    balance_minor: int
    expires_on: date | None


@dataclass(frozen=True)
class PrintedValue:
    """A gift card (its last four signs) or account credit (none) that paid, and what is left of it.

    `receipt` is that of a visit paid before, which became the first of a package and paid this part of it.
    """

    last4: str
    left_minor: int
    receipt: str = ""


class ReceiptFacts(msgspec.Struct, frozen=True):
    """Everything a receipt says. `paid_by` is brand and last four digits of each card that paid, by its attempt.

    `cards` are gift cards by position of their line, `paid_of` packages of which a line paid a part; `values` what the first
    tenders were taken from, in their order. `persons` are those that lines are for beside the client.
    """

    place: Place
    sale: Sale
    cart: Cart
    tenders: Sequence[TenderRow]
    paid_by: Mapping[UUID, tuple[str, str]]
    portal_url: str
    served_by: str
    desk: str
    client_name: str
    therapists: Mapping[UUID, str]
    used: Sequence[UsedCredits]
    sold: Sequence[SoldPackage]
    simulated: bool
    is_test: bool = False
    cards: Mapping[int, PrintedCard] = {}
    values: Sequence[PrintedValue] = ()
    paid_of: Mapping[int, PartPaid] = {}
    persons: Mapping[UUID, str] = {}


def _expiry(w: Translator, expires_on: date | None) -> str:
    return w("valid to %(day)s", day=w.day(expires_on)) if expires_on else w("does not expire")


def _how_far(w: Translator, part: PartPaid | None, currency: str) -> str:
    """How far a package is paid, as prices are displayed."""
    if part is None:
        return ""
    if not part.unpaid_minor:
        return w("all of %(price)s paid", price=w.amount(part.price_minor, currency))
    paid = w(
        "%(paid)s of %(price)s paid",
        paid=w.amount(part.paid_minor, currency),
        price=w.amount(part.price_minor, currency),
    )
    to_pay = w("%(amount)s to pay", amount=w.amount(part.unpaid_minor, currency))
    usable = w("%(count)s may be used now", count=part.usable)
    return f"{paid} · {to_pay} · {usable}"


def _marks_of(line: CartLine, marks: Mapping[Rate, str]) -> str:
    rates = Rate(line.tax_percent), Rate(line.second_tax_percent, is_second=True)
    return " ".join(marks[rate] for rate in rates if rate in marks)


def _tax_marks(cart: Cart) -> dict[Rate, str]:
    """A letter for each rate, where not every taxed line has the same rates."""
    taxed = {rates_of(priced.line) for priced in cart.lines} - {Rates(Decimal(0))}
    if len(taxed) < 2:
        return {}
    return {Rate(tax.percent, tax.second): "ABCDEFGH"[at % 8] for at, tax in enumerate(cart.taxes)}


def _person(facts: ReceiptFacts, person_id: UUID | None) -> str:
    return facts.persons[person_id] if person_id else facts.client_name


def _line(w: Translator, facts: ReceiptFacts, position: int, marks: Mapping[Rate, str]) -> Line:
    priced = facts.cart.lines[position - 1]
    line, currency = priced.line, facts.cart.currency
    details = []
    if facts.persons and line.kind in ("variant", "add_on"):
        details.append(w("for %(name)s", name=_person(facts, line.person_id)))
    if card := facts.cards.get(position):
        details.append(f"•••• {card.last4}")
        details.append(w("%(amount)s on it", amount=w.money(card.balance_minor, currency)))
        details.append(_expiry(w, card.expires_on))
    if line.part:
        details.append(w("a part of %(amount)s", amount=w.amount(line.part.price_minor, currency)))
    if line.gift and line.gift.to_name:
        details.append(w("for %(name)s", name=line.gift.to_name))
    if line.therapist_id and line.therapist_id in facts.therapists:
        details.append(facts.therapists[line.therapist_id])
    if line.cover and line.cover.kind in ("credit", "first"):
        details.append(w.plural("%(count)s credit", "%(count)s credits", line.cover.uses))
        if line.cover.upgrade_minor:
            amount = w.amount(line.cover.upgrade_minor, currency)
            tier, longer = w("therapist’s tier %(amount)s", amount=amount), w("longer visit %(amount)s", amount=amount)
            details.append(tier if line.cover.surcharge else longer)
    elif line.cover:
        details.append(w("included with the package"))
    if line.exemption:
        every = (
            w("free of tax")
            if line.exempt_units == line.units
            else w("%(count)s of %(units)s free of tax", count=line.exempt_units, units=line.units)
        )
        details.append(f"{every}: {w(EXEMPT_REASONS[line.exemption.reason])} {line.exemption.reference}")
    if line.agreed and line.agreed.list_minor is not None:
        list_price = w.amount(line.agreed.list_minor, currency)
        details.append(w("agreed price, list price %(amount)s", amount=list_price))
        details.append(line.agreed.reason)
    if line.discount and line.discount.reason:
        details.append(line.discount.reason)
    return Line(
        description=line.name,
        details=tuple(details),
        quantity=str(line.quantity),
        unit_price=w.amount(line.unit_minor, currency),
        discount=w.amount(-priced.discount_minor, currency) if priced.discount_minor else "",
        tax_mark=_marks_of(line, marks) if priced.displayed_minor else "",
        amount=w.amount(priced.displayed_minor, currency),
    )


def _totals(w: Translator, facts: ReceiptFacts, marks: Mapping[Rate, str]) -> tuple[Total, ...]:
    cart, currency = facts.cart, facts.cart.currency
    rows: list[Total] = []
    if not cart.tax_inclusive and cart.taxes:
        rows.append(Total(label=w("Net"), amount=w.amount(cart.net_minor, currency)))
    for tax in cart.taxes:
        label = w("incl. %(tax)s %(percent)s") if cart.tax_inclusive else "%(tax)s %(percent)s"
        rows.append(
            Total(
                label=label % {"tax": facts.place.tax_name(is_second=tax.second), "percent": w.percent(tax.percent)},
                amount=w.amount(tax.tax_minor, currency),
                base=w.amount(tax.net_minor, currency),
                tax_mark=marks.get(Rate(tax.percent, tax.second), ""),
            )
        )
    if facts.sale.tip_minor:
        rows.append(Total(label=w("Total before tip"), amount=w.amount(cart.total_minor, currency)))
        rows.append(Total(label=w("Tip"), amount=w.amount(facts.sale.tip_minor, currency)))
    rows.append(
        Total(label=w("Total"), amount=w.money(cart.total_minor + facts.sale.tip_minor, currency), emphasis=True)
    )
    return tuple(rows)


def _tenders(w: Translator, facts: ReceiptFacts) -> tuple[Tender, ...]:
    rows: list[Tender] = []
    currency = facts.cart.currency
    values = iter(facts.values)
    for tender in facts.tenders:
        if tender.kind in STORED:
            value = next(values)
            if value.receipt:
                amount = w.amount(tender.amount_minor, currency)
                rows.append(Tender(label=w("Paid before"), detail=value.receipt, amount=amount))
                continue
            left = w("%(amount)s left", amount=w.money(value.left_minor, currency))
            rows.append(
                Tender(
                    label=w(TENDER_KINDS[tender.kind].label),
                    detail=f"•••• {value.last4} · {left}" if value.last4 else left,
                    amount=w.amount(tender.amount_minor, currency),
                )
            )
        elif tender.kind in RECORDED:
            label, amount = w(TENDER_KINDS[tender.kind].label), w.amount(tender.amount_minor, currency)
            rows.append(Tender(label=label, detail=tender.reference, amount=amount))
        elif tender.kind == "cash":
            if tender.rounding_minor:
                rows.append(Tender(label=w("Cash rounding"), amount=w.amount(tender.rounding_minor, currency)))
            rows.append(Tender(label=w("Cash"), amount=w.amount(tender.tendered_minor, currency)))
            if tender.change_minor:
                rows.append(Tender(label=w("Change"), amount=w.amount(-tender.change_minor, currency)))
        else:
            brand, last4 = facts.paid_by[tender.attempt_id] if tender.attempt_id else ("", "")
            rows.append(
                Tender(
                    label=brand.replace("_", " ").title() or w("Card"),
                    detail=f"•••• {last4}" if last4 else "",
                    amount=w.amount(tender.amount_minor, currency),
                )
            )
    return tuple(rows)


@lru_cache(maxsize=64)
def _labels(w: Translator) -> Mapping[str, str]:
    """The fixed words of a receipt in a language: there is one Translator for each, and its words stay as they are."""
    return MappingProxyType({key: w(text) for key, text in RECEIPT_LABELS.items()})


def write_document(facts: ReceiptFacts) -> ReceiptDocument:
    """The receipt of a sale, every amount and word decided but its number, which is drawn last; kept with it for ever."""
    place, sale = facts.place, facts.sale
    w = translator(place.locale)
    marks = _tax_marks(facts.cart)
    return ReceiptDocument(
        language=place.locale.replace("_", "-"),
        title=w("Receipt"),
        clinic=letterhead(place, w),
        number="",
        issued_at=w.moment(sale.completed_at, place.time_zone),
        issued_iso=sale.completed_at.astimezone(zone(place.time_zone)).isoformat(timespec="seconds"),
        location=place.name,
        served_by=facts.served_by,
        desk=facts.desk,
        recipient=(facts.client_name,) if facts.client_name else (),
        lines=tuple(_line(w, facts, position, marks) for position in range(1, len(facts.cart.lines) + 1)),
        totals=_totals(w, facts, marks),
        tenders=_tenders(w, facts),
        credits=tuple(
            CreditBalance(
                package=f"{used.package} · {_person(facts, used.person_id)}" if facts.persons else used.package,
                before=str(used.left + used.used),
                used=str(used.used),
                left=str(used.left),
                expiry=_expiry(w, used.expires_on),
            )
            for used in facts.used
        ),
        packages_sold=tuple(
            PackageSold(
                package=sold.package,
                credits=w.plural("%(count)s credit", "%(count)s credits", sold.credits),
                expiry=_expiry(w, sold.expires_on),
                part=_how_far(w, sold.part, facts.cart.currency),
            )
            for sold in facts.sold
        )
        + tuple(
            PackageSold(
                package=paid.name,
                credits=w.plural("%(count)s credit", "%(count)s credits", paid.quantity),
                part=_how_far(w, paid, facts.cart.currency),
            )
            for paid in facts.paid_of.values()
        ),
        policies=(place.receipt_note,) if place.receipt_note else (),
        portal_url=facts.portal_url,
        portal_caption=w("This receipt online"),
        footer=w("Thank you"),
        watermark=watermark(w, is_test=facts.is_test, simulated=facts.simulated),
        labels=_labels(w),
    )
