"""The sentences of the scripts: all of them reach the translator, and a catalogue reaches the page in CLDR's categories."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo

from pos.core import i18n
from pos.core.i18n.script_messages import script_messages
from tests.support.paths import ROOT

SCRIPTS = ROOT / "pos/static/js"
KEYWORDS = {"t": None, "n": (1, 2)}
_CALL = re.compile(r'(?<![\w.$])[tn]\(\s*"((?:[^"\\]|\\.)*)"')


def compile_catalogue(
    folder: Path, language: str, translated: dict[str | tuple[str, str], str | tuple[str, ...]]
) -> None:
    """Write `<folder>/<language>/LC_MESSAGES/scripts.mo`."""
    catalogue = Catalog(locale=language)
    for english, foreign in translated.items():
        catalogue.add(english, foreign)
    path = folder / language / "LC_MESSAGES/scripts.mo"
    path.parent.mkdir(parents=True)
    with path.open("wb") as file:
        write_mo(file, catalogue)


def test_script_messages_every_call_is_extracted() -> None:
    """Babel's reader of JavaScript overlooks a call with an object inside a template literal: no such call is written."""
    written = {message for path in SCRIPTS.rglob("*.js") for message in _CALL.findall(path.read_text(encoding="utf-8"))}
    found = extract_from_dir(SCRIPTS, [("**.js", "javascript")], keywords=KEYWORDS)
    extracted = {message[0] if isinstance(message, tuple) else message for _, _, message, _, _ in found}
    assert len(written) > 300
    assert written == extracted


def test_script_messages_language_without_catalogue_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(i18n, "TRANSLATIONS", tmp_path)
    assert script_messages("en") is None
    assert script_messages("de") is None


def test_script_messages_plural_forms_are_keyed_by_category(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(i18n, "TRANSLATIONS", tmp_path)
    forms = ("{count} kredyt", "{count} kredyty", "{count} kredytów")
    compile_catalogue(tmp_path, "pl", {"Cash": "Gotówka", ("{count} credit", "{count} credits"): forms})
    assert script_messages("pl") == {
        "locale": "pl",
        "messages": {"Cash": "Gotówka"},
        "plurals": {"{count} credit": {"one": forms[0], "few": forms[1], "many": forms[2]}},
    }
