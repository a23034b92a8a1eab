"""What a ticket may ask for besides items: a gift card to sell or reload, and what pays before cash and card."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import msgspec

from pos.core.errors import Invalid
from pos.core.i18n.sanitize import printable
from pos.core.ids import parse_id
from pos.core.messages.general import AMOUNT_NOT_ABOVE_ZERO
from pos.core.messages.people import EMAIL_UNUSABLE
from pos.core.messages.sales import (
    AGREED_PRICE_MALFORMED,
    AGREED_PRICE_NOT_FOR_THIS,
    AGREED_PRICE_WITHOUT_REASON,
    INSTALMENT_AMOUNT_MISSING,
    OPEN_ITEM_WITHOUT_AMOUNT,
    OPEN_ITEM_WITHOUT_NAME,
    OPEN_ITEM_WITHOUT_REASON,
    SEND_DAY_MALFORMED,
    VISIT_NOT_NAMED,
)
from pos.core.messages.stored_value import (
    GIFT_CARD_AMOUNT_MISSING,
    GIFT_CARD_ON_TICKET_ALREADY,
    GIFT_CARD_WITHOUT_AMOUNT,
    STORED_VALUE_KIND_UNKNOWN,
    TENDER_REFERENCE_MISSING,
    TOO_MANY_GIFT_CARDS,
)
from pos.core.money import LARGEST_MINOR
from pos.core.plain_json import PlainJson, to_plain
from pos.domain.sales.tender_kinds import RECORDED

MOST_STORED = 6
# What a price may be agreed on for: a package's is what its credits are worth, a gift card's is what is on it.
PRICED_BY_HAND = ("variant", "add_on", "retail")
GIFT_CARD, ACCOUNT_CREDIT = "gift_card", "account_credit"
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


@dataclass(frozen=True, slots=True)
class Gift(PlainJson):
    """A gift card as a line of a ticket: its face value, or with `card_id` the amount an existing card is reloaded by.

    `to_email` gets the certificate on `send_on` (at once without a day); all words are optional.
    """

    amount_minor: int
    card_id: UUID | None = None
    to_name: str = ""
    to_email: str | None = None
    message: str = ""
    send_on: date | None = None


@dataclass(frozen=True, slots=True)
class PriceRequest(PlainJson):
    """A price for one unit of a line, as displayed, that was agreed on instead of the catalogue's, and why."""

    amount_minor: int
    reason: str


@dataclass(frozen=True, slots=True)
class PriceOverride(PlainJson):
    """A line is sold at another price than the catalogue's, and why; `list_minor` is the catalogue's for one.

    None of an open item, which the catalogue does not have.
    """

    list_minor: int | None
    reason: str


def price_override(price: PriceRequest | None, kind: str, list_minor: int) -> PriceOverride | None:
    """What is kept of a price asked for on a line of a kind; nothing where it is the catalogue's. Raises Invalid."""
    if price is None or price.amount_minor == list_minor:
        return None
    if kind not in PRICED_BY_HAND:
        raise Invalid(AGREED_PRICE_NOT_FOR_THIS, field="discount")
    return PriceOverride(list_minor, price.reason)


def price_from_json(value: object) -> PriceRequest | None:
    """Read a line's agreed price; raises Invalid naming the field that is wrong."""
    if value is None:
        return None
    amount = value.get("amount_minor") if isinstance(value, dict) else None
    if not isinstance(value, dict) or type(amount) is not int or not 0 <= amount <= LARGEST_MINOR:
        raise Invalid(AGREED_PRICE_MALFORMED, field="discount")
    reason = " ".join(printable(str(value.get("reason") or ""), 120).split())
    if not reason:
        raise Invalid(AGREED_PRICE_WITHOUT_REASON, field="reason")
    return PriceRequest(amount, reason)


@dataclass(frozen=True, slots=True)
class OpenItem(PlainJson):
    """Goods that are not in the catalogue: what one costs as displayed, the category it is taxed as, and why it is sold."""

    name: str
    amount_minor: int
    tax_category: str
    reason: str


def open_item_from_json(value: object) -> OpenItem | None:
    """Read a line's open item; raises Invalid naming the field that is wrong. The category is looked at with the price."""
    if value is None:
        return None
    row = value if isinstance(value, dict) else {}
    name, reason = (" ".join(printable(str(row.get(key) or ""), 120).split()) for key in ("name", "reason"))
    if not name:
        raise Invalid(OPEN_ITEM_WITHOUT_NAME, field="item_name")
    amount = row.get("amount_minor")
    if type(amount) is not int or not 0 < amount <= LARGEST_MINOR:
        raise Invalid(OPEN_ITEM_WITHOUT_AMOUNT, field="amount_minor")
    if not reason:
        raise Invalid(OPEN_ITEM_WITHOUT_REASON, field="reason")
    return OpenItem(name, amount, str(row.get("tax_category") or "")[:20], reason)


def gift_from_json(value: object) -> Gift | None:
    """Read a line's gift card; raises Invalid naming the field that is wrong."""
    if value is None:
        return None
    if not isinstance(value, dict):
        raise Invalid(GIFT_CARD_WITHOUT_AMOUNT, field="gift")
    amount, card_id, to_email = value.get("amount_minor"), value.get("card_id"), value.get("to_email")
    if type(amount) is not int or not 0 < amount <= LARGEST_MINOR:
        raise Invalid(GIFT_CARD_AMOUNT_MISSING, field="amount_minor")
    address = printable(str(to_email), 320) if to_email else None
    if address and not _ADDRESS.fullmatch(address):
        raise Invalid(EMAIL_UNUSABLE, field="to_email")
    try:
        send_on = date.fromisoformat(str(value["send_on"])) if value.get("send_on") else None
    except ValueError as error:
        raise Invalid(SEND_DAY_MALFORMED, field="send_on") from error
    return Gift(
        amount_minor=amount,
        card_id=parse_id(card_id, field="card_id") if card_id else None,
        to_name=printable(str(value.get("to_name") or ""), 120),
        to_email=address,
        message=printable(str(value.get("message") or ""), 300),
        send_on=send_on,
    )


@dataclass(frozen=True, slots=True)
class Stored(PlainJson):
    """A request to pay with a gift card (`card_id`) or the client's account credit: as far as it goes, or up to an amount.

    Or with money that was received outside the till, which `reference` finds again.
    """

    kind: str
    card_id: UUID | None = None
    amount_minor: int | None = None
    reference: str = ""

    def to_json(self) -> dict[str, Any]:
        """Plain JSON, kept in the ticket; without a reference as it was before there were any."""
        found = to_plain(self)
        return {name: value for name, value in found.items() if value or name != "reference"}


def stored_from_json(rows: object) -> tuple[Stored, ...]:
    """Read what a ticket is to be paid with first; raises Invalid for an unknown kind or the same card twice."""
    if rows is None:
        return ()
    if not isinstance(rows, list) or len(rows) > MOST_STORED:
        raise Invalid(TOO_MANY_GIFT_CARDS(most=MOST_STORED), field="stored")
    found: list[Stored] = []
    for row in rows:
        if not isinstance(row, dict) or row.get("kind") not in (GIFT_CARD, ACCOUNT_CREDIT, *RECORDED):
            raise Invalid(STORED_VALUE_KIND_UNKNOWN, field="stored")
        amount = row.get("amount_minor")
        if amount is not None and (type(amount) is not int or not 0 < amount <= LARGEST_MINOR):
            raise Invalid(AMOUNT_NOT_ABOVE_ZERO, field="stored")
        is_card = row["kind"] == GIFT_CARD
        reference = printable(str(row.get("reference") or ""), 60) if row["kind"] in RECORDED else ""
        if row["kind"] in RECORDED and not reference:
            raise Invalid(TENDER_REFERENCE_MISSING, field="reference")
        card_id = parse_id(row.get("card_id"), field="stored") if is_card else None
        found.append(Stored(row["kind"], card_id, amount, reference))
    if len({(requested.kind, requested.card_id) for requested in found}) != len(found):
        raise Invalid(GIFT_CARD_ON_TICKET_ALREADY, field="stored")
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Part(PlainJson):
    """What is paid now of a package's price, as displayed: the first part of one being sold, or with `lot_id` a later one.

    `price_minor` is the whole price; it is known when the ticket is priced, and frozen with an order.
    """

    amount_minor: int
    lot_id: UUID | None = None
    price_minor: int = 0


def part_from_json(value: object, *, frozen: bool = False) -> Part | None:
    """Read what is paid of a package; the whole price only from what was `frozen`. Raises Invalid."""
    if value is None:
        return None
    amount = value.get("amount_minor") if isinstance(value, dict) else None
    if not isinstance(value, dict) or type(amount) is not int or not 0 < amount <= LARGEST_MINOR:
        raise Invalid(INSTALMENT_AMOUNT_MISSING, field="part")
    lot_id = value.get("lot_id")
    return Part(amount, parse_id(lot_id, field="part") if lot_id else None, value["price_minor"] if frozen else 0)


@dataclass(frozen=True, slots=True)
class VisitConversionRequest(PlainJson):
    """The line of a completed sale that was the visit."""

    sale_id: UUID
    position: int


def visit_conversion_from_json(value: object) -> VisitConversionRequest | None:
    """Read a visit-conversion; raises Invalid."""
    if value is None:
        return None
    if not isinstance(value, dict) or type(value.get("position")) is not int:
        raise Invalid(VISIT_NOT_NAMED, field="visit_conversion")
    return VisitConversionRequest(parse_id(value.get("sale_id"), field="visit_conversion"), value["position"])


@dataclass(frozen=True, slots=True)
class StoredPart:
    """What a gift card or account credit pays of a sale, or money received outside the till, in minor units.

    With `visit_conversion` it is what was paid for a visit that becomes the first of a package: account credit made
    by the sale.
    With `into`, a package's item, it is what was paid for a smaller package that this one takes the place of.
    """

    kind: str
    amount_minor: int
    card_id: UUID | None = None
    visit_conversion: VisitConversionRequest | None = None
    into: UUID | None = None
    reference: str = ""

    def to_json(self) -> dict[str, Any]:
        """Plain JSON, kept in an order."""
        rare = {
            name: value
            for name in ("into", "visit_conversion", "reference")
            if (value := to_plain(getattr(self, name)))
        }
        return {"kind": self.kind, "amount_minor": self.amount_minor, "card_id": str(self.card_id or ""), **rare}

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> StoredPart:
        """The part an order froze; raises msgspec.ValidationError for another shape."""
        return msgspec.convert({**value, "card_id": value["card_id"] or None}, cls)
