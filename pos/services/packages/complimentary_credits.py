"""Complimentary credits: worth nothing in the books, never refunded, with an expiry and a reason of their own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from pos.core import audit
from pos.core.database.unit_of_work import unit_of_work
from pos.core.errors import Invalid, NotFound
from pos.core.i18n.translator import translator
from pos.core.messages.general import NO_SUCH_LOCATION
from pos.core.messages.packages import (
    COMPLIMENTARY_CREDITS_OUT_OF_RANGE,
    COMPLIMENTARY_ITEM,
    COMPLIMENTARY_REASON_MISSING,
    COMPLIMENTARY_TREATMENT_MISSING,
    LAST_DAY_IN_THE_PAST,
)
from pos.domain.catalogue.queries import pick
from pos.domain.clients.queries import living_client
from pos.domain.credits.grants import NewLot, open_lot, open_package
from pos.domain.credits.models import CreditLot, CreditMove
from pos.domain.locations.action_context import ActionContext
from pos.domain.locations.queries import place
from pos.domain.staff.approvals import use_approval
from pos.domain.staff.limit_rules import Limit, exceeds
from pos.domain.staff.permissions import Permission
from pos.services.integrity.run_checks import require_running
from pos.services.packages.authorization import PackageAction, reason_of

# Why somebody is given a credit: short codes that reports can count.
REASONS = ("goodwill", "complaint", "promotion", "prize", "staff")
MOST = 20


@dataclass(frozen=True)
class ComplimentaryGrant:
    """What is given: sessions of one treatment, for a client at a location, until a day."""

    client_id: UUID
    location_id: UUID
    item_id: UUID
    credits: int
    code: str
    expires_on: date


@unit_of_work
def grant_complimentary_credits(session: Session, command: PackageAction, grant: ComplimentaryGrant) -> UUID:
    """Give complimentary credits; returns their lot. No entry is posted: nothing is owed.

    Raises Invalid naming the field, NotFound for a client or a location one does not work at, NeedsApproval, and what
    `require_running` raises where the books are stopped.
    """
    key = f"complimentary:{command.action_id}"
    seen = session.scalar(select(CreditMove.lot_id).where(CreditMove.key == key))
    if seen is not None:
        return seen
    if command.person.locations and grant.location_id not in command.person.locations:
        raise NotFound(NO_SUCH_LOCATION)
    require_running(session, grant.location_id)
    where = place(session, grant.location_id)
    today = where.today()
    person = living_client(session, grant.client_id)
    if grant.code not in REASONS:
        raise Invalid(COMPLIMENTARY_REASON_MISSING, field="code")
    if not 1 <= grant.credits <= MOST:
        raise Invalid(COMPLIMENTARY_CREDITS_OUT_OF_RANGE(most=MOST), field="credits")
    if grant.expires_on < today:
        raise Invalid(LAST_DAY_IN_THE_PAST, field="expires_on")
    item = pick(session, where, today, [grant.item_id])[grant.item_id]
    if item.kind != "variant":
        raise Invalid(COMPLIMENTARY_TREATMENT_MISSING, field="item_id")
    reason = reason_of(command.reason)
    approver = use_approval(
        session,
        command.approval_id,
        action="credits.complimentary",
        subject_id=grant.client_id,
        amount_minor=None,
        actor=command.person,
        permission=Permission.CORRECT_CREDITS,
        location_id=where.id,
        exceeds=exceeds({Limit.COMPLIMENTARY: grant.credits}),
    )
    context = ActionContext.at(where, actor_id=command.person.id, approver_id=approver, reason=reason, key=key)
    package = open_package(
        session,
        context,
        client_id=person.id,
        # In the language of the location, as the name of every other package is.
        name=COMPLIMENTARY_ITEM(item=item.name).text(translator(where.locale))[:160],
        terms={
            "sessions": grant.credits,
            "bonus_sessions": 0,
            "refund_policy": "none",
            "expiry_policy": "lapse",
            "sharing": False,
            "transfer": False,
            "reason_code": grant.code,
            "terms": "",
            "terms_version": "1",
            "paid_minor": 0,
        },
        kind="complimentary",
        reason=reason,
    )
    new = NewLot(
        client_id=person.id,
        location_id=where.id,
        currency=where.currency,
        quantity=grant.credits,
        net_minor=0,
        tax_minor=0,
        tax_percent=Decimal(0),
        expires_on=grant.expires_on,
        items=((item.item_id, "eligible", item.price_minor),),
    )
    lot: CreditLot = open_lot(session, package.id, new, context)
    audit.note(
        session,
        "credits.complimentary",
        actor_id=command.person.id,
        location_id=where.id,
        subject_id=package.id,
        lot_id=str(lot.id),
        reason=reason,
        code=grant.code,
        credits=grant.credits,
    )
    return lot.id
