"""Money is counted once: stored value that is spent was received before; files foot, and name what was given back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from pos.core import clock
from pos.core.database.base import reading
from pos.core.paging.window import Window
from pos.domain.ledger.chart_of_accounts import rename
from pos.domain.ledger.models import Closing
from pos.domain.locations.queries import desk_place, place
from pos.domain.sales.cart_options import Stored
from pos.domain.stored_value.models import GiftCard
from pos.domain.till.models import ZReport
from pos.domain.till.shifts import current_shift
from pos.reports.books.shift_snapshot import shift_facts
from pos.reports.dashboard import location_day
from pos.reports.sales.sale_lines import LineRow, lines_with_refunds
from pos.reports.sales.sale_lines import key_of as line_key
from pos.services.documents.renderer import html_page
from pos.services.documents.till_reports import closing_document, z_document
from pos.services.documents.x_reports import x_document
from pos.services.till.close_period import close_periods
from pos.services.till.shifts import close_shift, expected_in
from tests.integration.refunds.conftest import Desk
from tests.integration.reports.test_sales import (
    column,
    exported,
    figures,
    scope_of,
)
from tests.support.agreeing import disagreements
from tests.support.clinic import Clinic, line
from tests.support.gift_card_desk import (
    by_card,
    content,
    pay,
    sell_card,
)


def shift_of(world: Clinic) -> dict[str, Any]:
    with world.read() as session:
        shift = current_shift(session, world.usd.desk)
        assert shift is not None
        return shift_facts(session, shift, desk_place(session, world.usd.desk), until=clock.now())


def close_desk(world: Clinic, number: int = 0) -> dict[str, Any]:
    desk_id = world.usd.desks[number]
    with world.app.app_context():
        shift = current_shift(reading(), desk_id)
        assert shift is not None
        held = expected_in(reading(), shift)
        reading().rollback()
        done = close_shift(desk_id=desk_id, staff_id=world.receptionist.id, counted_minor=held)
    with world.read() as session:
        return session.get_one(ZReport, done.z_id).document


def expect_agreement(world: Clinic) -> None:
    with world.read() as session:
        for site in (world.usd, world.eur):
            assert disagreements(session, place(session, site.location_id)) == []


def card_sold_and_spent(world: Clinic) -> None:
    """200.00 onto a gift card for cash; a visit of 108.00 and an add-on of 21.60 are paid with it."""
    card = sell_card(world, 200_00)
    pay(world, content(world, line("trigger_60"), line("cupping"), stored=(by_card(card.card_id),)))


def test_sales_report_gift_card_sold_and_spent_is_received_once(books: Clinic) -> None:
    before = figures(books)[0]
    received, net = before.takings_minor, before.net_sales_minor
    card_sold_and_spent(books)
    found = figures(books)[0]
    assert found.spent_minor == 129_60
    assert found.takings_minor - received == 200_00
    assert found.net_sales_minor - net == 120_00
    assert found.gift_minor == 200_00
    with books.read() as session:
        day = location_day(session, place(session, books.usd.location_id))
    assert day.figures.takings_minor == found.takings_minor == dict(day.week)[day.day]
    expect_agreement(books)


def test_x_and_z_report_gift_card_sold_and_spent_is_received_once(books: Clinic) -> None:
    before = shift_of(books)
    card_sold_and_spent(books)
    now = shift_of(books)
    assert now["received_minor"] - before["received_minor"] == 200_00
    assert now["gift_cards_minor"] == 200_00
    assert "0" not in {row["percent"] for row in now["taxes"]}  # a card sold is no base of any tax
    with books.read() as session:
        x = html_page(x_document(session, desk_place(session, books.usd.desk)), "a4")
    z = close_desk(books)
    assert z["received_minor"] == now["received_minor"]
    assert "Paid with what was received before" in x
    expect_agreement(books)


def test_closing_list_excludes_gift_card_sales_from_sales(books: Clinic) -> None:
    card_sold_and_spent(books)
    z = close_desk(books)
    office = books.app.test_client()
    office.set_cookie("tp_office", books.office_cookie(books.manager), path="/office")
    page = office.get("/office/money/closings?location=riverside&from=2026-06-16&to=2026-06-16").text
    assert f"{(z['total_minor'] - 200_00) / 100:,.2f}" in page
    assert f"{z['total_minor'] / 100:,.2f}" not in page


def test_sales_report_gift_card_refunded_rows_sum_to_net_sales(desk: Desk) -> None:
    world = desk.clinic
    kept, back = sell_card(world, 30_00), sell_card(world, 80_00)
    world.sell(line("trigger_60"))
    with world.read() as session:
        sale_id = session.scalar(select(GiftCard.sale_id).where(GiftCard.id == back.card_id))
    assert sale_id is not None
    desk.refund(sale_id, by=world.owner)
    assert kept.card_id != back.card_id
    (found, *_) = figures(world)
    for kind in ("csv", "xlsx"):
        rows = exported(world, kind)
        assert column(rows, "Net sales") == found.net_sales_minor - (found.back_net_minor - found.back_gift_minor)
        assert column(rows, "Gift cards sold") == 30_00


def test_sales_page_gift_card_sold_and_spent_shows_both_figures(books: Clinic) -> None:
    card_sold_and_spent(books)
    (found, _) = figures(books)
    office = books.app.test_client()
    office.set_cookie("tp_office", books.office_cookie(books.manager), path="/office")
    address = "/office/sales?location=riverside&from={day}&to={day}"
    page = office.get(address.format(day="2026-06-16")).text
    assert ">Gift cards sold</th>" in page
    assert ">Gift cards sold</th>" not in office.get(address.format(day="2026-06-15")).text
    for minor in (found.takings_minor, found.net_sales_minor, found.spent_minor, found.gift_minor):
        assert f"${minor // 100:,}.{minor % 100:02d}" in page
    today = office.get("/office/?location=riverside").text
    assert "Gift cards and account credit paid $129.60 more." in today


def test_sales_report_every_row_tenders_sum_to_total(desk: Desk) -> None:
    """Means of payment sum to the total and the tip in each row, refunds to gift cards included."""
    world = desk.clinic
    card = sell_card(world, 50_00)
    sold = pay(world, content(world, line("trigger_60"), stored=(by_card(card.card_id),)), cash=100_00)
    desk.refund(sold.sale_id, by=world.owner)
    for kind in ("csv", "xlsx"):
        rows = exported(world, kind)
        for row in rows:
            paid = sum(column([row], name) for name in ("Cash", "Card", "Gift card", "Account credit"))
            assert paid == column([row], "Total with tax") + column([row], "Tips"), row["Receipt"]
            priced = sum(column([row], name) for name in ("Net sales", "Tax charged", "Gift cards sold"))
            assert priced == column([row], "Total with tax"), row["Receipt"]
        assert column(rows, "Gift cards sold") == 50_00
        assert [column([row], "Gift card") for row in rows] == [0, 50_00, -50_00]
    expect_agreement(world)


def test_sales_report_items_include_refunds_and_voids(desk: Desk) -> None:
    world = desk.clinic
    sold = world.sell(line("trigger_60"), line("oil"), client=world.ana)
    desk.refund(sold.sale_id, positions=(2,))
    world.buy("ten", world.ana)
    visit = world.sell(line("trigger_60"), client=world.ana)
    desk.void(visit.sale_id)
    for kind in ("csv", "xlsx"):
        rows = exported(world, kind, items=True)
        assert column(rows, "Tax charged") == -world.balance(world.usd, "tax_payable")
        assert [(row["Receipt"], int(row["Quantity"])) for row in rows if "CN" in str(row["Receipt"])] == [
            ("RIV-CN-000001", -1),
            ("RIV-CN-000002", -1),
        ]
        assert column(rows, "Credits used") == 0
        assert column(rows, "Covered by package") == 0
    office = world.app.test_client()
    office.set_cookie("tp_office", world.office_cookie(world.manager), path="/office")
    page = office.get("/office/sales?location=riverside&from=2026-06-16&to=2026-06-16&rows=items").text
    assert "RIV-CN-000001" in page
    assert "2 rows given back" in page
    expect_agreement(world)


def test_sales_report_items_paged_equal_whole_list(desk: Desk) -> None:
    world = desk.clinic
    sold = world.sell(line("trigger_60"), line("oil"), line("cupping"))
    desk.refund(sold.sale_id)
    world.sell(line("oil"))
    with world.read() as session:
        scope = scope_of(session)
        whole = list(lines_with_refunds(session, scope))
        paged: list[LineRow] = []
        while found := list(
            lines_with_refunds(session, scope, window=Window(2, line_key(paged[-1]) if paged else None))
        ):
            paged += found
    assert len(whole) == len(paged) == 7
    assert {(row.receipt, row.position) for row in whole} == {(row.receipt, row.position) for row in paged}


def test_z_report_refund_by_two_tenders_counts_once(desk: Desk) -> None:
    """Two refunds, one of them half in cash and half to a gift card: two in all, not two for each means."""
    world = desk.clinic
    card = sell_card(world, 50_00)
    sold = pay(
        world, content(world, line("trigger_60"), stored=(Stored("gift_card", card.card_id, None),)), cash=100_00
    )
    desk.refund(sold.sale_id, by=world.owner)
    desk.refund(world.sell(line("oil")).sale_id)
    (given,) = shift_of(world)["corrections"]
    assert given == {
        "event": "refund", "count": 2, "minor": 108_00 + 19_44, "means": {"cash": 58_00 + 19_44, "gift_card": 50_00},
    }  # fmt: skip
    with world.read() as session:
        x = x_document(session, desk_place(session, world.usd.desk))
    (section,) = (part for part in x.sections if part.heading == "Given back")
    assert [row[1] for row in section.rows if row[0].startswith("Refunds")] == ["2", "", ""]


def test_z_report_and_closing_of_old_form_print_unchanged(desk: Desk) -> None:
    """A Z and a closing of the old form: no sums of what was received, no tax of what was given back, no names."""
    world = desk.clinic
    card_sold_and_spent(world)
    desk.refund(world.sell(line("oil")).sale_id)
    document = close_desk(world)
    new = ("gift_cards_minor", "received_minor", "back_taxes", "back_not_due", "other", "all_taxes", "all_not_due")
    old = {key: value for key, value in document.items() if key not in new}
    old["corrections"] = [{k: v for k, v in one.items() if k != "minor"} for one in old["corrections"]]
    close_desk(world, 1)
    paper = z_document(ZReport(document=old, hash="0", previous_hash="0"))
    (paid,) = (part for part in paper.sections if part.heading == "Paid by")
    assert [row[0] for row in paid.rows] == ["Cash", "Gift card"]
    (back,) = (part for part in paper.sections if part.heading == "Given back")
    assert [row[:2] for row in back.rows] == [("Refunds · Cash", "1")]
    with world.app.app_context():
        with clock.at(clock.now() + timedelta(days=1)):
            close_periods(world.usd.location_id)
        closing = reading().scalars(select(Closing).where(Closing.kind == "day")).one()
        names = [row[0] for row in closing_document(closing).sections[-2].rows]
        assert "2200-8 Tax payable 8 %" in names
        closing.document = {k: v for k, v in closing.document.items() if k not in (*new, "account_names")}
        assert [row[0] for row in closing_document(closing).sections[-2].rows] == names
        reading().rollback()


def test_closing_names_accounts_as_renamed(books: Clinic) -> None:
    books.write(lambda s: rename(s, books.usd.location_id, "service_revenue", code="8400", name="Behandlungen"))
    close_desk(books)
    close_desk(books, 1)
    with books.app.app_context():
        with clock.at(clock.now() + timedelta(days=1)):
            close_periods(books.usd.location_id)
        paper = closing_document(reading().scalars(select(Closing).where(Closing.kind == "day")).one())
    (journal,) = (part for part in paper.sections if part.heading == "Journal")
    named = [row[0] for row in journal.rows]
    assert "8400 Behandlungen" in named
    assert not any("_" in name for name in named)
