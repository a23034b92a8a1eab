"""Amounts as people read them: one rule for lines and totals, in every locale and currency, whatever Babel's tables say."""

from __future__ import annotations

from decimal import Decimal

import pytest
from babel.core import Locale
from babel.numbers import list_currencies, parse_decimal

from pos.core.i18n.money_format import MINUS, currency_pattern, plain_pattern
from pos.core.i18n.translator import translator
from pos.core.money import exponent, to_decimal

# The countries a clinic may stand in, and those whose writing is unlike theirs: no marks, two-digit groups, other signs.
LOCALES = (
    "ar_AE bg_BG bn_BD ca_ES cs_CZ cy_GB da_DK de_AT de_CH de_DE de_LI el_GR en_AU en_CA en_CH en_GB "
    "en_IE en_IN en_NZ en_US en_US_POSIX en_ZA es_AR es_ES es_MX et_EE eu_ES fa_IR fi_FI fr_BE fr_CA "
    "fr_CH fr_FR fr_LU ga_IE gl_ES he_IL hi_IN hr_HR hu_HU is_IS it_CH it_IT ja_JP ko_KR lt_LT lv_LV "
    "mk_MK mt_MT nb_NO nl_BE nl_NL nn_NO pl_PL pt_BR pt_PT ro_RO ru_RU sk_SK sl_SI sq_AL sr_Latn_RS sv_SE "
    "th_TH tr_TR uk_UA vi_VN zh_CN zh_TW "
).split()
MINORS = (0, 1, 9, 10, 99, 100, 999, 1_000, 99_999, 100_000, 1_234_567, 10_000_000)


@pytest.mark.parametrize(
    ("locale", "minor", "currency", "plain", "money"),
    [
        ("en_US", 123_456, "USD", "1,234.56", "$1,234.56"),
        ("en_US", -990, "USD", "−9.90", "−$9.90"),
        ("en_US", 1_200, "CHF", "12.00", "CHF\u00a012.00"),
        ("en_CA", 1_200, "CAD", "12.00", "$12.00"),
        ("de_DE", -123_456, "EUR", "−1.234,56", "−1.234,56\u00a0€"),
        ("de_AT", 123_456, "EUR", "1.234,56", "€\u00a01.234,56"),
        ("de_CH", 100_000_000, "CHF", "1’000’000.00", "CHF\u00a01’000’000.00"),
        ("fr_FR", 123_456, "EUR", "1\u202f234,56", "1\u202f234,56\u00a0€"),
        ("fr_CH", 123_456, "CHF", "1\u202f234,56", "1\u202f234,56\u00a0CHF"),
        ("es_ES", 123_456, "EUR", "1.234,56", "1.234,56\u00a0€"),
        ("pl_PL", 123_456, "PLN", "1\u00a0234,56", "1\u00a0234,56\u00a0zł"),
        ("nb_NO", -100, "NOK", "−1,00", "−1,00\u00a0kr"),
        ("sr_Latn_RS", 123_456, "RSD", "1.234,56", "1.234,56\u00a0RSD"),
        ("hu_HU", 123_456, "HUF", "1\u00a0234,56", "1\u00a0234,56\u00a0Ft"),
        ("is_IS", 1_234, "ISK", "1.234", "1.234\u00a0kr."),
        ("ja_JP", 1_234_567, "JPY", "1,234,567", "￥1,234,567"),
        ("ar_AE", -1_234, "KWD", "−1.234", "−1.234\u00a0د.ك."),
        ("en_IN", 123_456_789, "INR", "12,34,567.89", "₹12,34,567.89"),
        ("nl_NL", -123_456, "EUR", "−1.234,56", "€\u00a0−1.234,56"),
        ("en_US_POSIX", 123_456_789, "USD", "1234567.89", "$\u00a01234567.89"),
    ],
)
def test_money_format_follows_locale(locale: str, minor: int, currency: str, plain: str, money: str) -> None:
    assert (translator(locale).amount(minor, currency), translator(locale).money(minor, currency)) == (plain, money)


@pytest.mark.parametrize("locale", LOCALES)
def test_money_format_line_and_total_have_same_digits_in_every_currency(locale: str) -> None:
    """CLDR gives some currencies fewer decimals than ISO 4217, and Babel's releases differ; ours are ISO's everywhere."""
    here = Locale.parse(locale)
    for currency in sorted(code for code in list_currencies() if len(code) == 3):
        digits, plain, total = exponent(currency), plain_pattern(here), currency_pattern(here, currency)
        for minor in MINORS:
            line = plain.text(minor, digits)
            assert line in total.text(minor, digits)
            marks = line.replace(plain.group, "").replace(plain.decimal, ".") if plain.group else line
            assert Decimal(marks) == to_decimal(minor, currency), (currency, minor, line)
            assert len(marks.partition(".")[2]) == digits
            if minor:
                assert MINUS in total.text(-minor, digits)
                # A Swiss minus stands in the place of the blank between sign and digits.
                bare = total.text(-minor, digits).replace(MINUS, "")
                assert bare.replace("\u00a0", "") == total.text(minor, digits).replace("\u00a0", "")


@pytest.mark.parametrize("locale", [name for name in LOCALES if name != "en_US_POSIX"])
def test_money_format_is_parsed_back_by_library(locale: str) -> None:
    for minor in MINORS:
        written = plain_pattern(Locale.parse(locale)).text(minor, 2)
        assert parse_decimal(written, locale=locale) == to_decimal(minor, "USD")
