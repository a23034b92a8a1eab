"""What is typed of a location."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Any
from zoneinfo import available_timezones

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs are of an older release
from wtforms.validators import InputRequired, Length

from pos.core.i18n.name_folding import name_key
from pos.core.messages.installation import CASH_ROUNDING_WORDS
from pos.domain.locations.country_habits import Habits
from pos.services.locations.location_facts import MOST_NOTE, LocationFacts, country_names
from pos.web.common.form_fields import PageForm
from pos.web.common.template_context import page_text, page_translator

_NEEDED = _l("This is needed.")


def _text(label: Any, most: int, *, needed: bool = True, about: Any = "") -> StringField:
    checks: list[Any] = [Length(max=most)]
    return StringField(label, [InputRequired(_NEEDED), *checks] if needed else checks, description=about)


@lru_cache(maxsize=32)
def _by_name(locale: str) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(country_names(locale).items(), key=lambda one: name_key(one[1])))


def countries() -> dict[str, str]:
    """The countries by code in the language of the page, by name, after an empty one."""
    return {"": "–"} | dict(_by_name(str(page_translator().locale)))


class LocationForm(PageForm):
    """A location. `location_id` makes a second press harmless, `seen` notices that somebody else was faster."""

    location_id = HiddenField()
    seen = HiddenField()
    name = _text(_l("Name of the location"), 120, about=_l("How you and your clients tell locations apart."))
    clinic_name = _text(_l("Name of the clinic"), 120, about=_l("At the head of receipts and of the shop."))
    slug = _text(_l("Word in web addresses"), 40, about=_l("Small letters, digits and hyphens, like maple-street."))
    address_lines = TextAreaField(
        _l("Address"), [InputRequired(_NEEDED), Length(max=800)], description=_l("As it is printed, a line each.")
    )
    country = SelectField(_l("Country"), [InputRequired(_NEEDED)])
    phone = _text(_l("Phone"), 40, needed=False)
    email = _text(_l("E-mail"), 320, needed=False)
    locale = _text(_l("Language and region"), 16, about=_l("Of receipts and mails, like en_US or de_DE."))
    currency = _text(_l("Currency"), 3, about=_l("Three letters, like EUR."))
    time_zone = _text(_l("Time zone"), 64, about=_l("Region and city, like Europe/Berlin."))
    cutoff_hour = SelectField(
        _l("A business day ends at"),
        coerce=int,
        description=_l("Sales in the hours before it belong to the day before."),
    )
    cash_rounding = SelectField(
        _l("What is paid in cash is"),
        filters=[lambda key: key or "none"],
        description=_l("Card payments, prices and tax stay exact; the difference has its own account."),
    )
    csv_form = SelectField(
        _l("CSV files have"),
        filters=[lambda key: key or "comma"],
        description=_l("As the spreadsheets of this country open them. Files for other programs keep to RFC 4180."),
    )
    tax_inclusive = RadioField(_l("Prices"), [InputRequired(_l("Choose one of these."))])
    tax_method = RadioField(_l("Tax is rounded"), [InputRequired(_l("Choose one of these."))])
    tax_label = _text(_l("The tax is called"), 40)
    tax_id_label = _text(_l("The tax number is called"), 40, needed=False)
    tax_id = _text(_l("Tax number"), 40, needed=False, about=_l("Printed on receipts."))
    second_tax_label = _text(
        _l("A second tax is called"),
        40,
        needed=False,
        about=_l("On the same net, as in Quebec. Empty where there is one tax."),
    )
    second_tax_id_label = _text(_l("Its number is called"), 40, needed=False)
    second_tax_id = _text(_l("Second tax number"), 40, needed=False, about=_l("Printed on receipts."))
    receipt_prefix = _text(_l("Receipt numbers begin with"), 12, about=_l("Like MS; the numbers count on behind it."))
    receipt_note = TextAreaField(
        _l("Note on receipts"), [Length(max=MOST_NOTE)], description=_l("One paragraph at the foot of each receipt.")
    )

    def offer(self) -> None:
        """Fill in what can be chosen."""
        self.country.choices = [SelectChoice(code, name) for code, name in countries().items()]
        self.cutoff_hour.choices = [SelectChoice(hour, f"{hour:02d}:00") for hour in range(13)]
        self.cash_rounding.choices = [SelectChoice(key, page_text(text)) for key, text in CASH_ROUNDING_WORDS.items()]
        self.csv_form.choices = [
            SelectChoice("comma", _l("commas between cells, 12.50 (RFC 4180)")),
            SelectChoice("semicolon", _l("semicolons between cells, 12,50")),
        ]
        self.tax_inclusive.choices = [
            SelectChoice("yes", _l("include tax")),
            SelectChoice("no", _l("are before tax")),
        ]
        self.tax_method.choices = [
            SelectChoice("invoice", _l("once for each receipt")),
            SelectChoice("line", _l("line by line")),
        ]

    def typed(self, kept: LocationFacts | None, *, frozen: tuple[str, ...]) -> LocationFacts:
        """The facts that were typed; of an existing location the frozen ones are those that are kept."""
        data: dict[str, Any] = {name: (self[name].data or "") for name in LocationFacts.__dataclass_fields__}
        facts = data | {
            "slug": self.slug.data.strip().lower() if self.slug.data else "",
            "address_lines": tuple((self.address_lines.data or "").splitlines()),
            "phone": self.phone.data or None,
            "email": self.email.data or None,
            "locale": (self.locale.data or "").strip().replace("-", "_"),
            "currency": (self.currency.data or "").strip().upper(),
            "time_zone": (self.time_zone.data or "").strip(),
            "cutoff_hour": self.cutoff_hour.data or 0,
            "cash_rounding": self.cash_rounding.data or "none",
            "csv_form": self.csv_form.data or "comma",
            "tax_inclusive": self.tax_inclusive.data == "yes",
            "tax_id_label": self.tax_id_label.data or None,
            "tax_id": self.tax_id.data or None,
            "second_tax_label": self.second_tax_label.data or None,
            "second_tax_id_label": self.second_tax_id_label.data or None,
            "second_tax_id": self.second_tax_id.data or None,
            "receipt_prefix": (self.receipt_prefix.data or "").strip().upper(),
        }
        if kept is not None:
            facts |= {name: getattr(kept, name) for name in frozen}
        return LocationFacts(**facts)


def form_values(facts: LocationFacts) -> dict[str, Any]:
    """A location as its form shows it."""
    values = {name: getattr(facts, name) for name in LocationFacts.__dataclass_fields__}
    return values | {
        "address_lines": "\n".join(facts.address_lines),
        "tax_inclusive": "yes" if facts.tax_inclusive else "no",
    }


def proposals(country: str, habits: Habits) -> dict[str, Any]:
    """What the form of a new location proposes for a country; a tax habit only where one is known."""
    found: dict[str, Any] = {"country": country, "tax_method": "invoice", "cutoff_hour": 0}
    if habits.currency:
        found |= {
            "currency": habits.currency,
            "locale": habits.locale,
            "time_zone": habits.time_zones[0],
            "cash_rounding": habits.cash_rounding,
            "tax_label": habits.tax_label,
            "tax_id_label": habits.tax_id_label,
            "tax_inclusive": "yes" if habits.tax_inclusive else "no",
        }
    return found


@cache
def _zones() -> tuple[str, ...]:
    """The time zones of a place, by name; Python reads hundreds of files to find them."""
    return tuple(
        sorted(name for name in available_timezones() if "/" in name and not name.startswith(("Etc/", "posix/")))
    )


def zones_for(habits: Habits) -> list[str]:
    """The time zones to choose from, those of the country first."""
    return [*habits.time_zones, *(name for name in _zones() if name not in habits.time_zones)]
