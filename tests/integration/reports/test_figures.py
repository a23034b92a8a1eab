"""A word means one thing: the same figure on pages, papers and files, by the same name and with what it means."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select

from invoices.documents import ReportDocument
from pos.core import clock
from pos.core.database.base import reading
from pos.core.money import plain
from pos.domain.ledger.models import Closing
from pos.domain.sales.carts import Tip
from pos.domain.sales.pricing import Discount
from pos.domain.stored_value.models import GiftCard
from pos.reports.sales.figures import FIGURES
from pos.reports.sales.sales_export import LINE_COLUMNS, SALE_COLUMNS, totals_sheet
from pos.services.documents.till_reports import closing_document
from pos.services.till.close_period import close_periods
from tests.integration.refunds.conftest import Desk
from tests.integration.reports.test_counted_once import close_desk, expect_agreement
from tests.integration.reports.test_sales import figures
from tests.support.clinic import Clinic, line
from tests.support.gift_card_desk import by_card, content, pay, sell_card

GLOSSARY = Path(__file__).parents[3] / "docs" / "figures.md"
DAY = "from=2026-06-16&to=2026-06-16&location=riverside"


def page_of(world: Clinic, address: str) -> str:
    office = world.app.test_client()
    office.set_cookie("tp_office", world.office_cookie(world.manager), path="/office")
    return re.sub(r"\s+", " ", office.get(address).text)


def closed_day(world: Clinic) -> ReportDocument:
    for number in (0, 1):
        close_desk(world, number)
    with world.app.app_context():
        with clock.at(clock.now() + timedelta(days=1)):
            close_periods(world.usd.location_id)
        where = Closing.location_id == world.usd.location_id
        return closing_document(reading().scalars(select(Closing).where(Closing.kind == "day", where)).one())


def rows_of(paper: ReportDocument, heading: str) -> dict[str, str]:
    (section,) = (one for one in paper.sections if one.heading == heading)
    return {row[0]: row[-1] for row in (*section.rows, *section.total_rows)}


def a_day(desk: Desk) -> Clinic:
    """A visit with a tip, two gift cards of which one is given back, and a visit paid with the other and given back."""
    world = desk.clinic
    world.sell(line("trigger_60"), client=world.ana)
    kept, gone = sell_card(world, 200_00), sell_card(world, 80_00)
    spent = pay(world, content(world, line("trigger_60"), stored=(by_card(kept.card_id),)))
    with world.read() as session:
        sale_id = session.scalar(select(GiftCard.sale_id).where(GiftCard.id == gone.card_id))
    assert sale_id is not None
    desk.refund(sale_id, by=world.owner)
    desk.refund(spent.sale_id, by=world.owner)
    return world


def test_items_page_gift_card_sold_is_no_net_sale(desk: Desk) -> None:
    world = a_day(desk)
    page = page_of(world, f"/office/sales?{DAY}&rows=items")
    head = re.findall(r"<th scope=\"col\" class=\"num\">([^<]*)</th>", page)
    feet = re.findall(r"<tr> <th scope=\"row\" colspan=\"4\">.*?</tr>", page)
    cells = [re.findall(r'<span class="money">([^<]*)</span>', foot) for foot in feet]
    found = figures(world)[0]
    for key, sign in (("net", 1), ("gift_sold", 1), ("tax", 1)):
        at = [text.strip() for text in head].index(FIGURES[key].label) - 1  # the count is no money
        said = [cells[0][at], cells[1][at]]
        wanted = [FIGURES[key].of(found), -FIGURES[key].back(found)]
        assert said == [plain(sign * minor, "USD").replace("-", "−") for minor in wanted], key


def test_closing_and_workbook_same_words_have_same_amounts(desk: Desk) -> None:
    world = a_day(desk)
    found = figures(world)[0]
    paper = closed_day(world)
    book = {str(row[1]): row[3] for row in totals_sheet([found]).rows}
    sums, paid = rows_of(paper, "Sales"), rows_of(paper, "Paid by")
    for key, said in (("gross", sums), ("net", sums), ("total", sums), ("takings", paid)):
        label = FIGURES[key].label
        assert said[label].replace(",", "") == plain(FIGURES[key].of(found), "USD"), key
        assert book[label].minor == FIGURES[key].of(found), key
    back = rows_of(paper, "Given back")
    assert back["of it net sales"] == plain(FIGURES["net"].back(found), "USD") == "100.00"
    assert back["of it gift cards"] == plain(found.back_gift_minor, "USD") == "80.00"
    assert back["Refunds and voids"] == plain(FIGURES["refunds"].of(found), "USD") == "188.00"


def test_today_refund_to_gift_card_is_not_taken_off_takings(desk: Desk) -> None:
    page = page_of(a_day(desk), "/office/?location=riverside")
    assert "gave back $80.00 of the takings." in page
    assert "gave back $108.00 as gift cards and account credit." in page


def test_figures_shown_have_their_meaning_beside_them(books: Clinic) -> None:
    for address in ("/office/?location=riverside", f"/office/sales?{DAY}"):
        page = page_of(books, address)
        for label in re.findall(r'<span class="stat-label">([^<]*)</span>', page):
            (figure,) = (one for one in FIGURES.values() if one.label == label)
            assert f"What “{label}” means" in page
            assert figure.about.replace("'", "&#39;") in page
    page = page_of(books, f"/office/reports/sales?{DAY}")
    assert all(one.about in page for one in FIGURES.values() if one.label in SALE_COLUMNS)


def test_glossary_worked_day_holds_to_the_cent(desk: Desk) -> None:
    world = desk.clinic
    card = sell_card(world, 200_00)
    pay(world, content(world, line("trigger_60"), line("cupping"), stored=(by_card(card.card_id),)))
    world.sell(line("ten"), client=world.ana)
    thanks = Tip(amount_minor=15_00, staff_id=world.therapist.id)
    world.sell(line("trigger_60"), line("cupping"), client=world.ana, tip=thanks)
    oil = world.sell(line("oil", 2), discount=Discount(amount_minor=6_00, reason="Friend"))
    desk.refund(oil.sale_id)
    found = figures(world)[0]
    rows = re.findall(r"^\| (.+?) \| ([\d.,]+) \| ([\d.,]*) ?\|$", GLOSSARY.read_text(), re.MULTILINE)
    said = {name: (sold.replace(",", ""), back.replace(",", "") or "0.00") for name, sold, back in rows}
    assert said == {one.label: (plain(one.of(found), "USD"), plain(one.back(found), "USD")) for one in FIGURES.values()}
    owed = {"package_liability": 810_00, "gift_card_liability": 70_40, "tips_payable": 15_00, "tax_payable": 83_20}
    assert {account: -world.balance(world.usd, account) for account in owed} == owed
    expect_agreement(world)


def test_glossary_defines_every_figure_by_its_name() -> None:
    text = GLOSSARY.read_text()
    assert [one.label for one in FIGURES.values() if f"## {one.label}\n" not in text] == []
    assert {FIGURES[key].label for key in ("net", "tax", "total", "gift_sold")} <= {*SALE_COLUMNS} & {*LINE_COLUMNS}
