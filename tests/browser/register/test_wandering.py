"""The register in a language that translates everything, with whatever it offers pressed: it says nothing in English."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from tests.support import pseudo_language
from tests.support.cards import CARDS, Till
from tests.support.clinic import Clinic, line
from tests.support.desk_user import DeskUser
from tests.support.pseudo_language import LANGUAGE, Data, typed_texts
from tests.support.wanderer import TYPED, Wanderer

pytestmark = [CARDS, pytest.mark.long]
STEPS = 150


@pytest.mark.parametrize("person", ["receptionist", "manager"])
def test_register_in_another_language_says_nothing_in_english_whatever_is_pressed(
    open_register: Callable[..., DeskUser],
    clinic: Clinic,
    till: Till,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    person: str,
) -> None:
    clinic.buy("ten", clinic.ana)
    clinic.sell(line("oil", 2), line("aromatherapy"), line("foot_60"), client=clinic.ana)
    pseudo_language.install(clinic.app, tmp_path, monkeypatch)
    page = open_register().page
    home = page.url

    def sign_in() -> None:
        signed_in = clinic.desk_cookie(getattr(clinic, person), clinic.usd.desk)
        for name, value in (("tp_register", signed_in), ("tp_lang", LANGUAGE)):
            page.context.add_cookies([{"name": name, "value": value, "url": home}])
        page.goto(home)
        page.wait_for_selector(".price-key, .ticket")

    sign_in()
    hands = Wanderer(page, seed=len(person))
    for step in range(STEPS):
        if page.url != home or page.locator(".ticket").count() == 0:
            sign_in()
        if step % 10 == 0:
            with suppress(AssertionError):  # unless it waits for no card
                till.tap()
        hands.step()
    with clinic.read() as session:
        data = Data({*typed_texts(session), *TYPED, "Alt", "min"})  # a key, and the part of an item’s name on its key
    assert data.english(hands.texts) == set()
    assert len(hands.texts) > 250
