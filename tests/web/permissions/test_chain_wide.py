"""What holds at every location belongs to owners and to whoever works at each; the manager of one clinic leaves it alone."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from pos.core.ids import new_id
from pos.domain.locations.models import Desk
from pos.domain.payments.models import Reader
from pos.domain.payouts.models import UnmatchedTransaction
from pos.domain.promotions import queries
from pos.domain.promotions import repository as promotions
from pos.domain.promotions.rules import PromoTerms
from pos.domain.staff import credentials as staff
from pos.domain.staff.models import Staff, StaffLocation
from pos.domain.staff.permissions import Role
from pos.domain.staff.queries import therapists
from pos.web.common.permissions import is_chain_wide
from tests.conftest import SECRET_KEY
from tests.support.cards import Till
from tests.support.clinic import Clinic, Colleague
from tests.web.permissions.asking import ask
from tests.web.permissions.full_app import (
    browser,
    changed,
    form_token,
    kept,
)
from tests.web.permissions.permission_fixtures import PermissionFixtures
from tests.web.permissions.permission_matrix import TABLE, Row
from tests.web.permissions.permission_requests import chain_wide

pytestmark = pytest.mark.xdist_group("permissions")
PAGE = "/office/settings/payments"
PAYMENTS = "/office/money/payments"
UNMATCHED = "/office/money/unmatched"
WORDS_OF_DEAD = "Messages that could not be delivered"
# For owners alone, wherever they work.
OWNERS = "/office/settings/roles/"
ROWS = [row for row in TABLE if row.cells in (chain_wide(), chain_wide(303)) and not row.rule.startswith(OWNERS)]


@pytest.fixture(scope="module")
def fixtures(shared_till: Till) -> PermissionFixtures:
    return PermissionFixtures(shared_till)


def hire(world: Clinic, name: str, *locations: UUID) -> Colleague:
    """A manager of some locations."""

    def conduct(session: Session) -> UUID:
        return staff.hire(session, name=name, role=Role.MANAGER, locations=locations, secret=SECRET_KEY).id

    return Colleague(world.write(conduct), name, Role.MANAGER, "")


@pytest.fixture(scope="module")
def there(fixtures: PermissionFixtures) -> Colleague:
    """The manager of Altstadt alone."""
    return hire(fixtures.clinic, "Greta", fixtures.clinic.eur.location_id)


@pytest.fixture(scope="module")
def everywhere(fixtures: PermissionFixtures) -> Colleague:
    """A manager of both."""
    return hire(fixtures.clinic, "Ilse", fixtures.clinic.usd.location_id, fixtures.clinic.eur.location_id)


def readers(world: Clinic) -> dict[UUID, str]:
    with world.read() as session:
        rows = session.execute(select(Reader.desk_id, Reader.stripe_reader_id))
        return {row.desk_id: row.stripe_reader_id for row in rows}


def place(web: FlaskClient, reader: str, desk: UUID, location: str) -> int:
    form = {"csrf_token": form_token(web), "reader": reader, "label": "Taken", "desk": str(desk)}
    return web.post(f"{PAGE}/readers/place?location={location}", data=form).status_code


def test_chain_wide_route_refuses_manager_of_one_location(fixtures: PermissionFixtures) -> None:
    """The guard's own mark and the cells of the permission table tell the same."""
    app = fixtures.clinic.app
    marked = {
        (method, rule.rule)
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if is_chain_wide(app.view_functions[rule.endpoint])
    }
    refused = {(row.method, row.rule) for row in ROWS}
    assert marked
    assert marked <= refused
    # Guarded by what is asked for, not by the route.
    assert refused - marked == {
        ("POST", "/office/settings/plans/<uuid:plan_id>"),
        ("POST", "/office/settings/therapists/name"),
        ("POST", "/office/money/payouts/<uuid:payout_id>/explain"),
    }


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_chain_wide_route_allows_staff_of_every_location(
    fixtures: PermissionFixtures, row: Row, everywhere: Colleague
) -> None:
    web = browser(fixtures.clinic, office=everywhere)
    answer = ask(web, fixtures.clinic, row, row.ready(fixtures))
    assert answer.status_code == row.cells[-1]


# What the manager of Altstadt changes when asked for with Riverside's fixtures: his own location's, or what is new.
OF_HIS_OWN = {
    "/office/settings/ways-to-pay",
    "/office/settings/tax",
    "/office/settings/breakage",
    "/office/settings/imports/confirm",
    "/office/money/accounts",
    "/office/money/closings",
    "/office/money/gift-cards",
    "/office/settings/payments/readers",
    "/office/checks/lift",
    # Clients belong to no location.
    "/office/clients/new",
    "/office/clients/<uuid:client_id>/edit",
}


@pytest.mark.parametrize(
    "row", [row for row in TABLE if row.rule.startswith("/office") and row.method == "POST" and "sign-" not in row.rule],
    ids=str,
)  # fmt: skip
def test_manager_of_other_location_changes_nothing(fixtures: PermissionFixtures, row: Row, there: Colleague) -> None:
    world = fixtures.clinic
    fixtures.drawers(open_=True)
    asked = row.ready(fixtures)
    web = browser(world, office=there)
    before = kept(world)
    answer = ask(web, world, row, asked)
    after = changed(before, kept(world))
    if row.rule not in OF_HIS_OWN:
        assert after == [], (answer.status_code, after)


def test_reader_of_other_location_cannot_be_moved(
    fixtures: PermissionFixtures, there: Colleague, everywhere: Colleague
) -> None:
    """Smallest input: Altstadt's manager names Riverside's reader and gives it to his desk."""
    world = fixtures.clinic
    spare = hire(world, "Otto", world.eur.location_id)
    before = readers(world)
    riverside, altstadt = before[world.usd.desks[0]], before[world.eur.desk]
    web = browser(world, office=spare)
    looked = web.post(f"{PAGE}/look?location=altstadt", data={"csrf_token": form_token(web)})
    assert altstadt in looked.text
    assert riverside not in looked.text
    assert place(web, riverside, world.eur.desk, "altstadt") == 403
    assert readers(world) == before
    # The name at Stripe stays too.
    found = {one["id"]: one["label"] for one in fixtures.till.stripe.simulator.world.store.all("terminal.reader")}
    assert found[riverside] != "Taken"
    both = browser(world, office=everywhere)
    assert place(both, altstadt, world.eur.desk, "altstadt") == 303


def decided(world: Clinic, web: FlaskClient, transaction_id: UUID, form: dict[str, str]) -> tuple[int, str]:
    """The answer to a decision about an unmatched payment, and the state of the payment after it."""
    answer = web.post(f"{UNMATCHED}/{transaction_id}", data={"csrf_token": form_token(web)} | form)
    with world.read() as session:
        return answer.status_code, session.get_one(UnmatchedTransaction, transaction_id).state


def test_unmatched_payment_is_decided_only_at_its_location(
    fixtures: PermissionFixtures, there: Colleague, everywhere: Colleague
) -> None:
    """Smallest input: card money for a completed ticket of Riverside, and Riverside's manager presses "Give it back"."""
    world = fixtures.clinic
    fixtures.drawers(open_=True)
    here, form = fixtures.unmatched(world.usd.location_id)
    nobodys, form_of_nobodys = fixtures.unmatched(None)
    form |= {"what": "refund"}
    mine, foreign, both = (browser(world, office=who) for who in (world.manager, there, everywhere))

    def seen(web: FlaskClient) -> list[bool]:
        page = web.get(UNMATCHED).text
        return [f'id="unmatched-{row}"' in page for row in (here, nobodys)]

    assert [seen(web) for web in (mine, foreign, both)] == [[True, False], [False, False], [True, True]]
    # Not as a payment of his own location either.
    for where in (world.usd.location_id, world.eur.location_id):
        assert decided(world, foreign, here, form | {"location_id": str(where)}) == (404, "open")
    assert decided(world, foreign, nobodys, form | {"location_id": str(world.eur.location_id)}) == (403, "open")
    assert decided(world, mine, nobodys, form_of_nobodys) == (403, "open")
    # Nor is one of Riverside explained as if it were another's, by somebody of both.
    told = form | {"what": "explain", "location_id": str(world.eur.location_id)}
    assert decided(world, both, here, told) == (422, "open")

    assert decided(world, mine, here, form) == (303, "refunded")
    assert decided(world, both, nobodys, form_of_nobodys) == (303, "credited")


def test_unmatched_payment_count_includes_only_decidable(
    fixtures: PermissionFixtures, there: Colleague, everywhere: Colleague
) -> None:
    world = fixtures.clinic
    accountant = browser(world, office=world.bookkeeper)
    browsers = [browser(world, office=who) for who in (world.manager, there, everywhere)]

    def counted(web: FlaskClient) -> list[int]:
        """What the day's page and the page of card payments say."""
        told = [
            re.search(r"(\d+) payments? (?:is|are) unmatched", web.get(path).text) for path in ("/office/", PAYMENTS)
        ]
        return [int(found[1]) if found else 0 for found in told]

    before = [counted(web) for web in browsers]
    assert all(today == payments for today, payments in before)
    for where in (world.usd.location_id, world.eur.location_id, None):
        fixtures.unmatched(where)
    after = [counted(web) for web in browsers]
    assert [(a - b, c - d) for (a, c), (b, d) in zip(after, before, strict=True)] == [(1, 1), (1, 1), (3, 3)]
    assert counted(accountant) == [0, 0]


def test_unmatched_row_without_location_is_offered_to_staff_of_every_location(
    fixtures: PermissionFixtures, everywhere: Colleague
) -> None:
    """A payout's unexplained row, and the messages nobody got: the page says who decides."""
    world, (payout_id, _) = fixtures.clinic, fixtures.difference()
    mine, both = browser(world, office=world.manager), browser(world, office=everywhere)
    page = f"/office/money/payouts/{payout_id}"
    assert ["Book it" in web.get(page).text for web in (mine, both)] == [False, True]
    assert "somebody who works at all of them" in mine.get(page).text
    fixtures.dead_letter()
    told = [WORDS_OF_DEAD in web.get(PAYMENTS).text for web in (mine, both)]
    assert told == [False, True]


def test_promo_code_of_every_location_is_not_changed_by_manager_of_one(fixtures: PermissionFixtures) -> None:
    world = fixtures.clinic
    terms = PromoTerms(
        new_id(), f"ALL{new_id().hex[-8:]}".upper(), "Everywhere", Decimal(10), None, "USD", None, frozenset(),
        date(2026, 1, 1), None, None, None,
    )  # fmt: skip
    world.write(lambda s: promotions.write(s, terms))
    web = browser(world, office=world.manager)
    mine = fixtures.promo_form(terms.promo_id)
    for path in (f"/office/settings/promo-codes/{terms.promo_id}", "/office/settings/promo-codes/new"):
        answer = web.post(path, data={"csrf_token": form_token(web)} | mine)
        assert answer.status_code == 403, path
        new = fixtures.promo_form() | {"where": "every USD"}
        assert web.post(path, data={"csrf_token": form_token(web)} | new).status_code in (403, 404, 422), path
    with world.read() as session:
        assert queries.promo(session, terms.promo_id).label == "Everywhere"
    assert "Every location" not in web.get("/office/settings/promo-codes/new").text
    # Nor is a code of another location overwritten by its key.
    elsewhere = PromoTerms(
        new_id(), f"EUR{new_id().hex[-8:]}".upper(), "There", Decimal(10), None, "EUR", world.eur.location_id,
        frozenset(), date(2026, 1, 1), None, None, None,
    )  # fmt: skip
    world.write(lambda s: promotions.write(s, elsewhere))
    form = fixtures.promo_form(elsewhere.promo_id)
    assert web.post("/office/settings/promo-codes/new", data={"csrf_token": form_token(web)} | form).status_code == 404


def test_therapist_tier_of_staff_at_two_locations_is_refused_to_manager_of_one(fixtures: PermissionFixtures) -> None:
    world = fixtures.clinic

    def conduct(session: Session) -> UUID:
        locations = (world.usd.location_id, world.eur.location_id)
        person = staff.hire(
            session, name="Tilda", role=Role.THERAPIST, locations=locations, secret=SECRET_KEY, treats=True
        )  # fmt: skip
        return person.id

    tilda = world.write(conduct)
    with world.read() as session:
        assert tilda in [row[0] for row in therapists(session, world.usd.location_id)]
        level = session.scalars(select(Staff.tier).where(Staff.id == tilda)).one()
    form = {"staff": str(tilda), "tier": str(level)}
    for who, expected in ((world.manager, 403), (world.owner, 303)):
        web = browser(world, office=who)
        answer = web.post("/office/settings/therapists/give", data={"csrf_token": form_token(web)} | form)
        assert answer.status_code == expected


def test_office_pages_offer_no_action_that_would_be_refused(fixtures: PermissionFixtures) -> None:
    world = fixtures.clinic
    web, plan = browser(world, office=world.manager), fixtures.plan()[0]
    page = web.get(f"/office/settings/plans/{plan}").text
    assert "Save the plan" not in page
    assert "Retire the plan" not in page
    assert "the same at every location" in page
    assert "Set the price" in page
    assert "Add the tier" not in web.get("/office/settings/therapists").text
    assert "/office/settings/messages" not in web.get("/office/settings").text
    assert "Make the webhook endpoint" not in web.get(PAGE).text
    assert "Save the plan" in browser(world, office=world.owner).get(f"/office/settings/plans/{plan}").text


def test_permission_fixture_has_two_locations(fixtures: PermissionFixtures) -> None:
    """The tests above look for what one of them may not do with the other."""
    with fixtures.clinic.read() as session:
        assert len(set(session.scalars(select(Desk.location_id)))) == 2
        assert session.scalar(select(StaffLocation.location_id).limit(1)) is not None
