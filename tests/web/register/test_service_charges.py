"""Service charges at the desk: added by their rule, taken off with a reason, taxed, booked, reported and given back."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select

from pos.core import clock
from pos.core.audit import AuditEvent
from pos.core.ids import new_id
from pos.domain.locations.queries import place
from pos.domain.locations.service_charge_rules import ServiceCharge
from pos.domain.receipts.models import Receipt
from pos.domain.sales.models import SaleLine
from pos.domain.staff.limit_rules import Limit
from pos.domain.staff.permissions import Role
from pos.reports.period import Scope
from pos.reports.sales.sales_totals import by_day, totals
from pos.services.locations.service_charges import set_service_charge, state_token
from pos.services.refunds.calculate import RefundChoice, quote_refund
from pos.services.refunds.issue_refund import RefundCommand, refund
from pos.services.refunds.refundable import refundable
from pos.services.refunds.void_sale import VoidSale, void_sale
from tests.support.agreeing import disagreements
from tests.support.books import book_floats, failing
from tests.support.cards import CARDS, Till
from tests.support.clinic import Clinic, line
from tests.support.role_limits import person_of, set_limits
from tests.web.register.conftest import Register
from tests.web.register.test_discount_limits import consent, put
from tests.web.register.test_offline_sales import taken

OFF = "Came late because of us"


def charge(clinic: Clinic, **terms: Any) -> ServiceCharge:
    """A charge of the dollar clinic that holds today, all day."""
    with clinic.read() as session:
        today = place(session, clinic.usd.location_id).today()
    values = {"key": new_id(), "name": "Sundays", "tax_category": "goods", "from_on": today, "percent": Decimal(10)}
    rule = ServiceCharge(**(values | terms))
    with clinic.app.app_context():
        set_service_charge(
            location_id=clinic.usd.location_id,
            rule=rule,
            seen="",
            person=replace(person_of(clinic.owner), locations=frozenset({clinic.usd.location_id})),
        )
    return rule


def test_charge_stands_on_ticket_receipt_books_and_reports_and_goes_back_in_proportion(
    clinic: Clinic, register: Register
) -> None:
    """10 % of 100.00 and 75.00: 17.50, taxed as its rule says; 75.00 back takes 7.50 of it along, the rest with the rest."""
    book_floats(clinic)
    charge(clinic)
    ticket = register.ticket(line("trigger_60"), line("foot_60"), line("oil"))
    assert [(one["name"], one["amount_minor"], one["charged"]) for one in ticket["charges"]] == [
        ("Sundays", 17_50, True)
    ]
    assert len(ticket["lines"]) == 3, "it is no line of the desk"
    sold = register.send("/sales", register.cash(ticket)).get_json()
    sale = UUID(sold["sale_id"])
    with clinic.read() as session:
        here = place(session, clinic.usd.location_id)
        scope = Scope((here,), here.today(), here.today())
        kept = session.scalars(select(SaleLine).order_by(SaleLine.position)).all()[-1]
        assert (kept.kind, kept.name, kept.net_minor, kept.therapist_id) == ("service_charge", "Sundays", 17_50, None)
        assert (kept.tax_category, kept.tax_minor) == ("goods", 1_40)
        posted = clinic.postings(sale)
        assert (posted["service_charge_revenue"], posted["service_revenue"]) == (-17_50, -175_00)
        paper = session.scalars(select(Receipt.document)).one()["lines"][-1]
        assert (paper["description"], paper["amount"]) == ("Sundays", "17.50")
        found = totals(scope, by_day(session, scope))
        assert [one.kinds["service_charge"].net_minor for one in found] == [17_50]
        assert disagreements(session, here) == []
        left = refundable(session, sale)
        assert left.lines[-1].why_not, "it goes back with the visits"
        quote = quote_refund(left, RefundChoice(sale, positions=(2,)))
        assert [(one.name, one.net_minor) for one in quote.lines] == [
            ("Foot massage, 60 min", 75_00),
            ("Sundays", 7_50),
        ]
        part = quote_refund(left, RefundChoice(sale, positions=(2,), amount_minor=44_55))
        assert [one.gross_minor for one in part.lines] == [40_50, 4_05], "an amount is all that comes back"
    for positions in ((2,), (1,)):
        with clinic.app.app_context():
            refund(
                RefundCommand(new_id(), RefundChoice(sale, positions=positions), "Ill", clinic.owner, clinic.usd.desk)
            )
    with clinic.read() as session:
        left = refundable(session, sale)
        assert [one.gross_minor for one in left.lines] == [0, 0, 19_44, 0]
    assert failing(clinic) == {}


def test_charge_is_taken_off_with_a_reason_alone_or_with_a_pin_by_the_limit_of_the_role(
    clinic: Clinic, register: Register
) -> None:
    rule = charge(clinic)
    ticket = register.ticket(line("trigger_60"))
    rows = register.rows(line("trigger_60"))
    off = [{"key": str(rule.key), "charged": False, "reason": OFF}]
    silent = put(register, ticket, rows, service_charges=[{**off[0], "reason": ""}])
    assert (silent.status_code, silent.get_json()["field"]) == (422, "reason")
    asked = put(register, ticket, rows, service_charges=off).get_json()
    assert (asked["code"], asked["action"], asked["amount_minor"]) == ("needs_approval", "service_charge", 10_00)
    given = consent(register, asked, clinic.manager.pin)
    ticket = put(register, ticket, rows, service_charges=off, approval_id=given).get_json()
    assert [(one["charged"], one["reason"]) for one in ticket["charges"]] == [(False, OFF)]
    assert ticket["totals"]["net_minor"] == 100_00
    assert register.send("/sales", register.cash(ticket)).status_code == 201
    set_limits(clinic, Role.RECEPTIONIST, {Limit.SERVICE_CHARGE: 10_00})
    alone = put(register, register.ticket(line("trigger_60")), rows, service_charges=off)
    assert alone.status_code == 200
    with clinic.read() as session:
        noted = session.scalars(select(AuditEvent).where(AuditEvent.action == "sale.service_charge_off")).one()
        assert (noted.detail["charge"], noted.detail["amount_minor"], noted.detail["reason"]) == ("Sundays", 10_00, OFF)


def test_charge_chosen_at_the_desk_is_due_for_a_visit_that_a_credit_pays_where_its_rule_says_so(
    clinic: Clinic, register: Register
) -> None:
    book_floats(clinic)
    clinic.buy("three", clinic.ana)
    rule = charge(
        clinic, name="Home visit", percent=None, amount_minor=15_00, by_itself=False, on_credits=True,
        tax_category="service",
    )  # fmt: skip
    rows = register.rows(line("trigger_60"))
    chosen = [{"key": str(rule.key), "charged": True}]
    ticket = put(register, register.ticket(), rows, client_id=str(clinic.ana), service_charges=chosen).get_json()
    assert (ticket["totals"]["credits_used"], ticket["totals"]["due_minor"]) == (1, 16_20)
    assert register.send("/sales", register.cash(ticket)).status_code == 201
    assert failing(clinic) == {}


def test_charge_of_a_visit_that_a_credit_paid_stays_when_the_paid_one_goes_back(
    clinic: Clinic, register: Register
) -> None:
    """10 % of 100.00, paid by a credit, and of 75.00: giving back the 75.00 takes 7.50 along, 10.00 stays with its visit."""
    book_floats(clinic)
    clinic.buy("three", clinic.ana)
    charge(clinic, on_credits=True)
    rows = register.rows(line("trigger_60"), line("foot_60"))
    ticket = put(register, register.ticket(), rows, client_id=str(clinic.ana)).get_json()
    sale = UUID(register.send("/sales", register.cash(ticket)).get_json()["sale_id"])
    command = RefundCommand(new_id(), RefundChoice(sale, positions=(2,)), "Ill", clinic.owner, clinic.usd.desk)
    with clinic.app.app_context():
        refund(command)
    with clinic.read() as session:
        left = refundable(session, sale).lines
        assert [one.net_minor for one in left] == [0, 0, 10_00]
        assert not left[2].why_not, "no visit is left that it could go back with"
    assert failing(clinic) == {}


def test_sale_taken_offline_bears_the_charge_of_the_hour_at_which_it_was_taken(
    clinic: Clinic, register: Register
) -> None:
    """The charge ended five minutes ago, the sale was taken ten minutes ago: it is completed as it was shown."""
    with clinic.read() as session:
        here = place(session, clinic.usd.location_id)
    ended = (clock.now() - timedelta(minutes=5)).astimezone(clock.zone(here.time_zone))
    minute = ended.hour * 60 + ended.minute
    charge(
        clinic, tax_category="service", from_on=here.today() - timedelta(days=2),
        from_minute=(minute - 30) % 1440, to_minute=minute or 1440,
    )  # fmt: skip
    assert register.ticket(line("trigger_60"))["totals"]["due_minor"] == 108_00
    answer = register.send("/offline-sales", taken(register, line("trigger_60"), due=118_80))
    assert (answer.status_code, answer.get_json()["problem"]) == (201, None)
    with clinic.read() as session:
        assert [one.name for one in session.scalars(select(SaleLine).order_by(SaleLine.position))][1:] == ["Sundays"]


@CARDS
def test_charge_is_frozen_with_a_card_payment_and_taken_back_by_its_void(till: Till) -> None:
    clinic = till.clinic
    book_floats(clinic)
    rule = charge(clinic)
    state = till.charge(till.command(till.ticket(line("trigger_60"))))
    with clinic.read() as session:
        (kept,) = place(session, clinic.usd.location_id).service_charges
    with clinic.app.app_context():
        set_service_charge(
            location_id=clinic.usd.location_id, rule=replace(rule, percent=Decimal(50)), seen=state_token(kept),
            person=replace(person_of(clinic.owner), locations=frozenset({clinic.usd.location_id})),
        )  # fmt: skip
    till.tap()
    sale = till.look(state.order_id).order_id
    assert till.charges() == [118_80]
    with clinic.app.app_context():
        void_sale(VoidSale(new_id(), sale, "Wrong client", clinic.owner, clinic.usd.desk))
    assert clinic.balance(clinic.usd, "service_charge_revenue") == 0
    assert failing(clinic) == {}
