"""The cart at a desk: what it may hold, and the changes it accepts. Prices are never in it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from pos.core import clock
from pos.core.errors import Conflict, Invalid, NotFound
from pos.core.i18n.sanitize import printable
from pos.core.ids import parse_id
from pos.core.messages import sales as messages
from pos.core.money import LARGEST_MINOR
from pos.core.plain_json import to_plain
from pos.domain.sales.cart_options import (
    Gift,
    OpenItem,
    Part,
    PriceRequest,
    Stored,
    VisitConversionRequest,
    gift_from_json,
    open_item_from_json,
    part_from_json,
    price_from_json,
    stored_from_json,
    visit_conversion_from_json,
)
from pos.domain.sales.models import Ticket
from pos.domain.sales.pricing import (
    EXEMPT_REASONS,
    MOST_EXEMPT,
    MOST_LINES,
    MOST_QUANTITY,
    Discount,
    Exemption,
)
from pos.domain.sales.service_charges import ChargeChoice, choices_from_json

# From → the states it may move to; anything else raises and changes nothing.
TRANSITIONS = {
    "open": {"open", "parked", "paying", "completed", "dropped"},
    "parked": {"open", "dropped"},
    "paying": {"open", "completed"},
    "completed": set(),
    "dropped": set(),
}


# Written into a ticket only where they are there.
_RARE = {
    "gift", "visit_conversion", "exemption", "part", "service_on", "promo", "person_id", "price", "open_item",
    "service_charges",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Tip:
    """A tip: a percentage of the undiscounted treatment price, or an amount."""

    percent: Decimal | None = None
    amount_minor: int | None = None
    staff_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class CartLineRequest:
    """An item asked for. `credit` is `auto` (soonest-expiring), `none`, or the key of a chosen lot.

    A package with `visit_conversion` has a visit paid today as its first session; with `part` only that much of it
    is paid now.
    `price` was agreed on instead of the catalogue's; no credit pays such a line.
    `exemption` frees it, or some of its sessions, of tax. `person_id` is who it is for, where that is not the client.
    """

    line_id: UUID
    item_id: UUID
    quantity: int = 1
    therapist_id: UUID | None = None
    credit: str = "auto"
    discount: Discount | None = None
    gift: Gift | None = None
    visit_conversion: VisitConversionRequest | None = None
    exemption: Exemption | None = None
    part: Part | None = None
    person_id: UUID | None = None
    price: PriceRequest | None = None
    open_item: OpenItem | None = None


@dataclass(frozen=True, slots=True)
class CartRequest:
    """The content of a ticket; `stored` is what it is to be paid with before cash and card, `promo` a code that was typed.

    `service_on` is the day of its visits where they were not today: credits are judged by it. `service_charges` are those a
    person chose or took off.
    """

    lines: tuple[CartLineRequest, ...] = ()
    discount: Discount | None = None
    tip: Tip | None = None
    stored: tuple[Stored, ...] = ()
    service_on: date | None = None
    promo: str | None = None
    service_charges: tuple[ChargeChoice, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Plain JSON, kept in the ticket."""
        found: dict[str, Any] = _without_empty(to_plain(self))
        lines = [_without_empty(line) for line in found["lines"]]
        charges = {"service_charges": list(found["service_charges"])} if self.service_charges else {}
        return found | {"lines": lines, "stored": [one.to_json() for one in self.stored]} | charges


EMPTY = CartRequest()


def _without_empty(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value or name not in _RARE}


def _percent(value: object, field: str) -> Decimal | None:
    if value is None:
        return None
    try:
        percent = Decimal(str(value))
    except InvalidOperation as error:
        raise Invalid(messages.PERCENT_NOT_A_NUMBER, field=field) from error
    exponent = percent.as_tuple().exponent
    if not percent.is_finite() or not 0 <= percent <= 100 or (isinstance(exponent, int) and exponent < -3):
        raise Invalid(messages.PERCENT_OUT_OF_RANGE_OR_TOO_FINE, field=field)
    return percent


def _minor(value: object, field: str) -> int | None:
    if value is None:
        return None
    if type(value) is not int or not 0 <= value <= LARGEST_MINOR:
        raise Invalid(messages.AMOUNT_NOT_IN_MINOR_UNITS, field=field)
    return value


def _discount(value: object) -> Discount | None:
    if value is None:
        return None
    if not isinstance(value, dict):
        raise Invalid(messages.DISCOUNT_WITHOUT_AMOUNT, field="discount")
    found = Discount(
        _percent(value.get("percent"), "discount"),
        _minor(value.get("amount_minor"), "discount"),
        printable(str(value.get("reason") or ""), 120),
    )
    found.of(LARGEST_MINOR)
    return found


def _exemption(value: object) -> Exemption | None:
    if value is None:
        return None
    if not isinstance(value, dict) or value.get("reason") not in EXEMPT_REASONS:
        raise Invalid(messages.EXEMPTION_REASON_MISSING, field="exemption")
    reference = " ".join(printable(str(value.get("reference") or ""), 60).split())
    if not reference:
        raise Invalid(messages.EXEMPTION_PAPER_MISSING, field="reference")
    count = value.get("count")
    if count is not None and (type(count) is not int or not 1 <= count <= MOST_EXEMPT):
        raise Invalid(messages.EXEMPTION_SESSIONS_MISSING, field="exemption")
    return Exemption(value["reason"], reference, count)


def cart_request_from_json(value: object) -> CartRequest:
    """Read a ticket's content; raises Invalid naming the field that is wrong."""
    if not isinstance(value, dict) or not isinstance(value.get("lines", []), list):
        raise Invalid(messages.TICKET_WITHOUT_LINES, field="lines")
    rows = value.get("lines", [])
    if len(rows) > MOST_LINES:
        raise Invalid(messages.TICKET_TOO_LONG(most=MOST_LINES), field="lines")
    lines: list[CartLineRequest] = []
    for row in rows:
        if not isinstance(row, dict):
            raise Invalid(messages.LINE_WITHOUT_ITEM, field="lines")
        quantity = row.get("quantity", 1)
        if type(quantity) is not int or not 1 <= quantity <= MOST_QUANTITY:
            raise Invalid(messages.QUANTITY_OUT_OF_RANGE(most=MOST_QUANTITY), field="quantity")
        credit = row.get("credit", "auto")
        if credit not in ("auto", "none"):
            credit = str(parse_id(credit, field="credit"))
        therapist, person = row.get("therapist_id"), row.get("person_id")
        lines.append(
            CartLineRequest(
                line_id=parse_id(row.get("line_id"), field="line_id"),
                item_id=parse_id(row.get("item_id"), field="item_id"),
                quantity=quantity,
                therapist_id=parse_id(therapist, field="therapist_id") if therapist else None,
                credit=credit,
                discount=_discount(row.get("discount")),
                gift=gift_from_json(row.get("gift")),
                visit_conversion=visit_conversion_from_json(row.get("visit_conversion")),
                exemption=_exemption(row.get("exemption")),
                part=part_from_json(row.get("part")),
                person_id=parse_id(person, field="person_id") if person else None,
                price=price_from_json(row.get("price")),
                open_item=open_item_from_json(row.get("open_item")),
            )
        )
    if len({line.line_id for line in lines}) != len(lines):
        raise Invalid(messages.LINE_KEY_TWICE, field="line_id")
    backs = [line.visit_conversion for line in lines if line.visit_conversion]
    if len(set(backs)) != len(backs):
        raise Invalid(messages.ONE_PACKAGE_FOR_A_VISIT, field="visit_conversion")
    tip = value.get("tip")
    found_tip = None
    if tip is not None:
        if not isinstance(tip, dict):
            raise Invalid(messages.TIP_WITHOUT_AMOUNT, field="tip")
        staff = tip.get("staff_id")
        found_tip = Tip(
            _percent(tip.get("percent"), "tip"),
            _minor(tip.get("amount_minor"), "tip"),
            parse_id(staff, field="tip") if staff else None,
        )
        if (found_tip.percent is None) == (found_tip.amount_minor is None):
            raise Invalid(messages.TIP_EITHER_PERCENT_OR_AMOUNT, field="tip")
    return CartRequest(
        tuple(lines),
        _discount(value.get("discount")),
        found_tip,
        stored_from_json(value.get("stored")),
        _day(value.get("service_on")),
        _promo(value.get("promo")),
        choices_from_json(value.get("service_charges")),
    )


def _promo(value: object) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str) or len(value) > 40:
        raise Invalid(messages.TICKET_CODE_TOO_LONG, field="promo")
    return printable(value, 40).strip() or None


def _day(value: object) -> date | None:
    if value is None:
        return None
    try:
        return date.fromisoformat(str(value))
    except ValueError as error:
        raise Invalid(messages.VISIT_DAY_MALFORMED, field="service_on") from error


def open_ticket(
    session: Session,
    *,
    ticket_id: UUID,
    location_id: UUID,
    desk_id: UUID,
    staff_id: UUID,
    client_id: UUID | None = None,
    wanted: CartRequest = EMPTY,
) -> tuple[Ticket, bool]:
    """Start a cart under a key the desk minted; asking again with the same key gives the same cart, and False."""
    now = clock.now()
    seen = session.get(Ticket, ticket_id)
    if seen is not None:
        if seen.desk_id != desk_id:
            raise NotFound(messages.NO_SUCH_TICKET)
        return seen, False
    ticket = Ticket(
        id=ticket_id,
        location_id=location_id,
        desk_id=desk_id,
        staff_id=staff_id,
        client_id=client_id,
        content=wanted.to_json(),
        state="open",
        version=1,
        note="",
        created_at=now,
        changed_at=now,
    )
    session.add(ticket)
    session.flush()
    return ticket, True


def ticket_of(session: Session, ticket_id: UUID, location_id: UUID, *, lock: bool = False) -> Ticket:
    """A ticket of this location; raises NotFound. `lock` takes the row for this transaction."""
    query = select(Ticket).where(Ticket.id == ticket_id, Ticket.location_id == location_id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    found = session.scalar(query)
    if found is None:
        raise NotFound(messages.NO_SUCH_TICKET)
    return found


def _refuse(ticket: Ticket) -> None:
    words = {
        "paying": messages.TICKET_BEING_PAID,
        "completed": messages.TICKET_PAID,
        "dropped": messages.TICKET_DROPPED,
        "parked": messages.TICKET_PARKED,
        "open": messages.TICKET_OPEN,
    }
    raise Conflict(words.get(ticket.state, messages.TICKET_STEP_NOT_POSSIBLE), ticket_id=str(ticket.id))


def move(ticket: Ticket, state: str, *, only_from: str | None = None) -> None:
    """Change a locked ticket's state; raises Conflict for a step that is not in TRANSITIONS, or not `only_from` a state."""
    if state not in TRANSITIONS[ticket.state] or (only_from is not None and ticket.state != only_from):
        _refuse(ticket)
    ticket.state = state
    ticket.version += 1
    ticket.changed_at = clock.now()


def require_open(ticket: Ticket, version: int | None) -> None:
    """Refuse to take money for a locked ticket that is not open, such as one whose card payment is at work.

    Its state is said before an older view of it is: that is the reason. Raises Conflict.
    """
    if ticket.state != "open":
        _refuse(ticket)
    require_version(ticket, version)


def require_version(ticket: Ticket, version: int | None) -> None:
    """Refuse a change made on an older view of a ticket; raises Conflict."""
    if version is not None and version != ticket.version:
        raise Conflict(messages.TICKET_CHANGED_AT_THE_SAME_TIME)


def rewrite(ticket: Ticket, wanted: CartRequest, *, client_id: UUID | None, staff_id: UUID) -> None:
    """Replace what a locked, open ticket holds."""
    move(ticket, "open", only_from="open")
    ticket.content = wanted.to_json()
    ticket.client_id = client_id
    ticket.staff_id = staff_id


def without_line(wanted: CartRequest, line_id: UUID) -> CartRequest:
    """The content without one line."""
    return replace(wanted, lines=tuple(line for line in wanted.lines if line.line_id != line_id))
