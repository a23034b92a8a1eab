"""Clients: registered once, found by any part of a name or number, signed in by a link that works once."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from pos.core import clock
from pos.core.database.base import engine
from pos.core.database.unit_of_work import unit_of_work
from pos.core.errors import Conflict, Invalid, NotFound
from pos.core.ids import new_id
from pos.domain.clients import queries, registration, trigrams
from pos.domain.clients.models import Client, ClientLink, ClientSession
from tests.support.query_plans import plans

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
def test_client_search_any_part_of_name_or_number_finds_client(
    people: None, typed: str, names: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert sorted(found(typed)) == sorted(names)
    # As though many had these words: the first in the order of names, without the index of trigrams.
    monkeypatch.setattr(trigrams, "_MANY", -1)
    assert sorted(found(typed)) == sorted(names)


@pytest.mark.parametrize("typed", ["ana\x00", "\x00", "ana\ud800"])
def test_client_search_invalid_characters_finds_nothing_and_does_not_fail(people: None, typed: str) -> None:
    assert found(typed) in ([], ["Ana"])


def test_client_search_many_matches_returns_short_sorted_list(context: Flask) -> None:
    for number in range(12):
        register(given_name=f"Kim {number:02d}", family_name="Lee", email=None, phone=None, country="US")
    assert found("lee") == [f"Kim {number:02d}" for number in range(8)]


def test_client_search_reads_one_index_and_no_client_that_is_not_shown(people: None) -> None:
    """A word that nobody has was looked for in each of 100,000 clients: 13 ms; by its trigrams it is found out at once."""
    with Session(engine()) as session:
        if session.get_bind().dialect.name != "sqlite":
            with plans(session) as steps:
                assert queries.search(session, "nobody") == []
            assert {step for step in steps if "client_search" in step}, steps
            return
        for typed, reads in (
            ("nobody knows", {"SCAN client_search VIRTUAL TABLE INDEX 0:M2"}),
            ("no kn", {"SCAN clients USING COVERING INDEX ix_clients_sort_key"}),
        ):
            with plans(session) as steps:
                queries.search(session, typed)
            assert {step for step in steps if "client" in step and "id=?" not in step} == reads, steps


def test_client_search_index_follows_every_change(people: None, database: str) -> None:
    if not database.startswith("sqlite"):
        return
    changes = (
        "UPDATE clients SET search_text = 'a_b%c 100% d' WHERE given_name = 'Ana'",
        "UPDATE clients SET search_text = 'ana again' WHERE given_name = 'Ana'",
        "UPDATE clients SET search_text = 'x' WHERE given_name = 'Ben'",
        "UPDATE clients SET search_text = '' WHERE given_name IN ('Ben', 'Tom')",
        "UPDATE clients SET search_text = 'tom back' WHERE given_name = 'Tom'",
        "UPDATE clients SET note = 'x', search_text = search_text",
        "DELETE FROM clients WHERE given_name = 'Karl'",
    )
    for change in ("SELECT 1", *changes):
        with engine().begin() as connection:
            connection.execute(text(change))
            kept = connection.execute(text("SELECT client_id, search_text FROM client_search ORDER BY 1")).all()
            said = "SELECT id, search_text FROM clients WHERE search_text <> '' ORDER BY 1"
            assert kept == connection.execute(text(said)).all(), change
            connection.execute(text("INSERT INTO client_search (client_search) VALUES ('integrity-check')"))


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
def test_client_registration_invalid_value_is_refused_with_field(
    context: Flask, change: dict[str, str], field: str
) -> None:
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


def test_client_registration_normalises_name_address_and_phone(context: Flask) -> None:
    client = register(
        given_name="  Ana\u200b  María ",
        family_name="",
        email=" Ana@Mail.EXAMPLE ",
        phone="0941/12 34 56",
        country="DE",
    )
    assert (client.name, client.email, client.phone) == ("Ana María", "ana@mail.example", "+49941123456")


def test_client_registration_address_taken_is_refused(people: None) -> None:
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


def test_client_guest_purchase_keeps_known_details(people: None) -> None:
    @unit_of_work
    def guest(session: Session, given_name: str, family_name: str) -> Client:
        return registration.find_or_register(session, buyer(given_name, family_name), country="US")

    client = guest("ana", "Nunez")
    assert (client.given_name, client.email, client.phone) == ("Ana", "ana@mail.example", "+15035550142")
    other = guest("Mallory", "X")
    assert other.id != client.id
    assert (other.name, other.email, other.phone) == ("Mallory X", None, "+15035550199")


def test_client_buyer_hash_ignores_spelling() -> None:
    assert buyer("Ana", "Núñez").hash == buyer("ANA ", "nunez").hash
    assert buyer("Ana", "Núñez").hash != buyer("Mallory", "X").hash


def test_client_unknown_id_is_not_found(context: Flask) -> None:
    with Session(engine()) as session, pytest.raises(NotFound):
        queries.client(session, new_id())


@pytest.fixture
def ana(people: None) -> Client:
    with Session(engine()) as session:
        return session.scalars(select(Client).where(Client.given_name == "Ana")).one()


def test_client_link_signs_in_once(ana: Client) -> None:
    token = make_link(ana.id)
    cookie = use_link(token)
    with Session(engine()) as session:
        signed_in = queries.by_session(session, cookie)
        assert signed_in is not None
        assert signed_in.id == ana.id
        assert queries.by_session(session, token) is None
    with pytest.raises(Invalid, match="used already"):
        use_link(token)


def test_client_link_expires_after_fifteen_minutes(ana: Client, frozen: datetime) -> None:
    early, late = make_link(ana.id), make_link(ana.id)
    with clock.at(frozen + timedelta(minutes=14, seconds=59)):
        use_link(early)
    with clock.at(frozen + timedelta(minutes=15)), pytest.raises(Invalid):
        use_link(late)


def test_client_link_unknown_is_refused(context: Flask) -> None:
    with pytest.raises(Invalid):
        use_link("guess")


def test_client_link_and_session_are_stored_as_hashes(ana: Client) -> None:
    token = make_link(ana.id)
    cookie = use_link(token)
    with Session(engine()) as session:
        kept = [*session.scalars(select(ClientLink.token_hash)), *session.scalars(select(ClientSession.token_hash))]
    assert len(kept) == 2
    assert token not in kept
    assert cookie not in kept


def test_client_sign_in_ends_after_thirty_days_or_sign_out(ana: Client, frozen: datetime) -> None:
    cookie = use_link(make_link(ana.id))
    with clock.at(frozen + timedelta(days=30)), Session(engine()) as session:
        assert queries.by_session(session, cookie) is None
    unit_of_work(registration.close_session)(cookie)
    with Session(engine()) as session:
        assert queries.by_session(session, cookie) is None


def test_client_registration_tab_between_words_becomes_space(context: Flask) -> None:
    client = register(given_name="Ana\tMaria", family_name="de\nla\u00a0Cruz", email=None, phone=None, country="US")
    assert client.name == "Ana Maria de la Cruz"


def test_client_list_both_databases_sorts_like_dictionary(context: Flask) -> None:
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
