"""Words, amounts and dates in the language of a place or a person."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache

from babel.core import Locale, UnknownLocaleError
from babel.dates import format_date, format_datetime, format_skeleton
from babel.numbers import format_decimal
from babel.support import NullTranslations, Translations

from pos.core import i18n
from pos.core.clock import zone
from pos.core.i18n.money_format import currency_pattern, plain_pattern
from pos.core.money import exponent


class Translator:
    """Formatting and translation for one locale."""

    def __init__(self, locale: str) -> None:
        try:
            self.locale = Locale.parse(locale.replace("-", "_"))
        except (UnknownLocaleError, ValueError):
            self.locale = Locale("en")
        self._months = self.locale.months["format"]["abbreviated"]
        self._catalogue: NullTranslations = Translations.load(i18n.TRANSLATIONS, [self.locale])

    def __call__(self, message: str, **values: object) -> str:
        """The translated message with its `%(name)s` values filled in."""
        # Under the empty text a catalogue has its own header. A text that it lacks it gives back as it came, and a Word of a
        # report is a `str` of another class, which no document takes.
        text = str(self._catalogue.ugettext(message)) if message else ""
        return text % values if values else text

    def plural(self, one: str, many: str, count: int, **values: object) -> str:
        """The right form for a count, which is `%(count)s` in the message."""
        text: str = self._catalogue.ungettext(one, many, count)
        return text % {"count": count, **values}

    @lru_cache(maxsize=4096)  # noqa: B019  (there is one Translator per locale, kept for good)
    def amount(self, minor: int, currency: str) -> str:
        """`1,234.50`: an amount without its currency, for columns."""
        return plain_pattern(self.locale).text(minor, exponent(currency))

    @lru_cache(maxsize=4096)  # noqa: B019  (one Translator per locale, kept for good)
    def money(self, minor: int, currency: str) -> str:
        """`$1,234.50`: an amount with its currency."""
        return currency_pattern(self.locale, currency).text(minor, exponent(currency))

    @lru_cache(maxsize=256)  # noqa: B019  (one Translator per locale, kept for good)
    def percent(self, value: Decimal) -> str:
        """`8 %` in the locale's digits."""
        return f"{format_decimal(value, locale=self.locale)} %"

    @lru_cache(maxsize=1024)  # noqa: B019  (one Translator per locale, kept for good)
    def day(self, value: date) -> str:
        """`12 May 2027`."""
        pattern = "d MMM yyyy" if self.locale.language == "en" else "medium"
        return format_date(value, pattern, locale=self.locale)

    def month(self, value: date) -> str:
        """`May 2027`."""
        return str(format_skeleton("yMMMM", value, locale=self.locale))

    def moment(self, value: datetime, time_zone: str) -> str:
        """`22 Nov 2026, 15:04` in local time."""
        if self.locale.language != "en":
            return format_datetime(value, "medium", tzinfo=zone(time_zone), locale=self.locale)
        local = value.astimezone(zone(time_zone))
        return f"{local.day} {self._months[local.month]} {local.year}, {local.hour:02}:{local.minute:02}"

    def time(self, value: datetime, time_zone: str) -> str:
        """`15:04` in local time."""
        return format_datetime(value, "HH:mm", tzinfo=zone(time_zone), locale=self.locale)


@lru_cache(maxsize=64)
def translator(locale: str) -> Translator:
    """The words of a locale (`en_US`, `de-DE`); English where it is unknown."""
    return Translator(locale)
