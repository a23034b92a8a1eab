"""What a location is set to, as it is typed and as it is kept."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from babel.core import Locale, UnknownLocaleError

from pos.core.clock import zone
from pos.core.errors import Invalid
from pos.core.hashing import sha256_hex
from pos.core.i18n.sanitize import printable
from pos.core.messages.general import CHOOSE_ONE_OF_THESE
from pos.core.messages.installation import (
    ADDRESS_LINES_MISSING,
    CASH_ROUNDING_NEEDS_HUNDREDTHS,
    COUNTRY_UNKNOWN,
    CURRENCY_UNKNOWN,
    CUTOFF_OUT_OF_RANGE,
    LOCALE_UNKNOWN,
    LOCATION_TEXT_MISSING_OR_LONG,
    LOCATION_TEXT_TOO_LONG,
    RECEIPT_PREFIX_MALFORMED,
    RECEIPT_PREFIX_OF_TESTS,
    SECOND_TAX_NAME_MISSING,
    SECOND_TAX_NAMED_LIKE_FIRST,
    SLUG_MALFORMED,
)
from pos.core.money import exponent, is_currency
from pos.domain.clients.registration import normal_email, normal_phone
from pos.domain.locations.cash_rounding import CASH_ROUNDINGS
from pos.domain.locations.csv_forms import CSV_FORMS
from pos.domain.locations.models import Location
from pos.domain.locations.queries import Place
from pos.domain.receipts.repository import TEST_SERIES

MOST_ADDRESS_LINES = 6
_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])")
_PREFIX = re.compile(r"[A-Z0-9][A-Z0-9-]{0,11}")
_LOCALE = re.compile(r"[a-z]{2,3}(?:_[A-Z][a-z]{3})?_[A-Z]{2}")
_NEEDED = {"name": 120, "clinic_name": 120, "tax_label": 40}
_OPTIONAL = {
    "tax_id_label": 40, "tax_id": 40, "second_tax_label": 40, "second_tax_id_label": 40, "second_tax_id": 40,
}  # fmt: skip
MOST_NOTE = 1000
# Codes that CLDR names and no country has: groups, pseudo regions, exceptional reservations.
_NO_COUNTRY = frozenset("AC CP CQ DG EA EU EZ IC QO TA UN XA XB ZZ".split())

# Stored with every sale or counted on by books, closings and receipts: they stay as they are from the first of them on.
FROZEN = ("currency", "time_zone", "tax_inclusive", "receipt_prefix")


@dataclass(frozen=True)
class LocationFacts:
    """All that is set of a location by hand; ways to pay have a form of their own."""

    slug: str
    name: str
    clinic_name: str
    address_lines: tuple[str, ...]
    phone: str | None
    email: str | None
    country: str
    locale: str
    currency: str
    time_zone: str
    cutoff_hour: int
    tax_inclusive: bool
    tax_method: str
    tax_label: str
    tax_id_label: str | None
    tax_id: str | None
    receipt_prefix: str
    receipt_note: str
    second_tax_label: str | None = None
    second_tax_id_label: str | None = None
    second_tax_id: str | None = None
    cash_rounding: str = "none"
    csv_form: str = "comma"

    @property
    def state_token(self) -> str:
        """A print of the facts, by which an edit notices that somebody was faster."""
        return sha256_hex(repr(sorted(asdict(self).items())).encode())[:24]

    def cleaned(self) -> LocationFacts:
        """The facts as they are kept; raises Invalid naming the field."""
        texts: dict[str, Any] = {}
        for name, most in _NEEDED.items():
            texts[name] = printable(getattr(self, name), most + 1)
            if not 0 < len(texts[name]) <= most:
                raise Invalid(LOCATION_TEXT_MISSING_OR_LONG(most=most), field=name)
        for name, most in _OPTIONAL.items():
            texts[name] = printable(getattr(self, name) or "", most + 1) or None
            if len(texts[name] or "") > most:
                raise Invalid(LOCATION_TEXT_TOO_LONG(most=most), field=name)
        self._require_codes()
        if not texts["second_tax_label"] and texts["second_tax_id"]:
            raise Invalid(SECOND_TAX_NAME_MISSING, field="second_tax_label")
        if not texts["second_tax_label"]:
            texts["second_tax_id_label"] = None
        elif texts["second_tax_label"].casefold() == texts["tax_label"].casefold():
            raise Invalid(SECOND_TAX_NAMED_LIKE_FIRST, field="second_tax_label")
        return replace(
            self,
            **texts,
            address_lines=self._clean_address(),
            receipt_note=clean_note(self.receipt_note),
            email=normal_email(self.email) if self.email and self.email.strip() else None,
            phone=self._clean_phone(),
        )

    def _clean_address(self) -> tuple[str, ...]:
        found = tuple(line for text in self.address_lines if (line := printable(text, 121)))
        if not 0 < len(found) <= MOST_ADDRESS_LINES:
            raise Invalid(ADDRESS_LINES_MISSING(most=MOST_ADDRESS_LINES), field="address_lines")
        if any(len(line) > 120 for line in found):
            raise Invalid(LOCATION_TEXT_TOO_LONG(most=120), field="address_lines")
        return found

    def _clean_phone(self) -> str | None:
        """The number as it was written, for it is printed, where it can be dialled."""
        text = printable(self.phone or "", 41)
        if not text:
            return None
        if len(text) > 40:
            raise Invalid(LOCATION_TEXT_TOO_LONG(most=40), field="phone")
        normal_phone(text, self.country)
        return text

    def _require_codes(self) -> None:
        if not _SLUG.fullmatch(self.slug):
            raise Invalid(SLUG_MALFORMED, field="slug")
        if not is_country(self.country):
            raise Invalid(COUNTRY_UNKNOWN, field="country")
        if not is_currency(self.currency):
            raise Invalid(CURRENCY_UNKNOWN(currency=self.currency[:10]), field="currency")
        if not is_locale(self.locale):
            raise Invalid(LOCALE_UNKNOWN(locale=self.locale[:20]), field="locale")
        zone(self.time_zone)
        if not 0 <= self.cutoff_hour <= 12:
            raise Invalid(CUTOFF_OUT_OF_RANGE, field="cutoff_hour")
        if self.tax_method not in ("invoice", "line"):
            raise Invalid(CHOOSE_ONE_OF_THESE, field="tax_method")
        if self.cash_rounding not in CASH_ROUNDINGS:
            raise Invalid(CHOOSE_ONE_OF_THESE, field="cash_rounding")
        if self.cash_rounding != "none" and exponent(self.currency) != 2:
            raise Invalid(CASH_ROUNDING_NEEDS_HUNDREDTHS, field="cash_rounding")
        if self.csv_form not in CSV_FORMS:
            raise Invalid(CHOOSE_ONE_OF_THESE, field="csv_form")
        if not _PREFIX.fullmatch(self.receipt_prefix):
            raise Invalid(RECEIPT_PREFIX_MALFORMED, field="receipt_prefix")
        if self.receipt_prefix.startswith(f"{TEST_SERIES}-"):
            raise Invalid(RECEIPT_PREFIX_OF_TESTS, field="receipt_prefix")


def clean_note(typed: str) -> str:
    """The note on receipts as one paragraph without control signs; raises Invalid where it is too long."""
    note = " ".join(printable(line, MOST_NOTE + 1) for line in typed.splitlines()).strip()
    if len(note) > MOST_NOTE:
        raise Invalid(LOCATION_TEXT_TOO_LONG(most=MOST_NOTE), field="receipt_note")
    return note


FACTS = tuple(field.name for field in fields(LocationFacts))


def facts_of(row: Location | Place) -> LocationFacts:
    """What a location is set to."""
    return LocationFacts(**{name: getattr(row, name) for name in FACTS} | {"address_lines": tuple(row.address_lines)})


def as_columns(facts: LocationFacts) -> Mapping[str, Any]:
    """The facts as columns of a location."""
    return asdict(facts) | {"address_lines": list(facts.address_lines)}


def is_country(code: str) -> bool:
    """Whether two letters are a country of ISO 3166, as Babel lists them; groups such as EU and private codes are none."""
    return len(code) == 2 and code.isascii() and code.isalpha() and code.isupper() and code in country_names("en")


def country_names(locale: str) -> dict[str, str]:
    """The countries by code, named in a language."""
    names = Locale.parse(locale, sep="-" if "-" in locale else "_").territories
    return {code: name for code, name in names.items() if len(code) == 2 and code.isalpha() and code not in _NO_COUNTRY}


def is_locale(name: str) -> bool:
    """Whether Babel knows a locale written like `de_DE`, with a language and a region."""
    try:
        found = Locale.parse(name)
    except (UnknownLocaleError, ValueError):
        return False
    return found.territory is not None and _LOCALE.fullmatch(name) is not None
