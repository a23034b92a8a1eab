"""A person's data are given out whole, and erased: no word of them is left anywhere but on papers that were issued."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path
from uuid import UUID

import pytest
from click.testing import CliRunner
from sqlalchemy import inspect, select, text

from pos import cli
from pos.core import outbox
from pos.core.audit import AuditEvent
from pos.core.errors import Conflict, Invalid, NotFound
from pos.core.ids import new_id
from pos.core.mail import Mail, store_in_mailbox
from pos.core.paging.window import Window
from pos.domain.clients.models import Client, ClientLink, ClientSession
from pos.domain.clients.queries import by_email, search
from pos.domain.clients.registration import make_link, open_session
from pos.domain.locations.queries import places
from pos.models import HISTORY, metadata
from pos.reports.clients.client_list import listed_clients
from pos.reports.clients.erasure import obstacles
from pos.reports.clients.kept_data import sections_of, write_kept_data
from pos.services.auth import request_link
from pos.services.checkout.cart import open_ticket
from pos.services.client_records.erase_client import erase_client
from pos.services.client_records.note_export import note_export
from pos.services.documents.client_data import client_document
from pos.services.packages.invitations import invite_to_share
from pos.services.packages.share_and_transfer import share_package
from tests.integration.clients.test_edit import add, edit
from tests.support.books import book_floats
from tests.support.client_actions import ask, broken, goodwill, merge
from tests.support.clinic import Clinic, line
from tests.support.gift_card_desk import sell_card
from tests.support.package_actions import package_action

# Words that are nobody's but Zelda's.
OWN = ("Zelda", "Quix", "zelda@mail.example", "quix@post.example", "+15035550199", "Latexa", "Doorcode", "Aunt Wilma")
# Papers as they were issued, and what was printed once; a reason is typed by hand.
PAPERS = {"receipts", "receipt_files", "credit_notes", "credit_note_files"}


def erase(clinic: Clinic, who: UUID, name: str = "Zelda Quix") -> None:
    with clinic.app.app_context():
        erase_client(client_id=who, typed_name=name, staff_id=clinic.manager.id, location_id=clinic.usd.location_id)


def told_in(clinic: Clinic) -> dict[str, set[str]]:
    """The tables in which a word of Zelda stands, and which."""
    found: dict[str, set[str]] = {}
    with clinic.read() as session:
        for name, table in metadata.tables.items():
            for row in session.execute(select(*[c for c in table.columns if not c.name.endswith("hash")])):
                said = str([value for value in row if value is not None])
                if words := {word for word in OWN if word in said}:
                    found.setdefault(name, set()).update(words)
    return found


@pytest.fixture
def zelda(clinic: Clinic) -> UUID:
    """Two records of one person with everything there is, all settled."""
    book_floats(clinic)
    who = add(clinic, "Zelda", "Quix", email="zelda@mail.example", phone="503 555 0199", is_another=True)
    other = add(clinic, "Zelda", "Quix", email="quix@post.example", is_another=True)
    edit(clinic, who, note="Doorcode 7", has_allergy=True, allergy="Latexa")
    lot = clinic.buy("three", who)
    shared = clinic.buy("three", clinic.ben)
    with clinic.app.app_context():
        share_package(package_action(clinic), shared, client_id=who)
        ask_invitation(clinic, who, lot)
        request_link(email="zelda@mail.example", locale="en")
    sell_card(clinic, 40_00, client=who, to_name="Aunt Wilma")
    dropped = new_id()
    with clinic.app.app_context():
        open_ticket(ticket_id=dropped, desk_id=clinic.usd.desk, staff_id=clinic.receptionist.id, client_id=other)
    clinic.write(lambda s: s.execute(text("UPDATE tickets SET state = 'dropped', note = 'Zelda at 5'")))
    clinic.write(lambda s: open_session(s, who))
    clinic.write(lambda s: outbox.record(s, "mail_receipt", {"sale_id": str(new_id()), "to": "quix@post.example"}))
    letter = Mail("ben@mail.example", "Hello", "Zelda Quix has used your credit.", "<p>Zelda Quix</p>")
    clinic.write(lambda s: store_in_mailbox(s, letter, "clinic@mail.example"))
    for _ in range(3):
        clinic.sell(line("trigger_60"), client=who)
    merge(clinic, who, other)
    return who


def ask_invitation(clinic: Clinic, who: UUID, lot: UUID) -> None:
    package = clinic.lot(lot).package_id
    invite_to_share(who, package, email="quixfriend@mail.example", cap=1, locale="en")


def test_export_names_every_table_that_names_a_client_and_no_secret(clinic: Clinic, zelda: UUID) -> None:
    out = io.BytesIO()
    with clinic.app.app_context(), clinic.read() as session:
        rows = write_kept_data(session, zelda, out)
    found = json.loads(out.getvalue())
    assert (found["format"], found["version"], found["client_id"]) == ("tenderpoint-client", 1, str(zelda))
    sections = {name: value for name, value in found.items() if isinstance(value, list)}
    assert rows == sum(map(len, sections.values()))
    assert {one["email"] for one in sections["records"]} == {"zelda@mail.example", "quix@post.example"}
    assert sections["records"][0]["allergy"] == "Latexa" or sections["records"][1]["allergy"] == "Latexa"
    counted = {
        name: len(sections[name]) for name in ("packages", "redemptions", "sales", "receipts", "gift_cards", "merges")
    }
    assert counted == {"packages": 1, "redemptions": 3, "sales": 5, "receipts": 5, "gift_cards": 1, "merges": 1}
    assert {"client.register", "client.edit", "client.merge"} <= {one["action"] for one in sections["log"]}
    assert sections["sign_ins"] == []  # the merge ended it
    said = out.getvalue().decode()
    assert "token" not in said
    assert "hash" not in said
    # Whatever table names a client has a section.
    naming = {
        name
        for name, table in metadata.tables.items()
        for key in table.foreign_keys
        if key.column.table.name == "clients"
    }
    told = {inspect(one.model).local_table.name for one in sections_of([])}
    assert naming - told == set()
    assert naming & set(HISTORY)


def test_export_is_noted_and_printed(clinic: Clinic, zelda: UUID) -> None:
    with clinic.app.app_context():
        note_export(client_id=zelda, what="json", staff_id=clinic.manager.id)
        paper = client_document(zelda)
        with pytest.raises(NotFound):
            note_export(client_id=new_id(), what="json")
    noted = ask(clinic, lambda s: s.scalars(select(AuditEvent).where(AuditEvent.action == "client.export")).one())
    assert (noted.subject_id, noted.actor_id, noted.detail) == (zelda, clinic.manager.id, {"file": "json"})
    headings = [one.heading for one in paper.sections]
    assert {"What is on record", "Packages", "Sales", "Receipts", "Gift cards", "Log"} <= set(headings)
    said = str(paper.to_json())  # what is handed to the process that makes the PDF
    assert not re.search(r"'(?:redeem|grant|active|register|cash|client\.export|sale)'", said), "keys of the tables"
    words = ("used", "granted", "Active", "At the desk", "Cash", "Data of a client handed out")
    assert [word for word in words if f"'{word}'" not in said] == []
    assert all(word in said for word in ("Zelda", "Latexa", "Doorcode", "307.80", "quix@post.example"))


def test_export_command_writes_the_file_and_refuses_a_stranger(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(cli.clients, "app", lambda: clinic.app)
    out = tmp_path / "ana.json"
    done = CliRunner().invoke(cli.main, ["clients", "export", str(clinic.ana), "--out", str(out)])
    assert (done.exit_code, json.loads(out.read_text())["records"][0]["given_name"]) == (0, "Ana")
    assert CliRunner().invoke(cli.main, ["clients", "export", str(new_id())]).exit_code == 1


def test_erasure_leaves_no_word_of_the_person_but_on_papers_and_the_books_agree(clinic: Clinic, zelda: UUID) -> None:
    assert len(told_in(clinic)) > 5
    erase(clinic, zelda, "zelda QUIX")
    left = told_in(clinic)
    assert set(left) <= PAPERS
    if clinic.app.config["SQLALCHEMY_DATABASE_URI"].startswith("sqlite"):
        indexed = text("SELECT count(*) FROM client_search WHERE client_search MATCH :word OR search_text LIKE '%zel%'")
        assert ask(clinic, lambda s: s.scalar(indexed, {"word": "zel"})) == 0
    assert broken(clinic) == {}
    record = ask(clinic, lambda s: s.get_one(Client, zelda))
    assert (record.given_name, record.email) == ("Erased client", None)
    assert ask(clinic, lambda s: search(s, "zelda") + search(s, "erased")) == []
    listed = ask(clinic, lambda s: [one.name for one in listed_clients(s, places(s), "", Window(9))])
    assert sorted(listed) == ["Ana Núñez", "Ben Fischer"]
    assert ask(clinic, lambda s: by_email(s, "zelda@mail.example")) is None
    assert clinic.count(ClientSession) == clinic.count(ClientLink) == 0
    noted = ask(clinic, lambda s: s.scalars(select(AuditEvent).where(AuditEvent.action == "client.erase")).one())
    assert noted.subject_id == zelda
    erase(clinic, zelda, "anything")  # once more does nothing
    # The address is free again, and nothing more is done for the erased one.
    assert add(clinic, "Zelda", "Quix", email="zelda@mail.example") != zelda
    with pytest.raises(Conflict):
        edit(clinic, zelda, note="back")
    with pytest.raises(Conflict):
        goodwill(clinic, zelda, 5_00)
    with pytest.raises(NotFound):
        clinic.sell(line("oil"), client=zelda)
    with pytest.raises(Conflict):
        merge(clinic, clinic.ana, zelda)


def test_erasure_is_refused_while_something_is_owed_and_without_the_name(clinic: Clinic) -> None:
    who, name = clinic.ana, "Ana Núñez"
    lot = clinic.buy("three", who)
    goodwill(clinic, who, 5_00)
    with clinic.app.app_context():
        open_ticket(ticket_id=new_id(), desk_id=clinic.usd.desk, staff_id=clinic.receptionist.id, client_id=who)
    found = ask(clinic, lambda s: [(one.kind, one.key, one.count, one.minor) for one in obstacles(s, who)])
    assert found == [
        ("credits", clinic.lot(lot).package_id, 3, 0),
        ("account_credit", None, 0, 5_00),
        ("ticket", None, 1, 0),
    ]
    with pytest.raises(Conflict):
        erase(clinic, who, name)
    with pytest.raises(Invalid) as refused:
        erase(clinic, clinic.ben, name)
    assert refused.value.field == "typed_name"
    with pytest.raises(NotFound):
        erase(clinic, new_id(), name)
    erase(clinic, clinic.ben, "Ben Fischer")


def test_erasure_forgets_links_that_wait(clinic: Clinic) -> None:
    link = clinic.write(lambda s: make_link(s, clinic.ben))
    erase(clinic, clinic.ben, "Ben Fischer")
    assert link
    assert clinic.count(ClientLink) == 0
