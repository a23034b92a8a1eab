"""The catalogue: errors carry its messages, codes are used once, values fit, and the template of translators is current."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterable
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po
from babel.support import Translations

from pos.core.errors import PosError
from pos.core.i18n.message import Message
from pos.dev import extract_messages
from pos.dev.extract_messages import FOLDER, TEMPLATE, all_texts, main
from pos.reports.books.entry_words import EVENTS
from tests.support.paths import ROOT

_MODULES = [
    ".".join(path.relative_to(ROOT).with_suffix("").parts)
    for path in sorted((ROOT / "pos/core/messages").rglob("*.py"))
    if path.stem != "__init__"
]
_ALL = [
    (name, value)
    for module in _MODULES
    for name, value in vars(import_module(module)).items()
    if isinstance(value, Message)
]
_BY_NAME = dict(_ALL)
# On one worker, so that every text is extracted once.
pytestmark = pytest.mark.xdist_group("messages")
_texts = cache(all_texts)
_SOURCES = [path for path in sorted((ROOT / "pos").rglob("*.py")) if "dev" not in path.relative_to(ROOT).parts]


def _named(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _errors() -> set[str]:
    found, todo = {PosError.__name__}, [PosError]
    while todo:
        kinds = todo.pop().__subclasses__()
        found |= {kind.__name__ for kind in kinds}
        todo += kinds
    return found


def _literals(source: str, errors: set[str]) -> list[int]:
    """Lines that make an error of a text written there, or translate it there."""
    return [
        node.lineno
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call)
        and _named(node.func) in errors
        and node.args
        and (
            isinstance(node.args[0], ast.Constant | ast.JoinedStr | ast.BinOp)
            or (isinstance(node.args[0], ast.Call) and _named(node.args[0].func) in ("_", "_l", "w"))
        )
    ]


def _misfits(source: str) -> list[str]:
    """Messages that are used without their values, or with others."""
    tree = ast.parse(source)
    found, called = [], set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _named(node.func) == "remade":
            called |= {*node.args}  # finds its values in a kept text
        if isinstance(node, ast.Call) and (message := _BY_NAME.get(_named(node.func))) is not None:
            called.add(node.func)
            if {word.arg for word in node.keywords} != _values(message):
                found.append(f"{node.lineno}: {_named(node.func)}")
    for node in ast.walk(tree):
        if isinstance(node, ast.Name | ast.Attribute) and node not in called and isinstance(node.ctx, ast.Load):
            message = _BY_NAME.get(_named(node))
            if message is not None and _values(message):
                found.append(f"{node.lineno}: {_named(node)}")
    return found


def _values(message: Message) -> set[str]:
    count = set() if message.many is None else {"count"}
    return set(re.findall(r"%\((\w+)\)s", message.one + (message.many or ""))) | count


def test_error_message_comes_from_catalogue() -> None:
    errors = _errors()
    found = {path: _literals(path.read_text(encoding="utf-8"), errors) for path in _SOURCES}
    assert {str(path): lines for path, lines in found.items() if lines} == {}


@pytest.mark.parametrize("planted", ['Invalid("No.")', 'Invalid(f"No {x}.")', 'errors.Conflict(_("No."))'])
def test_error_with_literal_text_is_found(planted: str) -> None:
    assert _literals(planted, _errors()) == [1]


def test_message_code_is_lower_case_name_and_unique() -> None:
    assert [name for name, message in _ALL if message.code != name.lower()] == []
    assert [name for name, count in Counter(name for name, _ in _ALL).items() if count > 1] == []


def test_message_text_is_unique() -> None:
    assert [text for text, count in Counter(message.one for _, message in _ALL).items() if count > 1] == []


def test_message_call_passes_exactly_its_values() -> None:
    found = {path: _misfits(path.read_text(encoding="utf-8")) for path in _SOURCES}
    assert {str(path): lines for path, lines in found.items() if lines} == {}


@pytest.mark.parametrize("planted", ["NOT_A_CURRENCY(code=x)", "messages.NOT_A_CURRENCY", "SHIFT_CLOSED(desk=x)"])
def test_message_call_without_its_values_is_found(planted: str) -> None:
    assert len(_misfits(planted)) == 1


def _unread(source: str) -> list[int]:
    """Lines with a text that is translated inside an f-string, where Babel does not read it."""
    return [
        node.lineno
        for outer in ast.walk(ast.parse(source))
        if isinstance(outer, ast.JoinedStr)
        for node in ast.walk(outer)
        if isinstance(node, ast.Call)
        and _named(node.func) in ("_", "_l", "w", "gettext", "ngettext", "plural")
        and node.args
        and isinstance(node.args[0], ast.Constant)
    ]


def test_translated_text_stands_where_it_is_extracted() -> None:
    found = {path: _unread(path.read_text(encoding="utf-8")) for path in _SOURCES}
    assert {str(path): lines for path, lines in found.items() if lines} == {}


def test_translated_text_in_f_string_is_found() -> None:
    assert _unread("""f'{w("This Z")} {found}'""") == [1]


def test_template_of_translators_is_current() -> None:
    """`make messages` writes it."""
    with (FOLDER / TEMPLATE).open("rb") as file:
        written = {message.id for message in read_po(file)}
    found = {message.id for message in _texts()}
    assert (sorted(map(str, found - written)), sorted(map(str, written - found))) == ([], [])


def test_every_message_is_extracted_with_its_plural() -> None:
    found = {message.id for message in _texts()}
    assert [name for name, one in _ALL if (one.one if one.many is None else (one.one, one.many)) not in found] == []


_COUNTED = re.compile(
    r"%\((?!(?:most|all)\))\w+\)[sd] (?:\w+ )?"
    r"(?:months|days|weeks|hours|minutes|years|sessions|credits|packages|rows|times)\b"
)


def _one_form(texts: Iterable[object]) -> list[str]:
    """Texts whose form for one names several. `most` is a limit and `all` a total, both above one."""
    return [one for text in texts if _COUNTED.search(one := str(text[0] if isinstance(text, tuple) else text))]


def test_plural_message_has_singular_form() -> None:
    assert _one_form(message.id for message in _texts()) == []


@pytest.mark.parametrize("planted", ["Valid for %(months)s months", ("%(num)d days left", "%(num)d days left")])
def test_plural_message_without_singular_form_is_found(planted: object) -> None:
    assert len(_one_form([planted])) == 1


def test_translation_one_file_compiles_server_and_script_catalogues(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(extract_messages, "all_texts", _texts)  # reading them takes seconds, and is tested above
    folder = tmp_path / "de" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    language = Catalog(locale="de")
    texts = {
        "Choose the desk first.": "Zuerst den Platz wählen.",
        "An empty ticket": "Ein leerer Bon",
        ("{count} credit", "{count} credits"): ("{count} Guthaben", "{count} Guthaben insgesamt"),
    }
    for english, german in texts.items():
        language.add(english, german)
    with (folder / "messages.po").open("wb") as file:
        write_po(file, language)
    main(tmp_path)
    server = Translations.load(tmp_path, ["de"])
    assert server.ugettext("Choose the desk first.") == "Zuerst den Platz wählen."
    scripts = Translations.load(tmp_path, ["de"], "scripts")
    assert scripts.ugettext("An empty ticket") == "Ein leerer Bon"
    assert scripts.ungettext("{count} credit", "{count} credits", 3) == "{count} Guthaben insgesamt"
    assert scripts.ugettext("Choose the desk first.") == "Choose the desk first."
    with (folder / "messages.po").open("rb") as file:
        assert len(read_po(file)) == len(_texts())


def test_events_of_the_journal_have_words() -> None:
    # Written as `Draft("sale", …)`, or handed on by a function of the module that makes one.
    made = re.compile(r"""(?:Draft|_post|_book)\((?:\s*\w+,){0,2}\s*"([a-z_]+)\"""")
    events = {event for path in _SOURCES for event in made.findall(path.read_text())}
    assert {"sale", "float", "over_short", "burn"} <= events
    assert events <= EVENTS.keys()
