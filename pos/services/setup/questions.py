"""The questions of set-up, in order: the same for the terminal, its options, a TOML file and the browser."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pos.core.errors import Invalid
from pos.core.i18n.message import Message
from pos.core.i18n.name_folding import folded
from pos.core.messages import installation as words
from pos.core.money import plain
from pos.domain.locations.country_habits import habits
from pos.services.setup.usual_price import usual_single_minor

Given = Mapping[str, str]


def _nothing(_given: Given) -> str:
    return ""


@dataclass(frozen=True)
class Question:
    """One question; `propose` answers it from the others.

    `kind` is text, lines, choice (of `choices`), file, yes, percent, amount or secret. `group` is the part of the page it
    stands in, `most` the longest answer.
    """

    name: str
    group: str
    label: Message
    kind: str = "text"
    hint: Message | None = None
    needed: bool = True
    most: int = 120
    propose: Callable[[Given], str] = _nothing
    choices: tuple[tuple[str, Message], ...] = ()

    def proposal(self, given: Given) -> str:
        """What to answer where nothing was said; empty where only the person knows."""
        try:
            return self.propose(given)
        except Invalid:  # the country or currency is wrong, which its own question says
            return ""


def _country(given: Given) -> str:
    return given.get("country", "").strip().upper()


def _of_country(name: str) -> Callable[[Given], str]:
    return lambda given: str(getattr(habits(_country(given)), name))


def _time_zone(given: Given) -> str:
    return next(iter(habits(_country(given)).time_zones), "")


def _inclusive(given: Given) -> str:
    found = habits(_country(given))
    return "" if not found.currency else "yes" if found.tax_inclusive else "no"


def _prefix(given: Given) -> str:
    words_of = re.findall(r"[a-z0-9]+", folded(given.get("location_name", "")))
    if not words_of:
        return ""
    return ("".join(word[0] for word in words_of) if len(words_of) > 1 else words_of[0][:3]).upper()[:8]


def _single(given: Given) -> str:
    currency = given.get("currency", "").strip().upper()
    usual = usual_single_minor(currency)
    return "" if usual is None else plain(usual, currency)


def _always(answer: str) -> Callable[[Given], str]:
    return lambda _given: answer


QUESTIONS = (
    Question("clinic_name", "clinic", words.QUESTION_CLINIC_NAME),
    Question("location_name", "clinic", words.QUESTION_LOCATION_NAME, hint=words.HINT_LOCATION),
    Question("address", "clinic", words.QUESTION_ADDRESS, kind="lines", hint=words.HINT_ADDRESS, most=300),
    Question("country", "clinic", words.QUESTION_COUNTRY, most=2),
    Question("phone", "clinic", words.QUESTION_PHONE, needed=False, most=40),
    Question("email", "clinic", words.QUESTION_EMAIL, needed=False, most=320),
    Question("currency", "money", words.QUESTION_CURRENCY, most=3, propose=_of_country("currency")),
    Question("time_zone", "money", words.QUESTION_TIME_ZONE, most=64, propose=_time_zone),
    Question("locale", "money", words.QUESTION_LOCALE, most=16, propose=_of_country("locale")),
    Question("cutoff_hour", "money", words.QUESTION_CUTOFF_HOUR, most=2, hint=words.HINT_CUTOFF, propose=_always("0")),
    Question(
        "cash_rounding", "money", words.QUESTION_CASH_ROUNDING, kind="choice", needed=False, most=8,
        hint=words.HINT_CASH_ROUNDING,
        propose=_of_country("cash_rounding"), choices=tuple(words.CASH_ROUNDING_WORDS.items()),
    ),
    Question("tax_label", "tax", words.QUESTION_TAX_LABEL, most=40, hint=words.HINT_TAX, propose=_of_country("tax_label")),
    Question("tax_inclusive", "tax", words.QUESTION_TAX_INCLUSIVE, kind="yes", propose=_inclusive),
    Question("tax_service", "tax", words.QUESTION_TAX_SERVICE, kind="percent", most=12, hint=words.HINT_PERCENT),
    Question("tax_add_on", "tax", words.QUESTION_TAX_ADD_ON, kind="percent", most=12),
    Question("tax_retail", "tax", words.QUESTION_TAX_RETAIL, kind="percent", most=12),
    Question("tax_id_label", "tax", words.QUESTION_TAX_ID_LABEL, needed=False, most=40, propose=_of_country("tax_id_label")),
    Question("tax_id", "tax", words.QUESTION_TAX_ID, needed=False, most=40),
    Question("receipt_prefix", "desk", words.QUESTION_RECEIPT_PREFIX, most=8, hint=words.HINT_PREFIX, propose=_prefix),
    Question("receipt_note", "desk", words.QUESTION_RECEIPT_NOTE, kind="lines", needed=False, most=1000),
    Question("desk", "desk", words.QUESTION_DESK, most=60, propose=_always("Desk 1")),
    Question(
        "catalogue", "catalogue", words.QUESTION_CATALOGUE, kind="choice", most=12, propose=_always("starter"),
        choices=(
            ("starter", words.CATALOGUE_STARTER), ("file", words.CATALOGUE_OF_FILE), ("none", words.CATALOGUE_EMPTY),
        ),
    ),
    Question(
        "single_price", "catalogue", words.QUESTION_SINGLE_PRICE, kind="amount", needed=False, most=40,
        hint=words.HINT_CATALOGUE, propose=_single,
    ),
    Question(
        "catalogue_file", "catalogue", words.QUESTION_CATALOGUE_FILE, kind="file", needed=False, most=400,
        hint=words.HINT_CATALOGUE_FILE,
    ),
    Question("owner_name", "owner", words.QUESTION_OWNER_NAME, most=80),
    Question("owner_email", "owner", words.QUESTION_OWNER_EMAIL, most=320),
    Question("owner_password", "owner", words.QUESTION_OWNER_PASSWORD, kind="secret", hint=words.HINT_PASSWORD, most=200),
    Question("owner_pin", "owner", words.QUESTION_OWNER_PIN, kind="secret", hint=words.HINT_PIN, most=12),
)  # fmt: skip


def with_proposals(given: Given) -> dict[str, str]:
    """The answers, and a proposal for each question without one, in order: a later one may build on an earlier."""
    found = dict(given)
    for question in QUESTIONS:
        if not found.get(question.name, "").strip():
            found[question.name] = question.proposal(found)
    return found
