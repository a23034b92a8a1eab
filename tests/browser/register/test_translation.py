"""The register in another language: its scripts speak what the catalogue of the page says."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from pos.core import i18n
from tests.support.cards import CARDS
from tests.support.desk_user import DeskUser
from tests.unit.assets.test_script_messages import compile_catalogue

pytestmark = CARDS


def test_desk_in_another_language_shows_translated_sentences_and_plurals(
    open_register: Callable[..., DeskUser], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = open_register().page
    compile_catalogue(
        tmp_path,
        "de",
        {
            "An empty ticket": "Ein leerer Bon",
            "Take {amount} in cash": "Bar kassieren: {amount}",
            "Take {amount} by card": "Mit Karte kassieren: {amount}",
            "</script><b>": "nie",
            ("{count} credit", "{count} credits"): ("{count} Guthaben", "{count} Guthaben insgesamt"),
        },
    )
    assert page.locator(".ticket-empty h3").inner_text() == "An empty ticket"
    monkeypatch.setattr(i18n, "TRANSLATIONS", tmp_path)
    page.context.add_cookies([{"name": "tp_lang", "value": "de", "url": page.url}])
    page.reload()
    page.wait_for_selector(".price-key")
    assert page.locator("html").get_attribute("lang") == "de"
    assert page.locator(".ticket-empty h3").inner_text() == "Ein leerer Bon"
    assert page.locator("[data-focus=receipts] span").inner_text() == "Receipts"  # not translated: stays English
    page.locator(".price-key").first.click()
    page.wait_for_function("() => /kassieren: \\d/.test(document.querySelector('[data-focus=pay]').textContent)")
    counted = """async () => {
      const script = document.querySelector("script[src*='register/desk.js']").src;
      const { credits } = await import(script.replace("desk.js", "format.js"));
      return [credits(1), credits(3)];
    }"""
    assert page.evaluate(counted) == ["1 Guthaben", "3 Guthaben insgesamt"]
