"""Clients: registered once, found by any part of a name or number, signed in by a link that works once."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from pos.core import clock
from pos.core.database.base import engine
from pos.core.database.unit_of_work import unit_of_work
from pos.core.errors import Conflict, Invalid, NotFound
from pos.core.ids import new_id
from pos.domain.clients import queries, registration
from pos.domain.clients.models import Client, ClientLink, ClientSession

register = unit_of_work(registration.register)
make_link = unit_of_work(registration.make_link)
use_link = unit_of_work(registration.use_link)

PEOPLE = [
    ("Ana", "Núñez", "ana@mail.example", "(503) 555-0142", "US"),
    ("Zoë", "Müller-Straße", "zoe@post.example", "0941 123456", "DE"),
    ("Ben", "Fischer", None, None, "DE"),
    ("Søren", "O’Connor", "soren@mail.example", None, "IE"),
    ("Łukasz", "Żółć", None, "+48 601 234 567", "PL"),
    ("Yıldız", "Çelik", None, None, "TR"),
    ("Đorđe", "Đukić", None, None, "RS"),
    ("Anne-Marie", "Smith", None, None, "US"),
    ("Tom", "Baker", None, "(212) 555-0118", "US"),
    ("Karl", "Mueller", None, "+49 (0)30 123456", "DE"),
]


@pytest.fixture
def people(context: Flask, frozen: datetime) -> None:
    """A few clients."""
    for given, family, email, phone, country in PEOPLE:
        register(given_name=given, family_name=family, email=email, phone=phone, country=country)


def found(text: str) -> list[str]:
    with Session(engine()) as session:
        return [client.given_name for client in queries.search(session, text)]


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("ana", ["Ana"]),
        ("nunez", ["Ana"]),
        ("NÚÑ", ["Ana"]),
        ("núñez, ana", ["Ana"]),
        ("uñe", ["Ana"]),
        ("muller", ["Zoë"]),
        ("mueller", ["Karl", "Zoë"]),
        ("Müller", ["Karl", "Zoë"]),
        ("MUELLER-STRASSE", ["Zoë"]),
        ("o'connor", ["Søren"]),
        ("O’CONNOR", ["Søren"]),
        ("oconnor", ["Søren"]),
        ("soren", ["Søren"]),
        ("soeren", ["Søren"]),
        ("Søren", ["Søren"]),
        ("lukasz", ["Łukasz"]),
        ("Łukasz", ["Łukasz"]),
        ("yildiz", ["Yıldız"]),
        ("YILDIZ", ["Yıldız"]),
        ("Yıldız", ["Yıldız"]),
        ("celik", ["Yıldız"]),
        ("dorde", ["Đorđe"]),
        ("Đorđe", ["Đorđe"]),
        ("anne marie", ["Anne-Marie"]),
        ("anne-marie", ["Anne-Marie"]),
        ("Anne\u2013Marie", ["Anne-Marie"]),
        ("smith, anne\u2011marie", ["Anne-Marie"]),
        ("Tom (212) 555-0118", ["Tom"]),
        ("(212) 555\u20130118 tom", ["Tom"]),
        ("212\u2011555\u20110118", ["Tom"]),
        ("ben 212 555 0118", []),
        ("+49 (0)30 123456", ["Karl"]),
        ("004930123456", ["Karl"]),
        ("030 / 123456", ["Karl"]),
        ("+49 30-123456", ["Karl"]),
        ("strasse zoe", ["Zoë"]),
        ("fisch", ["Ben"]),
        ("mail.example", ["Ana", "Søren"]),
        ("555-0142", ["Ana"]),
        ("5035550142", ["Ana"]),
        ("0142", ["Ana"]),
        ("0941 123456", ["Zoë"]),
        ("+48 601", ["Łukasz"]),
        ("zołc", ["Łukasz"]),
        ("nobody", []),
        ("ana fischer", []),
        ("", []),
        ("   ", []),
        ("%", []),
        ("_", []),
        ("\\", []),
        ("' OR 1=1 --", []),
        ("a" * 500, []),
    ],
)
def test_a_client_is_found_by_any_part_of_a_name_or_number(people: None, typed: str, names: list[str]) -> None:
    assert sorted(found(typed)) == sorted(names)


@pytest.mark.parametrize("typed", ["ana\x00", "\x00", "ana\ud800"])
def test_a_search_for_what_no_database_takes_finds_nothing_and_breaks_nothing(people: None, typed: str) -> None:
    assert found(typed) in ([], ["Ana"])


def test_a_search_gives_a_short_list_in_order(context: Flask) -> None:
    for number in range(12):
        register(given_name=f"Kim {number:02d}", family_name="Lee", email=None, phone=None, country="US")
    assert found("lee") == [f"Kim {number:02d}" for number in range(8)]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"given_name": ""}, "given_name"),
        ({"given_name": " \t\x00 "}, "given_name"),
        ({"given_name": "x" * 81}, "given_name"),
        ({"family_name": "x" * 81}, "family_name"),
        ({"email": "not an address"}, "email"),
        ({"email": "a@b"}, "email"),
        ({"email": "a@mail.example\nBcc: b@mail.example"}, "email"),
        ({"phone": "call me"}, "phone"),
        ({"phone": "1"}, "phone"),
        ({"phone": "9" * 30}, "phone"),
    ],
)
def test_what_cannot_be_kept_is_refused_with_its_field(context: Flask, change: dict[str, str], field: str) -> None:
    facts: dict[str, Any] = {
        "given_name": "Ana",
        "family_name": "Núñez",
        "email": None,
        "phone": None,
        "country": "US",
    } | change
    with pytest.raises(Invalid) as refused:
        register(**facts)
    assert refused.value.field == field


def test_names_addresses_and_numbers_are_kept_in_one_spelling(context: Flask) -> None:
    client = register(
        given_name="  Ana\u200b  María ",
        family_name="",
        email=" Ana@Mail.EXAMPLE ",
        phone="0941/12 34 56",
        country="DE",
    )
    assert (client.name, client.email, client.phone) == ("Ana María", "ana@mail.example", "+49941123456")


def test_an_address_belongs_to_one_client(people: None) -> None:
    with pytest.raises(Conflict) as refused:
        register(given_name="Another", family_name="Ana", email="ANA@mail.example", phone=None, country="US")
    assert refused.value.field == "email"
    assert found("another") == []


def buyer(given_name: str, family_name: str) -> registration.Buyer:
    return registration.Buyer.typed(
        given_name=given_name,
        family_name=family_name,
        email="Ana@mail.example",
        phone="(503) 555 0199",
        country="US",
        locale="en",
    )


def test_a_guest_does_not_change_what_is_known_of_a_client(people: None) -> None:
    @unit_of_work
    def guest(session: Session, given_name: str, family_name: str) -> Client:
        return registration.find_or_register(session, buyer(given_name, family_name), country="US")

    client = guest("ana", "Nunez")
    assert (client.given_name, client.email, client.phone) == ("Ana", "ana@mail.example", "+15035550142")
    other = guest("Mallory", "X")
    assert other.id != client.id
    assert (other.name, other.email, other.phone) == ("Mallory X", None, "+15035550199")


def test_a_buyer_is_one_person_in_any_spelling() -> None:
    assert buyer("Ana", "Núñez").hash == buyer("ANA ", "nunez").hash
    assert buyer("Ana", "Núñez").hash != buyer("Mallory", "X").hash


def test_a_client_that_does_not_exist_is_not_found(context: Flask) -> None:
    with Session(engine()) as session, pytest.raises(NotFound):
        queries.client(session, new_id())


@pytest.fixture
def ana(people: None) -> Client:
    with Session(engine()) as session:
        return session.scalars(select(Client).where(Client.given_name == "Ana")).one()


def test_a_link_signs_in_once(ana: Client) -> None:
    token = make_link(ana.id)
    cookie = use_link(token)
    with Session(engine()) as session:
        signed_in = queries.by_session(session, cookie)
        assert signed_in is not None
        assert signed_in.id == ana.id
        assert queries.by_session(session, token) is None
    with pytest.raises(Invalid, match="used already"):
        use_link(token)


def test_a_link_is_good_for_fifteen_minutes(ana: Client, frozen: datetime) -> None:
    early, late = make_link(ana.id), make_link(ana.id)
    with clock.at(frozen + timedelta(minutes=14, seconds=59)):
        use_link(early)
    with clock.at(frozen + timedelta(minutes=15)), pytest.raises(Invalid):
        use_link(late)


def test_an_unknown_link_is_refused(context: Flask) -> None:
    with pytest.raises(Invalid):
        use_link("guess")


def test_only_hashes_are_kept(ana: Client) -> None:
    token = make_link(ana.id)
    cookie = use_link(token)
    with Session(engine()) as session:
        kept = [*session.scalars(select(ClientLink.token_hash)), *session.scalars(select(ClientSession.token_hash))]
    assert len(kept) == 2
    assert token not in kept
    assert cookie not in kept


def test_a_sign_in_ends_by_itself_or_by_signing_out(ana: Client, frozen: datetime) -> None:
    cookie = use_link(make_link(ana.id))
    with clock.at(frozen + timedelta(days=30)), Session(engine()) as session:
        assert queries.by_session(session, cookie) is None
    unit_of_work(registration.close_session)(cookie)
    with Session(engine()) as session:
        assert queries.by_session(session, cookie) is None


def test_two_words_parted_by_a_tab_stay_two_words(context: Flask) -> None:
    client = register(given_name="Ana\tMaria", family_name="de\nla\u00a0Cruz", email=None, phone=None, country="US")
    assert client.name == "Ana Maria de la Cruz"


def test_lists_of_clients_are_in_the_order_of_a_dictionary_on_both_databases(context: Flask) -> None:
    for name in ("Zorn", "Ärmel", "Adler", "anders", "Øster", "Oswald", "Émile", "Emil", "d’Arc", "Darius", "Öhler"):
        register(given_name="Kim", family_name=name, email=None, phone=None, country="DE")
    register(given_name="Berta", family_name="", email=None, phone=None, country="DE")
    with Session(engine()) as session:
        names = [
            client.name.removeprefix("Kim ") for client in session.scalars(select(Client).order_by(*queries.BY_NAME))
        ]
    assert names == [
        "Adler", "anders", "Ärmel", "Berta", "d’Arc", "Darius", "Emil", "Émile", "Öhler", "Øster", "Oswald", "Zorn",
    ]  # fmt: skip
