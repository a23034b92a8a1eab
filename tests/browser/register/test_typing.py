"""Somebody types, or a scanner does: letters never sell, and what was scanned is never a client, a phone or an amount."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from pos.domain.catalogue.barcodes import same_code
from pos.domain.catalogue.models import Item
from pos.domain.clients.models import Client
from pos.domain.sales.models import Sale
from tests.support.cards import CARDS, Till
from tests.support.clinic import Clinic
from tests.support.desk_user import DeskUser
from tests.web.register.conftest import Register

PERSON = 120
UNKNOWN = "4006381333931"
SIT = Callable[..., DeskUser]


TIMINGS = Path(__file__).parents[2] / "unit/js/key_timings.json"


def timings(name: str) -> dict[str, Any]:
    """Keys of the corpus with the milliseconds before each."""
    found: dict[str, Any] = next(one for one in json.loads(TIMINGS.read_text()) if one["name"].startswith(name))
    return found


def lines(page: Page) -> int:
    return page.locator(".ticket-line:not(.ticket-notes)").count()


def code_of(world: Clinic, item: str) -> str:
    with world.read() as session:
        return str(session.get_one(Item, world.items[item]).code)


def give_keys(world: Clinic, **keys: str) -> None:
    world.write(lambda s: [setattr(s.get_one(Item, world.items[item]), "key", key) for item, key in keys.items()])


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("036000291452", "0036000291452", True),
        ("036000291452", "00036000291452", True),
        ("96385074", "096385074", False),
        ("tp-1", " TP-1", True),
        ("036000291452", "036000291453", False),
    ],
)
def test_barcode_encodings_of_one_article_are_equal(one: str, other: str, same: bool) -> None:
    assert same_code(one, other) is same


def test_search_scanned_code_finds_item_and_never_client(clinic: Clinic, register: Register) -> None:
    code = code_of(clinic, "oil")
    for scanned in (code, f"0{code}"):
        found = register.get(f"/search?q={scanned}&scan=1").get_json()
        assert [item["item_id"] for item in found["items"]] == [str(clinic.items["oil"])]
    assert register.get("/search?q=5035550142").get_json()["clients"]
    assert register.get("/search?q=5035550142&scan=1").get_json()["clients"] == []
    assert register.get("/search?q=oil&scan=1").get_json()["items"] == []


@CARDS
@pytest.mark.parametrize(
    "typist", ["bursts", *(pytest.param(one, marks=pytest.mark.long) for one in ("typist, 120 ms", "hunt and peck"))]
)
def test_search_words_typed_after_client_sell_nothing(
    open_register: SIT, till: Till, clinic: Clinic, typist: str
) -> None:
    """“massage oil” sold five add-ons where its letters were keys."""
    give_keys(clinic, aromatherapy="M", cupping="A", hot_compress="S", oil="G")
    hands = open_register()
    hands.find("ana", "Ana Núñez")
    known = timings(typist)
    hands.replay(known["keys"], known["gaps"])
    hands.page.wait_for_selector(".found [role=option]:has-text('Massage oil')")
    assert hands.page.locator("register-search input").input_value() == "massage oil"
    assert lines(hands.page) == 0


@CARDS
def test_gift_card_scanned_slowly_and_two_scans_at_slow_server_are_taken_in_order(
    open_register: SIT, till: Till, clinic: Clinic
) -> None:
    """At 45 ms a key a card's code parked the ticket; with 0.7 s of delay two scans were lost."""
    hands = open_register()
    hands.find("ana", "Ana Núñez")
    hands.page.route("**/api/search?scan*", lambda route: (hands.page.wait_for_timeout(700), route.continue_())[1])
    for code in (code_of(clinic, "oil"), UNKNOWN, code_of(clinic, "oil")):
        hands.replay([*code, "Enter"], [400, *[45] * len(code)])
    hands.due("38.88")
    card = timings("wireless scanner, 45 ms a key, gift card")
    hands.replay(card["keys"], card["gaps"])
    hands.page.wait_for_selector(".found:has-text('Nothing here has the code 7F29K0XM3QWA81TC')")
    assert hands.page.locator("dialog[open]").count() == 0
    hands.state("open")
    assert (lines(hands.page), clinic.count(Sale)) == (1, 0)


@CARDS
def test_barcode_known_adds_item_and_its_enter_is_ignored(open_register: SIT, till: Till, clinic: Clinic) -> None:
    hands = open_register()
    for code in (code_of(clinic, "oil"), f"0{code_of(clinic, 'oil')}"):
        hands.scan(code)
    hands.due("38.88")
    hands.scan(code_of(clinic, "oil"), enter=False)  # a scanner without Enter at its end
    hands.due("58.32")
    hands.state("open")
    assert (clinic.count(Sale), hands.page.locator("register-search input").input_value()) == (0, "")


@CARDS
@pytest.mark.parametrize("where", ["search", "ticket"])
def test_barcode_unknown_shows_message(open_register: SIT, till: Till, clinic: Clinic, where: str) -> None:
    hands, clients = open_register(), clinic.count(Client)
    if where == "ticket":
        hands.press("Foot massage, 60 minutes")
        hands.due("81.00")
    hands.scan(UNKNOWN)
    hands.page.wait_for_selector(f".found:has-text('Nothing here has the code {UNKNOWN}')")
    assert hands.flaws() == []
    assert hands.page.locator("dialog[open]").count() == 0
    hands.scan(code_of(clinic, "oil"))  # the next scan stands by itself
    hands.due("19.44" if where == "search" else "100.44")
    assert (clinic.count(Client), clinic.count(Sale)) == (clients, 0)
    hands.state("open")


@CARDS
def test_barcode_scanned_in_cash_field_is_not_taken_as_amount(open_register: SIT, till: Till, clinic: Clinic) -> None:
    hands = open_register()
    hands.press("Foot massage, 60 minutes")
    hands.due("81.00")
    hands.key("k")
    own = hands.page.locator("#amount-own")
    own.wait_for()
    hands.page.keyboard.type("10", delay=PERSON)
    hands.rest(200)
    hands.scan("96385074")
    hands.page.wait_for_selector("text=Nothing here has the code 96385074")
    assert own.input_value() == "10"
    hands.page.keyboard.type("0", delay=PERSON)
    hands.page.keyboard.press("Enter")
    hands.state("paid")
    assert hands.page.locator(".paid-change").inner_text() == "19.00"


@CARDS
@pytest.mark.parametrize(("dialog", "name"), [("client", "phone"), ("tip", "tip")])
def test_barcode_scanned_in_dialog_shows_field_error(
    open_register: SIT, till: Till, clinic: Clinic, dialog: str, name: str
) -> None:
    hands, clients = open_register(), clinic.count(Client)
    if dialog == "client":
        hands.press("New client")
        hands.page.locator("#client-dialog [name=given_name]").fill("Zoe")
    else:
        hands.press("Foot massage, 60 minutes")
        hands.due("81.00")
        hands.key("t")
    field = hands.page.locator(f"#{dialog}-dialog [name={name}]")
    field.wait_for()
    field.focus()
    hands.scan(UNKNOWN)
    hands.page.wait_for_selector(f"#{dialog}-dialog .field-error:visible:has-text('{UNKNOWN} was scanned')")
    assert (field.input_value(), clinic.count(Client)) == ("", clients)
    assert hands.flaws() == []
    hands.page.keyboard.type("5035550199" if dialog == "client" else "7", delay=PERSON)
    hands.page.keyboard.press("Enter")
    hands.page.wait_for_selector(f"#{dialog}-dialog:not([open])", state="attached")
    assert clinic.count(Client) == clients + (dialog == "client")


@CARDS
def test_barcode_scanned_in_code_dialog_is_taken_as_code(open_register: SIT, till: Till, clinic: Clinic) -> None:
    hands = open_register()
    hands.press("Foot massage, 60 minutes")
    hands.due("81.00")
    hands.key("g")
    hands.page.locator("#code-dialog [name=code]:focus").wait_for()
    hands.scan("AB12CD34EF")
    hands.page.wait_for_selector("#code-dialog .field-error:visible")
    assert hands.page.locator("#code-dialog [name=code]").input_value() == "AB12CD34EF"
