"""Letters about packages: somebody used your credit; your credits end soon."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select

from pos.core.app_context import settings
from pos.core.database.base import reading
from pos.core.i18n.translator import translator
from pos.domain.clients.queries import client as client_of
from pos.domain.clients.queries import name_of
from pos.domain.credits.models import CreditLot, PurchasedPackage, Redemption
from pos.domain.locations.queries import place
from pos.domain.sales.models import SaleLine
from pos.services.mailer import post_letter, write_letter


def shared_credit_used(payload: dict[str, Any]) -> None:
    """Tell the owner of a lot who used a credit, when and for what."""
    session = reading()
    used = session.get_one(Redemption, UUID(payload["redemption_id"]))
    lot = session.get_one(CreditLot, used.lot_id)
    owner = client_of(session, lot.client_id)
    if not owner.email:
        return
    where = place(session, lot.location_id)
    package = session.get_one(PurchasedPackage, lot.package_id)
    treatment = session.scalars(
        select(SaleLine.name).where(SaleLine.sale_id == used.sale_id, SaleLine.position == used.sale_position)
    ).one()
    person = name_of(session, used.client_id)
    w = translator(owner.locale)
    post_letter(
        write_letter(
            "shared_credit_used",
            to=owner.email,
            subject=w("%(person)s used one of your sessions", person=person),
            locale=owner.locale,
            site_name=where.clinic_name,
            name=owner.given_name,
            clinic=where.clinic_name,
            person=person,
            package=package.name,
            treatment=treatment,
            day=w.day(used.service_on),
            left=lot.remaining,
            account_url=f"{settings().base_url}/account/packages/{package.id}",
        )
    )


def credits_expire(payload: dict[str, Any]) -> None:
    """Remind a client of credits that end soon; nothing when the last one was used or the day was moved meanwhile."""
    session = reading()
    lot = session.get_one(CreditLot, UUID(payload["lot_id"]))
    owner = client_of(session, lot.client_id)
    still = lot.remaining > 0 and lot.status == "active" and lot.expires_on is not None
    if not still or lot.expires_on is None or lot.expires_on.isoformat() != payload["expires_on"] or not owner.email:
        return
    where = place(session, lot.location_id)
    package = session.get_one(PurchasedPackage, lot.package_id)
    keeps = package.terms.get("expiry_policy") == "account_credit"
    w = translator(owner.locale)
    post_letter(
        write_letter(
            "expiry_reminder",
            to=owner.email,
            subject=w(
                "Your sessions at %(clinic)s are valid until %(day)s",
                clinic=where.clinic_name,
                day=w.day(lot.expires_on),
            ),
            locale=owner.locale,
            site_name=where.clinic_name,
            name=owner.given_name,
            clinic=where.clinic_name,
            package=package.name,
            left=lot.remaining,
            day=w.day(lot.expires_on),
            keeps_value=keeps,
            phone=where.phone or "",
            account_url=f"{settings().base_url}/account",
        )
    )
