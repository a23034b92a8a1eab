"""Which lots have breakage to recognise or to take back, and doing it; the rule itself is in `breakage.py`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import bindparam, func, or_, select
from sqlalchemy.orm import Session

from pos.core.database.base import execute
from pos.core.errors import Conflict
from pos.core.messages.packages import PACKAGE_USED_A_MOMENT_AGO
from pos.domain.credits.lot_writes import (
    CHANGED,
    Moved,
    change,
    write_move,
)
from pos.domain.credits.models import (
    BreakageRule,
    CreditLot,
    CreditMove,
    PurchasedPackage,
)
from pos.domain.credits.rules.breakage import Expectation, Unused, ahead
from pos.domain.locations.action_context import ActionContext

_OWED = CreditLot.net_minor - CreditLot.recognised_minor
_TURN = change(
    CreditLot.breakage_minor == bindparam("seen"), CreditLot.recognised_minor == bindparam("recognised")
).returning(*CHANGED)


def breakage_rules(session: Session, location_id: UUID) -> list[BreakageRule]:
    """How a location recognises breakage, from which day on; the earliest first."""
    query = select(BreakageRule).where(BreakageRule.location_id == location_id).order_by(BreakageRule.from_on)
    return list(session.scalars(query))


def how_on(session: Session, location_id: UUID, day: date) -> Expectation:
    """How breakage is recognised on a day: when credits end, unless a rule says otherwise."""
    rules = [rule for rule in breakage_rules(session, location_id) if rule.from_on <= day]
    if not rules:
        return Expectation()
    return Expectation(rules[-1].method, rules[-1].expected_percent, rules[-1].remote_months)


def set_rule(session: Session, location_id: UUID, from_on: date, how: Expectation) -> None:
    """Recognise breakage in another way from a day on; raises Invalid naming the field."""
    how.checked()
    row = session.get(BreakageRule, (location_id, from_on)) or BreakageRule(location_id=location_id, from_on=from_on)
    row.method, row.expected_percent, row.remote_months = how.method, how.expected_percent, how.remote_months
    session.add(row)
    session.flush()


@dataclass(frozen=True)
class Turn:
    """A lot whose breakage is to be changed: what was recognised ahead, and what should be, minor units."""

    lot_id: UUID
    package: str
    currency: str
    recognised_minor: int
    breakage_minor: int
    target_minor: int


def breakage_due(session: Session, location_id: UUID, today: date) -> Iterator[Turn]:
    """The lots of a location of which more or less breakage should be recognised today."""
    how = how_on(session, location_id, today)
    last = (
        select(func.max(CreditMove.business_on))
        .where(CreditMove.lot_id == CreditLot.id, CreditMove.kind != "breakage")
        .correlate(CreditLot)
        .scalar_subquery()
    )
    rows = session.execute(
        select(CreditLot, PurchasedPackage.name, PurchasedPackage.terms, last)
        .join(PurchasedPackage, PurchasedPackage.id == CreditLot.package_id)
        .where(CreditLot.location_id == location_id, or_(_OWED > 0, CreditLot.breakage_minor > 0))
        .order_by(CreditLot.granted_at, CreditLot.id)
    )
    for lot, name, terms, last_on in rows:
        target = ahead(
            Unused(
                net_minor=lot.net_minor,
                quantity=lot.quantity,
                used=lot.redeemed + lot.burned,
                owed_minor=lot.net_minor - lot.recognised_minor,
                recognised_minor=lot.breakage_minor,
                last_use_on=last_on,
                returns=terms.get("expiry_policy") == "account_credit",
                rests=lot.status != "active",
            ),
            how,
            today,
        )
        if target != lot.breakage_minor:
            yield Turn(lot.id, name, lot.currency, lot.recognised_minor, lot.breakage_minor, target)


def turn(session: Session, found: Turn, context: ActionContext) -> Moved:
    """Recognise the breakage of a lot, or take it back; raises Conflict when the lot changed meanwhile."""
    row = execute(
        session, _TURN, lot=found.lot_id, seen=found.breakage_minor, recognised=found.recognised_minor
    ).first()
    if row is None:
        raise Conflict(PACKAGE_USED_A_MOMENT_AGO, lot_id=str(found.lot_id))
    change_minor = found.target_minor - found.breakage_minor
    return write_move(session, found.lot_id, "breakage", 0, row, context, breakage_minor=change_minor)
