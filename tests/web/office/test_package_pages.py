"""A package in the office: what happened to it, what a package_action would do, doing it, and clear refusals."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from pos.core.ids import new_id
from pos.domain.credits.models import CreditLot, CreditMove
from pos.services.packages.share_and_transfer import share_package
from tests.support.books import book_floats, failing
from tests.support.clinic import (
    Clinic,
    Colleague,
    TaxHabit,
    line,
)
from tests.support.package_actions import lines, noon, package_action
from tests.web.office.test_pages import text

Office = Callable[[Colleague | None], FlaskClient]


@pytest.fixture
def books(build_clinic: Callable[..., Clinic]) -> Clinic:
    """Riverside with 10 % inside, and Ana's ten sessions of which two are used."""
    world = book_floats(build_clinic(usd=TaxHabit("10", inclusive=True)))
    world.buy("ten", world.ana)
    for _ in range(2):
        world.sell(line("trigger_60", therapist=world.therapist), client=world.ana)
    return world


@pytest.fixture
def manager(books: Clinic, office: Office) -> FlaskClient:
    return office(books.manager)


def lot_of(world: Clinic) -> CreditLot:
    with world.read() as session:
        return session.scalars(select(CreditLot).where(CreditLot.client_id == world.ana)).one()


class Press:
    """A package_action's form, sent as a browser would."""

    def __init__(self, world: Clinic, web: FlaskClient, name: str, **named: UUID) -> None:
        lot = lot_of(world)
        self.web = web
        self.path = f"/office/packages/{lot.package_id}/{name}"
        self.kept = {"lot": str(lot.id)} | {key: str(value) for key, value in named.items()}

    def __call__(self, *, confirm: bool = False, **typed: str) -> tuple[int, str, str]:
        page = self.web.get(self.path, query_string=self.kept).text
        found = re.search(r'name="csrf_token" value="([^"]+)"', page)
        key = re.search(r'name="action_id" type="hidden" value="([^"]+)"', page)
        assert found, page[:600]
        assert key
        form = self.kept | {"csrf_token": found[1], "action_id": key[1], "reason": "The client called."} | typed
        answer = self.web.post(self.path, data=form | ({"confirm": "1"} if confirm else {}))
        return answer.status_code, text(answer.text), answer.headers.get("Location", "")


def test_package_page_shows_every_move_with_value(books: Clinic, manager: FlaskClient) -> None:
    page = text(manager.get(f"/office/packages/{lot_of(books).package_id}").text)
    assert "10 × 60 min Bought on 16 Jun 2026, Riverside" in page
    assert "Left 8 of 10 Worth $654.54 Valid to 16 Jun 2027" in page
    assert "Refund unused sessions at what was paid for each" in page
    assert "8 credits left · worth $654.54 before tax · 3 moves" in page
    assert (
        "used Trigger point therapy, 60 min, Theo Adler Ana Núñez" in page
        or "used Trigger point therapy, 60 min" in page
    )
    assert "−1 8 −81.82" in page


def test_package_page_of_past_day_shows_statement_of_that_day(books: Clinic, office: Office) -> None:
    with noon(date(2026, 6, 20)):
        manager = office(books.manager)
        books.sell(line("trigger_60"), client=books.ana)
        path = f"/office/packages/{lot_of(books).package_id}"
        assert "7 credits left" in text(manager.get(path).text)
        then = text(manager.get(f"{path}?on=2026-06-18").text)
        assert "8 credits left · worth $654.54 before tax · 3 moves" in then
        assert "Nothing had happened by that day." in text(manager.get(f"{path}?on=2026-06-01").text)
        wrong = manager.get(f"{path}?on=yesterday")
        assert "“yesterday” is not a date" in text(wrong.text)


def test_forfeit_in_office_is_previewed_made_and_undone_once(books: Clinic, manager: FlaskClient) -> None:
    press = Press(books, manager, "burn")
    status, page, _ = press(cause="no_show")
    assert status == 200
    assert "Credits left 8 7" in page
    assert "Worth $654.54 $572.73" in page
    assert "Package liability $81.81" in page
    assert "Service revenue $81.81" in page
    assert lot_of(books).burned == 0
    status, _, location = press(cause="no_show", confirm=True)
    assert (status, lot_of(books).burned) == (303, 1)
    assert "Done: Burn a credit." in text(manager.get(location).text)
    with books.read() as session:
        burned = session.scalars(select(CreditMove.id).where(CreditMove.kind == "burn")).one()
    status, page, _ = Press(books, manager, "restore", move=burned)()
    assert (status, "Credits left 7 8" in page) == (200, True)
    assert Press(books, manager, "restore", move=burned)(confirm=True)[0] == 303
    status, page, _ = Press(books, manager, "restore", move=burned)(confirm=True)
    assert (status, "reversed already" in page) == (409, True)
    assert failing(books) == {}


def test_redemption_in_office_is_reversed_from_its_line(books: Clinic, manager: FlaskClient) -> None:
    page = manager.get(f"/office/packages/{lot_of(books).package_id}").text
    link = re.search(r'href="(/office/packages/[^"]+/reverse\?[^"]+)"', page)
    assert link
    move = UUID(link[1].rpartition("move=")[2])
    assert Press(books, manager, "reverse", move=move)(confirm=True)[0] == 303
    assert lot_of(books).remaining == 9
    assert "use reversed" in text(manager.get(f"/office/clients/{books.ana}").text)


def test_freeze_and_extension_in_office_are_previewed_made_or_refused(
    books: Clinic, manager: FlaskClient, office: Office
) -> None:
    status, page, _ = Press(books, manager, "freeze")(until_on="2026-06-10")
    assert (status, "A freeze ends on a later day." in page) == (422, True)
    status, page, _ = Press(books, manager, "freeze")(reason=" ")
    assert (status, lot_of(books).status) == (422, "active")
    status, page, _ = Press(books, manager, "freeze")(until_on="2026-07-16")
    assert (status, "State Active Frozen" in page) == (200, True)
    assert Press(books, manager, "freeze")(until_on="2026-07-16", confirm=True)[0] == 303
    assert "Since 16 Jun 2026, until 16 Jul 2026" in text(
        manager.get(f"/office/packages/{lot_of(books).package_id}").text
    )
    with noon(date(2026, 7, 1)):
        later = office(books.manager)
        status, page, _ = Press(books, later, "unfreeze")()
        assert "Last day 16 Jun 2027 1 Jul 2027" in page
        assert Press(books, later, "unfreeze")(confirm=True)[0] == 303
    status, page, _ = Press(books, manager, "extend")(to="2030-01-01")
    assert (status, "The terms allow 365 more days" in page) == (422, True)
    assert Press(books, manager, "extend")(to="2027-08-01", confirm=True)[0] == 303
    assert lot_of(books).expires_on == date(2027, 8, 1)


def test_sharing_and_transfer_in_office_find_client_by_name(books: Clinic, manager: FlaskClient) -> None:
    status, page, _ = Press(books, manager, "share")(who="Nobody")
    assert (status, "Nobody is called that." in page) == (422, True)
    status, page, _ = Press(books, manager, "share")(who="ben", cap="2")
    assert (status, "Ben Fischer, ben@mail.example" in page) == (200, True)
    assert Press(books, manager, "share")(who="ben", cap="2", confirm=True)[0] == 303
    page = manager.get(f"/office/packages/{lot_of(books).package_id}").text
    assert "Ben Fischer" in text(page)
    link = re.search(r"share=([0-9a-f-]{36})", page)
    assert link
    assert Press(books, manager, "end-share", share=UUID(link[1]))(confirm=True)[0] == 303
    status, page, _ = Press(books, manager, "transfer")(who="ben", credits="9")
    assert (status, "There are not 9 credits left" in page) == (409, True)
    assert Press(books, manager, "transfer")(who="ben", credits="2", confirm=True)[0] == 303
    page = text(manager.get(f"/office/packages/{lot_of(books).package_id}").text)
    assert "Given by Ana Núñez, who would get a refund." in page
    assert next(one.kind for one in lines(books, lot_of(books).id)) == "transfer_out"
    assert failing(books) == {}


def test_transfer_in_office_several_matching_clients_are_offered(books: Clinic, manager: FlaskClient) -> None:
    status, page, _ = Press(books, manager, "transfer")(who="mail.example", credits="1")
    assert (status, "Several clients fit. Choose one of them." in page) == (422, True)
    assert "Ben Fischer, ben@mail.example" in page
    chosen = Press(books, manager, "transfer")(who="mail.example", credits="1", client_id=str(books.ben), confirm=True)
    assert chosen[0] == 303


def test_complimentary_credit_in_office_is_granted_or_refused(books: Clinic, manager: FlaskClient) -> None:
    path = f"/office/clients/{books.ana}/complimentary"
    page = manager.get(path).text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    key = re.search(r'name="action_id" type="hidden" value="([^"]+)"', page)
    assert token
    assert key
    form = {
        "csrf_token": token[1], "action_id": key[1], "location": "riverside", "item_id": str(books.items["trigger_60"]),
        "credits": "2", "code": "goodwill", "expires_on": "2026-07-16", "reason": "A long wait.",
    }  # fmt: skip
    assert manager.post(path, data=form | {"credits": "0"}).status_code == 422
    assert manager.post(path, data=form | {"expires_on": "2026-01-01"}).status_code == 422
    done = manager.post(path, data=form)
    assert done.status_code == 303
    told = text(manager.get(done.headers["Location"]).text)
    assert "Done: Complimentary credit." in told
    assert "Given for goodwill" in told
    assert "Left 2 of 2 Worth $0.00 Valid to 16 Jul 2026" in told


def test_package_page_hides_details_by_role_and_unknown_is_not_found(books: Clinic, office: Office) -> None:
    path = f"/office/packages/{lot_of(books).package_id}"
    with books.app.app_context():
        share_package(package_action(books, "A private word"), lot_of(books).id, client_id=books.ben)
    seen = text(office(books.bookkeeper).get(path).text)
    assert "8 credits left" in seen
    for hidden in ("Núñez", "Fischer", "A private word", "Freeze"):
        assert hidden not in seen
    assert office(books.bookkeeper).get(f"{path}/freeze?lot={lot_of(books).id}").status_code == 403
    assert office(books.receptionist).get(path).status_code == 403
    assert office(books.manager).get(f"/office/packages/{new_id()}").status_code == 404
    assert office(books.manager).get(f"{path}/burn?lot={new_id()}").status_code == 404
    assert office(books.manager).get(f"{path}/cook?lot={lot_of(books).id}").status_code == 404
    assert office(books.manager).get(f"{path}/burn").status_code == 422


def test_credit_holders_page_sends_chosen_mails_and_says_so(books: Clinic, manager: FlaskClient) -> None:
    path = "/office/packages/ending"
    assert "No credits end on these days" in manager.get(f"{path}?from=2026-06-20&to=2026-06-21").text
    days = "from=2026-06-01&to=2027-12-31&location=riverside"
    page = manager.get(f"{path}?{days}").text
    keys = re.findall(r'name="to" value="([^"]+)" checked', page)
    assert keys
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token
    post = {"csrf_token": token[1]}
    nobody = manager.post(f"{path}?{days}", data=post)
    assert (nobody.status_code, "Choose who gets the mail." in nobody.text) == (422, True)
    sent = manager.post(f"{path}?{days}", data={**post, "to": keys}, follow_redirects=True).text
    assert f"{len(keys)} mail" in sent
    assert 'name="to"' in sent
    assert " checked" not in sent.partition('name="to"')[2]
    wrong = manager.get(f"{path}?from=x&to=y")
    assert (wrong.status_code, 'value="x"' in wrong.text) == (422, True)
    shown = manager.get(f"/office/reports/expiring-credits?{days}").text
    assert f'href="{path}?location=riverside&amp;from=2026-06-01&amp;to=2027-12-31"' in shown
