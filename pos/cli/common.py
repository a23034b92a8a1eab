"""What every command of `pos` needs: the group, the application behind it, refusals as sentences, progress."""

from __future__ import annotations

import gc
import logging
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, NoReturn, TypeVar
from urllib.parse import parse_qs, unquote, urlsplit

import click

from pos.cli.language import Group, say, told
from pos.core.config import INSTANCE, Settings, read_settings
from pos.core.database.address import sqlite_file
from pos.core.errors import Invalid, NotConfigured, PosError
from pos.core.i18n.message import Message
from pos.core.messages.command import general as words

if TYPE_CHECKING:
    from flask import Flask

    from pos.domain.locations.queries import Place
    from pos.reports.period import Only, Scope

T = TypeVar("T")


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Tenderpoint: point of sale and package sales for trigger point and massage clinics.

    Settings come from the environment; the README lists them. Exit codes: 0 done, 1 something was found or refused,
    2 wrong usage or settings.
    """
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")


def settings_or_stop(*, keep_secret: bool = True) -> Settings:
    """The settings of this process; a wrong one is a sentence and not a stack trace."""
    try:
        return read_settings(os.environ, instance_dir=INSTANCE, keep_secret=keep_secret)
    except NotConfigured as error:
        refused(error)


def database_words(url: str) -> Message | str:
    """Which database a URL names, for a person: no password, and a SQLite file with its whole path."""
    file = sqlite_file(url)
    if file is not None:
        return f"SQLite {file.absolute()}"
    parts = urlsplit(url)
    options = {name.lower(): values[0] for name, values in parse_qs(parts.query).items()}
    host = options.get("host") or parts.hostname or words.THIS_MACHINE
    port = options.get("port") or parts.port
    name = options.get("dbname") or unquote(parts.path.strip("/"))
    return words.DATABASE_OF_SERVER(name=name, host=host, port=f":{port}" if port else "")


def say_database(url: str) -> None:
    """Say on standard error which database this command works on."""
    say(words.DATABASE_IS(database=database_words(url)), err=True)


@contextmanager
def _without_collecting() -> Iterator[None]:
    """Pause the garbage collector: what an application is made of stays, and looking at it took a quarter of a second."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def created(*, existing: bool = False, reading_only: bool = False) -> Flask:
    """The application without pages; what only the database shows to be forbidden is a sentence as well."""
    settings = settings_or_stop(keep_secret=not (existing or reading_only))
    try:
        with _without_collecting():
            from pos.installation import command_app

            app = command_app(settings, existing=existing, reading_only=reading_only)
    except NotConfigured as error:
        refused(error)
    say_database(settings.database_url)
    return app


def refused(error: PosError) -> NoReturn:
    say(words.FIELD_SAYS(field=error.field or words.IN_SETTINGS, sentence=error.sentence), err=True)
    sys.exit(2)


def app() -> Flask:
    """The application for a command that works on a database that is there: no worker, no printers."""
    _quietly()
    return created(existing=True)


def reading_app() -> Flask:
    """The application for a command that only reads: it makes and changes nothing, and needs no write permission."""
    _quietly()
    return created(reading_only=True)


def _quietly() -> None:
    settings_or_stop(keep_secret=False)
    os.environ["WORKER_THREAD"] = "off"
    logging.getLogger().setLevel(logging.WARNING)


def scope_of(slug: str | None, from_text: str | None, to_text: str | None, period: str | None = None) -> Scope:
    """The locations and days a command was asked for; stops with a sentence where there are none.

    A period is reckoned from the business date of today at the first of the locations.
    """
    from pos.core.database.base import reading
    from pos.domain.locations.queries import all_places, places_called
    from pos.reports.period import Scope, days_of, parse_days

    if bool(period) == bool(from_text or to_text) or bool(from_text) != bool(to_text):
        raise click.UsageError(told(words.WHICH_DAYS))
    selected = places_called(all_places(reading()), slug or "")
    if not selected:
        raise click.UsageError(told(words.NO_LOCATION_CALLED(slug=slug) if slug else words.NO_LOCATION_AT_ALL))
    try:
        if period:
            return Scope(selected, *days_of(period, selected[0].today()))
        return Scope(selected, *parse_days(from_text or "", to_text or ""))
    except Invalid as error:
        raise click.BadParameter(told(error.sentence), param_hint=f"--{error.field}") from error


def only_of(scope: Scope, typed: Mapping[str, str | None]) -> Only:
    """The filters a command was asked for, each by the name or the key of one thing.

    Stops where it names none or several.
    """
    from pos.core.database.base import reading
    from pos.reports.analysis.narrowing import choices, parse_only

    asked = {name: text.strip() for name, text in typed.items() if text}
    found: dict[str, str] = {}
    for name, options in choices(reading(), scope, asked.keys()).items():
        wanted = asked[name].casefold()
        keys = [key for key, word in options if wanted in (key.casefold(), word.casefold())]
        if len(keys) != 1:
            why = (
                words.NAMED_BY_SEVERAL(number=len(keys), typed=asked[name])
                if keys
                else words.NAMED_BY_NONE(typed=asked[name])
            )
            raise click.BadParameter(told(why), param_hint=f"--{name}")
        found[name] = keys[0]
    return parse_only(found)


def places_of(slug: str | None) -> tuple[Place, ...]:
    from pos.core.database.base import reading
    from pos.domain.locations.queries import all_places

    selected = tuple(place for place in all_places(reading()) if slug in (None, place.slug))
    if slug and not selected:
        raise click.UsageError(told(words.NO_LOCATION_CALLED(slug=slug)))
    return selected


def or_stop(work: Callable[[], T]) -> T:
    """Do something; a refusal is a sentence and exit code 1."""
    try:
        return work()
    except PosError as error:
        say(error.sentence, err=True)
        sys.exit(1)


class RowsSoFar:
    """How many rows a file has so far, on standard error; says nothing where that is no terminal."""

    def __init__(self) -> None:
        self._shown = False

    def __call__(self, rows: int) -> None:
        if sys.stderr.isatty():
            click.echo(f"\r  {told(words.ROWS_SO_FAR(count=rows, shown=f'{rows:,}'))}", nl=False, err=True)
            self._shown = True

    def end(self) -> None:
        """Leave the line to what is said next."""
        if self._shown:
            click.echo("\r\x1b[K", nl=False, err=True)


def write_whole(output: Path, write: Callable[[BinaryIO], T]) -> T:
    """Write a file that gets its name when it is whole: what breaks off leaves none, and an old one as it was."""
    if output.exists() and not output.is_file():  # a pipe or a device has no place beside it
        with output.open("wb") as file:
            return write(file)
    beside = output.with_name(f".{output.name}.{os.getpid()}")
    try:
        with beside.open("wb") as file:
            done = write(file)
        beside.replace(output)
    finally:
        beside.unlink(missing_ok=True)
    return done


def write_out(output: Path | None, write: Callable[[BinaryIO], int]) -> None:
    """Write a file, or to standard output when none was named; says how many rows went to a file."""
    if output is None:
        write(sys.stdout.buffer)
        return
    say(words.ROWS_IN_FILE(count=write_whole(output, write), file=output), err=True)


class Bar:
    """A progress bar on a terminal, a line now and then in a pipe."""

    def __init__(self) -> None:
        self._last = -1

    def __call__(self, done: int, whole: int) -> None:
        percent = 100 * done // max(whole, 1)
        if sys.stdout.isatty():
            filled = percent * 30 // 100
            click.echo(f"\r  [{'#' * filled}{' ' * (30 - filled)}] {percent:3d} %", nl=done >= whole)
        elif percent // 25 > self._last // 25 or self._last < 0:
            click.echo(f"  {percent} %")
        self._last = percent
