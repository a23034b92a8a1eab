"""Codes and names of accounts are the bookkeeper's; what an account is for is not."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from pos.core.audit import AuditEvent
from pos.core.errors import Invalid, NotFound
from pos.domain.ledger.chart_of_accounts import chart
from pos.services.catalogue.location_settings import rename_account
from tests.support.books import failing
from tests.support.clinic import Clinic, Site, line


def rename(world: Clinic, key: str, code: str, name: str, *, site: Site | None = None) -> None:
    with world.app.app_context():
        rename_account(
            location_id=(site or world.usd).location_id, staff_id=world.manager.id, key=key, code=code, name=name
        )


def names(world: Clinic, site: Site) -> dict[str, tuple[str, str]]:
    with world.read() as session:
        return {row.key: (row.code, row.name) for row in chart(session, site.location_id)}


def test_account_renamed_at_one_location_keeps_its_meaning(clinic: Clinic) -> None:
    clinic.sell(line("foot_60"))
    before = clinic.balance(clinic.usd, "service_revenue")
    rename(clinic, "service_revenue", "8400", "Erlöse 8 %")
    rename(clinic, "breakage", "8490", "Verfallene Guthaben")  # before anything was booked on it
    assert names(clinic, clinic.usd)["service_revenue"] == ("8400", "Erlöse 8 %")
    assert names(clinic, clinic.usd)["breakage"] == ("8490", "Verfallene Guthaben")
    assert names(clinic, clinic.eur)["service_revenue"] == ("4000", "Service revenue")
    clinic.sell(line("foot_60"))
    assert clinic.balance(clinic.usd, "service_revenue") == 2 * before
    with clinic.read() as session:
        commands = session.scalars(select(AuditEvent.detail).where(AuditEvent.action == "books.account_renamed")).all()
    assert [command["key"] for command in commands] == ["service_revenue", "breakage"]
    assert "chain" not in failing(clinic)


@pytest.mark.parametrize(
    ("code", "name", "field"),
    [("", "Bank", "code"), ("a b", "Bank", "code"), ("1" * 21, "Bank", "code"), ("1010", " \x00", "name"),
     ("4000", "Bank", "code")],
)  # fmt: skip
def test_account_rename_invalid_is_refused_with_field(clinic: Clinic, code: str, name: str, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        rename(clinic, "bank", code, name)
    assert refused.value.field == field
    assert names(clinic, clinic.usd)["bank"] == ("1010", "Bank")


def test_account_rename_of_unknown_key_is_not_found(clinic: Clinic) -> None:
    for key in ("profit", "cash_drawer", "tax_payable:99"):
        with pytest.raises(NotFound):
            rename(clinic, key, "1", "x")
