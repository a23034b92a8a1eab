"""Goods that are not in the catalogue: priced at the desk, up to the limit of a role, above it with somebody's consent.

The consent is bound to the ticket, which keeps how much was agreed to: it holds while its open items cost no more together.
It ends when the ticket goes from one client to another, as that of a discount does.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.orm import Session

from pos.core.hashing import digest
from pos.domain.catalogue.open_item import OPEN_ITEM
from pos.domain.locations.queries import Place
from pos.domain.sales.carts import CartRequest
from pos.domain.sales.models import Ticket
from pos.domain.staff.approvals import Actor, use_approval
from pos.domain.staff.limit_rules import Limit, exceeded, exceeds
from pos.domain.staff.permissions import Permission, may
from pos.domain.staff.role_limits import limits_of
from pos.services.checkout.discounts import require_discounts_allowed
from pos.services.checkout.price_cart import PricedCart


def require_allowed(
    session: Session,
    place: Place,
    wanted: CartRequest,
    assembled: PricedCart,
    *,
    subject: Ticket | UUID,
    actor: Actor | None,
    approval_id: UUID | None = None,
) -> None:
    """Refuse open items and discounts by hand that nobody agreed to; raises NeedsApproval above the limit of the actor.

    `subject` is the locked ticket, which keeps what is agreed, or the key of a sale without one. Without an `actor` at a
    desk, nothing is refused.
    """
    if actor is not None:
        _require_open_items_allowed(session, place, assembled, subject, actor, approval_id)
    require_discounts_allowed(session, place, wanted, assembled, subject=subject, actor=actor, approval_id=approval_id)


def _require_open_items_allowed(
    session: Session,
    place: Place,
    assembled: PricedCart,
    subject: Ticket | UUID,
    actor: Actor,
    approval_id: UUID | None,
) -> None:
    found = [(one.line.name, one.list_minor) for one in assembled.cart.lines if one.line.item_id == OPEN_ITEM]
    total = sum(minor for _, minor in found)
    ticket = subject if isinstance(subject, Ticket) else None
    if not total or (ticket is not None and total <= ticket.approved_open_minor):
        return
    uses = {Limit.OPEN_ITEM: total}
    if exceeded(limits_of(session, place.id, actor.role), uses):
        use_approval(
            session,
            approval_id,
            action="open_item",
            subject_id=subject.id if isinstance(subject, Ticket) else subject,
            amount_minor=total,
            actor=actor,
            permission=Permission.APPROVE,
            location_id=place.id,
            exceeds=exceeds(uses),
            content_hash=digest([[name, minor] for name, minor in found]),
            items=[{"name": name, "amount_minor": minor} for name, minor in found],
        )
    elif not may(actor.role, Permission.APPROVE):
        return
    # What a manager typed stays agreed when somebody else goes on with the ticket.
    if ticket is not None:
        ticket.approved_open_minor = total
