"""Reads of promo codes, as frozen terms."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import ColumnElement, false, func, or_, select
from sqlalchemy.orm import Session

from pos.core.errors import NotFound
from pos.core.messages.catalogue import NO_SUCH_PROMO_CODE
from pos.domain.clients.persons import is_of
from pos.domain.clients.queries import hashes_of
from pos.domain.promotions.models import PromoCode, PromoUse
from pos.domain.promotions.rules import PromoTerms, normal_code


def as_terms(row: PromoCode) -> PromoTerms:
    """The frozen terms of a row."""
    return PromoTerms(
        promo_id=row.id,
        code=row.code,
        label=row.label,
        percent=row.percent,
        amount_minor=row.amount_minor,
        currency=row.currency,
        location_id=row.location_id,
        items=frozenset(UUID(item) for item in row.items),
        from_on=row.from_on,
        until_on=row.until_on,
        most_uses=row.most_uses,
        most_per_client=row.most_per_client,
        uses=row.uses,
        active=row.active,
    )


def find(session: Session, typed: str) -> PromoTerms | None:
    """The code somebody typed; None where there is none."""
    row = session.scalar(select(PromoCode).where(PromoCode.code == normal_code(typed)))
    return as_terms(row) if row else None


def by_key(session: Session, promo_id: UUID) -> PromoTerms | None:
    """The code with a key; None where there is none."""
    row = session.get(PromoCode, promo_id)
    return as_terms(row) if row else None


def promo(session: Session, promo_id: UUID) -> PromoTerms:
    """One code; raises NotFound."""
    found = by_key(session, promo_id)
    if found is None:
        raise NotFound(NO_SUCH_PROMO_CODE)
    return found


def used_by(session: Session, promo_id: UUID, client_id: UUID | None, buyer_hash: str | None = None) -> int:
    """How often somebody has a code on an order or a sale: as a client, or as a buyer in the shop.

    A client has what was ordered under their address and name as well, though nobody has paid it and named them yet.
    """
    hashes = [] if buyer_hash is None else [buyer_hash]
    known: list[ColumnElement[bool]] = []
    if client_id is not None:
        hashes += hashes_of(session, client_id)
        known.append(is_of(PromoUse.client_id, client_id))
    who = or_(false(), *known, PromoUse.buyer_hash.in_(hashes))
    live = (PromoUse.promo_id == promo_id) & who & PromoUse.released_at.is_(None)
    return session.scalar(select(func.count()).select_from(PromoUse).where(live)) or 0


def listed(session: Session) -> list[PromoTerms]:
    """Every code, the newest first."""
    return [as_terms(row) for row in session.scalars(select(PromoCode).order_by(PromoCode.created_at.desc()))]


def given(session: Session, promo_id: UUID) -> int:
    """What a code has taken off in all, in minor units."""
    live = (PromoUse.promo_id == promo_id) & PromoUse.released_at.is_(None)
    return int(session.scalar(select(func.coalesce(func.sum(PromoUse.amount_minor), 0)).where(live)) or 0)
