"""From what somebody wants to give back to exact amounts: which lines, net and tax of each, and which way the money goes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from pos.core.errors import Conflict, Invalid
from pos.core.messages import refunds as messages
from pos.core.money import allocate, cumulative_share, second_share
from pos.core.plain_json import to_plain
from pos.domain.credits.rules.refund_policies import Step
from pos.domain.posting_rules.refunds import LineBack
from pos.domain.refunds.rules import Destination, as_taken, destinations, wants_second_person
from pos.services.refunds.refundable import (
    LineLeft,
    PackageLeft,
    Refundable,
)
from pos.services.refunds.service_charges import charges_with


@dataclass(frozen=True)
class RefundChoice:
    """What is to be given back: a package, or lines (none named: all that can be) by `amount_minor` (None: all of it).

    `units` says of which lines how many go back: pairs of a position, one of `positions`, and a number.
    `restock` says in the same way how many of them go back into stock; none where it says nothing.
    `as_credit`: kept as account credit, because the client prefers it.
    """

    sale_id: UUID
    package_id: UUID | None = None
    positions: tuple[int, ...] = ()
    amount_minor: int | None = None
    tip_minor: int = 0
    as_credit: bool = False
    units: tuple[tuple[int, int], ...] = ()
    restock: tuple[tuple[int, int], ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Plain JSON, for the key's content; units are in it only where some are counted."""
        kept: dict[str, Any] = to_plain(self)
        counted = {name: kept.pop(name) for name in ("units", "restock")}
        return (
            kept | {"package_id": str(self.package_id or "")} | {name: rows for name, rows in counted.items() if rows}
        )


@dataclass(frozen=True)
class RefundQuote:
    """What a refund comes to, to the minor unit; `others` are its parts for sales that paid the package later."""

    lines: tuple[LineBack, ...]
    tip_minor: int
    ways: tuple[Destination, ...]
    steps: tuple[Step, ...]
    policy: str
    package: PackageLeft | None
    second_person: bool
    others: tuple[Other, ...] = ()

    @property
    def net_minor(self) -> int:
        """Net of all lines."""
        return sum(line.net_minor for line in self.lines)

    @property
    def tax_minor(self) -> int:
        """Tax of all lines, at the rates of the sale."""
        return sum(line.tax_minor for line in self.lines)

    @property
    def second_tax_minor(self) -> int:
        """The part of that tax that is the location's second tax."""
        return sum(line.second_tax_minor for line in self.lines)

    @property
    def total_minor(self) -> int:
        """What the client gets back, tip included."""
        return self.net_minor + self.tax_minor + self.tip_minor

    @property
    def in_all_minor(self) -> int:
        """What the client gets back for all the sales together."""
        return self.total_minor + sum(other.quote.total_minor for other in self.others)

    @property
    def in_all_tax_minor(self) -> int:
        """What of that is tax."""
        return self.tax_minor + sum(other.quote.tax_minor for other in self.others)

    @property
    def all_destinations(self) -> tuple[Destination, ...]:
        """Every way the money goes, of all the sales."""
        return self.ways + tuple(way for other in self.others for way in other.quote.ways)

    @property
    def liability_minor(self) -> int:
        """What the credits given up were worth."""
        return sum(line.liability_minor for line in self.lines)


@dataclass(frozen=True)
class Other:
    """The part of a package's refund that belongs to a sale which paid a later part of its price."""

    found: Refundable
    quote: RefundQuote


def part_of_line(left: LineLeft, gross_minor: int, *, units: int = 0) -> LineBack:
    """A part of a line with the tax that belongs to it, so that the parts of a line sum to each of its taxes exactly."""
    line = left.line
    whole = line.net_minor + line.tax_minor
    before = whole - left.gross_minor
    taxed_before = line.tax_minor - left.tax_minor
    tax = cumulative_share(line.tax_minor, before + gross_minor, whole) - taxed_before if whole else 0
    tax = max(0, min(tax, left.tax_minor, gross_minor))
    tax = max(tax, gross_minor - left.net_minor)
    net = gross_minor - tax
    discount, discount_net = left.discount.part_of(line.net_minor - left.net_minor + net, line.net_minor)
    return LineBack(
        left.position, left.kind, left.name, net, tax, line.tax_percent,
        discount_minor=discount, discount_net_minor=discount_net,
        second_tax_minor=second_share(tax, left.tax_minor, left.second_tax_minor),
        second_tax_percent=line.second_tax_percent, units=units,
    )  # fmt: skip


def _part_of_package(left: LineLeft, package: PackageLeft, net_minor: int, tax_minor: int) -> LineBack:
    """What comes back of the line of a package: of tax that was not due yet each tax by itself first, then of the rest."""
    later, second_later = package.not_due_minor, package.second_not_due_minor
    if tax_minor < later:
        second = second_share(tax_minor, later, second_later)
    else:
        rest = max(0, left.second_tax_minor - second_later)
        second = second_later + second_share(tax_minor - later, left.tax_minor - later, rest)
    # Never more of a tax than is left of it on the line, whatever the packages of one line rounded.
    second = max(tax_minor - (left.tax_minor - left.second_tax_minor), min(second, left.second_tax_minor))
    line = left.line
    return LineBack(
        left.position, "package", package.name, net_minor, tax_minor, line.tax_percent,
        second_tax_minor=second, second_tax_percent=line.second_tax_percent,
    )  # fmt: skip


def _lines(found: Refundable, wanted: RefundChoice) -> tuple[LineBack, ...]:
    by_position = {line.position: line for line in found.lines}
    if wanted.positions:
        unknown = set(wanted.positions) - by_position.keys()
        if unknown:
            raise Invalid(messages.SALE_WITHOUT_THIS_LINE, field="lines")
        quote = [by_position[position] for position in sorted(set(wanted.positions))]
        for line in quote:
            if line.why_not:
                raise Invalid(messages.LINE_NOT_RETURNABLE(line=line.name, why=line.why_not), field="lines")
    elif wanted.amount_minor is None and wanted.tip_minor:
        quote = []
    else:
        quote = [line for line in found.lines if not line.why_not]
    if wanted.units:
        return _by_units(found, quote, wanted)
    wholes = [line.gross_minor for line in quote]
    for line, share in charges_with(found, list(zip(quote, wholes, strict=True))):
        quote.append(line)
        wholes.append(share)
    most = sum(wholes)
    amount = most if wanted.amount_minor is None else wanted.amount_minor
    if not 0 <= amount <= most:
        raise Invalid(messages.ABOVE_WHAT_IS_LEFT_OF_LINES, field="amount", most_minor=most)
    cards = [line for line in quote if line.kind == "gift_card"]
    if cards and amount != most:
        raise Invalid(messages.GIFT_CARD_RETURNED_WHOLE, field="amount")
    shares = allocate(amount, wholes) if quote else []
    return tuple(
        part_of_line(line, share, units=line.whole_units if share == line.gross_minor else 0)
        for line, share in zip(quote, shares, strict=True)
        if share
    )


def _by_units(found: Refundable, lines: Sequence[LineLeft], wanted: RefundChoice) -> tuple[LineBack, ...]:
    """Whole lines, and of those that `wanted` counts so many units."""
    if wanted.amount_minor is not None:
        raise Invalid(messages.UNITS_OR_AMOUNT, field="amount")
    units = dict(wanted.units)
    if not units.keys() <= {line.position for line in lines} or len(units) != len(wanted.units):
        raise Invalid(messages.UNITS_MALFORMED, field="lines")
    parts = []
    for line in lines:
        count = units.get(line.position, line.whole_units)
        if line.position in units and not line.is_counted:
            raise Invalid(messages.UNITS_NOT_COUNTED(line=line.name), field="lines")
        if line.position in units and not 1 <= count <= line.units_left:
            raise Invalid(messages.UNITS_OUT_OF_RANGE(line=line.name, most=line.units_left), field="lines")
        # The last of them take all that is left, whatever was given back by an amount before.
        share = line.gross_minor if count == line.whole_units else line.price_of(count)
        parts.append((line, share, count))
    along = charges_with(found, [(line, share) for line, share, _ in parts])
    parts += [(line, share, line.whole_units if share == line.gross_minor else 0) for line, share in along]
    backs = [part_of_line(line, share, units=count) for line, share, count in parts]
    return tuple(back for back in backs if back.gross_minor)


def _require_restock(lines: Sequence[LineBack], wanted: RefundChoice) -> None:
    """Refuse more pieces for the stock than come back; an amount given back is no piece. Raises Invalid."""
    back = {line.position: line for line in lines}
    if len(dict(wanted.restock)) != len(wanted.restock):
        raise Invalid(messages.UNITS_MALFORMED, field="lines")
    for position, pieces in wanted.restock:
        line = back.get(position)
        if line is None or not 1 <= pieces <= line.units:
            name, most = (line.name, line.units) if line else ("", 0)
            raise Invalid(messages.STOCK_ABOVE_UNITS(line=name, most=most), field="lines")


def quote_refund(found: Refundable, wanted: RefundChoice) -> RefundQuote:
    """The exact refund; raises Invalid for a senseless choice, Conflict where nothing can be given back."""
    if found.disputed:
        raise Conflict(found.disputed, why="disputed")
    if found.voided:
        raise Conflict(messages.SALE_VOIDED, why="refunded")
    if not 0 <= wanted.tip_minor <= found.tip_minor:
        raise Invalid(messages.ABOVE_WHAT_IS_LEFT_OF_TIP, field="tip", most_minor=found.tip_minor)
    if wanted.package_id is not None:
        return _choose_package(found, wanted, found.package(wanted.package_id))
    lines = _lines(found, wanted)
    _require_restock(lines, wanted)
    total = sum(line.gross_minor for line in lines) + wanted.tip_minor
    if not total:
        raise Invalid(messages.NOTHING_TO_RETURN, field="lines")
    if wanted.as_credit and found.sale.client_id is None:
        raise Invalid(messages.ACCOUNT_CREDIT_NEEDS_NAMED_CLIENT, field="as_credit")
    ways = destinations(found.tenders, total, as_credit=wanted.as_credit, rounding=found.place.cash)
    many = {line.position: line.quantity > 1 for line in found.lines}
    steps = [
        Step(f"{line.units} × {line.name}" if line.units and many[line.position] else line.name, line.gross_minor)
        for line in lines
    ]
    if wanted.tip_minor:
        steps.append(Step("Tip", wanted.tip_minor))
    return RefundQuote(
        lines=lines,
        tip_minor=wanted.tip_minor,
        ways=ways,
        steps=tuple(steps),
        policy="",
        package=None,
        second_person=wants_second_person(found.tenders, ways),
    )


def _choose_package(found: Refundable, wanted: RefundChoice, package: PackageLeft) -> RefundQuote:
    if wanted.positions or wanted.restock or wanted.amount_minor is not None or wanted.tip_minor:
        raise Invalid(messages.PACKAGE_RETURNED_ALONE, field="package_id")
    if package.preview is None:
        raise Conflict(package.why_not or messages.NOTHING_LEFT, why="not_refundable")
    back = package.preview
    line = next(one for one in found.lines if one.position == package.position)
    paid = [(found, line), *package.paid_later]
    as_credit = back.as_credit or wanted.as_credit
    pieces = _pieces([left for _, left in paid], back.net_minor, back.tax_minor)
    ways = [
        destinations(sale.tenders, net + tax, as_credit=as_credit, rounding=found.place.cash)
        for (sale, _), (net, tax) in zip(paid, pieces, strict=True)
    ]
    second_person = any(wants_second_person(sale.tenders, way) for (sale, _), way in zip(paid, ways, strict=True))
    quote = [
        RefundQuote(
            lines=(_part_of_package(left, package, net, tax),),
            tip_minor=0,
            ways=way,
            steps=(),
            policy=back.policy,
            package=replace(package, preview=None, lots=(), left=0),
            second_person=second_person,
        )
        for (_, left), (net, tax), way in zip(paid, pieces, ways, strict=True)
    ]
    return replace(
        quote[0],
        lines=(
            replace(
                quote[0].lines[0],
                liability_minor=back.liability_minor,
                not_due_minor=package.not_due_minor,
                second_not_due_minor=package.second_not_due_minor,
                ahead_minor=package.ahead_minor,
            ),
        ),
        steps=back.steps,
        package=package,
        others=tuple(
            Other(sale, part) for (sale, _), part in zip(paid[1:], quote[1:], strict=True) if part.total_minor
        ),
    )


def _pieces(lines: Sequence[LineLeft], net_minor: int, tax_minor: int) -> list[tuple[int, int]]:
    """Net and tax that come back for each line that paid a package, the first first; they sum to those of the refund."""
    if len(lines) == 1:
        return [(net_minor, tax_minor)]
    found, rest = [], net_minor + tax_minor
    for line in lines:
        back = part_of_line(line, min(rest, line.gross_minor))
        found.append([back.net_minor, back.tax_minor])
        rest -= back.gross_minor
    # Each invoice rounded its own tax: what that differs by is put where there is room for it.
    off = tax_minor - sum(tax for _, tax in found)
    for line, piece in zip(lines, found, strict=True):
        up, down = min(piece[0], line.tax_minor - piece[1]), min(piece[1], line.net_minor - piece[0])
        move = max(-down, min(up, off))
        piece[0], piece[1], off = piece[0] - move, piece[1] + move, off - move
    return [(net, tax) for net, tax in found]


def whole_sale(found: Refundable) -> RefundQuote:
    """Everything of a sale, for a void. Raises Conflict for a package of which something was used."""
    for package in found.packages:
        if package.paid_later:
            raise Conflict(messages.MORE_PAID_FOR_PACKAGE(package=package.name), why="used")
        if package.why_not or package.left != package.credits:
            raise Conflict(messages.SESSION_OF_PACKAGE_USED(package=package.name), why="used")
    for line in found.lines:
        if line.why_not == messages.VISIT_IS_FIRST_OF_PACKAGE:
            raise Conflict(messages.LINE_NOT_RETURNABLE(line=line.name, why=line.why_not), why="converted")
        if line.kind == "gift_card" and line.why_not:
            raise Conflict(messages.LINE_NOT_RETURNABLE(line=line.name, why=line.why_not), why="used")
    # A later part of a package's price is owed by its own line.
    granted = {package.position for package in found.packages}
    sums: dict[int, tuple[int, int, int, int]] = {
        line.position: (line.line.net_minor, 0, 0, 0)
        for line in found.lines
        if line.kind == "package" and line.position not in granted
    }
    for package in found.packages:
        assert package.preview is not None
        worth, later, second, ahead = sums.get(package.position, (0, 0, 0, 0))
        sums[package.position] = (
            worth + package.preview.liability_minor, later + package.not_due_minor,
            second + package.second_not_due_minor, ahead + package.ahead_minor,
        )  # fmt: skip
    lines = tuple(
        LineBack(
            position=line.position,
            kind=line.kind,
            name=line.name,
            net_minor=line.line.net_minor,
            tax_minor=line.line.tax_minor,
            tax_percent=line.line.tax_percent,
            liability_minor=worth,
            not_due_minor=later,
            second_tax_minor=line.line.second_tax_minor,
            second_tax_percent=line.line.second_tax_percent,
            second_not_due_minor=second,
            ahead_minor=ahead,
            discount_minor=line.discount.minor,
            discount_net_minor=line.discount.net_minor,
            units=line.quantity,
        )
        for line in found.lines
        for worth, later, second, ahead in (sums.get(line.position, (0, 0, 0, 0)),)
    )
    total = sum(line.gross_minor for line in lines) + found.sale.tip_minor
    ways = as_taken(found.tenders, destinations(found.tenders, total))
    return RefundQuote(
        lines=lines,
        tip_minor=found.sale.tip_minor,
        ways=ways,
        steps=(),
        policy="",
        package=None,
        second_person=False,
    )
