"""Somebody who is a client already is added at the desk: they are shown with a key, and nothing typed is lost."""

from __future__ import annotations

from collections.abc import Callable

from pos.domain.clients.models import Client
from tests.support.clinic import Clinic
from tests.support.desk_user import DeskUser
from tests.support.pictures import keep_picture


def known(hands: DeskUser, clinic: Clinic) -> str:
    """Type the name of somebody who is there; returns their name."""
    with clinic.read() as session:
        name = session.get_one(Client, clinic.ana).name
    given, _, family = name.partition(" ")
    hands.press("New client")
    hands.page.locator("#client-dialog [name=given_name]").fill(given.lower())
    hands.page.locator("#client-dialog [name=family_name]").fill(family.upper())
    hands.page.locator("#client-dialog").get_by_role("button", name="Add the client").click()
    hands.page.wait_for_selector("#client-dialog [data-alike]:visible")
    return name


def closed(hands: DeskUser) -> None:
    hands.page.wait_for_selector("#client-dialog:not([open])", state="attached")


def test_new_client_like_another_is_used_or_added_all_the_same(
    open_register: Callable[..., DeskUser], clinic: Clinic
) -> None:
    def note(session: object) -> None:
        client = session.get_one(Client, clinic.ana)  # type: ignore[attr-defined]
        client.note, client.has_allergy, client.allergy = "Second floor", True, "nut oil"

    clinic.write(note)
    hands, count = open_register(), clinic.count(Client)
    name = known(hands, clinic)
    assert hands.page.locator("#client-dialog [name=family_name]").input_value() != ""
    assert hands.flaws() == []
    keep_picture(hands.page, "desk-known-client")
    hands.page.get_by_role("button", name=f"Use {name}").click()
    closed(hands)
    hands.page.wait_for_selector(f".ticket >> text={name}")
    assert clinic.count(Client) == count
    hands.page.locator(".ticket").get_by_role("button", name=name).first.click()
    hands.page.wait_for_selector("#client-sheet >> text=nut oil")
    assert hands.flaws() == []
    keep_picture(hands.page, "desk-client-sheet")


def test_new_client_said_to_be_another_is_added(open_register: Callable[..., DeskUser], clinic: Clinic) -> None:
    hands, count = open_register(), clinic.count(Client)
    known(hands, clinic)
    hands.page.get_by_role("button", name="None of them: it is another person").click()
    closed(hands)
    assert clinic.count(Client) == count + 1
