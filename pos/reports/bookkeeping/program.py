"""What a bookkeeping program is: its name, what it asks for, what it refuses, and how its file is written."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from pos.core.i18n.message import Message
from pos.core.messages.books import EXPORT_SETTING_MALFORMED
from pos.core.money import exponent
from pos.domain.ledger.entries import CHART
from pos.reports.bookkeeping.journals import Books, File

# What the first digit of an account's own code in the chart says of it.
_ROOTS = {"1": "Assets", "2": "Liabilities", "4": "Income", "6": "Expenses"}


@dataclass(frozen=True)
class Setting:
    """One thing a program asks for besides accounts. `pattern` is what may be written; `hint` says it in words."""

    key: str
    label: str
    hint: str
    pattern: str
    default: str = ""
    most: int = 40

    def error(self, text: str) -> Message | None:
        """What is wrong with a text, if anything."""
        if re.fullmatch(self.pattern, text):
            return None
        return EXPORT_SETTING_MALFORMED(label=self.label, hint=self.hint)


def _anything(_text: str, _settings: Mapping[str, str]) -> Message | None:
    return None


def _all_right(_settings: Mapping[str, str]) -> tuple[str, Message] | None:
    return None


def _nothing(_key: str, _code: str, _name: str) -> str:
    return ""


@dataclass(frozen=True)
class Program:
    """A bookkeeping program and the format it reads.

    `key` stands in addresses and commands. `account_word` says what is written for each account; where it is empty, the
    location's own codes and names are used. `suggest` proposes it from key, code and name; with `uses_suggestions` what is
    not written is the proposal, otherwise the export waits until it is written. `account_error` says what is wrong with one,
    `settings_error` which setting does not go with the others, and why.
    `currencies` are those it takes, all without; `decimals` the most its amounts have.
    """

    key: str
    title: str
    about: str
    write: Callable[[Books], list[File]]
    account_word: str = ""
    account_error: Callable[[str, Mapping[str, str]], Message | None] = _anything
    suggest: Callable[[str, str, str], str] = _nothing
    uses_suggestions: bool = False
    settings: Sequence[Setting] = ()
    settings_error: Callable[[Mapping[str, str]], tuple[str, Message] | None] = _all_right
    currencies: frozenset[str] | None = None
    decimals: int | None = None

    def takes(self, currency: str) -> bool:
        """Whether it can hold amounts of a currency."""
        return (self.currencies is None or currency in self.currencies) and (
            self.decimals is None or exponent(currency) <= self.decimals
        )

    def with_defaults(self, settings: Mapping[str, str]) -> dict[str, str]:
        """Its settings as written, or as they are where nothing was."""
        return {one.key: settings.get(one.key) or one.default for one in self.settings}

    def wrong_settings(self, settings: Mapping[str, str]) -> list[tuple[Setting, Message]]:
        """The settings that are missing, malformed or do not go together, each with a sentence."""
        found = [(one, wrong) for one in self.settings if (wrong := one.error(settings[one.key])) is not None]
        if not found and (together := self.settings_error(settings)) is not None:
            key, wrong = together
            found = [(one, wrong) for one in self.settings if one.key == key]
        return found


def plain_text_account(key: str, code: str, name: str) -> str:
    """The account as plain-text accounting names it: `Assets:1100-Stripe-clearing`.

    Letters, digits and hyphens only, which both Beancount and hledger take.
    """
    base = key.partition(":")[0]
    root = "Equity" if base == "migration_suspense" else _ROOTS[CHART[base][0][0]]
    words = re.sub(r"[\W_]+", "-", f"{code} {name}").strip("-")
    return f"{root}:{words[:1].upper()}{words[1:]}"
