"""Names in the spellings people write, and the one spelling that stands for all of them."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pos.core.i18n.name_folding import (
    canonical_name,
    folded,
    same_name,
    searchable,
)

# Letters that can be written out, what they are written as, and what is between them.
LETTERS = st.text(alphabet="aeouäöüåøæœßÄÖÜÅØÆáéǟǽnM '-\u0301\u0308\u200b", max_size=12)


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("Nora Müller", "Nora Mueller", True),
        ("Nora Müller", "NORA MULLER", True),
        ("Ana Núñez", "Ana Nunez", True),
        ("Åse Grønn", "Aase Groenn", True),
        ("Anne-Marie O’Neil", "anne marie oneil", True),
        ("Weiß", "Weiss", True),
        ("Nora Müller", "Nora Moller", False),
        ("Ana Núñez", "Mallory X", False),
    ],
)
def test_name_spellings_of_one_name_are_equal(one: str, other: str, is_same: bool) -> None:
    assert same_name(one, other) is is_same
    assert (canonical_name(one) == canonical_name(other)) is is_same


def test_name_written_out_and_plain_letter_share_canonical_name() -> None:
    """`same_name` knows Müller as Mueller and as Muller, and cannot know that those two may be one name."""
    assert not same_name("Mueller", "Muller")
    assert canonical_name("Mueller") == canonical_name("Muller") == "muller"


@given(LETTERS, LETTERS)
def test_name_equal_spellings_share_canonical_name(one: str, other: str) -> None:
    if same_name(one, other):
        assert canonical_name(one) == canonical_name(other)


@given(LETTERS)
@example("M-\u200b-M")
def test_name_every_spelling_has_its_canonical_name(name: str) -> None:
    written_out = searchable(name)[len(folded(name)) + 1 :] or folded(name)
    for spelling in (folded(name), written_out, name.upper()):
        assert same_name(name, spelling)
        assert canonical_name(spelling) == canonical_name(name)
