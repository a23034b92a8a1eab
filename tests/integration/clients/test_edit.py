"""What is kept of a client is changed: the address is one person's, its sign-ins end, and the log names fields alone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import func, select

from pos.core.audit import AuditEvent
from pos.core.errors import Conflict, Invalid, PossibleDuplicate
from pos.core.ids import new_id
from pos.domain.clients import registration
from pos.domain.clients.models import Client, ClientLink, ClientSession
from pos.domain.clients.queries import client, search
from pos.domain.clients.records import ClientFacts, alike, facts_of
from pos.services.auth import request_link
from pos.services.client_records.edit_client import edit_client
from pos.services.clients import register_client
from tests.support.clinic import Clinic
from tests.support.query_plans import plans, reads_whole


def facts(clinic: Clinic, which: Any) -> ClientFacts:
    with clinic.read() as session:
        return facts_of(client(session, which))


def edit(clinic: Clinic, which: Any, *, seen: str | None = None, **changes: Any) -> None:
    kept = facts(clinic, which)
    with clinic.app.app_context():
        edit_client(
            client_id=which,
            facts=replace(kept, **changes),
            seen=kept.state_token if seen is None else seen,
            country="US",
            staff_id=clinic.manager.id,
            location_id=clinic.usd.location_id,
        )


def add(clinic: Clinic, given: str, family: str = "", **more: Any) -> Any:
    with clinic.app.app_context():
        return register_client(
            **{"client_id": new_id(), "email": None, "phone": None, "country": "US", "locale": "en"}
            | {"staff_id": clinic.manager.id, "location_id": clinic.usd.location_id}
            | {"given_name": given, "family_name": family}
            | more
        )


def events(clinic: Clinic, action: str) -> list[dict[str, Any]]:
    with clinic.read() as session:
        return list(session.scalars(select(AuditEvent.detail).where(AuditEvent.action == action)))


def test_edit_client_name_and_number_are_found_by_search(clinic: Clinic) -> None:
    edit(
        clinic, clinic.ana, given_name=" Anita ", family_name="Żółć", phone="(503) 555-0199", email="Anita@Mail.Example"
    )
    kept = facts(clinic, clinic.ana)
    assert (kept.given_name, kept.phone, kept.email) == ("Anita", "+15035550199", "anita@mail.example")
    with clinic.read() as session:
        for text in ("zolc", "555-0199", "anita@mail"):
            assert [one.id for one in search(session, text)] == [clinic.ana], text
        assert session.get_one(Client, clinic.ana).sort_key == "zolc anita"


def test_edit_client_writes_no_value_into_log(clinic: Clinic) -> None:
    edit(clinic, clinic.ana, note="Likes\nquiet", has_allergy=True, allergy="nut oil", family_name="Changed")
    assert events(clinic, "client.edit") == [{"fields": ["allergy", "family_name", "has_allergy", "note"]}]
    edit(clinic, clinic.ana)
    assert len(events(clinic, "client.edit")) == 1
    edit(clinic, clinic.ana, has_allergy=False)
    assert (facts(clinic, clinic.ana).allergy, facts(clinic, clinic.ana).note) == ("", "Likes\nquiet")


def test_edit_client_address_of_another_is_refused_with_their_name(clinic: Clinic) -> None:
    maria = add(clinic, "Maria", "Lopes", email="maria@mail.example")
    with pytest.raises(Conflict, match="Maria Lopes has this e-mail address") as refused:
        edit(clinic, clinic.ana, email="MARIA@mail.example")
    assert refused.value.field == "email"
    edit(clinic, maria, email=None)
    edit(clinic, clinic.ana, email="maria@mail.example")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"given_name": " "}, "given_name"),
        ({"email": "no address"}, "email"),
        ({"phone": "12"}, "phone"),
        ({"note": "x" * 501}, "note"),
        ({"has_allergy": True, "allergy": "x" * 201}, "allergy"),
        ({"locale": "tlh"}, "locale"),
    ],
)
def test_edit_client_unusable_value_names_field(clinic: Clinic, changes: dict[str, Any], field: str) -> None:
    before = facts(clinic, clinic.ana)
    with pytest.raises(Invalid) as refused:
        edit(clinic, clinic.ana, **changes)
    assert (refused.value.field, facts(clinic, clinic.ana)) == (field, before)


def test_edit_client_of_an_older_page_is_refused_and_pressed_twice_is_one(clinic: Clinic) -> None:
    seen = facts(clinic, clinic.ana).state_token
    edit(clinic, clinic.ana, note="First")
    with pytest.raises(Conflict, match="Somebody else has changed"):
        edit(clinic, clinic.ana, seen=seen, note="Second")
    edit(clinic, clinic.ana, seen=seen, note="First")
    assert len(events(clinic, "client.edit")) == 1


def test_edit_client_address_ends_sign_ins_and_links_of_the_old_one(clinic: Clinic) -> None:
    edit(clinic, clinic.ana, email="old@mail.example")
    clinic.write(lambda session: registration.open_session(session, clinic.ana))
    clinic.write(lambda session: registration.open_session(session, clinic.ben))
    with clinic.app.app_context():
        request_link(email="old@mail.example", locale="en")

    def left() -> tuple[int | None, ...]:
        with clinic.read() as session:
            return tuple(
                session.scalar(select(func.count()).select_from(table).where(table.client_id == clinic.ana))
                for table in (ClientSession, ClientLink)
            )

    edit(clinic, clinic.ana, note="The same address")
    assert left() == (1, 1)
    edit(clinic, clinic.ana, email="new@mail.example")
    assert left() == (0, 0)
    assert clinic.count(ClientSession) == 1
    with clinic.app.app_context():
        request_link(email="old@mail.example", locale="en")
    assert clinic.count(ClientLink) == 0


@pytest.mark.parametrize(
    ("given", "family", "more"),
    [
        ("Other", "Name", {"phone": "+1 503 555 0123"}),
        ("Maria", "Lopes", {}),
        ("María", "LOPÉS", {}),
        ("Else", "", {"email": "Maria@mail.example"}),
    ],
)
def test_register_client_like_another_is_told_first(
    clinic: Clinic, given: str, family: str, more: dict[str, Any]
) -> None:
    maria = add(clinic, "Maria", "Lopes", email="maria@mail.example", phone="(503) 555-0123")
    with pytest.raises(PossibleDuplicate) as told:
        add(clinic, given, family, **more)
    assert [one["client_id"] for one in told.value.extra["clients"]] == [str(maria)]
    assert told.value.extra["clients"][0]["name"] == "Maria Lopes"
    if "email" in more:
        with pytest.raises(Conflict, match="Maria Lopes has this"):
            add(clinic, given, family, is_another=True, **more)
    else:
        other = add(clinic, given, family, is_another=True, **more)
        assert other != maria
        assert add(clinic, given, family, **more | {"client_id": other}) == other  # sent again


def test_alike_asks_by_index(clinic: Clinic) -> None:
    """With many clients, a search of the whole table would be felt at the desk."""
    with clinic.read() as session, plans(session) as steps:
        alike(session, ClientFacts("Maria", "Lopes", "maria@mail.example", "+15035550123", "en"))
    assert steps
    assert not reads_whole(steps, "clients"), steps
