"""The answers of set-up: every wrong one is named at once, a country proposes, and the example of the docs is complete."""

from __future__ import annotations

from decimal import Decimal

import pytest

from pos.domain.staff.permissions import Role
from pos.services.setup.answers import WrongAnswers, read_answers
from pos.services.setup.questions import QUESTIONS, with_proposals
from pos.services.setup.starter_catalogue import ADD_ONS, PACKAGES, SERVICES, PriceList
from tests.support.setup_answers import example


def test_example_file_answers_every_question() -> None:
    given, staff = example()
    assert set(given) == {question.name for question in QUESTIONS}
    answers = read_answers(given, staff)
    assert answers.facts["address_lines"] == ["12 Mill Street", "Portland, OR 97205"]
    assert (answers.facts["tax_inclusive"], answers.single_minor) == (False, 100_00)
    assert [(one.name, one.role, one.treats) for one in answers.people] == [
        ("Ruth Okafor", Role.OWNER, False),
        ("Ana Ruiz", Role.RECEPTIONIST, False),
        ("Jo Martin", Role.THERAPIST, True),
    ]


def test_answers_several_wrong_names_each() -> None:
    given, staff = example()
    given |= {
        "clinic_name": " ",
        "country": "ZZ",
        "currency": "XYZ",
        "time_zone": "Mars/Olympus",
        "tax_service": "101",
        "receipt_prefix": "riv",
        "owner_email": "ruth",
        "owner_password": "short",
        "owner_pin": "111111",
        "single_price": "",
        "colour": "green",
    }
    staff[0] |= {"role": "chef", "pin": "12"}
    with pytest.raises(WrongAnswers) as refused:
        read_answers(given, staff)
    assert set(refused.value.wrong) == {
        "clinic_name", "country", "currency", "time_zone", "tax_service", "receipt_prefix", "owner_email", "owner_password",
        "owner_pin", "single_price", "colour", "staff 1, role", "staff 1, pin",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("country", "currency", "zone", "inclusive"),
    [
        ("US", "USD", "America/New_York", "no"),
        ("de", "EUR", "Europe/Berlin", "yes"),
        ("JP", "JPY", "Asia/Tokyo", "yes"),
        ("AQ", "", "", ""),  # nothing is known, so nothing is proposed
    ],
)
def test_proposals_country_known_suggests_its_habits(country: str, currency: str, zone: str, inclusive: str) -> None:
    found = with_proposals({"country": country, "location_name": "Old Town"})
    assert (found["currency"], found["time_zone"], found["tax_inclusive"]) == (currency, zone, inclusive)
    assert (found["receipt_prefix"], found["tax_service"], found["owner_name"]) == ("OT", "", "")


def test_proposals_answer_given_is_kept() -> None:
    found = with_proposals({"country": "CH", "currency": "EUR", "locale": "fr_CH"})
    assert (found["currency"], found["locale"], found["time_zone"], found["single_price"]) == (
        "EUR",
        "fr_CH",
        "Europe/Zurich",
        "89.00",
    )


def _prices(prices: PriceList) -> dict[str, int]:
    found = {
        f"{short} {minutes}": prices.of(major) for _, short, _, sizes in SERVICES for minutes, major in sizes.items()
    }
    found |= {name: prices.of(major) for name, _, major in ADD_ONS}
    return found | {name: prices.of(major) for name, *_, major in PACKAGES}


def test_starter_catalogue_in_dollars_costs_what_the_founding_text_says() -> None:
    found = _prices(PriceList("USD", 100_00))
    assert [found[f"Trigger point {minutes}"] for minutes in (30, 45, 60, 90)] == [5500, 7800, 10000, 14000]
    assert (found["Foot 60"], found["Aromatherapy"], found["10 × Trigger point 60"]) == (7500, 1200, 900_00)


@pytest.mark.parametrize(
    ("currency", "single", "thirty", "ten"),
    [
        ("GBP", 85_00, 47_00, 765_00),  # 46.75 and 765.00, to the pound
        ("JPY", 15_000, 8_300, 135_000),  # 8,250, to the hundred
        ("KWD", 30_000, 16_500, 270_000),  # 16.500, to a tenth
        ("USD", 120_00, 66_00, 1_080_00),
    ],
)
def test_starter_catalogue_other_single_price_is_in_proportion(
    currency: str, single: int, thirty: int, ten: int
) -> None:
    found = _prices(PriceList(currency, single))
    assert (found["Trigger point 60"], found["Trigger point 30"], found["10 × Trigger point 60"]) == (
        single,
        thirty,
        ten,
    )


def test_answers_percent_with_comma_is_read() -> None:
    given, staff = example()
    assert read_answers(given | {"tax_service": "7,5 %"}, staff).taxes["service"] == Decimal("7.5")
