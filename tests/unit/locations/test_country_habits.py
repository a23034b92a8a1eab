"""What a country proposes can be saved as it is: each currency, zone and locale is one that the program takes."""

from __future__ import annotations

import pytest

from pos.core.clock import zone
from pos.core.money import exponent, is_currency
from pos.domain.locations.country_habits import COUNTRIES, habits
from pos.services.locations.location_facts import country_names, is_country, is_locale


@pytest.mark.parametrize("country", COUNTRIES)
def test_country_habits_propose_only_known_codes(country: str) -> None:
    found = habits(country)
    assert is_country(country)
    assert is_currency(found.currency)
    assert is_locale(found.locale)
    assert found.locale.endswith(f"_{country}")
    assert [str(zone(name)) for name in found.time_zones] == list(found.time_zones) != []
    assert found.paper in ("a4", "letter")
    assert 0 < len(found.tax_label) <= 40
    assert 0 < len(found.tax_id_label) <= 40


def test_country_habits_of_unlisted_country_are_empty() -> None:
    found = habits("AQ")
    assert (found.currency, found.locale, found.time_zones, found.tax_label) == ("", "", (), "")


def test_country_habits_cover_forty_countries_and_known_facts() -> None:
    assert len(COUNTRIES) >= 40
    assert (habits("US").tax_inclusive, habits("US").paper) == (False, "letter")
    assert (habits("JP").currency, exponent(habits("JP").currency)) == ("JPY", 0)
    assert habits("DE").tax_inclusive


def test_country_names_list_no_groups() -> None:
    assert not {"EU", "UN", "ZZ", "XA"} & set(country_names("de"))
    assert not is_country("de")
    assert not is_country("")
