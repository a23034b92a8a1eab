"""The canonical form that hashes cover, whichever of two encoders writes it."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from pos.core.hashing import canonical

_TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
_PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | _TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_TEXTS, inner, max_size=4) | st.tuples(inner),
)


def _by_the_standard_library(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str).encode()


@settings(max_examples=200)
@given(_PLAIN)
def test_canonical_of_plain_values_is_what_the_standard_library_writes(value: Any) -> None:
    assert canonical(value) == _by_the_standard_library(value)


def test_canonical_of_other_values_is_what_the_standard_library_writes() -> None:
    """Hashes that are kept depend on each of these; the faster encoder would write most of them in another way."""
    value = [1e16, 0.00001, float("nan"), Decimal("8.00"), {2: "a", 10: "b"}, {"deep": [{"er": 1e-7}]}, "\x7f\u2028"]
    assert canonical(value) == _by_the_standard_library(value)
    for one in value:
        assert canonical(one) == _by_the_standard_library(one)
