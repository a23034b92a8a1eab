"""Changing how a location works: names of accounts, ways to pay, taxes, breakage. Each change is written down."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from pos.core import audit
from pos.core.database.unit_of_work import unit_of_work
from pos.core.errors import Invalid
from pos.core.messages.catalogue import TERMS_START_IN_THE_PAST
from pos.core.messages.payments import BANK_DEBIT_NOT_IN_CURRENCY
from pos.domain.catalogue.tax_rates import TaxSetting, remove_rate, set_tax
from pos.domain.credits.rules.breakage import Expectation
from pos.domain.credits.rules.breakage_recognition import set_rule
from pos.domain.ledger import chart_of_accounts
from pos.domain.locations import repository as locations
from pos.domain.locations.offline_limits import OfflineLimits
from pos.domain.locations.queries import place
from pos.domain.payments.attempt_states import BANK_DEBITS


@unit_of_work
def rename_account(session: Session, *, location_id: UUID, staff_id: UUID, key: str, code: str, name: str) -> None:
    """Give an account of a location another code and name; raises NotFound, Invalid."""
    chart_of_accounts.rename(session, location_id, key, code=code, name=name)
    audit.note(
        session, "books.account_renamed", actor_id=staff_id, location_id=location_id, key=key, code=code, name=name
    )


@unit_of_work
def set_ways_to_pay(
    session: Session, *, location_id: UUID, staff_id: UUID, reader_tips: bool, bank_debit: bool, offline: OfflineLimits
) -> None:
    """Change whether the readers of a location may ask for a tip, whether its page takes debits from a bank account, and
    how much its desks take while the server does not answer.

    Raises Invalid where Stripe knows no such debit for the currency, and for limits outside what a desk can keep.
    """
    offline.require_sensible()
    where = place(session, location_id)
    if bank_debit and where.currency not in BANK_DEBITS:
        raise Invalid(BANK_DEBIT_NOT_IN_CURRENCY(currency=where.currency), field="bank_debit")
    methods = ("card", *([BANK_DEBITS[where.currency]] if bank_debit else []))
    locations.set_payment_methods(
        session, location_id, reader_tips=reader_tips, online_methods=methods, offline=offline
    )
    audit.note(
        session,
        "books.ways_to_pay",
        actor_id=staff_id,
        location_id=location_id,
        reader_tips=reader_tips,
        online_methods=list(methods),
        offline_minutes=offline.minutes,
        offline_sales=offline.sales,
        offline_minor=offline.amount_minor,
    )


def _require_not_past(session: Session, location_id: UUID, from_on: date) -> None:
    if from_on < place(session, location_id).today():
        raise Invalid(TERMS_START_IN_THE_PAST, field="from_on")


@unit_of_work
def set_tax_setting(session: Session, *, location_id: UUID, staff_id: UUID, setting: TaxSetting) -> None:
    """Change the rate of a category of goods and when its packages are taxed, from today or a later day; raises Invalid."""
    _require_not_past(session, location_id, setting.from_on)
    before = set_tax(session, location_id, setting)
    second: dict[str, Any] = (
        {"second_percent": f"{setting.second_percent.normalize():f}"} if setting.second_percent else {}
    )
    audit.note(
        session, "books.tax", actor_id=staff_id, location_id=location_id,
        category=setting.category, from_on=setting.from_on.isoformat(), percent=f"{setting.percent.normalize():f}",
        tax_point=setting.tax_point, before=before,
        **second,
    )  # fmt: skip


@unit_of_work
def take_back_tax_setting(session: Session, *, location_id: UUID, staff_id: UUID, category: str, from_on: date) -> None:
    """Take back a rate that was set for a day still to come; raises NotFound for any other."""
    before = remove_rate(session, location_id, category, from_on, today=place(session, location_id).today())
    audit.note_change(
        session, "books.tax_taken_back", before={"category": category, "from_on": from_on, "rate": before}, after={},
        actor_id=staff_id, location_id=location_id,
    )  # fmt: skip


@unit_of_work
def set_breakage(
    session: Session, *, location_id: UUID, staff_id: UUID, from_on: date, expectation: Expectation
) -> None:
    """Change how a location recognises breakage, from today or a later day; raises Invalid."""
    _require_not_past(session, location_id, from_on)
    set_rule(session, location_id, from_on, expectation)
    audit.note(
        session, "books.breakage", actor_id=staff_id, location_id=location_id,
        from_on=from_on.isoformat(), method=expectation.method,
        expected_percent=f"{expectation.expected_percent.normalize():f}", remote_months=expectation.remote_months,
    )  # fmt: skip
