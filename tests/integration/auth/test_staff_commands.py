"""`pos staff`: who there is, and the last resort."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from pos.cli import main
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
