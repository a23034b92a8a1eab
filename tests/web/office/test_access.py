"""Who sees what: roles, locations, and the door."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import unquote
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from pos.core.ids import new_id
from pos.domain.receipts.models import Receipt
from tests.support.clinic import Clinic, Colleague

Office = Callable[[Colleague | None], FlaskClient]
ROLES = ("nobody", "receptionist", "therapist", "manager", "owner", "bookkeeper")

# What each route answers to each role, in the order of ROLES.
_REPORTS = (303, 403, 403, 200, 200, 200)
_CLIENTS = (303, 403, 403, 200, 200, 403)
_CHAIN = (303, 403, 403, 403, 200, 403)
ROUTES = {
    "/office/": (303, 403, 303, 200, 200, 200),  # a therapist goes on to their own earnings
    "/office/sales": _REPORTS,
    "/office/sales?rows=items": _REPORTS,
    "/office/sales.csv": _REPORTS,
    "/office/sales.xlsx": _REPORTS,
    "/office/sales/<sale>": _REPORTS,
    "/office/sales/<sale>/receipt.html": _REPORTS,
    "/office/packages": _REPORTS,
    "/office/money": _REPORTS,
    "/office/reports/journal.csv": _REPORTS,
    "/office/money/shifts": _REPORTS,
    "/office/money/payments": _REPORTS,
    "/office/money/closings": _REPORTS,
    "/office/money/accounts": _REPORTS,
    "/office/clients": _CLIENTS,
    "/office/clients/<client>": _CLIENTS,
    "/office/settings": _REPORTS,
    "/office/settings/messages": _CHAIN,
    "/office/settings/payments": _CLIENTS,
    "/office/checks": _REPORTS,
    "/office/checks/run": _REPORTS,
}


def sale_of(world: Clinic, label: str) -> UUID:
    with world.read() as session:
        return session.scalars(select(Receipt.sale_id).where(Receipt.label == label)).one()


def address(world: Clinic, path: str) -> str:
    return path.replace("<sale>", str(sale_of(world, "RIV-000002"))).replace("<client>", str(world.ana))


def test_office_access_every_role_gets_expected_status(books: Clinic, office: Office) -> None:
    people = [None, *(getattr(books, name) for name in ROLES[1:])]
    browsers = [office(person) for person in people]
    for path, expected in ROUTES.items():
        got = tuple(browser.get(address(books, path)).status_code for browser in browsers)
        assert got == expected, path


def test_office_access_every_route_of_table_exists(books: Clinic) -> None:
    """That every route is declared for every role is seen in tests/web/permissions/test_permissions.py."""
    doors = {"/office/sign-in", "/office/sign-out"}
    known = {re.sub(r"\?.*", "", path) for path in ROUTES} | doors | {"/office/sales/<sale>/receipt.pdf"}
    rules = {
        rule.rule.replace("<uuid:sale_id>", "<sale>").replace("<uuid:client_id>", "<client>")
        for rule in books.app.url_map.iter_rules()
        if rule.endpoint.startswith("office.")
    }
    assert known <= rules


def test_office_access_other_location_is_not_found_or_listed(books: Clinic, office: Office) -> None:
    """The manager works at one place: the other is 404 by address, and in no list, figure or file."""
    manager, owner = office(books.manager), office(books.owner)
    foreign = sale_of(books, "RGB-000001")
    assert owner.get(f"/office/sales/{foreign}").status_code == 200
    for path in (
        f"/office/sales/{foreign}",
        f"/office/sales/{foreign}/receipt.html",
        f"/office/sales/{foreign}/receipt.pdf",
    ):
        assert manager.get(path).status_code == 404
    assert manager.get(f"/office/sales/{new_id()}").status_code == 404
    by_location = ("", "sales", "packages", "money", "money/shifts", "settings", "sales.csv", "sales.xlsx")
    for path in (*(f"/office/{name}" for name in by_location), "/office/reports/journal.csv"):
        assert manager.get(f"{path}?location=altstadt").status_code == 404, path
        assert manager.get(f"{path}?location=nowhere").status_code == 404, path
    for path in ("/office/sales", "/office/sales?rows=items", "/office/packages", "/office/money?view=entries",
                 "/office/money/shifts", "/office/sales.csv", "/office/reports/journal.csv",
                 "/office/checks/run", f"/office/clients/{books.ben}"):  # fmt: skip
        page = manager.get(path).text
        for foreign_word in ("RGB-", "Altstadt", "altstadt", "EUR", "€", "Empfang"):
            assert foreign_word not in page, (path, foreign_word)
    assert "RGB-000001" in owner.get("/office/sales").text
    assert "RIV-000001" in owner.get("/office/sales").text


def test_office_access_bookkeeper_sees_no_contacts(books: Clinic, office: Office) -> None:
    bookkeeper = office(books.bookkeeper)
    for path in ("/office/packages", "/office/sales", f"/office/sales/{sale_of(books, 'RIV-000002')}"):
        page = bookkeeper.get(path).text
        assert "ana@mail.example" not in page
        assert "/office/clients" not in page
    assert "/office/clients" in office(books.manager).get("/office/packages").text


# ---- the door


def token(page: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found
    return found[1]


def sign_in(client: FlaskClient, email: str, password: str, **more: str) -> tuple[int, str, str]:
    form = {"csrf_token": token(client.get("/office/sign-in").text), "email": email, "password": password, **more}
    answer = client.post("/office/sign-in", data=form)
    return answer.status_code, answer.text, answer.headers.get("Location", "")


def test_office_sign_in_and_sign_out_redirect(books: Clinic, office: Office) -> None:
    client = office(None)
    away = client.get("/office/sales?location=riverside")
    assert unquote(away.headers["Location"]) == "/office/sign-in?next=/office/sales?location=riverside"
    manager = books.manager
    assert manager.email
    assert manager.password
    status, _, onward = sign_in(client, manager.email, manager.password, next="/office/sales?location=riverside")
    assert (status, onward) == (303, "/office/sales?location=riverside")
    assert client.get("/office/sign-in").status_code == 303
    page = client.get("/office/")
    assert page.status_code == 200
    assert manager.name in page.text
    assert client.post("/office/sign-out", data={"csrf_token": token(page.text)}).status_code == 303
    assert client.get("/office/").status_code == 303


def test_office_sign_in_wrong_password_is_refused_in_place(books: Clinic, office: Office) -> None:
    status, page, _ = sign_in(office(None), "mara@clinic.example", "wrong")
    assert status == 422
    assert "The address or the password is not right." in page
    assert 'value="mara@clinic.example"' in page
    assert "wrong" not in page.replace("The address", "")


def test_office_sign_in_five_wrong_passwords_lock_account(books: Clinic, office: Office) -> None:
    client = office(None)
    assert books.manager.password
    for _ in range(5):
        assert sign_in(client, "mara@clinic.example", "wrong")[0] == 422
    status, page, _ = sign_in(client, "mara@clinic.example", books.manager.password)
    assert status == 429
    assert "Too many wrong attempts" in page


@pytest.mark.parametrize(
    "onward", ["https://evil.example", "//evil.example", "/register/", "/office/\\evil", "/office//x"]
)
def test_office_sign_in_next_outside_office_is_ignored(books: Clinic, office: Office, onward: str) -> None:
    assert books.manager.email
    assert books.manager.password
    assert sign_in(office(None), books.manager.email, books.manager.password, next=onward)[2] == "/office/"


def test_office_sign_in_ended_redirects_partial_request(office: Office) -> None:
    answer = office(None).get("/office/checks/run", headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (200, "/office/sign-in")
