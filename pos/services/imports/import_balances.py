"""Bringing opening balances in, and taking them out again while they are unused. Not a sale: no revenue, no tax."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from pos.core import audit, clock
from pos.core.database.unit_of_work import unit_of_work
from pos.core.errors import (
    AlreadyUsedKey,
    Conflict,
    Invalid,
    NotFound,
)
from pos.core.messages.imports import (
    FILE_IMPORTED_ALREADY,
    FILE_SESSIONS_DIFFER,
    FILE_VALUE_DIFFERS,
    IMPORT_OF_OTHER_FILE,
    IMPORT_UNDONE_BEFORE,
    IMPORTED_ROW_USED,
    NO_SUCH_IMPORT,
)
from pos.core.messages.packages import OPENING_BALANCE
from pos.core.money import percent_of, rates_of
from pos.domain.catalogue.queries import Plan
from pos.domain.clients.queries import of_contact
from pos.domain.clients.registration import register
from pos.domain.credits import outflows
from pos.domain.credits.grants import NewLot, open_lot, open_package
from pos.domain.credits.lot_writes import NO_TAX, CreditTax
from pos.domain.credits.models import CreditLot
from pos.domain.ledger import posting as ledger
from pos.domain.ledger.entries import Draft, tax_not_due
from pos.domain.locations.action_context import ActionContext
from pos.domain.locations.queries import Place, place
from pos.domain.operations.models import BalanceImport
from pos.services.imports.parse_balances import BalanceFile, BalanceRow, read_balances
from pos.services.integrity.run_checks import require_running


@dataclass(frozen=True)
class Imported:
    """An import that was written: rows, sessions and what is owed in them, minor units."""

    import_id: UUID
    rows: int
    credits: int
    value_minor: int


def _client(session: Session, row: BalanceRow, where: Place) -> UUID:
    """The client of the row's name with its address or phone, or a new one; nobody's data are changed."""
    found = of_contact(session, row.given_name, row.family_name, email=row.email, phone=row.phone)
    if found is not None:
        return found.id
    made = register(
        session,
        given_name=row.given_name,
        family_name=row.family_name,
        email=row.email,
        phone=row.phone,
        country=where.country,
        locale=where.locale,
    )
    return made.id


def _plan(row: BalanceRow) -> Plan:
    """The terms of the plan as it is sold today, or plain ones where the row names a treatment."""
    if row.item.plan is not None:
        return row.item.plan
    return Plan(
        sessions=row.sessions,
        bonus_sessions=0,
        validity_months=0,
        refund_policy="pro_rata",
        expiry_policy="account_credit",
        in_shop=False,
        terms="",
        terms_version="opening",
        eligible=(row.item.item_id,),
        included=(),
    )


def _post(session: Session, event: str, lot: CreditLot, minor: int, not_due: CreditTax, context: ActionContext) -> None:
    """Book from the suspense of the migration what is owed in packages, and the tax that was not paid for it yet."""
    draft = Draft(event, lot.id, context.location.currency)
    draft.debit("migration_suspense", minor + not_due.minor)
    draft.credit("package_liability", minor)
    draft.credit_tax(tax_not_due, rates_of(lot), not_due.minor, not_due.second_minor)
    ledger.post(session, draft, context, reference=context.reason, client_id=lot.client_id)


def _bring_in(
    session: Session, row: BalanceRow, where: Place, import_id: UUID, staff_id: UUID | None, prices: dict[UUID, int]
) -> CreditLot:
    plan = _plan(row)
    second = percent_of(row.value_minor, row.second_tax_percent)
    tax = percent_of(row.value_minor, row.tax_percent) + second
    client_id = _client(session, row, where)
    context = ActionContext.at(where, actor_id=staff_id, reason=row.reference, key=f"opening:{import_id}:{row.number}")
    package = open_package(
        session,
        context,
        client_id=client_id,
        name=row.item.name,
        terms={
            "plan_item_id": str(row.item.item_id),
            **plan.snapshot_terms(),
            "paid_minor": row.value_minor + tax,
            "reference": row.reference,
        },
        kind="opening",
        reason=OPENING_BALANCE(reference=row.reference),
    )
    roles = [(item, "eligible", prices.get(item, 0)) for item in plan.eligible]
    roles += [(item, "included", prices.get(item, 0)) for item in plan.included]
    new = NewLot(
        client_id=client_id,
        location_id=where.id,
        currency=where.currency,
        quantity=row.left,
        net_minor=row.value_minor,
        tax_minor=tax,
        tax_percent=row.tax_percent,
        second_tax_minor=second,
        second_tax_percent=row.second_tax_percent,
        expires_on=row.expires_on,
        items=tuple(roles),
        tax_prepaid=row.tax_paid,
    )
    lot = open_lot(session, package.id, new, context)
    if row.value_minor:
        _post(
            session,
            "opening_balance",
            lot,
            row.value_minor,
            NO_TAX if row.tax_paid else CreditTax(tax, second),
            context,
        )
    return lot


def _require_totals(found: BalanceFile, credits: int | None, value_minor: int | None) -> None:
    if credits is not None and credits != found.credits:
        raise Invalid(FILE_SESSIONS_DIFFER(count=found.credits, expected=credits), field="credits")
    if value_minor is not None and value_minor != found.value_minor:
        raise Invalid(FILE_VALUE_DIFFERS, field="value")


@unit_of_work
def import_balances(
    session: Session,
    *,
    import_id: UUID,
    location_id: UUID,
    content: bytes,
    name: str,
    staff_id: UUID | None = None,
    credits: int | None = None,
    value_minor: int | None = None,
) -> Imported:
    """Bring a file of balances in, all of it or nothing; the same key and file again change nothing.

    `credits` and `value_minor` are control totals somebody saw. Raises Invalid for any wrong row or another total,
    Conflict when this file is in already, AlreadyUsedKey, and what `require_running` raises where the books are stopped.
    """
    where = place(session, location_id)
    seen = session.get(BalanceImport, import_id)
    found = None if seen else read_balances(session, where, content, name)
    if seen is not None:
        done = Imported(seen.id, len(seen.lots), seen.credits, seen.value_minor)
        if seen.location_id != location_id or (credits is not None and credits != seen.credits):
            raise AlreadyUsedKey(IMPORT_OF_OTHER_FILE)
        return done
    assert found is not None
    require_running(session, location_id)
    twin = select(BalanceImport.id).where(
        BalanceImport.location_id == location_id,
        BalanceImport.sha256 == found.sha256,
        BalanceImport.state == "committed",
    )
    if session.scalar(twin) is not None:
        raise Conflict(FILE_IMPORTED_ALREADY)
    found.require_right()
    _require_totals(found, credits, value_minor)
    lots: list[dict[str, Any]] = []
    for row in found.rows:
        lot = _bring_in(session, row, where, import_id, staff_id, found.prices)
        lots.append({"row": row.number, "lot_id": str(lot.id), "reference": row.reference})
    session.add(
        BalanceImport(
            id=import_id,
            location_id=location_id,
            file_name=found.name,
            sha256=found.sha256,
            lots=lots,
            credits=found.credits,
            value_minor=found.value_minor,
            state="committed",
            staff_id=staff_id,
            at=clock.now(),
        )
    )
    _note(session, "import.balances", import_id, location_id, staff_id, found.credits, found.value_minor)
    return Imported(import_id, len(lots), found.credits, found.value_minor)


def _note(
    session: Session, action: str, import_id: UUID, location_id: UUID, staff_id: UUID | None, credits: int, minor: int
) -> None:
    audit.note(
        session,
        action,
        actor_id=staff_id,
        location_id=location_id,
        subject_id=import_id,
        credits=credits,
        value_minor=minor,
    )


@unit_of_work
def undo_import(
    session: Session, *, import_id: UUID, location_ids: frozenset[UUID] | None = None, staff_id: UUID | None = None
) -> Imported:
    """Take the balances of an import out again; raises NotFound, and Conflict naming the first row that was used."""
    row = session.get(BalanceImport, import_id, with_for_update=True)
    if row is None or (location_ids is not None and row.location_id not in location_ids):
        raise NotFound(NO_SUCH_IMPORT)
    if row.state != "committed":
        raise Conflict(IMPORT_UNDONE_BEFORE)
    require_running(session, row.location_id)
    where = place(session, row.location_id)
    for entry in row.lots:
        lot = session.get_one(CreditLot, UUID(entry["lot_id"]), with_for_update=True)
        if lot.seq != 1:
            raise Conflict(IMPORTED_ROW_USED(row=entry["row"], reference=entry["reference"]))
        context = ActionContext.at(
            where, actor_id=staff_id, reason=entry["reference"], key=f"opening-undone:{import_id}:{entry['row']}"
        )
        left = outflows.surrender(session, lot.id, lot.quantity, context, kind="withdraw")
        outflows.close(session, lot.id, status="closed")
        if left.net_minor:
            not_due = CreditTax(left.not_due_minor, left.second_not_due_minor)
            _post(session, "opening_balance_undone", lot, -left.net_minor, -not_due, context)
    row.state, row.undone_at, row.undone_by = "undone", clock.now(), staff_id
    _note(session, "import.undone", import_id, row.location_id, staff_id, row.credits, row.value_minor)
    return Imported(row.id, len(row.lots), row.credits, row.value_minor)
