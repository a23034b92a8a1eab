"""What was owed on any past day: the same bytes after later activity, tied to the ledger, rolled forward by plan."""

from __future__ import annotations

import io
from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from pos.core import clock
from pos.core.database.base import reading
from pos.core.ids import new_id
from pos.domain.catalogue.models import Item, Price
from pos.domain.clients.models import Client
from pos.domain.credits.models import CreditLot, PurchasedPackage
from pos.domain.locations.queries import places
from pos.reports.books.rollforward import PlaceRoll, roll_forward
from pos.reports.exporters import write_csv, write_xlsx
from pos.reports.listed import reports
from pos.reports.period import Scope
from pos.services.catalogue.location_settings import rename_account
from pos.services.imports.import_balances import import_balances
from pos.services.packages.adjust_credits import forfeit_credit
from pos.services.packages.expiry import end_freezes_and_expire
from pos.services.packages.freeze_and_extend import freeze_package, unfreeze_package
from pos.services.packages.share_and_transfer import transfer_credits
from pos.services.refunds.calculate import RefundChoice
from pos.services.refunds.issue_refund import RefundCommand, refund
from tests.support.books import book_floats
from tests.support.clinic import Clinic, line
from tests.support.package_actions import package_action

DAY = date(2026, 6, 16)


@pytest.fixture
def sold(clinic: Clinic) -> Clinic:
    """Ten for 900.00 on 16 June with one visit that day, three for 285.00 at the other place."""
    book_floats(clinic)
    clinic.buy("ten", clinic.ana)
    clinic.sell(line("trigger_60"), client=clinic.ana)
    clinic.buy("three", clinic.ben, site=clinic.eur)
    return clinic


def rolls(world: Clinic, from_on: date, to_on: date) -> list[PlaceRoll]:
    with world.read() as session:
        return roll_forward(session, Scope(places(session), from_on, to_on))


def as_bytes(world: Clinic, from_on: date, to_on: date) -> bytes:
    out = io.BytesIO()
    with world.read() as session:
        write_csv(reports()["liability"].sheet(session, Scope(places(session), from_on, to_on)), out)
    return out.getvalue()


def test_liability_report_of_past_day_is_identical_after_later_activity(sold: Clinic) -> None:
    before = as_bytes(sold, DAY, DAY)
    with clock.at(clock.now() + timedelta(days=1)):
        sold.sell(line("trigger_60"), client=sold.ana)
        sold.buy("ten", sold.ben)
        sold.buy("five", sold.ana)
    assert as_bytes(sold, DAY, DAY) == before
    assert as_bytes(sold, DAY, DAY + timedelta(days=1)) != before


def test_liability_report_of_past_day_is_identical_after_any_later_change(sold: Clinic) -> None:
    """Refund, transfer, freeze, burn, expiry, another price, other names of account, plan and client: the same bytes."""

    def everything() -> tuple[bytes, bytes, str]:
        book = io.BytesIO()
        with sold.read() as session:
            write_xlsx(reports()["liability"].sheets(session, Scope(places(session), DAY, DAY)), book)
        office = sold.app.test_client()
        office.set_cookie("tp_office", sold.office_cookie(sold.manager), path="/office")
        page = office.get(f"/office/money/owed?location=riverside&from={DAY}&to={DAY}").text
        return as_bytes(sold, DAY, DAY), book.getvalue(), page[page.index("<table") : page.index("</table>")]

    before = everything()
    lot = next(iter(sold_lots(sold)))
    with clock.at(clock.now() + timedelta(days=1)), sold.app.app_context():
        forfeit_credit(package_action(sold), lot, cause="no_show")
        transfer_credits(package_action(sold), lot, credits=2, receiver_id=sold.ben)
        freeze_package(package_action(sold), lot, until_on=DAY + timedelta(days=9), medical=False)
        unfreeze_package(package_action(sold), lot)
        rename_account(
            location_id=sold.usd.location_id, staff_id=sold.manager.id, key="package_liability", code="9", name="Owed"
        )
        sold.write(rename_and_reprice)
        with sold.read() as session:
            package = session.get_one(PurchasedPackage, session.get_one(CreditLot, lot).package_id)
        assert package.sale_id is not None
        back = RefundChoice(package.sale_id, package_id=package.id)
        refund(RefundCommand(new_id(), back, "The client moves away", sold.manager, sold.usd.desk))
    with clock.at(clock.now() + timedelta(days=800)), sold.app.app_context():
        assert end_freezes_and_expire(places(reading()))
    assert everything() == before
    assert [roll.agrees for roll in rolls(sold, DAY, DAY + timedelta(days=900))] == [True, True]


def sold_lots(world: Clinic) -> list[UUID]:
    with world.read() as session:
        query = select(CreditLot.id).where(CreditLot.location_id == world.usd.location_id)
        return list(session.scalars(query.order_by(CreditLot.granted_at)))


def rename_and_reprice(session: Session) -> None:
    session.execute(update(Price).values(price_minor=Price.price_minor * 2))
    session.execute(update(Item).values(name="Renamed " + Item.name))
    session.execute(update(Client).values(family_name="Renamed"))


def test_liability_report_opening_plus_changes_equals_closing_per_plan(sold: Clinic) -> None:
    with clock.at(clock.now() + timedelta(days=1)):
        sold.sell(line("trigger_60"), client=sold.ana)
        sold.sell(line("trigger_60"), client=sold.ana)
        sold.buy("five", sold.ana)
    (here, there) = rolls(sold, DAY + timedelta(days=1), DAY + timedelta(days=1))
    assert [name for name, _ in here.plans] == ["10 × 60 min", "5 × 60 min"]
    ten, five = (roll for _, roll in here.plans)
    assert (ten.opening_minor, ten.redeemed_minor, ten.closing_minor, ten.credits) == (810_00, -180_00, 630_00, 7)
    assert (five.opening_minor, five.sold_minor, five.closing_minor) == (0, 460_00, 460_00)
    assert (here.total.closing_minor, here.ledger_opening_minor, here.ledger_closing_minor) == (
        1090_00,
        810_00,
        1090_00,
    )
    assert here.agrees
    assert there.agrees
    assert there.total.opening_minor == there.total.closing_minor == 239_50  # 285.00 with 19 % inside


def test_liability_report_imported_balance_is_not_a_sale(sold: Clinic) -> None:
    head = "given_name,package,sessions,left,net_paid,reference\n"
    with sold.app.app_context():
        import_balances(
            import_id=new_id(),
            location_id=sold.usd.location_id,
            content=(head + "Eva,10 × 60 min,8,4,320.00,OLD-1\n").encode(),
            name="old.csv",
        )
    here = rolls(sold, DAY, DAY)[0]
    assert (here.total.brought_in_minor, here.total.sold_minor, here.agrees) == (160_00, 900_00, True)


def test_liability_report_before_first_sale_is_zero(sold: Clinic) -> None:
    assert [found.total.closing_minor for found in rolls(sold, DAY - timedelta(days=9), DAY - timedelta(days=1))] == [
        0,
        0,
    ]
