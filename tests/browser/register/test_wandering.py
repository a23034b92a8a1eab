"""The register in a language that translates everything, with whatever it offers pressed: it says nothing in English."""

from __future__ import annotations

from collections.abc import Callable, Iterator
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


@pytest.fixture
def translated(clinic: Clinic, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Clinic]:
    """The clinic with a catalogue that translates everything."""
    pseudo_language.install(clinic.app, tmp_path, monkeypatch)
    yield clinic
    pseudo_language.translator.translator.cache_clear()


@pytest.mark.parametrize("person", ["receptionist", "manager"])
def test_register_in_another_language_says_nothing_in_english_whatever_is_pressed(
    open_register: Callable[..., DeskUser], translated: Clinic, till: Till, person: str
) -> None:
    translated.buy("ten", translated.ana)
    translated.sell(line("oil", 2), line("aromatherapy"), line("foot_60"), client=translated.ana)
    page = open_register().page
    home = page.url

    def sign_in() -> None:
        signed_in = translated.desk_cookie(getattr(translated, person), translated.usd.desk)
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
    with translated.read() as session:
        data = Data({*typed_texts(session), *TYPED, "Alt", "min"})  # a key, and the part of an item’s name on its key
    assert data.english(hands.texts) == set()
    assert len(hands.texts) > 250
