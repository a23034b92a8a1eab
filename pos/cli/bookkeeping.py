"""Commands for the bookkeeper: journals for bookkeeping programs, and everything of a month in one file."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from invoices.errors import PaperError
from pos.cli.common import Bar, app, or_stop, places_of, scope_of, write_whole
from pos.cli.files import export
from pos.cli.language import say, told
from pos.core.errors import Conflict, Invalid, PosError
from pos.core.messages.command import general as words

if TYPE_CHECKING:
    from pos.domain.locations.queries import Place

_LOCATION = click.option("--location", metavar="SLUG", help="The location; may be left out where there is only one.")


def _one_place(slug: str | None) -> Place:
    """The location; stops where several could be meant."""
    found = places_of(slug)
    if len(found) != 1:
        raise click.UsageError(told(words.WHICH_LOCATION))
    return found[0]


@export.command("journal")
@click.option("--format", "program", required=True, metavar="NAME", help="csv, quickbooks-online, xero, datev, …")
@_LOCATION
@click.option("--from", "from_text", metavar="YYYY-MM-DD", help="First business date.")
@click.option("--to", "to_text", metavar="YYYY-MM-DD", help="Last business date.")
@click.option("--period", metavar="NAME", help="Days by name instead: last-month, last-quarter, last-year, …")
@click.option("--again", is_flag=True, help="Export days that were exported before, or are not closed yet.")
@click.option(
    "--output",
    type=click.Path(path_type=Path, file_okay=True, dir_okay=True),
    help="File to write, or a folder in which it gets its own name; standard output without it.",
)
def export_journal_of(
    program: str,
    location: str | None,
    from_text: str | None,
    to_text: str | None,
    period: str | None,
    again: bool,
    output: Path | None,
) -> None:
    """One balanced journal for each business day, for a bookkeeping program. The export is noted, as in the office.

    Exit code 1 when something is missing, or when days were exported before and --again was not given.
    """
    with app().app_context():
        from pos.core.database.base import reading
        from pos.reports.bookkeeping.programs import PROGRAMS
        from pos.reports.bookkeeping.readiness import readiness
        from pos.services.bookkeeping.export_journal import export_journal

        if program not in PROGRAMS:
            raise click.BadParameter(told(words.CHOOSE_ONE_OF(choices=", ".join(PROGRAMS))), param_hint="--format")
        scope = scope_of(_one_place(location).slug, from_text, to_text, period)
        (place,) = scope.places
        try:
            done = export_journal(
                location_id=place.id,
                staff_id=None,
                program_key=program,
                from_on=scope.from_on,
                to_on=scope.to_on,
                again=again,
            )
        except Conflict as error:
            found = readiness(reading(), place, PROGRAMS[program], scope.from_on, scope.to_on)
            say(error.sentence, err=True)
            for one in found.missing:
                lacks = words.FIELD_SAYS(field=told(one.what), sentence=one.sentence or words.EXPORT_LACKS_ACCOUNT)
                click.echo(f"  {told(lacks)}", err=True)
            for before in found.before:
                first, last = before.from_on.isoformat(), before.to_on.isoformat()
                at = f"{before.exported_at:%Y-%m-%d %H:%M}"
                click.echo(f"  {told(words.EXPORTED_DAYS(first=first, last=last, at=at))}", err=True)
            if found.asks and not found.missing:
                say(words.GIVE_AGAIN, err=True)
            sys.exit(1)
        except PosError as error:
            say(error.sentence, err=True)
            sys.exit(1)
    target = output / done.file.name if output is not None and output.is_dir() else output
    if target is None:
        sys.stdout.buffer.write(done.file.content)
        return
    target.write_bytes(done.file.content)
    say(words.BYTES_IN_FILE(file=target, count=len(done.file.content)), err=True)


@export.command("cash-data")
@_LOCATION
@click.option("--from", "from_text", metavar="YYYY-MM-DD", help="First business date.")
@click.option("--to", "to_text", metavar="YYYY-MM-DD", help="Last business date.")
@click.option("--period", metavar="NAME", help="Days by name instead: last-month, last-quarter, last-year, …")
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    default=Path(),
    help="File to write, or the folder in which it gets its own name; this folder without it.",
)
def export_cash_data(
    location: str | None, from_text: str | None, to_text: str | None, period: str | None, output: Path
) -> None:
    """The cash data of a location in Germany as a ZIP in the order of the DSFinV-K. Nothing in it is signed."""
    with app().app_context():
        from pos.services.bookkeeping.cash_data import cash_data_name, write_cash_data

        scope = scope_of(_one_place(location).slug, from_text, to_text, period)
        (place,) = scope.places
        days = scope.from_on, scope.to_on
        target = output / cash_data_name(place, *days) if output.is_dir() else output
        count = or_stop(lambda: write_whole(target, lambda file: write_cash_data(place, *days, file, most_days=None)))
    say(words.CLOSINGS_IN_FILE(file=target, count=count))


@export.command("month")
@click.argument("month", metavar="YYYY-MM")
@_LOCATION
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    default=Path(),
    help="File to write, or the folder in which it gets its own name; this folder without it.",
)
def export_month(month: str, location: str | None, output: Path) -> None:
    """Everything of a month as a ZIP: journal, tables, receipts, credit notes, Z reports and closings."""
    with app().app_context():
        from pos.reports.period import parse_month
        from pos.services.bookkeeping.month_files import month_name, write_month

        try:
            month_on = parse_month(month)
        except Invalid as error:
            raise click.BadParameter(told(error.sentence), param_hint="YYYY-MM") from error

        where = _one_place(location)
        target = output / month_name(month_on, where.slug) if output.is_dir() else output
        try:
            count = or_stop(lambda: write_month(where, month_on, target, Bar()))
        except PaperError as error:
            say(str(error), err=True)
            sys.exit(1)
    say(words.DOCUMENTS_IN_FILE(file=target, count=count))
