"""Discounts given by hand: up to the limit of a role by whoever may, above it with somebody's consent whose limit is higher.

They are looked at when a ticket is changed, and as charged when money is taken: a credit, a price or a code may have
changed in between. A price agreed on below that of the catalogue is a discount by hand too. The consent is bound to the
ticket and to what it takes off each item, and the ticket keeps it. It holds while its discounts take off no more, in minor
units and in percent, of the same items; a line that becomes free, a bigger percentage or another item asks anew, and a
ticket that goes on being filled does not. It ends when the ticket goes from one client to another, or a line of a reduced
item from one person to another; choosing the first client changes nothing. Promo codes and credits are no discount by hand.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy.orm import Session

from pos.core.hashing import digest
from pos.core.plain_json import to_plain
from pos.domain.catalogue.service_charge_item import SERVICE_CHARGE
from pos.domain.locations.queries import Place
from pos.domain.sales.carts import CartRequest
from pos.domain.sales.models import Ticket
from pos.domain.staff.approvals import Actor, use_approval
from pos.domain.staff.limit_rules import discount_exceeded
from pos.domain.staff.permissions import LineCut, Permission, Reduction, is_agreed, may, reductions
from pos.domain.staff.role_limits import limits_of
from pos.services.checkout.price_cart import PricedCart


def given_by_hand(wanted: CartRequest, assembled: PricedCart) -> list[LineCut]:
    """What each line costs as displayed without its discounts, and what those take off; minor units.

    A price agreed on below the catalogue's takes off the difference: two limits would add up to more than either.
    """
    own = [line.discount is not None for line in wanted.lines]
    own += [False] * (len(assembled.cart.lines) - len(own))
    return [
        LineCut(
            priced.line.item_id,
            priced.list_minor - priced.covered_minor + priced.below_list_minor,
            (priced.line_discount_minor if by_hand else 0) + priced.below_list_minor,
            priced.ticket_discount_minor,
        )
        for priced, by_hand in zip(assembled.cart.lines, own, strict=True)
        if priced.line.kind != SERVICE_CHARGE
    ]


def require_discounts_allowed(
    session: Session,
    place: Place,
    wanted: CartRequest,
    assembled: PricedCart,
    *,
    subject: Ticket | UUID,
    actor: Actor | None,
    approval_id: UUID | None = None,
) -> None:
    """Refuse discounts that nobody agreed to; raises NeedsApproval above the limit of the actor's role at the location.

    `subject` is the locked ticket, which keeps what is agreed, or the key of a sale without one. Without an `actor` at a
    desk, nothing is refused.
    """
    cuts = given_by_hand(wanted, assembled)
    now = reductions(cuts)
    if actor is None or not now:
        return
    agreed = msgspec.convert(subject.approved_discounts, list[Reduction]) if isinstance(subject, Ticket) else []
    approves = may(actor.role, Permission.APPROVE)
    if not approves and is_agreed(cuts, agreed):
        return
    limits = limits_of(session, place.id, actor.role)
    if not discount_exceeded(limits, cuts):
        if not approves:
            return
    elif is_agreed(cuts, agreed, limits.discount):
        return
    else:
        use_approval(
            session,
            approval_id,
            action="discount",
            subject_id=subject.id if isinstance(subject, Ticket) else subject,
            amount_minor=sum(one.off_minor for one in now),
            actor=actor,
            permission=Permission.APPROVE,
            location_id=place.id,
            exceeds=lambda limits: discount_exceeded(limits, cuts),
            content_hash=digest(to_plain(now)),
            discounts=_named(now, assembled),
        )
    # What a manager gave stays given when somebody else goes on with the ticket.
    if isinstance(subject, Ticket):
        subject.approved_discounts = to_plain(now)


def _named(now: Sequence[Reduction], assembled: PricedCart) -> list[dict[str, Any]]:
    """What is to be approved, for whoever is asked; without a name it is taken off the whole ticket."""
    names = {priced.line.item_id: priced.line.name for priced in assembled.cart.lines}
    return [
        {
            "name": names[one.item_id] if one.item_id else None,
            "price_minor": one.price_minor,
            "off_minor": one.off_minor,
        }
        for one in now
    ]
