"""Every action that is written to the audit log has words for people."""

from __future__ import annotations

import ast
import re

import pytest

from pos.reports.audit.action_words import ACTIONS
from tests.support.paths import ROOT

_KEY = re.compile(r"[a-z_]+\.[a-z_]+")


def _actions(source: str) -> set[str]:
    """Actions that are given to a function called `note…` or `…_note`; one put together, with * for what is put in."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call) or "note" not in ast.unparse(node.func).rpartition(".")[2]:
            continue
        for value in (*node.args, *(word.value for word in node.keywords if word.arg == "action")):
            match value:
                case ast.Constant(value=str(text)) if _KEY.fullmatch(text):
                    found.add(text)
                case ast.JoinedStr(values=parts):
                    text = "".join(part.value if isinstance(part, ast.Constant) else "*" for part in parts)
                    if re.fullmatch(r"[a-z_*]+\.[a-z_*]+", text):
                        found.add(text)
                case ast.IfExp(body=ast.Constant(value=str(one)), orelse=ast.Constant(value=str(other))):
                    found |= {text for text in (one, other) if _KEY.fullmatch(text)}
    return found


def _unnamed(actions: set[str]) -> list[str]:
    patterns = {action: re.compile(re.escape(action).replace(r"\*", "[a-z_]+")) for action in actions}
    return sorted(action for action, one in patterns.items() if not any(map(one.fullmatch, ACTIONS)))


def test_action_in_the_audit_log_has_words() -> None:
    sources = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "pos/services").rglob("*.py"))]
    found = set().union(*map(_actions, sources))
    assert len(found) > 90
    assert _unnamed(found) == []


@pytest.mark.parametrize(
    "planted", ['audit.note(s, "shift.lost")', '_note(s, f"shoe.{kind}")', 'note(s, action="a.b")']
)
def test_action_without_words_is_found(planted: str) -> None:
    assert len(_unnamed(_actions(planted))) == 1
