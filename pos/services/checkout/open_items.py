"""Open items and service charges taken off: up to the limit of a role, above it with somebody's consent.

The consent is bound to the ticket, which keeps how much was agreed to: it holds while its open items cost no more together,
or no more of its charges is off. It ends when the ticket goes from one client to another, as that of a discount does.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from pos.core import audit
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
    """Refuse open items, charges taken off and discounts by hand that nobody agreed to.

    `subject` is the locked ticket, which keeps what is agreed, or the key of a sale without one. Without an `actor` at a
    desk, nothing is refused. Raises NeedsApproval above the limit of the actor.
    """
    if actor is not None:
        of_open = [(one.line.name, one.list_minor) for one in assembled.cart.lines if one.line.item_id == OPEN_ITEM]
        _require_agreed(session, place, _OPEN, of_open, subject, actor, approval_id)
        charges_off = [(one.rule.name, one.amount_minor) for one in assembled.charges if not one.charged]
        _require_agreed(session, place, _CHARGES_OFF, charges_off, subject, actor, approval_id)
    require_discounts_allowed(session, place, wanted, assembled, subject=subject, actor=actor, approval_id=approval_id)


@dataclass(frozen=True)
class _Kind:
    """What is agreed to: the action of its consent, the limit, and the column of the ticket that keeps how much."""

    action: str
    limit: Limit
    column: str


_OPEN = _Kind("open_item", Limit.OPEN_ITEM, "approved_open_minor")
_CHARGES_OFF = _Kind("service_charge", Limit.SERVICE_CHARGE, "approved_charge_minor")


def _require_agreed(
    session: Session,
    place: Place,
    kind: _Kind,
    found: list[tuple[str, int]],
    subject: Ticket | UUID,
    actor: Actor,
    approval_id: UUID | None,
) -> None:
    """Refuse what comes to more than the ticket keeps and the actor may do alone. Raises NeedsApproval."""
    ticket = subject if isinstance(subject, Ticket) else None
    total = sum(minor for _, minor in found)
    if not total or total <= (getattr(ticket, kind.column) if ticket else 0):
        return
    uses = {kind.limit: total}
    if exceeded(limits_of(session, place.id, actor.role), uses):
        use_approval(
            session,
            approval_id,
            action=kind.action,
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
    # What a manager agreed to stays agreed when somebody else goes on with the ticket.
    if ticket:
        setattr(ticket, kind.column, total)


def note_charges_off(
    session: Session, place: Place, assembled: PricedCart, *, sale_id: UUID, staff_id: UUID | None
) -> None:
    """A service charge that a sale, or an order of the same key, goes without stands in the audit log: by whom and why."""
    for one in assembled.charges:
        if not one.charged:
            audit.note(
                session, "sale.service_charge_off", actor_id=staff_id, location_id=place.id, subject_id=sale_id,
                charge=one.rule.name, amount_minor=one.amount_minor, reason=one.reason,
            )  # fmt: skip
