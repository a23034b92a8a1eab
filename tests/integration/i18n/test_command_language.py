"""`pos` in a terminal whose language has a catalogue: nothing English is left but data, names of commands and keys."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result
from flask import Flask

from pos import cli
from pos.cli.language import command_locale
from pos.core.i18n.translator import translator
from pos.core.ids import new_id
from pos.reports.bookkeeping.programs import PROGRAMS
from pos.reports.period import PERIODS
from tests.conftest import SECRET_KEY
from tests.integration.operations.conftest import close
from tests.support.books import tamper
from tests.support.clinic import Clinic
from tests.support.package_actions import noon
from tests.support.pseudo_language import LANGUAGE, LOCALE, Data, install, pseudo, typed_texts
from tests.support.setup_answers import ROOT

Run = Callable[..., Result]
pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
DAYS = ("--from", "2026-06-01", "--to", "2026-06-30")
# Options, files and addresses, variables of the environment and words for a value, formats of a day.
_WRITTEN_SO = re.compile(r"(?<!\w)--?[a-z][\w-]*|\S*/\S*|\b[A-Z][A-Z_]*(?:[=-][A-Z]+)*\b|%[YmdHMS]")
_KEYS = (
    "pos", "riverside", "Riverside", "altstadt", "nowhere", "USD", "EUR", "Ruhe", "Nina", "SQLite",
    "receptionist", "therapist", "manager", "owner", "bookkeeper", *PERIODS, *PROGRAMS,
)  # fmt: skip


@pytest.fixture
def terminal(app: Flask, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Run]:
    """Run `pos` in a terminal of the language, on the test's application."""
    install(app, tmp_path / "translations", monkeypatch)
    monkeypatch.setenv("LANGUAGE", LANGUAGE)
    monkeypatch.setenv("LC_ALL", f"{LOCALE}.UTF-8")
    monkeypatch.setenv("INSTANCE_DIR", str(tmp_path))
    monkeypatch.setenv("WORKER_THREAD", "off")
    monkeypatch.setattr("pos.installation.command_app", lambda *_, **__: app)

    def run(*arguments: object, typed: str | None = None) -> Result:
        done = CliRunner().invoke(cli.main, [str(one) for one in arguments], input=typed, prog_name="pos")
        assert done.exception is None or isinstance(done.exception, SystemExit), done.output
        return done

    yield run
    translator.cache_clear()


def english(output: str, *data: str) -> set[str]:
    """The lines that have English words beside what is data."""
    return Data([*_KEYS, *data]).english(_WRITTEN_SO.sub(" ", line) for line in output.splitlines())


def _commands(command: click.Command, *path: str) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    yield path, command
    if isinstance(command, click.Group):
        here = click.Context(command)
        for name in command.list_commands(here):
            found = command.get_command(here, name)
            assert found is not None
            yield from _commands(found, *path, name)


def _as_typed(command: click.Command) -> set[str]:
    """What a help shows as it is typed: types and values of options, and the commands of a group."""
    here, found = click.Context(command), set()
    for one in command.params:
        found |= {*re.findall(r"[\w-]+", one.make_metavar(here)), str(one.default)}
    return found | ({*command.list_commands(here)} if isinstance(command, click.Group) else set())


def test_help_of_every_command_is_translated(terminal: Run) -> None:
    found = {}
    for path, command in _commands(cli.main):
        done = terminal(*path, "--help")
        assert (done.exit_code, pseudo("Usage:") in done.output) == (0, True), done.output
        found[path] = english(done.output, *path, *_as_typed(command))
    assert len(found) > 50
    assert {path: left for path, left in found.items() if left} == {}


_WRONG = (
    "nothing", "verfy", "verify --no", "verify more", "verify --expect-head", "verify --expect-head=x", "verify --help=1",
    "staff add", "staff add Nina", "staff add Nina --role many", "staff edit Nina", "staff edit Nina --tier many",
    "staff --ad", "expire --on soon", "import undo soon", "import catalogue nowhere", "import catalogue .",
    "restore nowhere", "breakage --on 2026-06-01", "totals --location nowhere", "report sales",
    "report sales --from soon --to soon", "report sales --period soon", "report sales --period today --format odt",
    "report sales --period today --location nowhere", "report sales --period today --therapist many",
    "export month soon --location riverside", "export journal --format sage --period today",
    "export cash-data --period today",
)  # fmt: skip


def test_wrong_usage_is_refused_in_the_language(traded: Clinic, terminal: Run) -> None:
    offered = {"File", "verify", "role", "csv", "xlsx", "pdf", "json", "integer"}
    found = {}
    for command in _WRONG:
        done = terminal(*command.split())
        assert (done.exit_code, done.output.count(pseudo("Error"))) == (2, 1), done.output
        found[command] = english(done.output, *re.split(r"[ =]", command), *offered)
    assert {command: left for command, left in found.items() if left} == {}


def _refused(done: Result, *data: str) -> None:
    assert done.exit_code == 1, done.output
    assert english(done.output, *data) == set()


def _did(done: Result, *data: str) -> None:
    assert done.exit_code == 0, done.output
    assert re.search("[Ａ-Ｚａ-ｚ]", done.output), done.output
    assert english(done.output, *data) == set()


def test_checks_and_reports_are_told_in_the_language(traded: Clinic, terminal: Run, tmp_path: Path) -> None:
    _did(terminal("verify"))
    _did(terminal("totals"))
    _did(terminal("report", "sales", *DAYS, "--format", "xlsx", "--output", tmp_path / "sales.xlsx"))
    told = terminal(
        "report", "liability", "--from", "2026-06-01", "--to", "2030-01-01", "--output", tmp_path / "owed.csv"
    )
    _did(told)
    assert "2030" in told.stderr
    _did(terminal("export", "prices", "--output", tmp_path / "prices.csv"))
    _did(terminal("export", "month", "2026-05", "--location", "riverside", "--output", tmp_path))
    journal = ("export", "journal", "--location", "riverside", "--from", "2026-06-16", "--to", "2026-06-16", "--format")
    _refused(terminal(*journal, "beancount"))
    _did(terminal(*journal, "beancount", "--again", "--output", tmp_path))
    _refused(terminal(*journal, "xero"))
    _refused(terminal("export", "cash-data", *DAYS, "--location", "riverside", "--output", tmp_path))
    _refused(terminal("export", "cash-data", *DAYS, "--location", "altstadt", "--output", tmp_path))
    _refused(terminal("reconcile", "--since", "2026-06-01"))
    _refused(terminal("clients", "export", new_id()))
    _did(terminal("clients", "export", traded.ana, "--out", tmp_path / "ana.json"))
    tamper(traded, "UPDATE tenders SET amount_minor = amount_minor + 1 WHERE change_minor > 0")
    _refused(terminal("report", "sales", *DAYS, "--output", tmp_path / "sales.csv"))


def test_failing_check_is_told_in_the_language(traded: Clinic, terminal: Run) -> None:
    tamper(traded, "UPDATE receipts SET number = 9 WHERE number = 4")
    done = terminal("verify")
    assert done.exit_code == 1
    # The rows that break a check are of the check.
    lines = [line for line in done.output.splitlines() if not line.startswith("       ")]
    assert english("\n".join(lines)) == set()


def test_files_that_come_in_are_told_in_the_language(traded: Clinic, terminal: Run, tmp_path: Path) -> None:
    with traded.read() as session:
        typed = typed_texts(session)

    def file(text: str) -> Path:
        (tmp_path / "in.csv").write_text(text, encoding="utf-8")
        return tmp_path / "in.csv"

    head, row = "given_name,family_name,package,sessions,left,net_paid,reference\n", "Nina,Nina,ten,10,4,400,A-1\n"
    balances = ("import", "balances", file(head + row.replace("ten", '"10 × 60 min"')), "--location", "riverside")
    _did(terminal(*balances), *typed)
    done = terminal(*balances, "--commit")
    _did(done, *typed)
    _did(terminal("import", "undo", done.stdout.split()[-1]))
    _refused(
        terminal("import", "balances", file(head + row), "--location", "riverside"), *head.strip().split(","), "ten"
    )
    file("date,time,client,service\n2026-06-20,9:30,Nina,Haircut\n")
    visits = ("import", "visits", tmp_path / "in.csv", "--location", "riverside")
    _refused(terminal(*visits), "service", "Haircut")
    file('date,time,client,service\n2026-06-20,9:30,Nina,"Foot massage, 30 min"\n')
    _did(terminal(*visits, "--dry-run"))
    _did(terminal(*visits))
    catalogue = tmp_path / "catalogue.csv"
    _did(terminal("export", "catalogue", "--output", catalogue))
    catalogue.write_text(catalogue.read_text("utf-8-sig").replace("Aromatherapy", "Aroma oil"), encoding="utf-8")
    _did(terminal("import", "catalogue", catalogue, "--dry-run"), *typed, "name", "includes", "Aroma oil")
    _did(terminal("import", "catalogue", catalogue), *typed, "name", "includes", "Aroma oil")
    catalogue.write_text("kind,name,price_riverside\nretail,,5\nretail,Cup,x\n", encoding="utf-8")
    _refused(terminal("import", "catalogue", catalogue), "name", "retail", "price_riverside", "Cup")
    prices = tmp_path / "prices.csv"
    _did(terminal("export", "prices", "--location", "riverside", "--output", prices))
    _did(terminal("import", "prices", prices))
    _refused(terminal("import", "prices", file("nothing\n1\n")), "item_id", "location", "price")


def test_people_are_told_in_the_language(traded: Clinic, terminal: Run) -> None:
    with traded.read() as session:
        typed = typed_texts(session)
    email = "n@clinic.example"
    _did(terminal("staff", "add", "Nina", "--role", "manager", "--email", email, "--location", "riverside"))
    _did(terminal("staff", "edit", "Nina", "--treats"))
    _did(terminal("staff", "deactivate", "Nina"))
    _did(terminal("staff", "list"), *typed)
    _did(terminal("staff", "activate", "Nina"))
    _did(terminal("staff", "reset", email, typed="a-long-password\na-long-password\n"))
    _did(re_password := terminal("staff", "reset", email, "--generate"), re_password.output.split()[-1])
    _refused(terminal("staff", "deactivate", "nobody@clinic.example"))
    _refused(terminal("staff", "edit", str(traded.owner.email), "--role", "manager"))


def test_nights_of_packages_are_told_in_the_language(clinic: Clinic, terminal: Run) -> None:
    clinic.buy("three", clinic.ana)
    with clinic.read() as session:
        typed = typed_texts(session)
    with noon(date(2026, 12, 9)):
        _did(terminal("remind", "--dry-run"), *typed)
        _did(terminal("remind"), *typed)
        _refused(terminal("expire", "--on", "2026-12-24"))
        _did(terminal("expire", "--on", "2026-12-24", "--dry-run"), *typed)
        _did(terminal("breakage", "--dry-run", "--on", "2027-07-01"), *typed)
    with noon(date(2026, 12, 24)):
        _did(terminal("expire"), *typed)
        _did(terminal("breakage"), *typed)


def test_set_up_asks_and_refuses_in_the_language(
    terminal: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    answers = (ROOT / "docs/clinic.toml").read_text("utf-8")
    _refused(terminal("init", "--clinic-name", "Ruhe"), *_questions())
    _refused(
        terminal("init", "--from", ROOT / "docs/clinic.toml", "--country", "Ruhe", "--tax-service", "x"), *_questions()
    )
    (tmp_path / "clinic.toml").write_text('clinic_name = "Ruhe\n', encoding="utf-8")
    _refused(terminal("init", "--from", tmp_path / "clinic.toml"), "Illegal character", "line", "column", "at")
    (tmp_path / "clinic.toml").write_text(answers.replace('catalogue = "starter"', 'catalogue = "file"'))
    (tmp_path / "own.csv").write_text("kind,service,minutes,price\nretail,,,5\n")
    wrong = terminal("init", "--from", tmp_path / "clinic.toml", "--catalogue-file", tmp_path / "own.csv")
    _refused(wrong, "name", *_questions())
    monkeypatch.setattr("pos.cli.init._is_terminal", lambda: True)
    # An empty line takes what is proposed.
    clinic = "Ruhe\nRuhe\nRuhe 1\n\nUS\n" + "\n" * 8 + "0\n" * 3 + "\n" * 7
    owner = "Nina\nn@clinic.example\n" + "a-long-password\n" * 2 + "975310\n" * 2
    done = terminal("init", typed=f"{clinic}{owner}y\n000000\n\n")
    proposed = ("starter", "file", "none", "America", "en_US", "no", "Sales tax", "Desk")
    _did(done, *proposed, *re.findall(r"\b[A-Z2-7]{16,}\b", done.output))


def _questions() -> list[str]:
    return [one.name for one in cli.init.QUESTIONS]


def test_backup_and_doctor_are_told_in_the_language(
    traded: Clinic, terminal: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    close(traded.app)
    monkeypatch.setenv("DATABASE_URL", str(traded.app.config["SQLALCHEMY_DATABASE_URI"]))
    monkeypatch.setenv("SECRET_KEY", SECRET_KEY)
    file = tmp_path / "day.backup"
    _did(terminal("backup", file))
    _refused(terminal("backup", file))
    _did(terminal("restore", file, "--verify"), "source")
    _refused(terminal("restore", file, "--in-place"))
    _did(terminal("restore", file, "--in-place", "--replace"), "source")
    (tmp_path / "other.backup").write_bytes(b"x" * 100)
    _refused(terminal("restore", tmp_path / "other.backup", "--verify"))
    done = terminal("doctor")
    assert english(done.output, "migrate.lock", "other.backup") == set()
    assert len(done.stdout.splitlines()) >= 10
    rows = json.loads(terminal("doctor", "--json").stdout)
    assert {"settings", "database", "worker"} <= {row["piece"] for row in rows}
    assert {row["state"] for row in rows} <= {"ok", "look at", "broken"}
    assert english("\n".join(row["sentence"] for row in rows), "migrate.lock", "other.backup") == set()
    monkeypatch.setenv("BACKUP_AT", "25")
    _refused(terminal("doctor"))
    assert english((wrong := terminal("backup", file)).output) == set()
    assert wrong.exit_code == 2


@pytest.mark.parametrize(
    ("environment", "locale"),
    [
        ({"LANGUAGE": "fr:el:de", "LANG": "C.UTF-8"}, "el"),
        ({"LC_ALL": "el_GR.UTF-8", "LANG": "en_US.UTF-8"}, "el"),
        ({"LC_MESSAGES": "el_GR", "LANG": "en_US.UTF-8"}, "el"),
        ({"LANG": "el_GR.UTF-8@euro"}, "el"),
        ({"LANGUAGE": "en_GB:el"}, "en"),
        ({"LC_ALL": "C", "LANG": "el_GR.UTF-8"}, "en"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LANGUAGE": "", "LANG": ""}, "en"),
    ],
)
def test_language_is_the_first_of_the_environment_with_a_catalogue_or_english(
    terminal: Run, monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], locale: str
) -> None:
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert command_locale() == locale
    done = terminal("verify", "--help")
    assert ("Usage:" in done.output, "Show this message and exit." in done.output) == (locale == "en", locale == "en")
