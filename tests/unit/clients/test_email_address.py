"""What is said of an e-mail address that cannot be used."""

from __future__ import annotations

import pytest

from pos.core.errors import Invalid
from pos.core.messages import people
from pos.domain.clients.registration import normal_email


@pytest.mark.parametrize("typed", ["Maria@Clinic.Example ", "o'neill+desk@clinic.example", "ü@müller.example"])
def test_email_usable_is_kept_in_lower_case(typed: str) -> None:
    assert normal_email(typed) == typed.strip().lower()


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("maria", people.EMAIL_WITHOUT_AT),
        ("maria@work@clinic.example", people.EMAIL_WITHOUT_AT),
        ("@clinic.example", people.EMAIL_WITHOUT_NAME),
        ("maria@", people.EMAIL_WITHOUT_DOMAIN),
        ("maria@clinic", people.EMAIL_WITHOUT_DOMAIN),
        ("maria @clinic.example", people.EMAIL_HAS_SPACE),
        ("maria@clinic,example", people.EMAIL_HAS_CHARACTER(character=",")),
        ("Maria <maria@clinic.example>", people.EMAIL_HAS_SPACE),
        ("<maria@clinic.example>", people.EMAIL_HAS_CHARACTER(character="<")),
        ("maria..l@clinic.example", people.EMAIL_HAS_TWO_POINTS),
        ("maria.@clinic.example", people.EMAIL_UNUSABLE),
        ("maria@clinic.invalid", people.EMAIL_UNUSABLE),
    ],
)
def test_email_unusable_says_what_is_wrong_with_it(typed: str, why: str) -> None:
    with pytest.raises(Invalid) as refused:
        normal_email(typed)
    assert refused.value.sentence == why
