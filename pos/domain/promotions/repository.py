"""Writing promo codes, and counting their uses: the last use is taken by one conditional UPDATE."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import or_, update
from sqlalchemy.orm import Session

from pos.core import clock
from pos.core.errors import Conflict, Invalid
from pos.core.messages.catalogue import (
    PROMO_CODE_TAKEN,
    PROMO_CODE_USED_BY_CLIENT,
    PROMO_CODE_USED_MORE_OFTEN,
    PROMO_CODE_USED_UP,
)
from pos.domain.clients.queries import hash_of
from pos.domain.promotions.models import PromoCode, PromoUse
from pos.domain.promotions.queries import by_key, find, used_by
from pos.domain.promotions.rules import PromoTerms


def write(session: Session, terms: PromoTerms) -> None:
    """Add a code, or change one; what was sold keeps what it was given. Raises Invalid naming the field."""
    terms.checked()
    other = find(session, terms.code)
    if other is not None and other.promo_id != terms.promo_id:
        raise Invalid(PROMO_CODE_TAKEN, field="code")
    row = session.get(PromoCode, terms.promo_id, with_for_update=True, populate_existing=True)
    if row is None:
        row = PromoCode(id=terms.promo_id, uses=0, created_at=clock.now())
        session.add(row)
    if terms.most_uses is not None and terms.most_uses < row.uses:
        raise Invalid(PROMO_CODE_USED_MORE_OFTEN(count=row.uses), field="most_uses")
    for name in (
        "code", "label", "percent", "amount_minor", "currency", "location_id", "from_on", "until_on", "most_uses",
        "most_per_client", "active",
    ):  # fmt: skip
        setattr(row, name, getattr(terms, name))
    row.items = sorted(str(item) for item in terms.items)
    session.flush()


def use(
    session: Session,
    promo_id: UUID,
    *,
    by_id: UUID,
    location_id: UUID,
    client_id: UUID | None,
    amount_minor: int,
    buyer_hash: str | None = None,
) -> None:
    """Count a use for an order or a sale; raises Conflict when somebody had the last one a moment ago.

    The UPDATE locks the row, so that what is counted of the client afterwards cannot change any more.
    """
    has_left = or_(PromoCode.most_uses.is_(None), PromoCode.uses < PromoCode.most_uses)
    counted = session.execute(
        update(PromoCode)
        .where(PromoCode.id == promo_id, PromoCode.active, has_left)
        .values(uses=PromoCode.uses + 1)
        .returning(PromoCode.most_per_client)
        .execution_options(synchronize_session=False)
    ).first()
    if counted is None:
        raise Conflict(PROMO_CODE_USED_UP, field="promo")
    if counted.most_per_client is not None:
        is_known = client_id is not None or buyer_hash is not None
        used = used_by(session, promo_id, client_id, buyer_hash) if is_known else counted.most_per_client
        if used >= counted.most_per_client:
            raise Conflict(PROMO_CODE_USED_BY_CLIENT, field="promo")
        if client_id is not None:
            # So that an order placed by who is no client yet, as far as it can see, finds this use.
            buyer_hash = hash_of(session, client_id) or buyer_hash
    session.add(
        PromoUse(
            by_id=by_id,
            promo_id=promo_id,
            location_id=location_id,
            client_id=client_id,
            buyer_hash=buyer_hash,
            amount_minor=amount_minor,
            at=clock.now(),
        )
    )
    session.flush()


def name_client(session: Session, by_id: UUID, client_id: UUID) -> PromoTerms | None:
    """The buyer of an order is a client now; nothing where the order had no code.

    Returns the code where the client has it more often now than it allows: the order is paid, so that its use counts.
    """
    promo_id = session.execute(
        update(PromoUse)
        .where(PromoUse.by_id == by_id, PromoUse.client_id.is_(None))
        .values(client_id=client_id)
        .returning(PromoUse.promo_id)
        .execution_options(synchronize_session=False)
    ).scalar()
    terms = by_key(session, promo_id) if promo_id is not None else None
    if terms is None or terms.most_per_client is None:
        return None
    return terms if used_by(session, terms.promo_id, client_id) > terms.most_per_client else None


def give_back(session: Session, by_id: UUID) -> None:
    """An order is given up, or a sale voided: its use of a code counts no more; nothing where it had none."""
    promo_id = session.execute(
        update(PromoUse)
        .where(PromoUse.by_id == by_id, PromoUse.released_at.is_(None))
        .values(released_at=clock.now(), buyer_hash=None)
        .returning(PromoUse.promo_id)
        .execution_options(synchronize_session=False)
    ).scalar()
    if promo_id is not None:
        session.execute(
            update(PromoCode)
            .where(PromoCode.id == promo_id)
            .values(uses=PromoCode.uses - 1)
            .execution_options(synchronize_session=False)
        )
