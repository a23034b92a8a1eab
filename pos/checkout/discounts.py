"""Discounts given by hand: up to the limit of the location by whoever may, above it with a manager's consent.

The consent is to a ticket and to all that its discounts take off, so that a line that becomes free, a bigger percentage or a
dearer item asks anew, and a ticket that goes on being filled does not. Promo codes and credits are no discount by hand.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.orm import Session

from pos.checkout.pricing import Assembled
from pos.locations.queries import Place
from pos.sales.tickets import Wanted
from pos.staff.approvals import Actor, needs_approval, use_approval
from pos.staff.queries import discount_limit
from pos.staff.rules import Permission, is_above


def given_by_hand(wanted: Wanted, assembled: Assembled) -> list[tuple[int, int]]:
    """What each line costs as displayed without its discounts, and what those take off; minor units."""
    own = [line.discount is not None for line in wanted.lines]
    own += [False] * (len(assembled.cart.lines) - len(own))
    return [
        (
            priced.list_minor - priced.covered_minor,
            priced.ticket_discount_minor + (priced.line_discount_minor if by_hand else 0),
        )
        for priced, by_hand in zip(assembled.cart.lines, own, strict=True)
    ]


def expect_discount_allowed(
    session: Session,
    place: Place,
    wanted: Wanted,
    assembled: Assembled,
    *,
    actor: Actor,
    subject_id: UUID,
    approval_id: UUID | None = None,
    approved_minor: int = 0,
) -> int:
    """The discount of a ticket that is agreed to, minor units: `approved_minor`, or more by the consent spent now.

    `subject_id` is the ticket (or the sale without one). Raises NeedsApproval above the limit of the location.
    """
    cuts = given_by_hand(wanted, assembled)
    total = sum(cut for _, cut in cuts)
    if total <= approved_minor:
        return approved_minor
    if not needs_approval(actor.role, Permission.APPROVE):
        # What a manager gave stays given when somebody else goes on with the ticket.
        return total
    if not is_above(cuts, discount_limit(session, place.id, place.currency)):
        return approved_minor
    use_approval(
        session,
        approval_id,
        action="discount",
        subject_id=subject_id,
        amount_minor=total,
        actor=actor,
        permission=Permission.APPROVE,
        location_id=place.id,
    )
    return total
