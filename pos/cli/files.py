"""Files that come in and go out: opening balances, the catalogue, the price list."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import click

from pos.cli.common import app, main, or_stop, places_of, reading_app, write_out
from pos.cli.language import say, told
from pos.core.errors import PosError
from pos.core.messages.command import files as words
from pos.core.messages.command.general import FIELD_SAYS, NOTHING_CHANGED

if TYPE_CHECKING:
    from pos.services.imports.import_catalogue import CatalogueFile

_FILE = click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
_OUTPUT = click.option(
    "--output", type=click.Path(path_type=Path, dir_okay=False), help="File to write; standard output without it."
)
_FROM = click.option(
    "--from", "from_on", type=click.DateTime(["%Y-%m-%d"]), help="The day the prices begin; today without it."
)
_DRY_RUN = click.option("--dry-run", is_flag=True, help="Tell what would become of each row and change nothing.")


@main.group("import")
def import_() -> None:
    """Data from another system, and files that were taken out and changed."""


@import_.command("balances")
@_FILE
@click.option("--location", required=True, metavar="SLUG", help="The location that owes the sessions.")
@click.option("--commit", is_flag=True, help="Bring the balances in. Without it nothing is changed.")
@click.option("--credits", type=int, help="Control total: sessions left. Another total refuses the file.")
@click.option("--value", metavar="AMOUNT", help="Control total: what is owed in them, net of tax.")
def import_balances_of(file: Path, location: str, commit: bool, credits: int | None, value: str | None) -> None:
    """Opening balances from a CSV file: a dry run with control totals, or all of it with --commit.

    Columns: given_name, family_name, email, phone, package, sessions, left, net_paid, expires_on, tax_paid, tax_percent,
    second_tax_percent, reference. Exit code 1 when a row is wrong; then nothing is imported.
    """
    with app().app_context():
        from pos.core.database.base import reading
        from pos.core.ids import new_id
        from pos.core.money import parse_amount, plain
        from pos.domain.locations.queries import place_by_slug
        from pos.services.imports.import_balances import import_balances
        from pos.services.imports.parse_balances import read_balances

        try:
            where, content = place_by_slug(reading(), location), file.read_bytes()
            expected = parse_amount(value, where.currency, field="value") if value else None
            found = read_balances(reading(), where, content, file.name)
            for error in found.errors:
                say(words.FILE_CELL_SAYS(number=error.number, column=error.column, sentence=error.sentence))
            worth = f"{plain(found.value_minor, where.currency)} {where.currency}"
            say(
                words.BALANCES_READ(
                    rows=words.FILE_ROWS(count=len(found.rows)),
                    left=words.SESSIONS_LEFT(count=found.credits),
                    worth=worth,
                    errors=words.FILE_ERRORS(count=len(found.errors)),
                )
            )
            if not commit:
                say(words.COMMIT_IMPORTS)
                sys.exit(1 if found.errors else 0)
            done = import_balances(
                import_id=new_id(),
                location_id=where.id,
                content=content,
                name=file.name,
                credits=credits,
                value_minor=expected,
            )
        except PosError as error:
            say(error.sentence, err=True)
            sys.exit(1)
        say(words.IMPORTED_AS(key=done.import_id))


@import_.command("undo")
@click.argument("import_id", type=click.UUID)
def undo_import_of(import_id: UUID) -> None:
    """Take the balances of an import out again, while nothing of it is used."""
    with app().app_context():
        from pos.services.imports.import_balances import undo_import

        done = or_stop(lambda: undo_import(import_id=import_id))
        say(words.IMPORT_TAKEN_OUT(count=done.rows, sessions=words.FILE_SESSIONS(count=done.credits)))


@import_.command("visits")
@_FILE
@click.option("--location", required=True, metavar="SLUG", help="The location where they are expected.")
@_DRY_RUN
def import_visits_of(file: Path, location: str, dry_run: bool) -> None:
    """Visits from a booking system, as a CSV file: all of them, or nothing where a row is wrong.

    Columns: date, time, client, email, phone, service, therapist, note, reference, state (booked or cancelled). A row
    with a reference that is there already changes that visit until it is rung up; the same file again changes nothing.
    Exit code 1 when a row is wrong.
    """
    with app().app_context():
        from pos.core.database.base import reading
        from pos.domain.locations.queries import place_by_slug
        from pos.services.appointments.import_appointments import import_appointments, read_appointments

        try:
            where, content = place_by_slug(reading(), location), file.read_bytes()
            found = read_appointments(reading(), where, content)
            for error in found.errors:
                say(words.FILE_CELL_SAYS(number=error.number, column=error.column, sentence=error.sentence))
            if not found.errors and not dry_run:
                found = import_appointments(location_id=where.id, content=content, staff_id=None)
        except PosError as error:
            say(error.sentence, err=True)
            sys.exit(1)
    of = {name: found.of(name) for name in ("new", "changed", "cancelled", "same")}
    errors = words.FILE_ERRORS(count=len(found.errors))
    say(
        words.VISITS_READ(
            count=len(found.rows), new=of["new"], changed=of["changed"], cancelled=of["cancelled"], same=of["same"],
            errors=errors,
        )
    )  # fmt: skip
    if found.errors:
        say(NOTHING_CHANGED, err=True)
        sys.exit(1)
    if dry_run:
        say(words.DRY_RUN_OF_ROWS)


@import_.command("catalogue")
@_FILE
@_FROM
@_DRY_RUN
def import_catalogue_of(file: Path, from_on: datetime | None, dry_run: bool) -> None:
    """Services, add-ons, articles and package plans from a CSV file: all of it, or nothing where a row is refused.

    docs/operations.md lists the columns; pos export catalogue writes such a file. Exit code 1 when a row is refused.
    """
    with app().app_context():
        from pos.services.imports.import_catalogue import (
            CatalogueRefused,
            CommandLine,
            import_catalogue,
            look_at_catalogue,
        )

        editor = CommandLine(frozenset(place.id for place in places_of(None)))
        content, day = file.read_bytes(), from_on.date() if from_on else None
        try:
            if dry_run:
                found = look_at_catalogue(content, editor, day)
            else:
                found = import_catalogue(content=content, editor=editor, from_on=day)
        except CatalogueRefused as error:
            found = error.found
        except PosError as error:
            say(error.sentence, err=True)
            sys.exit(1)
    _say_rows(found)
    if found.of("refused"):
        say(NOTHING_CHANGED, err=True)
        sys.exit(1)
    if dry_run:
        say(words.DRY_RUN_OF_FILE)


def _say_rows(found: CatalogueFile) -> None:
    for one in found.of("new", "changed", "refused"):
        if one.sentence is None:
            nothing = told(words.CHANGED_TO_NOTHING)
            what = "; ".join(
                f"{column}: {before + ' → ' if before else ''}{after or nothing}"
                for column, before, after in one.changes
            )
        else:
            sentence = one.sentence
            what = told(FIELD_SAYS(field=one.column, sentence=sentence) if one.column else sentence)
        if one.state == "new":
            say(words.CATALOGUE_ROW_NEW(number=one.number, name=one.name))
        elif one.state == "changed":
            say(words.CATALOGUE_ROW_CHANGED(number=one.number, name=one.name, what=what))
        else:
            say(words.CATALOGUE_ROW_REFUSED(number=one.number, name=one.name, what=what))
    of = {state: len(found.of(state)) for state in ("new", "changed", "same", "refused")}
    say(words.CATALOGUE_READ(new=of["new"], changed=of["changed"], same=of["same"], refused=of["refused"]))


@import_.command("prices")
@_FILE
@click.option("--location", metavar="SLUG", help="One location; all of them without it.")
@_FROM
@_DRY_RUN
def import_prices(file: Path, location: str | None, from_on: datetime | None, dry_run: bool) -> None:
    """Prices from a CSV file as pos export prices writes it: all of them, or nothing where a row is wrong."""
    with app().app_context():
        from pos.core.database.base import reading
        from pos.services.catalogue.price_list import change_prices
        from pos.services.imports.import_catalogue import CommandLine
        from pos.services.imports.price_file import read_price_file

        places = places_of(location)
        found = or_stop(lambda: read_price_file(reading(), places, file.read_bytes()))
        for number, sentence in found.errors:
            say(words.FILE_ROW_SAYS(number=number, sentence=sentence), err=True)
        rows, prices = words.FILE_ROWS(count=found.rows), words.COUNT_OF_PRICES(count=len(found.changes))
        say(words.PRICES_READ(rows=rows, prices=prices, ends=found.ends))
        if found.errors:
            say(NOTHING_CHANGED, err=True)
            sys.exit(1)
        if dry_run:
            say(words.DRY_RUN_OF_PRICES)
            return
        if not found.changes:
            say(NOTHING_CHANGED)
            return
        day = from_on.date() if from_on else max(place.today() for place in places)
        editor = CommandLine(frozenset(place.id for place in places))
        count = or_stop(lambda: change_prices(changes=found.changes, from_on=day, person=editor))
    say(words.PRICES_CHANGED(count=count, day=day.isoformat()))


@main.group("export")
def export() -> None:
    """Files to take out: for a spreadsheet and back again, and for the bookkeeper."""


@export.command("catalogue")
@_OUTPUT
def export_catalogue(output: Path | None) -> None:
    """Everything on offer with its prices, one row each, as CSV."""
    with reading_app().app_context():
        from pos.core.database.base import reading
        from pos.reports.exporters import write_csv
        from pos.services.imports.catalogue_sheet import catalogue_sheet

        sheet = catalogue_sheet(reading(), places_of(None))
        write_out(output, lambda out: write_csv(sheet, out))


@export.command("prices")
@click.option("--location", metavar="SLUG", help="One location; all of them without it.")
@_OUTPUT
def export_prices(location: str | None, output: Path | None) -> None:
    """The price list of today and the next price of each item, one row for each location, as CSV."""
    with reading_app().app_context():
        from pos.core.database.base import reading
        from pos.reports.exporters import write_csv
        from pos.services.imports.price_file import price_sheet

        sheet = price_sheet(reading(), places_of(location))
        write_out(output, lambda out: write_csv(sheet, out))
