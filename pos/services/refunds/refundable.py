"""What of a sale can still be given back: its lines, its packages by their policy, its tip and tenders. Reads only."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from pos.core.errors import NotFound
from pos.core.i18n.message import Message
from pos.core.messages import refunds as messages
from pos.core.messages.sales import NO_SUCH_SALE
from pos.core.money import cumulative_share, percent_of, rates_of
from pos.domain.catalogue.gift_card_item import GIFT_CARD
from pos.domain.catalogue.service_charge_item import SERVICE_CHARGE
from pos.domain.clients.persons import same_person
from pos.domain.clients.queries import name_of
from pos.domain.credits.instalments import later_parts
from pos.domain.credits.models import (
    CreditLot,
    LotItem,
    PurchasedPackage,
    Redemption,
    RedemptionReversal,
)
from pos.domain.credits.rules.refund_policies import (
    Owned,
    Preview,
    may_withdraw,
    preview,
    single_price_with_tax,
)
from pos.domain.disputes import repository as disputes
from pos.domain.locations.queries import Place, place
from pos.domain.receipts import repository as receipts
from pos.domain.refunds import repository as refunds
from pos.domain.refunds.rules import TenderLeft
from pos.domain.sales.models import Sale, SaleLine, TaxExemption
from pos.domain.sales.pricing import list_net_of
from pos.domain.sales.repository import exemptions_of, lines_of
from pos.domain.sales.service_charges import VISITS
from pos.domain.sales.visit_conversions import taken
from pos.domain.stored_value.models import GiftCard


@dataclass(frozen=True)
class DiscountLeft:
    """The discount of a line as displayed and as booked against its revenue, and what refunds took back of each."""

    minor: int = 0
    net_minor: int = 0
    back_minor: int = 0
    back_net_minor: int = 0

    def part_of(self, net_minor: int, of_minor: int) -> tuple[int, int]:
        """What goes back now of both, when `net_minor` of a line's net has gone back: all of them with all of it."""
        if not of_minor:
            return 0, 0
        whole = cumulative_share(self.minor, net_minor, of_minor), cumulative_share(self.net_minor, net_minor, of_minor)
        return whole[0] - self.back_minor, whole[1] - self.back_net_minor


@dataclass(frozen=True)
class LineLeft:
    """A line and what of it was not given back yet; `why_not` says why it cannot be refunded as a line.

    `second_tax_minor` of the tax that is left is the location's second tax. `units_left` were not given back as units.
    """

    position: int
    kind: str
    name: str
    quantity: int
    line: SaleLine
    net_minor: int
    tax_minor: int
    why_not: Message | None
    discount: DiscountLeft = DiscountLeft()
    second_tax_minor: int = 0
    units_left: int = 0

    @property
    def gross_minor(self) -> int:
        """What is left of it, tax included."""
        return self.net_minor + self.tax_minor

    @property
    def is_counted(self) -> bool:
        """Whether it can go back unit by unit: each costs the same. Where a credit paid some of them, it did not."""
        return self.quantity > 1 and not self.line.cover and self.kind not in ("package", GIFT_CARD)

    @property
    def whole_units(self) -> int:
        """How many go back with all that is left of it; none is said of a line that a credit paid a part of."""
        return 0 if self.line.cover else self.units_left

    def price_of(self, units: int) -> int:
        """What some of the units left come to, tax included: units given back one by one sum to the line exactly."""
        whole, before = self.line.net_minor + self.line.tax_minor, self.quantity - self.units_left
        share = cumulative_share(whole, before + units, self.quantity) - cumulative_share(whole, before, self.quantity)
        return min(share, self.gross_minor)


@dataclass(frozen=True)
class PackageLeft:
    """A package of the sale with the refund its terms give now; `lots` are the purchaser's, with credits to give up.

    `not_due_minor` is what of their tax is not due yet, `second_not_due_minor` the second tax's part of that, `ahead_minor`
    what was recognised of them as breakage already.
    `paid_later` are the sales that paid later parts of its price, with their lines, oldest first.
    """

    package_id: UUID
    client_id: UUID
    position: int
    name: str
    credits: int
    left: int
    lots: tuple[tuple[UUID, int], ...]
    preview: Preview | None
    begun_on_request: bool
    why_not: Message | None
    not_due_minor: int = 0
    ahead_minor: int = 0
    paid_later: tuple[tuple[Refundable, LineLeft], ...] = ()
    second_not_due_minor: int = 0


@dataclass(frozen=True)
class Refundable:
    """A sale as a refund looks at it. Money in minor units of the sale's currency."""

    sale: Sale
    place: Place
    receipt_label: str
    client_name: str
    lines: tuple[LineLeft, ...]
    packages: tuple[PackageLeft, ...]
    tenders: tuple[TenderLeft, ...]
    tip_minor: int
    refunded_minor: int
    voided: bool
    disputed: Message | None

    def package(self, package_id: UUID) -> PackageLeft:
        """One of its packages; raises NotFound."""
        found = next((one for one in self.packages if one.package_id == package_id), None)
        if found is None:
            raise NotFound(messages.SALE_WITHOUT_THIS_PACKAGE)
        return found


def used_at_single(session: Session, lots: Iterable[CreditLot], prices: dict[UUID, int], used: int) -> list[int]:
    """The single price, as displayed at sale, of each credit that was used; what was not used on a visit at the lowest."""
    redeemed = session.execute(
        select(SaleLine.item_id)
        .join(Redemption, (Redemption.sale_id == SaleLine.sale_id) & (Redemption.sale_position == SaleLine.position))
        .outerjoin(RedemptionReversal, RedemptionReversal.redemption_id == Redemption.id)
        .where(Redemption.lot_id.in_([lot.id for lot in lots]), RedemptionReversal.redemption_id.is_(None))
        .order_by(Redemption.at, Redemption.id)
    )
    lowest = min(prices.values(), default=0)
    found = [prices.get(item_id, lowest) for (item_id,) in redeemed][:used]
    return found + [lowest] * (used - len(found))


def _package(
    session: Session,
    package: PurchasedPackage,
    sale: Sale,
    *,
    statutory: bool,
    begun_on_request: bool,
    converted: bool,
    exempt: int,
    disputed: Message | None,
) -> PackageLeft:
    lots = session.scalars(
        select(CreditLot).where(CreditLot.package_id == package.id).order_by(CreditLot.granted_at, CreditLot.id)
    ).all()
    bought = [lot for lot in lots if lot.origin_lot_id is None]
    own = [lot for lot in lots if same_person(session, lot.client_id, package.client_id)]
    credits, left = sum(lot.quantity for lot in bought), sum(lot.remaining for lot in own)
    listed = session.execute(
        select(LotItem.item_id, LotItem.list_minor).where(
            LotItem.lot_id.in_([lot.id for lot in bought]), LotItem.role == "eligible"
        )
    )
    prices = {row.item_id: row.list_minor for row in listed}
    net, tax = sum(lot.net_minor for lot in bought), sum(lot.tax_minor for lot in bought)
    terms = package.terms
    paid_later = tuple(_paid_later(session, bought))
    disputed = disputed or next((part.disputed for part, _ in paid_later if part.disputed), None)
    not_due = sum(lot.tax_minor - lot.tax_due_minor for lot in own)
    why_not = None
    if disputed:
        why_not = disputed
    elif any(lot.status == "suspended" for lot in lots):
        why_not = messages.REFUND_WAITS_FOR_DISPUTE
    elif converted:
        why_not = messages.REFUND_BIGGER_PACKAGE
    elif any(lot.held_by_order_id for lot in own):
        why_not = messages.PART_OF_PRICE_AT_CARD
    elif any(lot.held for lot in own):
        why_not = messages.CREDIT_AT_CARD
    elif any(lot.status == "refunded" for lot in own):
        why_not = messages.PACKAGE_REFUNDED_ALREADY
    elif not left:
        why_not = messages.SESSIONS_ALL_USED
    found = None
    if bought and not why_not:
        found = preview(
            Owned(
                policy=terms["refund_policy"],
                credits=credits,
                left=left,
                net_minor=net,
                tax_minor=tax,
                liability_minor=sum(lot.net_minor - lot.recognised_minor for lot in own),
                single_minor=used_at_single(session, own, prices, credits - left),
                tax_percent=bought[0].tax_percent,
                second_tax_percent=bought[0].second_tax_percent,
                tax_inclusive=sale.tax_inclusive,
                exempt=exempt,
                fee_minor=percent_of(net + tax, Decimal(str(terms.get("refund_fee_percent", 0)))),
                given_back_minor=refunds.package_refunded(session, package.id),
                not_due_minor=None if bought[0].tax_prepaid else not_due,
                unpaid_minor=sum(_unpaid_with_tax(lot, sale) for lot in bought),
            ),
            statutory=statutory,
            begun_on_request=begun_on_request,
        )
    assert package.sale_position is not None
    return PackageLeft(
        package_id=package.id,
        client_id=package.client_id,
        position=package.sale_position,
        name=package.name,
        credits=credits,
        left=left,
        lots=tuple((lot.id, lot.remaining) for lot in own if lot.remaining),
        preview=found,
        begun_on_request=begun_on_request,
        why_not=why_not,
        not_due_minor=not_due,
        ahead_minor=sum(lot.breakage_minor for lot in own),
        paid_later=paid_later,
        second_not_due_minor=sum(lot.second_tax_minor - lot.second_tax_due_minor for lot in own),
    )


def _unpaid_with_tax(lot: CreditLot, sale: Sale) -> int:
    return single_price_with_tax(lot.unpaid_minor, rates_of(lot), tax_inclusive=sale.tax_inclusive)


def _paid_later(session: Session, lots: Iterable[CreditLot]) -> Iterator[tuple[Refundable, LineLeft]]:
    for lot in lots:
        for part in later_parts(session, lot.id) if lot.price_minor else ():
            found = refundable(session, part.sale_id)
            yield found, next(line for line in found.lines if line.position == part.sale_position)


def _line(
    session: Session,
    line: SaleLine,
    given_back: refunds.GivenBack,
    converted: set[int],
    disputed: Message | None,
    discount: DiscountLeft,
) -> LineLeft:
    net, tax = line.net_minor - given_back.net_minor, line.tax_minor - given_back.tax_minor
    second = line.second_tax_minor - given_back.second_tax_minor
    why_not = None
    if disputed:
        why_not = disputed
    elif line.position in converted:
        why_not = messages.VISIT_IS_FIRST_OF_PACKAGE
    elif line.kind == "package":
        why_not = messages.REFUND_PACKAGE_FROM_ITS_RECEIPT
    elif line.cover == "credit" and not net + tax:
        why_not = messages.CREDIT_PAID_FOR_IT
    elif not net + tax:
        why_not = messages.NOTHING_LEFT
    elif line.kind == GIFT_CARD:
        balance = session.scalar(
            select(GiftCard.balance_minor).where(
                GiftCard.sale_id == line.sale_id, GiftCard.sale_position == line.position, GiftCard.state == "active"
            )
        )
        if (balance or 0) < net + tax:
            why_not = messages.GIFT_CARD_SPENT_OR_BLOCKED
    left = line.quantity - given_back.units
    return LineLeft(line.position, line.kind, line.name, line.quantity, line, net, tax, why_not, discount, second, left)


def _with_charges(lines: Sequence[LineLeft]) -> tuple[LineLeft, ...]:
    """A service charge is not chosen by itself as long as visits can be given back that it was charged for."""
    if not any(line.kind in VISITS and not line.why_not and line.gross_minor for line in lines):
        return tuple(lines)
    return tuple(
        replace(line, why_not=messages.CHARGE_GOES_BACK_WITH_VISITS)
        if line.kind == SERVICE_CHARGE and not line.why_not
        else line
        for line in lines
    )


def _discount(line: SaleLine, sale: Sale, exemption: TaxExemption | None, back: tuple[int, int]) -> DiscountLeft:
    """The discount of a line, and what was booked of it: a package is owed at what was paid for it."""
    if not line.discount_minor:
        return DiscountLeft()
    booked = 0
    if line.kind not in ("package", GIFT_CARD):
        free = (exemption.exempt, exemption.units) if exemption else (0, 1)
        chargeable = line.list_minor - line.covered_minor
        list_net = list_net_of(chargeable, rates_of(line).total, tax_inclusive=sale.tax_inclusive, exempt=free)
        booked = list_net - line.net_minor
    return DiscountLeft(line.discount_minor, booked, *back)


def _exempt_of_each(exemption: TaxExemption | None, packages: Iterable[PurchasedPackage]) -> int:
    """How many sessions of each package of a line were sold free of tax."""
    if exemption is None:
        return 0
    return exemption.exempt // sum(package.sale_position == exemption.position for package in packages)


def refundable(session: Session, sale_id: UUID, *, but_for: UUID | None = None) -> Refundable:
    """What can be given back for a sale now; raises NotFound. `but_for` is the sale whose package a visit of it becomes:
    its money was taken already, so that no dispute keeps it.
    """
    sale = session.get(Sale, sale_id)
    if sale is None:
        raise NotFound(NO_SUCH_SALE)
    where = place(session, sale.location_id)
    converted = taken(session, sale_id, but_for=but_for)
    exempt = exemptions_of(session, sale_id)
    discounts = refunds.discounts_refunded(session, sale_id)
    given_back, count = refunds.lines_refunded(session, sale_id), refunds.counters(session, sale_id)
    packages = session.scalars(
        select(PurchasedPackage)
        .where(PurchasedPackage.sale_id == sale_id)
        .order_by(PurchasedPackage.sale_position, PurchasedPackage.copy)
    ).all()
    statutory = may_withdraw(
        online=sale.channel == "shop", country=where.country, bought_on=sale.business_on, today=where.today()
    )
    disputed = disputes.why_not(session, sale_id) if but_for is None else None
    begun = statutory and refunds.requested_immediate_start(session, sale_id)
    return Refundable(
        sale=sale,
        place=where,
        receipt_label=receipts.of_sale(session, sale_id).label,
        client_name=name_of(session, sale.client_id) if sale.client_id else "",
        lines=_with_charges(
            [
                _line(
                    session,
                    line,
                    given_back.get(line.position, refunds.GivenBack()),
                    converted,
                    disputed,
                    _discount(line, sale, exempt.get(line.position), discounts.get(line.position, (0, 0))),
                )
                for line in lines_of(session, sale_id)
            ]
        ),
        packages=tuple(
            _package(
                session,
                package,
                sale,
                statutory=statutory,
                begun_on_request=begun,
                converted=package.sale_position in converted,
                exempt=_exempt_of_each(exempt.get(package.sale_position or 0), packages),
                disputed=disputed,
            )
            for package in packages
        ),
        tenders=tuple(refunds.tenders_left(session, sale_id)),
        tip_minor=sale.tip_minor - count.tip_refunded_minor,
        refunded_minor=count.refunded_minor,
        voided=count.voided,
        disputed=disputed,
    )
