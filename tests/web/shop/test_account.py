"""Signing in by a mailed link, and seeing what is one's own and nothing else."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from pos.core import clock, outbox
from pos.core.ids import new_id
from pos.core.outbox import OutboxMessage
from pos.domain.clients import registration as clients
from pos.domain.clients.models import ClientSession
from pos.domain.credits import redemptions as credits
from pos.domain.credits.models import PurchasedPackage
from pos.domain.receipts.models import Receipt
from pos.models import metadata
from tests.support.actions import action
from tests.support.clinic import line
from tests.web.shop.conftest import SHOP, Browser, Shop

pytestmark = SHOP


def signed_in(shop: Shop, client: str = "ana") -> Browser:
    browser = shop.browser()
    browser.sign_in(shop.clinic.write(lambda s: clients.open_session(s, getattr(shop.clinic, client))))
    return browser


def ask(shop: Shop, email: str) -> tuple[Browser, str]:
    browser = shop.browser()
    answer = browser.post("/account/sign-in", browser.get("/account/sign-in").text, email=email)
    shop.work()
    return browser, answer.text.replace(email, "ADDRESS")


def link_in_mail(shop: Shop) -> str:
    return urlsplit(next(row for row in shop.mails()[-1].text.splitlines() if "/account/enter/" in row)).path


def test_sign_in_link_unknown_address_gets_same_answer_and_no_mail(shop: Shop) -> None:
    _, known = ask(shop, "ana@mail.example")
    assert [mail.to for mail in shop.mails()] == ["ana@mail.example"]
    _, unknown = ask(shop, "nobody@mail.example")
    assert len(shop.mails()) == 1

    def without_tokens(page: str) -> list[str]:
        return [row for row in page.splitlines() if "csrf" not in row.lower() and "nonce" not in row]

    assert without_tokens(known) == without_tokens(unknown)


def test_sign_in_link_works_once_and_by_button_only(shop: Shop) -> None:
    browser, _ = ask(shop, "ana@mail.example")
    link = link_in_mail(shop)
    for _ in range(3):  # a mail scanner follows it
        door = browser.get(link)
    assert browser.get("/account/").status_code == 303
    entered = browser.post(link, door.text)
    assert entered.status_code == 303
    cookie = entered.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Ana Núñez" in browser.get("/account/").text
    late = shop.browser()
    again = late.post(link, late.get(link).text)
    assert again.status_code == 422
    assert "used already" in again.text
    assert "Ask for a new link" in again.text


def test_sign_in_link_older_than_fifteen_minutes_is_refused(shop: Shop) -> None:
    browser, _ = ask(shop, "ana@mail.example")
    link = link_in_mail(shop)
    with clock.at(clock.now() + timedelta(minutes=15)):
        answer = browser.post(link, browser.get(link).text)
    assert answer.status_code == 422
    assert "older than 15 minutes" in answer.text


def test_sign_in_link_requested_too_often_is_refused(shop: Shop) -> None:
    for email in ("ana@mail.example", "nobody@mail.example"):
        browser = shop.browser()
        page = browser.get("/account/sign-in").text
        answers = [browser.post("/account/sign-in", page, email=email) for _ in range(4)]
        assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
        assert "Too many tries in a short time." in answers[-1].text
    shop.work()
    assert [mail.to for mail in shop.mails()] == ["ana@mail.example"] * 3


def test_sign_in_link_invalid_address_is_refused(shop: Shop) -> None:
    browser = shop.browser()
    page = browser.get("/account/sign-in").text
    answer = browser.post("/account/sign-in", page, email="ana@mail.example\nBcc: x@mail.example")
    assert answer.status_code == 422
    assert "An e-mail address has no space in it" in answer.text


def test_sign_out_of_account_ends_session(shop: Shop) -> None:
    browser = signed_in(shop)
    answer = browser.post("/account/sign-out", browser.get("/account/").text)
    assert answer.status_code == 303
    assert browser.get("/account/").location == "/account/sign-in?next=/account/"
    with shop.clinic.read() as session:
        assert session.scalars(select(ClientSession)).all() == []


def test_client_account_of_other_client_is_not_found(shop: Shop) -> None:
    shop.clinic.buy("ten", shop.clinic.ana)
    with shop.clinic.read() as session:
        package_id = session.scalars(select(PurchasedPackage.id)).one()
        sale_id = session.scalars(select(Receipt.sale_id)).one()
    paths = [f"/account/packages/{package_id}", f"/account/receipts/{sale_id}", f"/account/receipts/{sale_id}.pdf"]
    own, other, nobody = signed_in(shop), signed_in(shop, "ben"), shop.browser()
    for path in paths[:2]:
        assert own.get(path).status_code == 200
    for path in paths:
        assert other.get(path).status_code == 404
        assert nobody.get(path).location == f"/account/sign-in?next={path}"
    assert "No credits yet" in other.get("/account/").text
    assert "Nothing has been paid in your name yet." in other.get("/account/").text


def rows(page: str) -> list[tuple[str, str, str]]:
    """What, change and balance of each movement."""
    found = []
    for row in page.split("<li><span><strong>")[1:]:
        what, rest = row.split("</strong>", 1)
        delta, after = (rest.split(f'class="{name} num">')[1].split("<")[0] for name in ("delta", "after"))
        found.append((what.strip(), delta, after))
    return found


def test_client_account_statement_shows_held_and_redeemed_credits(shop: Shop) -> None:
    clinic = shop.clinic
    lot = clinic.buy("three", clinic.ana)
    clinic.sell(line("trigger_60", therapist=clinic.therapist), client=clinic.ana)
    # A visit with an add-on paid by card holds its credit first; one that was given up leaves no trace for the client.
    given_up = shop.till.charge(shop.till.command(shop.till.ticket(line("trigger_60"), line("oil"), client=clinic.ana)))
    shop.till.cancel(given_up.order_id)
    paid = shop.till.charge(shop.till.command(shop.till.ticket(line("trigger_60"), line("oil"), client=clinic.ana)))
    page = signed_in(shop).get("/account/").text
    assert rows(page)[0] == ("Set aside while a payment is under way", "−1", "1")
    shop.till.tap()
    shop.till.look(paid.order_id)

    with clinic.read() as session:
        package_id = session.scalars(select(PurchasedPackage.id)).one()
    assert rows(signed_in(shop).get(f"/account/packages/{package_id}").text) == [
        ("Trigger point therapy, 60 min", "−1", "1"),
        ("Trigger point therapy, 60 min with Theo", "−1", "2"),
        ("3 sessions bought", "+3", "3"),
    ]
    assert clinic.lot(lot).remaining == 1


def test_client_account_expired_credits_are_not_counted(shop: Shop) -> None:
    clinic = shop.clinic
    clinic.buy("three", clinic.ana)
    clinic.buy("ten", clinic.ana)
    page = signed_in(shop).get("/account/").text
    assert '<span class="balance-count">13</span>' in page
    assert "3 of them must be used by" in page
    with clock.at(clock.now() + timedelta(days=200)):
        page = signed_in(shop).get("/account/").text
        assert '<span class="balance-count">10</span>' in page
        assert "Expired" in page
    with clock.at(clock.now() + timedelta(days=400)):
        page = signed_in(shop).get("/account/").text
        assert '<span class="balance-count">0</span>' in page
        assert "Everything you bought has been used or has expired." in page


def test_client_account_used_up_package_is_marked(shop: Shop) -> None:
    lot = shop.clinic.buy("three", shop.clinic.ana)
    for _ in range(3):
        shop.clinic.sell(line("trigger_60"), client=shop.clinic.ana)
    assert shop.clinic.lot(lot).remaining == 0
    assert "All used" in signed_in(shop).get("/account/").text


def test_client_account_two_holds_are_two_lines(shop: Shop) -> None:
    """Two holds under way at once are two lines."""
    clinic = shop.clinic
    lot = clinic.buy("three", clinic.ana)

    def hold_one(session: Session, key: str) -> None:
        credits.hold(session, lot, action(session, clinic.usd.location_id, key=f"{key}:1:1"), order_id=order_id)

    waiting = shop.till.charge(shop.till.command(shop.till.ticket(line("trigger_60"), line("oil"), client=clinic.ana)))
    order_id = waiting.order_id
    clinic.write(lambda s: hold_one(s, str(new_id())))
    page = signed_in(shop).get("/account/").text
    assert [row[1:] for row in rows(page)] == [("−1", "1"), ("−1", "2"), ("+3", "3")]


@pytest.mark.parametrize("path", ["/mailbox/", "/mailbox/00000000-0000-7000-8000-000000000000"])
def test_mailbox_without_mail_is_empty_and_unknown_mail_not_found(shop: Shop, path: str) -> None:
    answer = shop.browser().get(path)
    assert answer.status_code == (200 if path == "/mailbox/" else 404)


def test_mailbox_mail_is_shown_sandboxed_with_source(shop: Shop) -> None:
    browser, _ = ask(shop, "ana@mail.example")
    (mail,) = shop.mails()
    assert "Your sign-in link" in browser.get("/mailbox/").text
    page = browser.get(f"/mailbox/{mail.id}").text
    assert 'target="_blank"' in page
    assert link_in_mail(shop) in page
    html = browser.get(f"/mailbox/{mail.id}/html")
    assert "sandbox" in html.headers["Content-Security-Policy"]
    assert b"MIME-Version" in browser.get(f"/mailbox/{mail.id}/source").data


def test_sign_in_link_after_sending_is_stored_nowhere(shop: Shop) -> None:
    """A canary over every table: the link that opens the account is in none, hashed where it must be known."""
    ask(shop, "ana@mail.example")
    link = link_in_mail(shop).rpartition("/")[2]
    with shop.clinic.read() as session:
        for table in metadata.sorted_tables:
            if table.name == "mailbox_mails":
                continue  # the mail itself, on a developer's machine
            assert link not in repr(session.execute(table.select()).all()), table.name
        (message,) = session.scalars(select(OutboxMessage).where(OutboxMessage.topic == "client_link"))
    assert (message.state, message.payload) == ("done", {"to": "ana@mail.example", "locale": "en"})


def test_sign_in_link_after_failed_sending_is_stored_nowhere(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: object) -> None:
        raise OSError("No route")

    monkeypatch.setattr("pos.services.jobs.event_handlers.post_letter", refuse)
    browser = shop.browser()
    browser.post("/account/sign-in", browser.get("/account/sign-in").text, email="ana@mail.example")
    start = clock.now()
    for hours in range(14):
        with clock.at(start + timedelta(hours=2 * hours)):
            shop.work()
    with shop.clinic.read() as session:
        (message,) = session.scalars(select(OutboxMessage).where(OutboxMessage.topic == "client_link"))
    assert message.state == "dead"
    assert "secret" not in message.payload
    assert "/account/enter/" not in repr(message.payload)
    assert shop.clinic.write(lambda s: outbox.again(s, message.id))
    shop.work()  # too old to be of use: nothing is mailed, and it rests
    with shop.clinic.read() as session:
        assert session.get_one(OutboxMessage, message.id).state == "done"
    assert shop.mails() == []
