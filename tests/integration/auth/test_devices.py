"""PINs count at paired browsers alone, passwords per account, address and known device; managers unlock, keys survive."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import delete, select

from pos.core.app_context import running
from pos.core.audit import AuditEvent
from pos.core.errors import (
    Conflict,
    Invalid,
    Locked,
    NotAllowed,
    NotFound,
)
from pos.core.ids import new_id, new_token
from pos.domain.staff import credentials, devices
from pos.domain.staff.models import LoginLockout, PairedDevice, Staff
from pos.domain.staff.permissions import Role
from pos.domain.staff.queries import by_key
from pos.domain.stored_value.gift_card_codes import code_of
from pos.services.auth import (
    give_approval,
    sign_in_by_password,
    sign_in_by_pin,
    unlock_login,
)
from pos.services.stored_value.gift_cards import look_up
from tests.support.clinic import Clinic, Colleague

PAGE = "/office/settings/devices"


@pytest.fixture
def online(clinic: Clinic) -> Iterator[Clinic]:
    """The clinic as it is reached from outside: its desks take PINs in paired browsers only."""
    with clinic.app.app_context():
        here = running()
        before = here.settings
        here.settings = replace(before, base_url="http://pos.clinic.example")
    yield clinic
    here.settings = before


def paired(world: Clinic) -> str:
    where, who = world.usd.location_id, world.manager.id
    return world.write(lambda s: devices.pair(s, staff_id=who, location_id=where, label="Front")[1])


def enter(world: Clinic, pin: str, device: str | None) -> object:
    with world.app.app_context():
        return sign_in_by_pin(desk_id=world.usd.desk, pin=pin, device=device)


def office(
    world: Clinic, who: Colleague, password: str | None = None, *, address: str = "192.0.2.1", device: str | None = None
) -> str | None:
    with world.app.app_context():
        given = who.password if password is None else password
        return sign_in_by_password(email=who.email or "", password=given or "", address=address, device=device).device


def token(web: FlaskClient, page: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', web.get(page).text)
    assert found
    return found[1]


def test_sign_in_by_pin_unpaired_device_is_refused_and_locks_nothing(online: Clinic) -> None:
    """Smallest input: five wrong PINs from a browser nobody paired. Before, the desk was shut for everybody."""
    mine = paired(online)
    for pin in ["000111"] * 6 + [online.receptionist.pin]:
        for stranger in (None, "", "nonsense", new_token()):
            with pytest.raises(NotAllowed):
                enter(online, pin, stranger)
    with online.read() as session:
        assert session.scalars(select(LoginLockout)).all() == []
    assert enter(online, online.receptionist.pin, mine)


def test_sign_in_by_pin_locked_device_leaves_other_device_open(online: Clinic) -> None:
    first, second = paired(online), paired(online)
    for _ in range(5):
        with pytest.raises(Invalid):
            enter(online, "000111", first)
    with pytest.raises(Locked):
        enter(online, online.receptionist.pin, first)
    assert enter(online, online.receptionist.pin, second)
    with online.app.app_context(), pytest.raises(NotAllowed):
        sign_in_by_pin(desk_id=online.eur.desk, pin=online.eur_receptionist.pin, device=second)
    with online.read() as session:
        kept = session.scalars(select(PairedDevice.token_hash)).all()
    assert first not in kept
    assert second not in kept


def test_device_paired_unlocked_and_unpaired_in_office_is_audited(clinic: Clinic) -> None:
    web = clinic.app.test_client()
    web.set_cookie("tp_office", clinic.office_cookie(clinic.manager), path="/office")
    assert "No device is paired yet" in web.get(PAGE).text
    assert "Nothing is locked." in web.get(PAGE).text
    wrong = web.post(f"{PAGE}/pair", data={"csrf_token": token(web, PAGE), "label": " "})
    assert (wrong.status_code, 'id="label-error"' in wrong.text) == (422, True)
    assert web.post(f"{PAGE}/pair", data={"csrf_token": token(web, PAGE), "label": "Front tablet"}).status_code == 303
    cookie = web.get_cookie("tp_device", path="/register")
    assert cookie is not None
    assert cookie.http_only
    for _ in range(5):
        with pytest.raises(Invalid):
            enter(clinic, "000111", cookie.value)
    with pytest.raises(Locked):
        enter(clinic, clinic.receptionist.pin, cookie.value)
    page = web.get(PAGE).text
    assert page.count("Front tablet") >= 2
    door = re.search(r'name="door" value="([^"]+)"', page)
    assert door
    there = clinic.app.test_client()
    there.set_cookie("tp_office", clinic.office_cookie(clinic.bookkeeper), path="/office")
    assert there.get(PAGE).status_code == 403
    done = web.post(f"{PAGE}/unlock", data={"csrf_token": token(web, PAGE), "door": door[1]})
    assert done.status_code == 303
    assert web.post(f"{PAGE}/unlock", data={"csrf_token": token(web, PAGE), "door": door[1]}).status_code == 404
    assert enter(clinic, clinic.receptionist.pin, cookie.value)
    signed_in = clinic.app.test_client()
    signed_in.set_cookie("tp_register", clinic.desk_cookie(clinic.receptionist), path="/register")
    assert signed_in.get("/register/").status_code == 200
    device = re.search(rf"{PAGE}/([0-9a-f-]+)/unpair", page)
    assert device
    assert web.post(f"{PAGE}/{device[1]}/unpair", data={"csrf_token": token(web, PAGE)}).status_code == 303
    assert signed_in.get("/register/").status_code == 303, "a lost tablet is signed out as well"
    with clinic.read() as session:
        assert devices.location_of(session, cookie.value) is None
        actions = session.scalars(select(AuditEvent.action)).all()
    assert {"device.pair", "door.unlock", "device.unpair"} <= set(actions)


def test_sign_in_page_unpaired_device_explains_pairing(online: Clinic) -> None:
    web = online.app.test_client()
    page = web.get("/register/sign-in").text
    assert "This browser is not paired yet" in page
    assert "/office/sign-in?next=/office/settings/devices" in page
    assert 'name="pin"' not in page
    web.set_cookie("tp_device", paired(online), path="/register")
    page = web.get("/register/sign-in").text
    assert 'name="pin"' in page
    assert "Empfang" not in page, "it offers the desks of its location"


def test_sign_in_locked_for_other_address_known_device_of_owner_gets_in(clinic: Clinic) -> None:
    owner = clinic.owner
    mine = office(clinic, owner, address="192.0.2.1")
    assert mine
    for _ in range(5):
        with pytest.raises(Invalid):
            office(clinic, owner, "wrong", address="198.51.100.7")
    with pytest.raises(Locked):
        office(clinic, owner, address="198.51.100.8")
    assert office(clinic, owner, address="192.0.2.1", device=mine) is None, "on her own browser she comes in"
    with pytest.raises(Locked):
        office(clinic, owner, address="198.51.100.8")  # which opened the account to nobody else
    web = clinic.app.test_client()
    web.set_cookie("tp_office", clinic.office_cookie(owner), path="/office")
    assert str(owner.email) in web.get(PAGE).text
    form = {"csrf_token": token(web, PAGE), "door": f"account:{owner.email}"}
    other = clinic.app.test_client()
    other.set_cookie("tp_office", clinic.office_cookie(clinic.manager), path="/office")
    assert str(owner.email) not in other.get(PAGE).text
    refused = other.post(f"{PAGE}/unlock", data=form | {"csrf_token": token(other, PAGE)})
    assert refused.status_code == 404, "accounts are unlocked by an owner"
    assert web.post(f"{PAGE}/unlock", data=form).status_code == 303
    assert office(clinic, owner, address="198.51.100.8")


def test_sign_in_known_device_counts_per_account_and_locks(clinic: Clinic) -> None:
    mine = office(clinic, clinic.manager)
    for _ in range(5):
        with pytest.raises(Invalid):
            office(clinic, clinic.owner, "wrong", device=mine)
    with pytest.raises(Locked):
        office(clinic, clinic.owner, device=mine)
    for _ in range(5):
        with pytest.raises(Invalid):
            office(clinic, clinic.manager, "wrong", device=mine)
    with pytest.raises(Locked):
        office(clinic, clinic.manager, device=mine)


def test_sign_in_one_address_many_accounts_is_locked(clinic: Clinic) -> None:
    for number in range(20):
        nobody = replace(clinic.owner, email=f"nobody{number}@clinic.example")
        with pytest.raises(Invalid):
            office(clinic, nobody, "wrong", address="198.51.100.7")
    with pytest.raises(Locked):
        office(clinic, clinic.owner, address="198.51.100.7")
    assert office(clinic, clinic.owner, address="192.0.2.1")


def test_sign_in_right_password_keeps_failures_and_hides_role(clinic: Clinic) -> None:
    for _ in range(4):
        with pytest.raises(Invalid):
            office(clinic, clinic.manager, "wrong")
    assert office(clinic, clinic.manager)
    with pytest.raises(Invalid):
        office(clinic, clinic.manager, "wrong")
    with pytest.raises(Locked):
        office(clinic, clinic.manager)

    def give(session: object) -> None:
        credentials.hire(
            session,
            name="Nele",
            role=Role.RECEPTIONIST,
            locations=(clinic.usd.location_id,),
            secret="s" * 32,
            email="nele@clinic.example",
            password="a long password of Nele",
        )

    clinic.write(give)
    nele = replace(clinic.owner, email="nele@clinic.example", password="a long password of Nele")
    with pytest.raises(Invalid) as right:
        office(clinic, nele, address="203.0.113.5")
    with pytest.raises(Invalid) as wrong:
        office(clinic, nele, "wrong", address="203.0.113.5")
    assert str(right.value) == str(wrong.value)


def test_sign_in_by_pin_after_new_secret_key_still_works(clinic: Clinic) -> None:
    """Smallest input: the server starts with another SECRET_KEY. Before, every PIN was wrong for ever."""
    with clinic.app.app_context():
        here = running()
        before = here.settings
        here.settings = replace(before, secret_key="another secret of 32 characters, at least")
    try:
        with pytest.raises(Invalid):
            enter(clinic, "000111", None)
        assert enter(clinic, clinic.receptionist.pin, None)
        with clinic.read() as session:
            kept = session.get_one(Staff, clinic.receptionist.id).pin_lookup
        assert kept == credentials.pin_lookup(clinic.receptionist.pin, here.settings.secret_key)
        assert enter(clinic, clinic.receptionist.pin, None)

        def hire(session: object) -> object:
            return credentials.hire(
                session,
                name="Nele",
                role=Role.RECEPTIONIST,
                locations=(clinic.usd.location_id,),
                secret=here.settings.secret_key,
                pin=clinic.manager.pin,
            )

        with pytest.raises(Conflict):
            clinic.write(hire)  # taken, although its key is of the older secret
    finally:
        here.settings = before


def office_of(world: Clinic, who: Colleague) -> FlaskClient:
    web = world.app.test_client()
    web.set_cookie("tp_office", world.office_cookie(who), path="/office")
    return web


def test_login_lockout_of_person_is_unlocked_by_managers_of_each_location(clinic: Clinic) -> None:
    """Smallest input: who works at both clinics asks at EUR with five wrong PINs. Before, one of the managers saw it."""
    here, there = clinic.usd.location_id, clinic.eur.location_id
    with clinic.app.app_context():
        secret = running().settings.secret_key

    def hire(name: str, role: Role, *at: UUID, pin: str) -> UUID:
        return clinic.write(
            lambda s: credentials.hire(s, name=name, role=role, locations=at, secret=secret, pin=pin).id
        )

    bo = hire("Bo", Role.RECEPTIONIST, here, there, pin="918273")
    eva = hire("Eva", Role.MANAGER, there, pin="827364")
    for door_of, manager in ((there, eva), (here, clinic.manager.id)):
        for _ in range(credentials.MOST_FAILURES):
            with clinic.app.app_context(), pytest.raises(Invalid):
                give_approval(
                    desk_id=clinic.eur.desk, asked_by=bo, action="x", subject_id=new_id(), amount_minor=1, pin="555123"
                )
        with clinic.read() as session:
            person = by_key(session, manager)
            seen = {one.kind for one in devices.active_lockouts(session, person.locations, chain_wide=False)}
            assert devices.active_lockouts(session, frozenset(), chain_wide=False) == []
        assert seen == ({"person", "desk"} if door_of == there else {"person"})
        with clinic.app.app_context():
            unlock_login(door=f"person:{bo}", own=person.locations, chain_wide=False, person=person)
        clinic.write(lambda s: s.execute(delete(LoginLockout)))
        with clinic.read() as session:
            noted = session.scalars(
                select(AuditEvent.location_id).where(AuditEvent.action == "door.unlock").order_by(AuditEvent.id)
            ).all()
            assert noted[-1] == door_of


def test_login_lockout_of_gift_card_codes_is_unlocked_in_office(clinic: Clinic) -> None:
    doors = (str(clinic.usd.desk), "shop:203.0.113.9")
    nobodys = code_of(new_id(), "another secret")
    for door in doors:
        for _ in range(credentials.MOST_FAILURES):
            with clinic.app.app_context(), pytest.raises(NotFound):
                look_up(nobodys, door=door)
        with clinic.app.app_context(), pytest.raises(Locked):
            look_up(nobodys, door=door)
    web = office_of(clinic, clinic.manager)
    page = web.get(PAGE).text
    assert "codes of gift cards typed at the desk Front" in page
    assert "203.0.113.9" not in page, "an address is the whole chain's: an owner unlocks it"
    owner = office_of(clinic, clinic.owner)
    assert "codes of gift cards typed in the shop from the network address 203.0.113.9" in owner.get(PAGE).text
    for visitor, door in ((web, doors[0]), (owner, doors[1])):
        assert (
            visitor.post(
                f"{PAGE}/unlock", data={"csrf_token": token(visitor, PAGE), "door": f"gift-card:{door}"}
            ).status_code
            == 303
        )
        with clinic.app.app_context(), pytest.raises(NotFound):
            look_up(nobodys, door=door)
