"""Names as people type them: one spelling for searching, whatever accents, marks and blanks were written.

`searchable(…)` is kept with what can be found, `found_in(search_words(typed), kept)` or one LIKE for each word finds it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

# Letters that Unicode does not take apart, as people without them on their keyboard write them.
_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "ı": "i", "đ": "d", "ð": "d", "ħ": "h", "ŧ": "t", "þ": "th", "æ": "ae", "œ": "oe", "ß": "ss"}
)
# The same letters written out, as in German and Danish names without them: mueller, groenn.
_WRITTEN_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe", "æ": "ae"})
# What _WRITTEN_OUT puts in one letter's place, as often as it may come together: ae, oe, ue and aa are a, o, u and a.
_SECOND_LETTERS = re.compile("a[ae]+|oe+|ue+")
_APOSTROPHES = re.compile("['’‘ʼʹ`´′＇]")
_DASHES = re.compile(r"[\u002d\u00ad\u2010-\u2015\u2212\ufe58\ufe63\uff0d]")
# A telephone number among other words: six digits or more, with what people write between them.
_NUMBER = re.compile(r"(?<!\w)\+?\(?\d(?:[\s()./+-]*\d){5,}(?!\w)")
_ALL_NUMBER = re.compile(r"[\d\s()./+-]+")


def folded(text: str) -> str:
    """Text in lower case without accents, apostrophes and control characters; dashes and blanks are one blank each."""
    return _bare(_plain(text))


def searchable(text: str) -> str:
    """What is kept to be searched: the folded text, and where letters can be written out, that spelling too."""
    out = _written_out(text)
    found = folded(text)
    return found if out == found else f"{found} {out}"


def name_key(name: str) -> tuple[str, str]:
    """A key that sorts names as a dictionary does, the same on both databases: Ärmel before Zorn, Émile beside Emile."""
    return folded(name), name


def same_name(one: str, other: str) -> bool:
    """Whether two names are one person's in any spelling people write them: Núñez and Nunez, Müller and Mueller."""

    def spelled(name: str) -> set[str]:
        return {folded(name), _written_out(name)}

    return bool(spelled(one) & spelled(other))


def canonical_name(name: str) -> str:
    """One spelling for all names that `same_name` says are the same, to compare by what is kept of it, such as a hash.

    Muller, Müller and Mueller are muller: the E of a letter written out and a doubled A are left out, wherever they stand,
    for nobody can tell them from the others. So a few more names are equal here than there: Samuel is Samul.
    """
    return _SECOND_LETTERS.sub(lambda run: run[0][0], folded(name))


def search_words(typed: str) -> list[tuple[str, ...]]:
    """The words of a search, each in every spelling that may be kept; telephone numbers are words of digits."""
    text = _DASHES.sub("-", typed[:80])
    if _ALL_NUMBER.fullmatch(text):
        digits = _digits(text)
        return [(digits,)] if len(digits) >= 3 else [(word,) for word in folded(text).split()]
    numbers = [(_digits(run),) for run in _NUMBER.findall(text)]
    words = [word for word in re.split(r"[\s,;]+", _NUMBER.sub(" ", text)) if word]
    spelled = [(folded(word), _written_out(word)) for word in words]
    return numbers + [
        tuple(dict.fromkeys(pair)) for one, two in spelled for pair in zip(one.split(), two.split(), strict=False)
    ]


def found_in(words: Sequence[tuple[str, ...]], kept: str) -> bool:
    """Whether every word of a search is in a searchable text, in any of its spellings and in any order."""
    return bool(words) and all(any(spelling in kept for spelling in word) for word in words)


def _digits(run: str) -> str:
    """The digits of a number as dialled from abroad, without the zero that is dialled at home: +49 (0)30 1 is 49301."""
    digits = re.sub(r"\D", "", run.replace("(0)", ""))
    return digits.lstrip("0") or digits


def _written_out(text: str) -> str:
    return _bare(_plain(text).translate(_WRITTEN_OUT))


def _plain(text: str) -> str:
    # "İ" and the like grow a combining dot in lower case, which goes with the accents.
    return unicodedata.normalize("NFC", text.casefold())


def _bare(text: str) -> str:
    without = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    # Only now: Ǿ is Ø once its accent is gone.
    letters = _DASHES.sub(" ", _APOSTROPHES.sub("", without.translate(_LETTERS)))
    # Signs without a width go before blanks are joined: a dash on either side of one makes two blanks. A tab is a blank.
    shown = "".join(c for c in letters if c.isspace() or unicodedata.category(c)[0] != "C")
    return re.sub(r"\s+", " ", shown).strip()
