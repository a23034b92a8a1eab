"""The card of a client: shown in the account, read at the desk by a scanner or by the camera of the browser."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest
from playwright.sync_api import expect

from pos.core.ids import new_id
from pos.domain.clients.cards import card_code, read_card
from tests.support.cards import CARDS, Till
from tests.support.clinic import Clinic
from tests.support.desk_user import DeskUser

# Chromium reads codes on few systems: the test puts a reader and a camera in its place.
CAMERA = """
globalThis.seen = [];
globalThis.BarcodeDetector = class { detect = async () => globalThis.seen.map((rawValue) => ({ rawValue })) };
navigator.mediaDevices.getUserMedia = async () => {
  const canvas = document.createElement("canvas");
  canvas.getContext("2d").fillRect(0, 0, 9, 9);
  return (globalThis.shot = canvas.captureStream(5));
};
"""


@pytest.mark.parametrize("client_id", [new_id(), UUID(int=0), UUID(int=(1 << 128) - 1)], ids=["new", "least", "most"])
def test_card_code_names_the_client_in_any_case(client_id: UUID) -> None:
    code = card_code(client_id)
    assert read_card(code) == read_card(f" {code.lower()} ") == client_id
    assert read_card(code[:-1]) is read_card(code[2:]) is read_card("C-" + "Z" * 26) is None


@CARDS
def test_client_card_scanned_or_held_before_camera_chooses_client(
    open_register: Callable[..., DeskUser], till: Till, clinic: Clinic
) -> None:
    hands = open_register()
    camera = hands.page.get_by_role("button", name="Scan with the camera")
    hands.replay([*card_code(clinic.ben), "Enter"], [45] * 29)
    hands.page.wait_for_selector(".ticket h2:has-text('Ben')")
    hands.page.add_init_script(CAMERA)
    hands.page.reload()
    camera.click()
    expect(hands.page.locator("#camera-dialog")).to_contain_text("Hold the code in front of the camera.")
    assert hands.flaws() == []
    hands.page.evaluate(f"seen.push('{card_code(clinic.ana)}')")
    hands.page.wait_for_selector(".ticket h2:text-is('Ana Núñez')")
    expect(hands.page.locator("#camera-dialog")).to_be_hidden()
    assert hands.page.evaluate("shot.active") is False
    hands.state("open")
    hands.page.close()  # the script would run in the pages of the next test
