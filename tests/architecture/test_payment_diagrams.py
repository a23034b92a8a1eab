"""The state diagrams of docs/payments.md are the tables that the code moves by, and the only place that names the states."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest

from pos.domain.payments.attempt_states import TRANSITIONS as ATTEMPTS
from pos.domain.refunds.rules import TRANSITIONS as REFUND_PARTS
from tests.support.paths import ROOT


@pytest.mark.parametrize(("number", "transitions"), [(0, ATTEMPTS), (1, REFUND_PARTS)], ids=["attempt", "refund part"])
def test_diagram_has_exactly_the_transitions_of_the_code(number: int, transitions: dict[str, frozenset[str]]) -> None:
    page = (ROOT / "docs" / "payments.md").read_text(encoding="utf-8")
    diagram = re.findall(r"```mermaid\n(.*?)```", page, re.S)[number]
    drawn = set(re.findall(r"(\S+) --> (\S+)", diagram))
    moves = {(state, onward) for state, many in transitions.items() for onward in many if onward != state}
    ends = {(state, "[*]") for state, many in transitions.items() if not many}
    assert drawn == moves | ends | {("[*]", "created")}


# What holds the state of an attempt: the row, its model, and a `PaymentState`.
ATTEMPT_NAMES = {"attempt", "PaymentAttempt", "state"}


def _is_attempt_state(node: ast.AST) -> bool:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        node = node.func.value  # PaymentAttempt.state.in_(…)
    return (
        isinstance(node, ast.Attribute)
        and node.attr == "state"
        and isinstance(node.value, ast.Name)
        and node.value.id in ATTEMPT_NAMES
    )


def _spelled_out(node: ast.AST) -> bool:
    return any(isinstance(part, ast.Constant) and part.value in ATTEMPTS for part in ast.walk(node))


def _own_words(tree: ast.AST) -> Iterator[str]:
    """Where a module compares or sets the state of an attempt without the table's own names."""
    for node in ast.walk(tree):
        match node:
            case ast.Compare(left=left, comparators=others) if any(map(_is_attempt_state, (left, *others))):
                found = any(map(_spelled_out, (left, *others)))
            case ast.Call(func=ast.Attribute(attr="in_"), args=args) if _is_attempt_state(node):
                found = any(map(_spelled_out, args))
            case ast.Call(func=ast.Attribute(attr="move_attempt"), args=args):
                found = any(map(_spelled_out, args))
            case ast.Assign(targets=targets):
                found = any(map(_is_attempt_state, targets))
            case _:
                continue
        if found:
            yield ast.unparse(node)


def test_only_the_state_table_names_the_states_of_an_attempt() -> None:
    """And only `move_attempt` sets one, after the start."""
    found = {
        str(path.relative_to(ROOT)): words
        for path in (ROOT / "pos").rglob("*.py")
        if "migrations" not in path.parts and "stripe_simulator" not in path.parts
        if (words := list(_own_words(ast.parse(path.read_text(encoding="utf-8")))))
    }
    assert found == {"pos/domain/payments/repository.py": ["attempt.state = state"]}


@pytest.mark.parametrize(
    "code",
    [
        'attempt.state == "pending"',
        'PaymentAttempt.state.in_(("created", "unknown"))',
        'payments.move_attempt(attempt, "succeeded")',
        "attempt.state = SUCCEEDED",
    ],
)
def test_a_state_that_is_spelled_out_is_found(code: str) -> None:
    assert list(_own_words(ast.parse(code)))
