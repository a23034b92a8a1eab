"""What `pos` says in a terminal is of the catalogue, and none of it is written where it is said."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import click
import pytest
from babel.messages.extract import extract_from_file

from pos.cli.language import help_texts, paragraphs
from pos.dev.extract_messages import CLICK_TEXTS
from tests.support.paths import ROOT

_SPEAKING = {"echo", "secho", "prompt", "confirm", "UsageError", "BadParameter", "ClickException", "say", "told"}
_WORD = re.compile(r"[A-Za-z]{2}")


def _named(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _own_texts(node: ast.expr) -> list[str]:
    """The literal texts of an expression, but for those in calls, which are values."""
    match node:
        case ast.Constant(value=str(text)):
            return [text]
        case ast.JoinedStr(values=parts) | ast.BoolOp(values=parts):
            return [text for part in parts for text in _own_texts(part)]
        case ast.FormattedValue(value=value):
            return _own_texts(value)
        case ast.BinOp(left=one, right=other) | ast.IfExp(body=one, orelse=other):
            return _own_texts(one) + _own_texts(other)
    return []


def _said_in_place(source: str) -> list[int]:
    """Lines that say a text which is written there."""
    return [
        node.lineno
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call)
        and _named(node.func) in _SPEAKING
        and any(_WORD.search(text) for told in node.args[:1] for text in _own_texts(told))
    ]


def test_command_says_messages_of_the_catalogue() -> None:
    found = {path.name: _said_in_place(path.read_text("utf-8")) for path in sorted((ROOT / "pos/cli").glob("*.py"))}
    assert {name: lines for name, lines in found.items() if lines} == {}


@pytest.mark.parametrize(
    "planted",
    [
        'click.echo("Done.")', 'click.echo(f"{count} rows", err=True)', 'click.prompt("Name" + mark)', 'say("Done.")',
        'raise click.UsageError("No." if wrong else other)', 'click.BadParameter(f"{name} is wrong", param_hint="--on")',
    ],
)  # fmt: skip
def test_text_written_where_the_command_says_it_is_found(planted: str) -> None:
    assert _said_in_place(planted) == [1]


def test_data_between_translated_texts_is_no_text() -> None:
    assert _said_in_place("click.echo(f\"  {told(words.AT(address=f'{base}/office/'))}  {day:%Y-%m-%d}\")") == []


def test_texts_listed_of_click_are_those_it_looks_up() -> None:
    found = {
        text
        for path in Path(click.__file__).parent.glob("*.py")
        for _, text, _, _ in extract_from_file("python", path, keywords={"_": None, "ngettext": (1, 2)})
    }
    assert {*CLICK_TEXTS, "Show this message and exit."} - found == set()


def test_help_texts_have_every_paragraph_on_one_line() -> None:
    @click.group()
    @click.option("--on", help="A day,\n  or none.")
    def tree(on: str) -> None:
        """One
        line.

        Another.
        """

    @tree.command()
    def leaf() -> None:
        """Of the leaf."""

    assert [*help_texts(tree)] == ["One line.", "Another.", "A day, or none.", "Of the leaf."]
    assert paragraphs("") == [""]
