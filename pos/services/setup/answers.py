"""The answers of set-up, checked all at once: every wrong one is named, so that a form shows them together."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeVar

from pos.core.clock import zone
from pos.core.errors import Invalid
from pos.core.i18n.message import Message
from pos.core.i18n.sanitize import printable
from pos.core.messages import installation as words
from pos.core.messages.general import CHOOSE_ONE_OF_THESE
from pos.core.messages.imports import FILE_MISSING
from pos.core.money import is_currency, parse_amount, read_percent
from pos.domain.catalogue.tax_rates import require_rate
from pos.domain.clients.registration import normal_email
from pos.domain.locations.cash_rounding import CASH_ROUNDINGS
from pos.domain.staff.credentials import check_password, check_pin
from pos.domain.staff.permissions import Role
from pos.services.locations.location_facts import is_country, is_locale
from pos.services.setup.questions import QUESTIONS, Question

T = TypeVar("T")
TAX_CATEGORIES = ("service", "add_on", "retail")
_PREFIX = re.compile(r"[A-Z0-9]{1,8}")
YES, _NO = {"yes", "y", "true", "on", "1"}, {"no", "n", "false", "off", "0"}


@dataclass(frozen=True)
class PersonAnswer:
    """Somebody who works here: a PIN opens the register, an address with a password the office."""

    name: str
    role: Role
    email: str | None = None
    password: str | None = None
    pin: str | None = None
    treats: bool = False


@dataclass(frozen=True)
class Answers:
    """What a clinic is opened with; `facts` are columns of its location, `taxes` percent by category."""

    facts: dict[str, Any]
    taxes: dict[str, Decimal]
    desk: str
    single_minor: int | None
    people: tuple[PersonAnswer, ...]
    catalogue_file: bytes | None = None


class WrongAnswers(Invalid):
    """Several answers cannot be used; `wrong` has the sentence of each by the name of its question."""

    def __init__(self, wrong: Mapping[str, Message]) -> None:
        field, sentence = next(iter(wrong.items()))
        super().__init__(sentence, field=field)
        self.wrong = dict(wrong)


def _text(question: Question, typed: str) -> str:
    if question.kind == "lines":
        lines = [printable(line, question.most + 1) for line in typed.splitlines()]
        text = "\n".join(line for line in lines if line)
    else:
        text = typed if question.kind == "secret" else printable(typed, question.most + 1)
    if question.needed and not text:
        raise Invalid(words.ANSWER_MISSING)
    if len(text) > question.most:
        raise Invalid(words.ANSWER_TOO_LONG(most=question.most))
    return text


def is_yes(text: str) -> bool:
    """Whether somebody answered yes; raises Invalid for what is neither."""
    answer = text.strip().casefold()
    if answer not in YES | _NO:
        raise Invalid(words.YES_OR_NO)
    return answer in YES


def _country(text: str) -> str:
    if not is_country(text.upper()):
        raise Invalid(words.NOT_A_COUNTRY(typed=text))
    return text.upper()


def _currency(text: str) -> str:
    if not is_currency(text.upper()):
        raise Invalid(words.CURRENCY_UNKNOWN(currency=text))
    return text.upper()


def _locale(text: str) -> str:
    name = text.replace("-", "_")
    if not is_locale(name):
        raise Invalid(words.LOCALE_UNKNOWN(locale=text))
    return name


def _hour(text: str) -> int:
    if not re.fullmatch("[0-9]{1,2}", text) or int(text) > 12:
        raise Invalid(words.CUTOFF_OUT_OF_RANGE)
    return int(text)


def _percent(text: str) -> Decimal:
    percent = read_percent(text)
    require_rate(percent)
    return percent


def _time_zone(text: str) -> str:
    zone(text)
    return text


def _prefix(text: str) -> str:
    if not _PREFIX.fullmatch(text):
        raise Invalid(words.PREFIX_UNUSABLE)
    return text


def _pin(text: str) -> str:
    check_pin(text)
    return text


def _password(text: str) -> str:
    check_password(text)
    return text


def _role(text: str) -> Role:
    try:
        return Role(text.strip().casefold())
    except ValueError as error:
        roles = ", ".join(role.value for role in Role)
        raise Invalid(words.ROLE_UNKNOWN(typed=text, roles=roles)) from error


class _Reader:
    """Reads answers one by one and remembers what is wrong."""

    def __init__(self, given: Mapping[str, str]) -> None:
        self.given, self.wrong = given, dict[str, Message]()
        self._questions = {question.name: question for question in QUESTIONS}
        self.wrong.update({name: words.QUESTION_UNKNOWN for name in given if name not in self._questions})

    def read(self, name: str, parse: Callable[[str], T], otherwise: T) -> T:
        """The answer to a question; `otherwise` where it is wrong, or empty and not needed."""
        try:
            text = _text(self._questions[name], self.given.get(name, ""))
            return parse(text) if text else otherwise
        except Invalid as error:
            self.wrong[name] = error.sentence
            return otherwise

    def text(self, name: str) -> str | None:
        """The answer as it is; None for nothing."""
        return self.read(name, str, "") or None


def _cash_rounding(text: str) -> str:
    if text.strip() not in CASH_ROUNDINGS:
        raise Invalid(CHOOSE_ONE_OF_THESE, field="cash_rounding")
    return text.strip()


def _catalogue(text: str) -> str:
    """Which catalogue to begin with; yes is the starter catalogue and no is none."""
    answer = text.strip().casefold()
    if answer not in ("starter", "file", "none"):
        answer = "starter" if is_yes(text) else "none"
    return answer


def _single_minor(reader: _Reader, currency: str, catalogue: str) -> int | None:
    if catalogue != "starter":
        return None
    if not reader.given.get("single_price", "").strip():
        reader.wrong["single_price"] = words.ANSWER_MISSING
        return None
    price = reader.read("single_price", lambda text: parse_amount(text, currency), 0) if currency else 0
    if price <= 0:
        reader.wrong.setdefault("single_price", words.PRICE_NOT_ABOVE_ZERO)
    return price


def _owner(reader: _Reader) -> PersonAnswer:
    return PersonAnswer(
        name=reader.text("owner_name") or "",
        role=Role.OWNER,
        email=reader.read("owner_email", normal_email, ""),
        password=reader.read("owner_password", _password, ""),
        pin=reader.read("owner_pin", _pin, ""),
    )


def _person(number: int, row: Mapping[str, Any], wrong: dict[str, Message]) -> PersonAnswer | None:
    def read(name: str, parse: Callable[[str], T], otherwise: T) -> T:
        typed = str(row.get(name, "")).strip()
        try:
            return parse(typed) if typed else otherwise
        except Invalid as error:
            wrong[f"staff {number}, {name}"] = error.sentence
            return otherwise

    name = printable(str(row.get("name", "")), 80)
    if not name:
        wrong[f"staff {number}, name"] = words.ANSWER_MISSING
    return PersonAnswer(
        name=name,
        role=read("role", _role, Role.RECEPTIONIST),
        email=read("email", normal_email, None),
        password=read("password", _password, None),
        pin=read("pin", _pin, None),
        treats=read("treats", is_yes, otherwise=False),
    )


def read_answers(
    given: Mapping[str, str], staff: Sequence[Mapping[str, Any]] = (), catalogue_file: bytes | None = None
) -> Answers:
    """Answers as typed, by the names of their questions; `staff` are further people, `catalogue_file` what is in the file.

    Raises WrongAnswers naming them all.
    """
    reader = _Reader(given)
    currency = reader.read("currency", _currency, "")
    facts = {
        "clinic_name": reader.text("clinic_name"),
        "name": reader.text("location_name"),
        "address_lines": (reader.text("address") or "").splitlines(),
        "country": reader.read("country", _country, ""),
        "phone": reader.text("phone"),
        "email": reader.read("email", normal_email, "") or None,
        "currency": currency,
        "time_zone": reader.read("time_zone", _time_zone, ""),
        "locale": reader.read("locale", _locale, ""),
        "cutoff_hour": reader.read("cutoff_hour", _hour, 0),
        "cash_rounding": reader.read("cash_rounding", _cash_rounding, "none"),
        "tax_label": reader.text("tax_label"),
        "tax_inclusive": reader.read("tax_inclusive", is_yes, otherwise=False),
        "tax_id_label": reader.text("tax_id_label"),
        "tax_id": reader.text("tax_id"),
        "receipt_prefix": reader.read("receipt_prefix", _prefix, ""),
        "receipt_note": reader.text("receipt_note") or "",
    }
    taxes = {category: reader.read(f"tax_{category}", _percent, Decimal(0)) for category in TAX_CATEGORIES}
    desk = reader.text("desk") or ""
    catalogue = reader.read("catalogue", _catalogue, "none")
    single = _single_minor(reader, currency, catalogue)
    if catalogue != "file":
        catalogue_file = None
    elif not catalogue_file:
        reader.wrong["catalogue_file"] = FILE_MISSING
    people = [_owner(reader), *(_person(number, row, reader.wrong) for number, row in enumerate(staff, 1))]
    if reader.wrong:
        raise WrongAnswers(reader.wrong)
    return Answers(facts, taxes, desk, single, tuple(one for one in people if one), catalogue_file)
