"""Pricing: from picked items to net, tax and total, exact to the minor unit. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from uuid import UUID

import msgspec

from pos.core.errors import Invalid
from pos.core.messages import sales as messages
from pos.core.money import LARGEST_MINOR, allocate, cumulative_share, inside, percent_of, rates_of
from pos.domain.catalogue.service_charge_item import SERVICE_CHARGE
from pos.domain.locations.cash_rounding import EXACT, CashRounding
from pos.domain.sales.cart_options import Gift, Part, PriceOverride, StoredPart
from pos.domain.sales.line_taxes import TaxSum, line_taxes, tax_sums

MOST_QUANTITY = 99
MOST_LINES = 60
MOST_EXEMPT = 999


@dataclass(frozen=True, slots=True)
class Discount:
    """A reduction by `percent`, or by `amount_minor` as displayed; `reason` is what the receipt says."""

    percent: Decimal | None = None
    amount_minor: int | None = None
    reason: str = ""

    def of(self, base_minor: int) -> int:
        """The reduction of `base_minor`, never more than it; raises Invalid for a senseless one."""
        if (self.percent is None) == (self.amount_minor is None):
            raise Invalid(messages.DISCOUNT_EITHER_PERCENT_OR_AMOUNT, field="discount")
        if self.percent is not None:
            if not 0 < self.percent <= 100:
                raise Invalid(messages.DISCOUNT_OUT_OF_RANGE, field="discount")
            return percent_of(base_minor, self.percent)
        assert self.amount_minor is not None
        if not 0 < self.amount_minor <= LARGEST_MINOR:
            raise Invalid(messages.DISCOUNT_NOT_POSITIVE, field="discount")
        return min(self.amount_minor, base_minor)


@dataclass(frozen=True, slots=True)
class Cover:
    """What a purchased package pays of a line: `uses` sessions (`credit`) or add-ons that come free (`included`).

    `first` is the first session of a package sold by the same sale; `lot_id` then is the package's item, for its lot is made
    when the sale completes.

    `service_on` is the day of the visit where it is not the day of the sale. `upgrade_minor` is what a longer visit costs
    beyond the credits, as displayed: the part of its list price that is charged. `surcharge`: the therapist's tier is a
    reason for it.
    """

    kind: str
    lot_id: UUID
    uses: int
    covered_minor: int
    service_on: date | None = None
    upgrade_minor: int = 0
    surcharge: bool = False


# On what ground something is sold free of tax: words for the desk and the paper. Never what somebody suffers from.
EXEMPT_REASONS = {
    "prescription": "prescribed treatment",
    "certificate": "certificate of exemption",
    "exempt_client": "client exempt from tax",
}


@dataclass(frozen=True, slots=True)
class Exemption:
    """`count` visits, or sessions of each package of a line, are free of tax (None: all of them).

    `reference` is the number on the paper that says so, kept with the sale.
    """

    reason: str
    reference: str
    count: int | None = None


class CartLine(msgspec.Struct, frozen=True):
    """One line to price. `unit_minor` is the list price as displayed (net or gross, as the location shows prices).

    `tax_point` says when the tax of a package becomes due: at its `sale`, or session by session at their `redemption`.
    `person_id` is who it is for, where that is not the client of the sale.
    With `agreed` the unit price is not the list price. `sessions` are those of one package; of an `exemption` they are
    counted in. `second_tax_percent` is the rate of the location's second tax on the same net.
    """

    item_id: UUID
    kind: str
    name: str
    quantity: int
    unit_minor: int
    tax_category: str
    tax_percent: Decimal
    therapist_id: UUID | None = None
    cover: Cover | None = None
    discount: Discount | None = None
    gift: Gift | None = None
    part: Part | None = None
    tax_point: str = "sale"
    exemption: Exemption | None = None
    sessions: int = 1
    second_tax_percent: Decimal = Decimal(0)
    person_id: UUID | None = None
    agreed: PriceOverride | None = None

    @property
    def units(self) -> int:
        """What an exemption counts: visits, or the sessions of all packages of the line."""
        return self.quantity * self.sessions

    @property
    def exempt_units(self) -> int:
        """How many of them are free of tax."""
        if self.exemption is None:
            return 0
        return self.units if self.exemption.count is None else self.exemption.count * self.quantity


class PricedLine(msgspec.Struct, frozen=True):
    """A priced line. list − covered − discounts = displayed amount; net + tax = gross.

    `second_tax_minor` is the part of the tax that is the location's second tax.
    """

    line: CartLine
    list_minor: int
    covered_minor: int
    line_discount_minor: int
    ticket_discount_minor: int
    net_minor: int
    tax_minor: int
    # What revenue is booked at before the discounts' share is booked against it.
    list_net_minor: int
    # The part of the net that is sold free of tax, by an exemption.
    exempt_minor: int = 0
    second_tax_minor: int = 0

    @property
    def below_list_minor(self) -> int:
        """What an agreed price is less than the catalogue's, for all units; nothing where it is more."""
        agreed = self.line.agreed
        if agreed is None or agreed.list_minor is None:
            return 0
        return max(0, agreed.list_minor - self.line.unit_minor) * self.line.quantity

    @property
    def discount_minor(self) -> int:
        return self.line_discount_minor + self.ticket_discount_minor

    @property
    def gross_minor(self) -> int:
        return self.net_minor + self.tax_minor

    @property
    def displayed_minor(self) -> int:
        """The amount in the line's column: list price less cover and discounts."""
        return self.list_minor - self.covered_minor - self.discount_minor


@dataclass(frozen=True, slots=True)
class Cart:
    """A priced ticket. `total_minor` is what is owed without a tip."""

    currency: str
    tax_inclusive: bool
    tax_method: str
    lines: tuple[PricedLine, ...]
    taxes: tuple[TaxSum, ...]

    @property
    def net_minor(self) -> int:
        return sum(line.net_minor for line in self.lines)

    @property
    def tax_minor(self) -> int:
        return sum(line.tax_minor for line in self.lines)

    @property
    def second_tax_minor(self) -> int:
        """The part of the tax that is the location's second tax."""
        return sum(line.second_tax_minor for line in self.lines)

    @property
    def total_minor(self) -> int:
        return self.net_minor + self.tax_minor

    @property
    def list_minor(self) -> int:
        return sum(line.list_minor for line in self.lines)

    @property
    def covered_minor(self) -> int:
        return sum(line.covered_minor for line in self.lines)

    @property
    def discount_minor(self) -> int:
        return sum(line.discount_minor for line in self.lines)

    @property
    def gift_minor(self) -> int:
        """The gift cards sold: money paid ahead, which stored value cannot pay for."""
        return sum(line.gross_minor for line in self.lines if line.line.gift)

    @property
    def credits_used(self) -> int:
        """Sessions of purchased packages the cart uses."""
        return sum(p.line.cover.uses for p in self.lines if p.line.cover and p.line.cover.kind == "credit")

    @property
    def tip_base_minor(self) -> int:
        """The undiscounted price of the treatment, credits or not: what tip percentages are taken of."""
        return sum(line.list_minor for line in self.lines if line.line.kind in ("variant", "add_on"))


def list_net_of(minor: int, percent: Decimal, *, tax_inclusive: bool, exempt: tuple[int, int] = (0, 1)) -> int:
    """What revenue is booked at for an amount as displayed, before its discount: net of the tax in it, minor units.

    `percent` is the rate of all its taxes together.
    `exempt` is how many of how many units are free of tax.
    """
    taxed = minor - cumulative_share(minor, *exempt) if exempt[0] else minor
    return minor - inside(taxed, percent) if tax_inclusive else minor


def price_cart(
    lines: Sequence[CartLine],
    *,
    currency: str,
    tax_inclusive: bool,
    tax_method: str,
    discount: Discount | None = None,
) -> Cart:
    """Price lines: cover, line discounts, ticket discount by largest remainder, then tax per rate.

    Amounts are minor units of `currency`. Raises Invalid for quantities outside 1…99, too many lines, or amounts beyond
    what the books hold.
    """
    if len(lines) > MOST_LINES:
        raise Invalid(messages.TICKET_TOO_LONG(most=MOST_LINES), field="lines")
    listed: list[int] = []
    reduced: list[int] = []
    own: list[int] = []
    for line in lines:
        if not 1 <= line.quantity <= MOST_QUANTITY:
            raise Invalid(messages.QUANTITY_OUT_OF_RANGE(most=MOST_QUANTITY), field="quantity")
        if line.exemption and not 1 <= line.exempt_units <= line.units:
            raise Invalid(
                messages.EXEMPTION_SESSIONS_OUT_OF_RANGE(most=line.sessions)
                if line.sessions > 1
                else messages.EXEMPTION_OF_VISIT_NOT_WHOLE,
                field="exemption",
            )
        if line.gift and (line.quantity != 1 or line.discount):
            raise Invalid(messages.GIFT_CARD_SOLD_ONE_BY_ONE, field="quantity")
        if line.part and (line.quantity != 1 or line.discount):
            raise Invalid(messages.PACKAGE_IN_PARTS_SOLD_ONE_BY_ONE, field="part")
        amount = line.unit_minor * line.quantity
        covered = min(line.cover.covered_minor, amount) if line.cover else 0
        cut = line.discount.of(amount - covered) if line.discount else 0
        listed.append(amount)
        own.append(cut)
        reduced.append(amount - covered - cut)
    if sum(listed) > LARGEST_MINOR:
        raise Invalid(messages.SALE_TOO_LARGE, field="lines")
    # A discount makes no gift card cheaper than what it is worth, and is no payment of a package’s price. A service charge
    # is reckoned after it.
    whole = [line.gift or line.part or line.kind == SERVICE_CHARGE for line in lines]
    bases = [0 if is_whole else amount for is_whole, amount in zip(whole, reduced, strict=True)]
    shares = allocate(discount.of(sum(bases)), bases) if discount and bases else [0] * len(bases)
    displayed = [amount - share for amount, share in zip(reduced, shares, strict=True)]

    def taxable(index: int, amount: int) -> int:
        """What of an amount of a line bears tax. A price that includes tax stays as shown: its exempt part holds none."""
        line = lines[index]
        return amount - cumulative_share(amount, line.exempt_units, line.units) if line.exemption else amount

    bases = [taxable(index, amount) for index, amount in enumerate(displayed)]
    rates = [rates_of(line) for line in lines]
    taxes, seconds = line_taxes(bases, rates, inclusive=tax_inclusive, method=tax_method)
    nets = [base - tax for base, tax in zip(bases, taxes, strict=True)] if tax_inclusive else bases
    sums = tax_sums(nets, taxes, seconds, rates)

    priced = []
    for index, line in enumerate(lines):
        chargeable = displayed[index] + own[index] + shares[index]
        free = (line.exempt_units, line.units)
        list_net = list_net_of(chargeable, rates[index].total, tax_inclusive=tax_inclusive, exempt=free)
        net = displayed[index] - taxes[index] if tax_inclusive else displayed[index]
        # Without a discount the two must be one figure, whatever way the tax was rounded.
        untouched = own[index] + shares[index] == 0
        priced.append(
            PricedLine(
                line=line,
                list_minor=listed[index],
                covered_minor=listed[index] - chargeable,
                line_discount_minor=own[index],
                ticket_discount_minor=shares[index],
                net_minor=net,
                tax_minor=taxes[index],
                list_net_minor=net if untouched else list_net,
                exempt_minor=displayed[index] - bases[index],
                second_tax_minor=seconds[index],
            )
        )
    return Cart(currency, tax_inclusive, tax_method, tuple(priced), tuple(sums))


@dataclass(frozen=True)
class CashTender:
    """Cash laid on the counter."""

    tendered_minor: int


@dataclass(frozen=True)
class Settlement:
    """How a due amount is paid: stored value, what of it is settled in cash, change given, and what is left for a card.

    `rounding_minor` is what the cash kept is more than the `cash_minor` it settles: negative where it is less.
    """

    due_minor: int
    cash_tendered_minor: int
    cash_minor: int
    change_minor: int
    card_minor: int
    stored: tuple[StoredPart, ...] = ()
    rounding_minor: int = 0

    @property
    def cash_kept_minor(self) -> int:
        """What stays in the drawer."""
        return self.cash_minor + self.rounding_minor


def settle(
    due_minor: int,
    *,
    cash_tendered_minor: int,
    card: bool,
    stored: tuple[StoredPart, ...] = (),
    rounding: CashRounding = EXACT,
) -> Settlement:
    """Split a due amount: stored value first, then cash, then card; without a card the cash must be enough.

    Cash that pays all that is left is rounded. A first part in cash is taken as it is, for the card pays the rest exactly.
    Raises Invalid.
    """
    if not 0 <= cash_tendered_minor <= LARGEST_MINOR:
        raise Invalid(messages.CASH_BELOW_ZERO, field="cash_tendered_minor")
    owed = due_minor - sum(part.amount_minor for part in stored)
    if owed < 0:
        raise Invalid(messages.GIFT_CARDS_ABOVE_AMOUNT_DUE, field="stored")
    if not rounding.fits(cash_tendered_minor):
        raise Invalid(messages.CASH_NOT_IN_COINS, field="cash_tendered_minor")
    in_cash = rounding.rounded(owed)
    if card:
        rest = owed - cash_tendered_minor
        if rest <= 0 or (cash_tendered_minor and cash_tendered_minor >= in_cash):
            raise Invalid(messages.CASH_COVERS_EVERYTHING, field="cash_tendered_minor")
        return Settlement(due_minor, cash_tendered_minor, cash_tendered_minor, 0, rest, stored)
    if cash_tendered_minor < in_cash:
        raise Invalid(messages.NOT_ENOUGH_CASH, field="cash_tendered_minor")
    return Settlement(
        due_minor, cash_tendered_minor, owed, cash_tendered_minor - in_cash, 0, stored, rounding_minor=in_cash - owed
    )


def settle_parts(
    due_minor: int,
    *,
    card_minor: int,
    cash_tendered_minor: int,
    stored: tuple[StoredPart, ...] = (),
    rounding: CashRounding = EXACT,
) -> Settlement:
    """Settle what was paid part by part: what cards and stored value leave was paid in cash, exactly or with change.

    `rounding` is that of the last part where it was in cash; parts before it are coins already. Raises Invalid.
    """
    in_cash = settle(
        due_minor - card_minor, cash_tendered_minor=cash_tendered_minor, card=False, stored=stored, rounding=rounding
    )
    return replace(in_cash, due_minor=due_minor, card_minor=card_minor)
