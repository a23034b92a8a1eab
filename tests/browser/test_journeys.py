"""The three daily journeys, and two desks at once, as people make them: in a browser, through every part of the house."""

from __future__ import annotations

import csv
import io
import re
from decimal import Decimal
from pathlib import Path

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Page, TimeoutError, expect
from pypdf import PdfReader

from pos.domain.clients import registration as clients
from tests.browser.conftest import SIZES, RunningApp
from tests.support.clinic import Colleague, line
from tests.support.desk_user import DeskUser

pytestmark = pytest.mark.xdist_group("running_app")

SESSION = "Trigger point therapy, 60 minutes"
NORA = "nora@mail.example"


def open_register(page: Page, person: Colleague, desk: str = "Front") -> DeskUser:
    """Sign in at a desk by PIN, through the door."""
    page.goto("/register/")
    page.get_by_label("Desk").select_option(label=f"Riverside · {desk}")
    page.get_by_label("PIN", exact=True).fill(person.pin)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_selector(".price-key")
    return DeskUser(page)


def to_the_ticket(page: Page) -> None:
    """Bring the ticket to the front where only one pane is shown."""
    width, height = SIZES["phone"]
    page.set_viewport_size({"width": width, "height": height})
    page.locator("[data-pane-choice=ticket]").click()
    width, height = SIZES["desk"]
    page.set_viewport_size({"width": width, "height": height})


def papers(hands: DeskUser) -> tuple[int, str, str]:
    """The number of the receipt on the screen, and the words of its 80 mm and wide paper."""
    words = []
    for name in ("print", "sheet"):
        address = hands.page.locator(f"[data-paper='{name}']").get_attribute("href")
        answer = hands.page.request.get(str(address))
        assert (answer.status, answer.headers["content-type"]) == (200, "application/pdf")
        words.append(
            " ".join(" ".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(answer.body())).pages)
        )
    label = re.search(r"Receipt (\S+)\.", hands.page.locator(".ticket-receipt .hint").inner_text())
    assert label
    assert all(label.group(1) in text for text in words)
    return int(label.group(1).rpartition("-")[2]), words[0], words[1]


def test_reception_sale_of_session_package_and_credit_visit_prints_receipts(running_app: RunningApp) -> None:
    with running_app.page() as page:
        page.goto("/register/")
        running_app.look(page, "register-sign-in", seen_here_alone=True)
        hands = open_register(page, running_app.world.receptionist)
        running_app.look(page, "register-empty")

        hands.find("nun", "Ana Núñez")
        hands.press(SESSION)
        hands.press("Aromatherapy")
        hands.due("120.96")
        to_the_ticket(page)
        running_app.look(page, "register-ticket")
        hands.key("Enter")
        page.wait_for_selector("text=120.96 by card: ask Ana to hold the card to the reader")
        running_app.look(page, "register-waiting")
        running_app.decline(code="insufficient_funds")
        hands.state("declined")
        running_app.look(page, "register-declined")
        hands.key("Enter")
        hands.state("waiting")
        page.wait_for_selector("text=hold the card to the reader")
        running_app.tap()
        hands.state("paid")
        assert page.locator(".paid h2").inner_text().startswith("Paid by card · Visa")
        running_app.look(page, "register-paid")
        first, narrow, wide = papers(hands)
        assert all("120.96" in text and "Aromatherapy" in text for text in (narrow, wide))

        hands.key("Enter")
        hands.find("555-0142", "Ana Núñez")
        hands.press("10 × 60 min")
        hands.due("972.00")
        hands.key("k")
        page.get_by_label("Another amount").fill("1000")
        hands.key("Enter")
        hands.state("paid")
        assert page.locator(".paid-change").inner_text() == "28.00"
        page.wait_for_selector("text=Ana has 10 credits left")
        second, narrow, wide = papers(hands)
        assert all("972.00" in text and "28.00" in text for text in (narrow, wide))

        hands.key("Enter")
        hands.find("ana", "Ana Núñez")
        hands.press(SESSION)
        hands.press("Cupping")
        hands.due("21.60")
        to_the_ticket(page)
        running_app.look(page, "register-credit")
        hands.key("Enter")
        page.wait_for_selector("text=hold the card to the reader")
        running_app.tap()
        hands.state("paid")
        page.wait_for_selector("text=Ana has 9 credits left")
        third, narrow, wide = papers(hands)
        assert all("10 before · 1 used · 9 left" in text and "21.60" in text for text in (narrow, wide))
        assert [second, third] == [first + 1, first + 2]


def read_mail(page: Page, subject: str) -> None:
    """Open the newest mail to Nora with this subject, looking again until the worker has delivered it."""
    newest = page.locator("li", has_text=NORA).get_by_role("link", name=subject).first
    page.goto("/mailbox/")
    for _ in range(20):
        try:
            newest.wait_for(timeout=500)
            break
        except TimeoutError:
            page.reload()
    newest.click()
    page.locator(".letter").wait_for()


def test_shop_purchase_on_phone_shows_credits_in_account(running_app: RunningApp) -> None:
    with running_app.page("phone") as page:
        page.goto("/")
        running_app.look(page, "shop-clinics")
        page.get_by_role("link", name="Riverside").click()
        ten = page.locator(".plan", has=page.get_by_role("heading", name="10 × 60 min"))
        assert "$90.00 per session" in ten.inner_text()
        assert "“Buy 5 get 1” costs less in all, and $70.83 instead of $90.00 per session" in ten.inner_text()
        running_app.look(page, "shop-packages")
        ten.get_by_role("link", name="Choose 10 sessions").click()
        page.get_by_label("First name").wait_for()
        running_app.look(page, "shop-details")
        page.get_by_label("E-mail").fill("nora@")
        page.get_by_role("button", name="Go to payment: $972.00").click()
        page.wait_for_selector(".error-summary")
        running_app.look(page, "shop-details-refused")

        page.get_by_label("First name").fill("Nora")
        page.get_by_label("Last name").fill("Łind")
        page.get_by_label("E-mail").fill(NORA)
        page.get_by_label("I have read the terms").check()
        page.get_by_role("button", name="Go to payment: $972.00").click()
        page.get_by_role("button", name="Pay 972.00 USD").click()
        page.get_by_role("heading", name="Thank you. It is paid.").wait_for()
        assert "10 sessions are yours" in " ".join(page.locator("#main").inner_text().split())
        number = page.locator(".order dd").first.inner_text()
        running_app.look(page, "shop-paid")

        read_mail(page, f"Your receipt {number}")
        assert f"{number}.pdf" in page.locator("#main").inner_text()
        page.get_by_role("link", name="Mailbox").last.click()
        page.locator("li", has_text=NORA).first.wait_for()
        running_app.look(page, "mailbox")

        page.goto("/account/")
        running_app.look(page, "account-sign-in")
        page.get_by_label("E-mail").fill(NORA)
        page.get_by_role("button", name="Mail me the link").click()
        page.get_by_role("heading", name="Look into your mail").wait_for()
        running_app.look(page, "account-link-sent")
        read_mail(page, "Your sign-in link")
        page.locator(".letter a", has_text="/account/enter/").click()
        page.get_by_role("button", name="Sign in").click()
        page.get_by_role("heading", name="10 sessions left").wait_for()
        running_app.look(page, "account")
        page.get_by_role("link", name=f"See receipt {number}").click()
        page.get_by_text("972.00").first.wait_for()
        running_app.look(page, "account-receipt", seen_here_alone=True)


def download(page: Page, name: str) -> Path:
    """Press a link that gives a file."""
    with page.expect_download() as coming:
        page.get_by_role("link", name=name, exact=True).click()
    return Path(coming.value.path())


def rows(file: Path) -> list[dict[str, str]]:
    """A CSV file by its heads."""
    with file.open(encoding="utf-8-sig", newline="") as text:
        return list(csv.DictReader(text))


def figure(text: str) -> Decimal:
    """An amount as a page shows it."""
    return Decimal(text.replace(",", ""))


def test_office_day_of_sales_is_reported_and_checks_hold(running_app: RunningApp) -> None:
    world = running_app.world
    lot = world.buy("five", world.ben)
    world.sell(
        line("trigger_60", therapist=world.therapist), line("cupping"), line("oil"), client=world.ben, cash=100_00
    )
    world.sell(line("foot_60", therapist=world.therapist))
    assert world.lot(lot).remaining == 4
    with running_app.page() as page:
        page.goto("/office/")
        running_app.look(page, "office-sign-in", seen_here_alone=True)
        page.get_by_label("E-mail").fill(str(world.manager.email))
        page.get_by_label("Password").fill(str(world.manager.password))
        page.get_by_role("button", name="Sign in").click()
        page.get_by_role("heading", name="Today", exact=True).wait_for()
        expect(page.get_by_text("Agrees with the ledger")).to_be_visible()
        running_app.look(page, "office-today")

        page.get_by_role("link", name="Sales", exact=True).click()
        page.get_by_role("heading", name="Sales", exact=True).wait_for()
        expect(page.get_by_text("Agrees with the ledger")).to_be_visible()
        running_app.look(page, "office-sales")
        sums = page.get_by_role("table", name=re.compile("^Sales, ")).locator("tfoot td")
        *shown, stored = [figure(text) for text in sums.all_inner_texts()]
        assert stored == 0
        heads = ("Net sales", "Tax charged", "Tips", "Cash", "Card")
        exported = rows(download(page, "CSV"))
        assert [sum(Decimal(row[head]) for row in exported) for head in heads] == shown
        assert all(
            amount > 0
            for head, amount in zip(heads, shown, strict=True)
            if head in ("Net sales", "Tax charged", "Cash")
        )
        book = load_workbook(io.BytesIO(download(page, "XLSX").read_bytes()))
        head, *cells = book["Sales"].iter_rows(values_only=True)
        *cells, total = cells
        assert total[0] == "Total"
        assert [Decimal(str(total[head.index(name)])) for name in heads] == shown
        sums = [sum(Decimal(str(row[head.index(name)])) for row in cells) for name in heads]
        assert (sums, len(cells)) == (shown, len(exported))
        totals = {str(row[1]): Decimal(str(row[3])) for row in list(book["Totals"].iter_rows(values_only=True))[1:]}
        assert [totals[name] for name in ("Net sales", "Tips", "Paid by cash", "Paid by card")] == [
            shown[0],
            *shown[2:],
        ]

        page.get_by_role("link", name="Money", exact=True).click()
        page.get_by_role("heading", name="Journal", exact=True).wait_for()
        running_app.look(page, "office-journal")
        entries = rows(download(page, "CSV of this day"))
        debit, credit = (sum(Decimal(row[side] or 0) for row in entries) for side in ("Debit", "Credit"))
        assert debit == credit > 0
        for name in ("Packages", "Clients"):
            page.get_by_role("link", name=name, exact=True).click()
            page.get_by_role("heading", name=name, exact=True, level=1).wait_for()
            running_app.look(page, f"office-{name.lower()}")
        page.get_by_role("link", name="Checks", exact=True).click()
        page.get_by_text(re.compile(r"Every one of \d+ checks holds")).wait_for()
        running_app.look(page, "office-checks")


def test_credit_redemption_last_credit_two_desks_one_wins(running_app: RunningApp) -> None:
    world = running_app.world
    dora = world.write(
        lambda s: clients.register(s, given_name="Dora", family_name="Quist", email=None, phone=None, country="US").id
    )
    lot = world.buy("three", dora)
    for _ in range(2):
        world.sell(line("trigger_60"), client=dora)
    with running_app.page(service_worker=False) as front, running_app.page(service_worker=False) as back:
        both = [open_register(front, world.receptionist, "Front"), open_register(back, world.manager, "Back")]
        for hands in both:
            hands.find("quist", "Dora Quist")
            hands.press(SESSION)
            hands.page.wait_for_selector("button:has-text('Redeem 1 credit')")
        for hands in both:
            hands.key("Enter")
        for hands in both:
            hands.page.wait_for_selector(".ticket[data-state=paid], .ticket .notice")
        winner, loser = sorted(both, key=lambda hands: hands.page.locator(".ticket[data-state=paid]").count() == 0)
        assert winner.page.locator(".paid h2").inner_text() == "Visit redeemed"
        loser.due("108.00")
        assert "credit" in loser.page.locator(".ticket .notice").inner_text()
        to_the_ticket(loser.page)
        running_app.look(loser.page, "register-lost-credit", seen_here_alone=True)
    assert world.lot(lot).remaining == 0
