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
    owner_id = reading().get_one(CreditLot, UUID(payload["lot_id"])).client_id
    _remind(owner_id, [(payload["lot_id"], payload["expires_on"])])


def credits_end(payload: dict[str, Any]) -> None:
    """Tell a client of all their credits that end on the days somebody asked for, as far as they still do."""
    _remind(UUID(payload["client_id"]), [(lot_id, on) for lot_id, on in payload["lots"]])


def _remind(client_id: UUID, lots: list[tuple[str, str]]) -> None:
    session, owner = reading(), client_of(reading(), client_id)
    rows = session.execute(
        select(CreditLot, PurchasedPackage)
        .join(PurchasedPackage, PurchasedPackage.id == CreditLot.package_id)
        .where(
            CreditLot.id.in_([UUID(lot_id) for lot_id, _on in lots]),
            CreditLot.remaining > 0,
            CreditLot.status == "active",
        )
        .order_by(CreditLot.expires_on, CreditLot.id)
    )
    days = dict(lots)
    ending = [(lot, package) for lot, package in rows if str(lot.expires_on) == days[str(lot.id)]]
    if not ending or not owner.email:
        return
    where, w = place(session, ending[0][0].location_id), translator(owner.locale)
    first = w.day(ending[0][0].expires_on)
    same_day = len({lot.expires_on for lot, _package in ending}) == 1
    kept = {package.terms.get("expiry_policy") == "account_credit" for _lot, package in ending}
    post_letter(
        write_letter(
            "expiry_reminder",
            to=owner.email,
            subject=w("Your sessions at %(clinic)s are valid until %(day)s", clinic=where.clinic_name, day=first)
            if same_day
            else w("Your sessions at %(clinic)s end, the first on %(day)s", clinic=where.clinic_name, day=first),
            locale=owner.locale,
            site_name=where.clinic_name,
            name=owner.given_name,
            clinic=where.clinic_name,
            packages=[(package.name, lot.remaining, w.day(lot.expires_on)) for lot, package in ending],
            kept=kept.pop() if len(kept) == 1 else None,
            phone=where.phone or "",
            account_url=f"{settings().base_url}/account",
        )
    )
