"""The report of discounts: who took off what by hand or by a code, and who approved it."""

from __future__ import annotations

from decimal import Decimal

from pos.core.money import Money
from pos.domain.locations.queries import place
from pos.reports.listed import reports
from pos.reports.period import Only, Scope
from pos.reports.sales.figures import FIGURES
from pos.reports.sales.sales_totals import by_day, totals
from tests.integration.promotions.test_codes import code
from tests.support.books import book_floats
from tests.support.clinic import Clinic, line
from tests.web.register.conftest import Register
from tests.web.register.test_discount_limits import consent, put
from tests.web.register.test_price_overrides import priced


def usd(minor: int) -> Money:
    return Money(minor, "USD")


def test_discounts_report_names_code_person_reason_and_approver(clinic: Clinic, register: Register) -> None:
    """Oil with 5 % off, alone; a visit agreed at 80.00 with 10 % off, approved; cupping with a code of 20 %."""
    book_floats(clinic)
    code(clinic, code="TWENTY", percent=Decimal(20))
    rows = register.rows(line("oil"))
    rows[0]["discount"] = {"percent": "5", "reason": "Dented"}
    ticket = put(register, register.ticket(line("oil")), rows).get_json()
    assert register.send("/sales", register.cash(ticket)).status_code == 201

    rows = priced(register, "trigger_60", 80_00)
    rows[0]["discount"] = {"percent": "10", "reason": "Loyal"}
    open_ticket = register.ticket(line("trigger_60"))
    asked = put(register, open_ticket, rows)
    given = consent(register, asked.get_json(), clinic.manager.pin)
    ticket = put(register, open_ticket, rows, approval_id=given).get_json()
    assert register.send("/sales", register.cash(ticket)).status_code == 201

    open_ticket = register.ticket(line("cupping"))
    ticket = put(register, open_ticket, register.rows(line("cupping")), promo="TWENTY").get_json()
    assert register.send("/sales", register.cash(ticket)).status_code == 201
    clinic.sell(line("foot_60"))

    found = reports()["discounts"]
    with clinic.read() as session:
        here = place(session, clinic.usd.location_id)
        scope = Scope((here,), here.today(), here.today())
        listed, people = found.sheets(session, scope)
        cuts = [dict(zip(listed.columns, row, strict=True)) for row in listed.rows]
        names = ("Approved by", "Promo code", "Reason", "By promo code", "By hand", "Below list price")
        assert [tuple(row[name] for name in names) for row in cuts] == [
            ("", "", "Dented", usd(0), usd(90), usd(0)),
            (clinic.manager.name, "", "Loyal, Said on the phone", usd(0), usd(8_00), usd(20_00)),
            ("", "TWENTY", "Spring offer", usd(4_00), usd(0), usd(0)),
        ]
        (sums,) = totals(scope, by_day(session, scope))
        assert sum(row["Discounts"].minor for row in cuts) == FIGURES["discounts"].of(sums) == 12_90
        assert list(people.rows) == [(clinic.receptionist.name, "USD", 3, usd(8_90), usd(20_00), usd(28_00))]
        item = Only(item=clinic.items["oil"])
        assert len(list(found.rows(session, Scope((here,), here.today(), here.today(), item)))) == 1
