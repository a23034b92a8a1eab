"""Promo codes on a ticket and in the shop: what a code takes off a cart, its use when money is asked for, and its making."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from msgspec.structs import replace
from sqlalchemy.orm import Session

from pos.core import audit
from pos.core.database.unit_of_work import unit_of_work
from pos.core.i18n.message import Message
from pos.core.messages.catalogue import NO_SUCH_PROMO_CODE, PROMO_CODE_FOR_NOTHING_HERE
from pos.domain.locations.queries import Place
from pos.domain.promotions import queries
from pos.domain.promotions import repository as promotions
from pos.domain.promotions.rules import (
    PromoTerms,
    cuts,
    normal_code,
    problem,
)
from pos.domain.sales.pricing import CartLine, Discount
from pos.domain.staff.queries import Person


@dataclass(frozen=True)
class AppliedPromo:
    """A code on a cart: what it takes off in minor units as displayed, or why it takes nothing."""

    code: str
    label: str
    promo_id: UUID | None
    amount_minor: int
    problem: Message | None = None


def with_promo(
    session: Session,
    place: Place,
    lines: Sequence[CartLine],
    code: str,
    *,
    client_id: UUID | None,
    day: date,
    is_unknown_yet: bool = False,
    buyer_hash: str | None = None,
) -> tuple[list[CartLine], AppliedPromo]:
    """The lines with what a code takes off as their discounts.

    What has a discount of its own, what a credit pays, gift cards and parts of packages are left alone: reductions do not
    add up, and a part is of the price that was agreed. `is_unknown_yet`: who buys is known with the order only, and is taken
    for somebody who has not used the code, where `buyer_hash` does not tell.
    """
    terms = queries.find(session, code)
    if terms is None:
        return list(lines), AppliedPromo(normal_code(code)[:24], "", None, 0, NO_SUCH_PROMO_CODE)
    used = queries.used_by(session, terms.promo_id, client_id, buyer_hash) if terms.most_per_client else 0
    why = problem(
        terms,
        location_id=place.id,
        currency=place.currency,
        day=day,
        client_id=client_id,
        used_by_client=used,
        is_unknown_yet=is_unknown_yet,
    )
    bases = [0 if _is_left_alone(line) else line.unit_minor * line.quantity for line in lines]
    off = cuts(terms, [(line.item_id, base) for line, base in zip(lines, bases, strict=True)])
    if not why and not sum(off):
        why = PROMO_CODE_FOR_NOTHING_HERE
    if why:
        return list(lines), AppliedPromo(terms.code, terms.label, terms.promo_id, 0, why)
    reduced = [
        replace(line, discount=Discount(amount_minor=cut, reason=terms.label)) if cut else line
        for line, cut in zip(lines, off, strict=True)
    ]
    return reduced, AppliedPromo(terms.code, terms.label, terms.promo_id, sum(off))


def _is_left_alone(line: CartLine) -> bool:
    return bool(line.discount or line.cover or line.gift or line.part)


def use_promo(
    session: Session,
    applied: AppliedPromo | None,
    *,
    by_id: UUID,
    location_id: UUID,
    client_id: UUID | None,
    buyer_hash: str | None = None,
) -> None:
    """Count the use of a code for an order or a sale; raises Conflict when the last one is gone."""
    if applied is not None and applied.promo_id is not None and applied.amount_minor:
        promotions.use(
            session,
            applied.promo_id,
            by_id=by_id,
            location_id=location_id,
            client_id=client_id,
            buyer_hash=buyer_hash,
            amount_minor=applied.amount_minor,
        )


@unit_of_work
def write_promo(session: Session, terms: PromoTerms, *, person: Person) -> None:
    """Add a code or change one; what was sold keeps what it was given. Raises Invalid naming the field."""
    promotions.write(session, terms)
    audit.note(
        session,
        "promo.write",
        actor_id=person.id,
        location_id=terms.location_id,
        subject_id=terms.promo_id,
        code=terms.code,
        percent=str(terms.percent) if terms.percent is not None else None,
        amount_minor=terms.amount_minor,
        until_on=terms.until_on.isoformat() if terms.until_on else None,
        most_uses=terms.most_uses,
        active=terms.active,
    )
