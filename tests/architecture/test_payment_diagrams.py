"""The state diagrams of docs/payments.md are the tables that the code moves by."""

from __future__ import annotations

import re

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
