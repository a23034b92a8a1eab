"""From the facts of a refund to the words on its credit note, in the language of the place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from invoices.documents import RECEIPT_LABELS, Line, ReceiptDocument, Tender, Total
from pos.core.clock import zone
from pos.core.i18n.message import translated
from pos.core.i18n.translator import Translator, translator
from pos.core.money import Rate, rates_of, round_half_up
from pos.domain.locations.action_context import kept_reason
from pos.domain.locations.queries import Place
from pos.domain.receipts.letterhead import letterhead, watermark
from pos.domain.refunds.models import Refund
from pos.domain.sales.tender_kinds import TENDER_KINDS


@dataclass(frozen=True)
class NoteLine:
    """A line that is taken back, in minor units; `details` are finished sentences such as the arithmetic of a package.

    `units` of several went back.
    `partly_free`: some of the line was sold free of tax, so that its tax is that of less than its net.
    """

    name: str
    net_minor: int
    tax_minor: int
    tax_percent: Decimal
    details: tuple[str, ...] = ()
    partly_free: bool = False
    second_tax_minor: int = 0
    second_tax_percent: Decimal = Decimal(0)
    units: int = 0

    @property
    def base_minor(self) -> int:
        """What of the net the tax was on."""
        if not self.partly_free:
            return self.net_minor
        return min(self.net_minor, round_half_up(self.tax_minor * 100 / rates_of(self).total))

    @property
    def taxes(self) -> tuple[tuple[Rate, int], ...]:
        """Each of its taxes."""
        second = self.second_tax_minor
        found = (Rate(self.tax_percent), self.tax_minor - second), (Rate(self.second_tax_percent, True), second)
        return tuple((rate, minor) for rate, minor in found if minor)


@dataclass(frozen=True)
class NoteDestination:
    """A way the money goes back: the kind, a card's brand, the last four signs of card or gift card, minor units."""

    kind: str
    amount_minor: int
    brand: str = ""
    last4: str = ""
    rounding_minor: int = 0


@dataclass(frozen=True)
class NoteFacts:
    """Everything a credit note says."""

    place: Place
    refund: Refund
    receipt_label: str
    sold_on: date
    label: str
    portal_url: str
    served_by: str
    desk: str
    client_name: str
    lines: Sequence[NoteLine]
    ways: Sequence[NoteDestination]
    simulated: bool
    is_test: bool = False


def _totals(w: Translator, facts: NoteFacts) -> tuple[Total, ...]:
    refund, place = facts.refund, facts.place
    rates: dict[Rate, tuple[int, int]] = {}
    for line in facts.lines:
        for rate, minor in line.taxes:
            net, tax = rates.get(rate, (0, 0))
            rates[rate] = net + line.base_minor, tax + minor
    rows = [Total(label=w("Net"), amount=w.amount(refund.net_minor, refund.currency))] if rates else []
    for rate in sorted(rates, key=lambda one: (one.is_second, -one.percent)):
        net, tax = rates[rate]
        rows.append(
            Total(
                label=f"{place.tax_name(is_second=rate.is_second)} {w.percent(rate.percent)}",
                amount=w.amount(tax, refund.currency),
                base=w.amount(net, refund.currency),
            )
        )
    if refund.tip_minor:
        rows.append(Total(label=w("Tip"), amount=w.amount(refund.tip_minor, refund.currency)))
    rows.append(Total(label=w("Total credited"), amount=w.money(refund.total_minor, refund.currency), emphasis=True))
    return tuple(rows)


def _way(w: Translator, way: NoteDestination, currency: str) -> tuple[Tender, ...]:
    moved = Tender(
        label=way.brand.replace("_", " ").title() or w(TENDER_KINDS[way.kind].label),
        detail=f"•••• {way.last4}" if way.last4 else "",
        amount=w.amount(way.amount_minor + way.rounding_minor, currency),
    )
    if not way.rounding_minor:
        return (moved,)
    return Tender(label=w("Cash rounding"), amount=w.amount(way.rounding_minor, currency)), moved


def write_note(facts: NoteFacts) -> ReceiptDocument:
    """The credit note of a refund, every amount and word decided; kept with it for ever."""
    place, refund = facts.place, facts.refund
    w = translator(place.locale)
    voided = refund.kind == "void"
    references = [
        w("Corrects receipt %(label)s of %(day)s", label=facts.receipt_label, day=w.day(facts.sold_on)),
        w("Reason: %(reason)s", reason=translated(kept_reason(refund.reason), w)),
    ]
    if voided:
        references.insert(1, w("The sale was voided in the shift it was made in."))
    return ReceiptDocument(
        language=place.locale.replace("_", "-"),
        title=w("Void") if voided else w("Credit note"),
        clinic=letterhead(place, w),
        number=facts.label,
        issued_at=w.moment(refund.created_at, place.time_zone),
        issued_iso=refund.created_at.astimezone(zone(place.time_zone)).isoformat(timespec="seconds"),
        location=place.name,
        served_by=facts.served_by,
        desk=facts.desk,
        recipient=(facts.client_name,) if facts.client_name else (),
        references=tuple(references),
        lines=tuple(
            Line(
                description=f"{line.units} × {line.name}" if line.units else line.name,
                details=line.details,
                amount=w.amount(line.net_minor + (line.tax_minor if place.tax_inclusive else 0), refund.currency),
            )
            for line in facts.lines
        ),
        totals=_totals(w, facts),
        tenders=tuple(row for way in facts.ways for row in _way(w, way, refund.currency)),
        policies=(place.receipt_note,) if place.receipt_note else (),
        portal_url=facts.portal_url,
        portal_caption=w("This credit note online"),
        watermark=watermark(w, is_test=facts.is_test, simulated=facts.simulated),
        labels={key: w(text) for key, text in RECEIPT_LABELS.items()} | {"paid": w("Paid back")},
    )
