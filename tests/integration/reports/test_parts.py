"""A package paid in parts is one package in every report, and each part a payment of its own."""

from __future__ import annotations

from sqlalchemy import select

from pos.domain.credits.models import CreditLot
from pos.reports.sales.sale_lines import line_rows, line_sums
from pos.services.packages.share_and_transfer import transfer_credits
from tests.integration.instalments.conftest import allow_deposit, lot_of, pay
from tests.integration.reports.test_sales import (
    agreement,
    column,
    exported,
    figures,
    scope_of,
)
from tests.support.clinic import Clinic
from tests.support.package_actions import package_action


def test_report_instalments_of_package_count_one_package(clinic: Clinic) -> None:
    world = allow_deposit(clinic)
    lot = lot_of(world, pay(world, 300_00).sale_id)
    pay(world, 250_00, lot_id=lot.id)
    pay(world, 350_00, lot_id=lot.id)
    found = figures(world, world.usd)[0]
    assert (found.packages_sold, found.credits_sold, found.packages_minor) == (1, 10, 900_00)
    mix = found.kind("package")
    assert (mix.quantity, mix.net_minor, mix.tax_minor) == (1, 900_00, 72_00)
    # Three receipts were written, each over what was paid: 972.00 in all, 324.00 on average.
    assert (found.sales, found.total_minor // found.sales) == (3, 324_00)
    with world.read() as session:
        scope = scope_of(session, world.usd)
        rows = list(line_rows(session, scope))
        ((_, count, sums, *_),) = line_sums(session, scope, "package")
    assert [(row.item, row.quantity, row.total_minor) for row in rows] == [
        ("10 × 60 min", 1, 324_00), ("10 × 60 min", 0, 270_00), ("10 × 60 min", 0, 378_00)
    ]  # fmt: skip
    assert (count, sums.quantity, sums.net_minor) == (3, 1, 900_00)
    items = exported(world, "csv", items=True)
    assert [(row["Kind"], row["Quantity"]) for row in items] == [
        ("Package", "1"),
        ("Part of a package", "0"),
        ("Part of a package", "0"),
    ]
    assert column(items, "Total with tax") == column(exported(world, "csv"), "Total with tax") == 972_00
    assert agreement(world).differences == ()


def test_report_transferred_credits_are_not_counted_as_sold(clinic: Clinic) -> None:
    clinic.buy("ten", clinic.ana)
    with clinic.read() as session:
        lot_id = session.scalars(select(CreditLot.id)).one()
    with clinic.app.app_context():
        transfer_credits(package_action(clinic), lot_id, credits=3, receiver_id=clinic.ben)
    found = figures(clinic, clinic.usd)[0]
    assert (found.packages_sold, found.credits_sold) == (1, 10)
