"""A desk as JSON: where it stands, and all that it sells."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from pos.core.database.base import reading
from pos.core.i18n.money_format import currency_pattern, plain_pattern
from pos.core.i18n.translator import translator
from pos.core.money import Rates, exponent
from pos.domain.catalogue.queries import Menu, Picked, tax_rates
from pos.domain.locations.country_habits import PAPER_NAMES
from pos.domain.locations.queries import DeskPlace, Place
from pos.domain.till.rules import likely_tender
from pos.services.checkout.instalments import deposit_of
from pos.web.common.template_context import page_said
from pos.web.register.api.cash_suggestions import note_steps

Json = dict[str, Any]


def place_json(desk: DeskPlace) -> Json:
    """Where the desk stands, how its money is written, and what it prints on, its own paper first."""
    place = desk.place
    locale = translator(place.locale).locale
    return {
        "location_id": str(place.id),
        "name": place.name,
        "clinic_name": place.clinic_name,
        "locale": place.locale.replace("_", "-"),
        "currency": place.currency,
        "exponent": exponent(place.currency),
        "amount_pattern": plain_pattern(locale).facts(),
        "money_pattern": currency_pattern(locale, place.currency).facts(),
        "cash_over_minor": likely_tender(0, place.currency),
        "tax_inclusive": place.tax_inclusive,
        "tax_method": place.tax_method,
        "tax_names": list(place.tax_names),
        "cash_rounding": {"step_minor": place.cash.step_minor, "halves_down": place.cash.halves_down},
        "note_steps": note_steps(place.currency),
        "time_zone": place.time_zone,
        "cutoff_hour": place.cutoff_hour,
        "service_charges": _charge_rules(place),
        "papers": [{"format": paper, "name": page_said(PAPER_NAMES[paper])} for paper in desk.papers],
    }


def _charge_rules(place: Place) -> list[Json]:
    """The service charges of a location with their taxes of today, for a desk that must reckon them alone."""
    if not place.service_charges:
        return []
    rates = tax_rates(reading(), place, place.today())
    return [
        {
            **{name: value for name, value in rule.to_json().items() if name != "tax_category"},
            "tax_percents": [str(percent) for percent in rates.get(rule.tax_category, Rates(Decimal(0)))],
        }
        for rule in place.service_charges
    ]


def item_json(item: Picked) -> Json:
    """One thing on the menu."""
    found: Json = {
        "item_id": str(item.item_id),
        "kind": item.kind,
        "name": item.name,
        "minutes": item.minutes,
        "price_minor": item.price_minor,
        "tax_percents": [str(item.tax_percent), str(item.second_tax_percent)],
        "key": item.key,
        "code": item.code,
    }
    if item.plan is not None:
        found["credits"] = item.plan.credits
        found["validity_months"] = item.plan.validity_months
        found["deposit_minor"] = deposit_of(item)
    return found


def menu_json(menu: Menu) -> Json:
    """Everything the desk sells, grouped as it is shown."""
    return {
        "services": [
            {
                "service_id": str(group.id),
                "name": group.name,
                "short_name": group.short_name,
                "variants": [item_json(v) for v in group.variants],
            }
            for group in menu.services
        ],
        "add_ons": [item_json(i) for i in menu.add_ons],
        "retail": [item_json(i) for i in menu.retail],
        "packages": [item_json(i) for i in menu.packages],
    }
