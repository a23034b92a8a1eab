"""`pos staff`: who there is, changes of them, and the last resort."""

from __future__ import annotations

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from pos.cli import main
from pos.core.audit import AuditEvent
from pos.domain.staff import queries
from pos.domain.staff.models import Staff
from tests.support.clinic import Clinic


def test_staff_commands_list_add_and_reset(clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("app", "reading_app"):
        monkeypatch.setattr(f"pos.cli.staff.{name}", lambda: clinic.app)
    run = CliRunner().invoke
    added = run(
        main, ["staff", "add", "Nina", "--role", "manager", "--email", "n@clinic.example", "--location", "riverside"]
    )
    assert (added.exit_code, added.output) == (0, "Nina is added.\n")
    reset = run(main, ["staff", "reset", "n@clinic.example", "--generate"])
    assert (reset.exit_code, "Password: " in reset.output) == (0, True), reset.output
    listed = run(main, ["staff", "list"])
    assert "Nina  n@clinic.example  manager  riverside  password" in listed.output
    assert run(main, ["staff", "reset", "nobody@clinic.example", "--generate"]).exit_code == 1


def test_staff_commands_edit_deactivate_and_activate_by_the_rules_of_the_page(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pos.cli.staff.app", lambda: clinic.app)

    def run(*words: str) -> tuple[int, str]:
        done = CliRunner().invoke(main, ["staff", *words])
        return done.exit_code, done.output.strip()

    at_desk = clinic.desk_cookie(clinic.receptionist)
    name = clinic.receptionist.name
    changed = run("edit", name.upper(), "--name", "Nina", "--role", "manager", "--email", "N@clinic.example",
                  "--location", "riverside", "--location", "altstadt", "--treats")  # fmt: skip
    assert changed == (0, "Nina is changed.")
    assert run("edit", "n@clinic.example", "--npi", "1234567890")[0] == 1
    assert run("edit", "n@clinic.example", "--location", "nowhere")[0] == 1
    assert run("edit", "n@clinic.example")[0] == 2
    assert run("edit", str(clinic.owner.email), "--role", "manager") == (
        1, "This is the last active owner. Make somebody else an owner first.",
    )  # fmt: skip
    assert run("deactivate", str(clinic.owner.email))[0] == 1
    assert run("deactivate", "nobody") == (1, "There is no such person.")
    assert run("deactivate", "n@clinic.example") == (0, "Nina is deactivated; all their sign-ins have ended.")
    with clinic.read() as session:
        assert queries.signed_in(session.connection(), at_desk, "register") is None
        row = session.get_one(Staff, clinic.receptionist.id)
        assert (row.name, row.role, row.email, row.treats, row.active) == (
            "Nina", "manager", "n@clinic.example", True, False,
        )  # fmt: skip
        of_nina = AuditEvent.subject_id == row.id
        notes = session.scalars(select(AuditEvent).where(AuditEvent.action == "staff.changed", of_nina)).all()
        assert [(one.actor_kind, one.actor_id) for one in notes] == [("system", None)] * 2
        assert (notes[0].detail["before"]["name"], notes[0].detail["after"]["name"]) == (name, "Nina")
    assert run("activate", "n@clinic.example") == (0, "Nina can sign in again.")
    assert run("add", "Nina", "--role", "therapist")[0] == 0
    assert run("deactivate", "Nina") == (1, "Several people have this name. Give the e-mail address instead.")
