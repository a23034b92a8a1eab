"""A client's account credit in the office: what is owed, who gave it and why, and clear refusals."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from tests.support.books import failing
from tests.support.clinic import Clinic, Colleague
from tests.support.gift_card_desk import on_account
from tests.web.office.test_pages import text

Office = Callable[[Colleague | None], FlaskClient]


class Page:
    """Ana's account credit, as somebody in the office has it open."""

    def __init__(self, world: Clinic, web: FlaskClient) -> None:
        self.web, self.path = web, f"/office/clients/{world.ana}/account-credit"
        self.form = dict(re.findall(r'name="(csrf_token|action_id)"[^>]*value="([^"]+)"', web.get(self.path).text))

    def give(self, **typed: str) -> tuple[int, str]:
        given = self.form | {"location": "riverside", "amount": "40.00", "reason": "A long wait"} | typed
        answer = self.web.post(self.path, data=given)
        return answer.status_code, answer.text

    def read(self) -> str:
        return text(self.web.get(self.path).text)


@pytest.fixture
def page(books: Clinic, office: Office) -> Page:
    return Page(books, office(books.manager))


def test_account_credit_goodwill_in_office_is_given_once_and_listed(books: Clinic, page: Page) -> None:
    assert "No account credit yet" in page.read()
    assert [page.give()[0], page.give()[0]] == [303, 303]  # pressed twice
    assert on_account(books, books.ana) == 40_00
    assert "To spend $40.00 Set aside $0.00" in page.read()
    assert "Goodwill A long wait Mara $40.00 $40.00" in page.read()
    assert "Account credit" in text(page.web.get(f"/office/clients/{books.ana}").text)
    assert failing(books) == {}


@pytest.mark.parametrize(
    ("typed", "status", "says"),
    [
        ({"amount": ""}, 422, "This is needed."),
        ({"amount": "lots"}, 422, "“lots” is not an amount"),
        ({"amount": "0"}, 422, "more than nothing"),
        ({"amount": "1000.01"}, 422, "at most 1000.00"),
        ({"amount": "1.005"}, 422, "USD has 2 digits"),
        ({"reason": ""}, 422, "This is needed."),
        ({"reason": "x"}, 422, "Say why"),
        ({"location": "altstadt"}, 422, "Not a valid choice"),
    ],
)
def test_account_credit_goodwill_form_invalid_is_refused_in_place(
    books: Clinic, page: Page, typed: dict[str, str], status: int, says: str
) -> None:
    found, answer = page.give(**typed)
    (name,) = typed
    assert (found, says in text(answer)) == (status, True)
    if name != "location":
        assert f'id="{name}-error"' in answer
        assert 'value="40.00"' in answer or name == "amount"
    assert on_account(books, books.ana) == 0


def test_account_credit_of_other_location_is_not_shown(books: Clinic, page: Page, office: Office) -> None:
    owner = Page(books, office(books.owner))
    assert owner.give(location="altstadt", amount="7")[0] == 303
    assert "Altstadt" not in page.read()
    assert "€7.00" in owner.read()
