"""`pos init`: a clinic on an empty database, asked for in the terminal, in options or in a TOML file."""

from __future__ import annotations

import os
import sys
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn
from uuid import UUID

import click

from pos.cli.common import created, main, settings_or_stop
from pos.cli.language import say, told
from pos.core.errors import PosError
from pos.core.messages import installation as words
from pos.core.messages.command import people
from pos.core.messages.command.files import FILE_CELL_SAYS
from pos.core.messages.command.general import FIELD_SAYS, NOTHING_CHANGED
from pos.services.setup.questions import QUESTIONS, Question

if TYPE_CHECKING:
    from pos.services.setup.answers import Answers


def _options(command: Callable[..., None]) -> Callable[..., None]:
    for question in reversed(QUESTIONS):
        about = f"{question.label}." + (" Several lines with \\n." if question.kind == "lines" else "")
        command = click.option(f"--{question.name.replace('_', '-')}", metavar="TEXT", help=about)(command)
    return command


def _is_terminal() -> bool:
    return sys.stdin.isatty()


def _refuse(wrong: Mapping[str, str]) -> NoReturn:
    for name, sentence in wrong.items():
        say(FIELD_SAYS(field=name, sentence=sentence), err=True)
    say(NOTHING_CHANGED, err=True)
    sys.exit(1)


def _as_text(name: str, value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return "\n".join(str(line) for line in value)
    if isinstance(value, dict):
        _refuse({name: words.QUESTION_UNKNOWN})
    return str(value)


def _from_file(path: Path) -> tuple[dict[str, str], list[dict[str, Any]]]:
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        _refuse({"--from": words.FILE_NOT_TOML(file=path, why=error)})
    staff = found.pop("staff", [])
    if not isinstance(staff, list) or not all(isinstance(one, dict) for one in staff):
        _refuse({"staff": words.PEOPLE_NOT_A_LIST})
    written = [{key: _as_text(key, value) for key, value in one.items()} for one in staff]
    return {name: _as_text(name, value) for name, value in found.items()}, written


def _is_asked(question: Question, given: dict[str, str]) -> bool:
    from pos.services.setup.answers import YES

    if question.name == "cash_rounding":
        return question.proposal(given) != "none"
    answer = given.get("catalogue", "").strip().casefold()
    needs = {"single_price": {"starter", *YES}, "catalogue_file": {"file"}}
    return question.name not in needs or answer in needs[question.name]


def _prompt(question: Question, proposal: str) -> str:
    if question.hint:
        click.secho(f"  {told(question.hint)}", dim=True)
    for word, about in question.choices:
        click.secho(f"  {told(FIELD_SAYS(field=word, sentence=about))}", dim=True)
    if question.kind == "lines":
        shown = told(people.ASKED_IN_LINES(question=question.label))
        lines: list[str] = []
        while line := click.prompt(shown if not lines else "  ", default="", show_default=False):
            lines.append(line)
        return "\n".join(lines) or proposal
    answer: str = click.prompt(
        told(question.label if question.needed else people.ASKED_OPTIONAL(question=question.label)),
        default=proposal,
        show_default=bool(proposal),
        hide_input=question.kind == "secret",
        confirmation_prompt=question.kind == "secret",
    )
    return answer


def _ask(given: dict[str, str]) -> dict[str, str]:
    """Ask each question that has no answer yet, proposing what the answers before it suggest."""
    for question in QUESTIONS:
        if question.name not in given and _is_asked(question, given):
            given[question.name] = _prompt(question, question.proposal(given))
    return given


def _catalogue_file(given: dict[str, str], folder: Path) -> bytes | None:
    """The file that the answers name; a path in a file of answers begins at that file's folder."""
    name = given.get("catalogue_file", "").strip()
    if not name:
        return None
    try:
        return (folder / Path(name).expanduser()).read_bytes()
    except OSError as error:
        _refuse({"catalogue_file": f"{name}: {error.strerror}"})


def _read(given: dict[str, str], staff: list[dict[str, Any]], folder: Path) -> Answers:
    from pos.services.setup.answers import WrongAnswers, read_answers

    try:
        return read_answers(given, staff, _catalogue_file(given, folder))
    except WrongAnswers as error:
        _refuse(error.wrong)


def _second_factor(owner_id: UUID, answers: Answers) -> None:
    """Show the secret as a QR code and as text until a code of it is right, then the recovery codes, once."""
    from invoices.code_image import code_of
    from pos.core.database.base import reading
    from pos.domain.staff.permissions import Role
    from pos.domain.staff.queries import Person
    from pos.domain.staff.second_factors import secret_to_prove
    from pos.domain.staff.totp import address_for_apps
    from pos.services.staff.second_factor import begin_second_factor, prove_second_factor

    owner = answers.people[0]
    person = Person(owner_id, owner.name, Role.OWNER, frozenset())
    begin_second_factor(person=person)
    secret = secret_to_prove(reading(), owner_id)
    if secret is None:
        say(people.SECOND_FACTOR_ALREADY)
        return
    code_of(address_for_apps(secret, owner.email or owner.name, "Tenderpoint")).terminal(compact=True)
    say(people.SCAN_THIS(secret=secret))
    while code := click.prompt(told(people.ASK_CODE), default="", show_default=False):
        try:
            codes = prove_second_factor(code=code, cookie=None, person=person)
        except PosError as error:
            say(error.sentence, err=True)
            continue
        say(people.KEEP_THESE_CODES)
        click.echo("\n".join(f"  {one}" for one in codes))
        return


@main.command()
@click.option("--from", "file", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="Answers in TOML.")
@click.option("--propose", is_flag=True, help="Take the proposals of the country where nothing was answered.")
@_options
def init(file: Path | None, propose: bool, **typed: str | None) -> None:
    """Set a clinic up on an empty database: location, desk, taxes, owner, first catalogue.

    Asks in the terminal what neither an option nor the file answers; docs/clinic.toml shows the file. Say it again until
    something is sold: it changes what was set up. A password given as an option can be seen by other users of this machine:
    have it asked for, or read from a file.
    """
    from pos.services.setup.questions import with_proposals

    given, staff = _from_file(file) if file else ({}, [])
    given |= {name: value.replace("\\n", "\n") for name, value in typed.items() if value is not None}
    asked = not propose and _is_terminal()
    if propose:
        given = with_proposals(given)
    elif asked:
        given = _ask(given)
    answers = _read(given, staff, file.parent if file and typed["catalogue_file"] is None else Path())
    settings_or_stop()
    os.environ["WORKER_THREAD"] = "off"
    app = created()
    with app.app_context():
        from pos.core.app_context import settings
        from pos.services.setup.answers import WrongAnswers
        from pos.services.setup.open_clinic import WrongCatalogue, open_clinic

        try:
            owner_id = open_clinic(answers)
        except WrongCatalogue as error:
            for row in error.rows:
                say(FILE_CELL_SAYS(number=row.number, column=row.column or row.name, sentence=row.sentence), err=True)
            _refuse(error.wrong)
        except WrongAnswers as error:
            _refuse(error.wrong)
        except PosError as error:
            _refuse({"pos init": error.sentence})
        base = settings().base_url
        if asked and click.confirm(told(people.ASK_SECOND_FACTOR), default=False):
            _second_factor(owner_id, answers)
    say(people.CLINIC_SET_UP(clinic=answers.facts["clinic_name"]))
    say(people.START_IT)
    click.echo(f"  {told(people.REGISTER_AT(address=f'{base}/register/'))}")
    click.echo(f"  {told(people.OFFICE_AT(address=f'{base}/office/', email=answers.people[0].email))}")
