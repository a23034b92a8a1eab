"""Commands for packages: what the night does with them, and balances brought from another system."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from uuid import UUID

import click

from pos.cli.common import (
    app,
    main,
    or_stop,
    places_of,
)
from pos.core.errors import PosError


def _nightly(command: Callable[..., None]) -> Callable[..., None]:
    """The options of what the night does with packages."""
    options = (
        click.option("--on", type=click.DateTime(["%Y-%m-%d"]), help="Judge by this day; today without it."),
        click.option("--location", metavar="SLUG", help="One location; all of them without it."),
        click.option("--dry-run", is_flag=True, help="Tell what would happen and change nothing."),
    )
    for option in reversed(options):
        command = option(command)
    return command


@main.command("expire")
@_nightly
def expire_credits(on: datetime | None, location: str | None, dry_run: bool) -> None:
    """End credits whose last day is over, and freezes that end by themselves. Safe to run as often as one likes.

    What is left of a package becomes account credit or breakage, as its terms say. A visit of the last day may still be
    checked out the day after, so credits end one day after their last one.
    """
    with app().app_context():
        from pos.core.money import plain
        from pos.services.packages.expiry import end_freezes_and_expire

        found = or_stop(
            lambda: end_freezes_and_expire(places_of(location), on=on.date() if on else None, dry_run=dry_run)
        )
    for one in found:
        kept, earned = plain(one.account_minor, one.currency), plain(one.breakage_minor, one.currency)
        click.echo(
            f"{one.location}  {one.expires_on}  {one.credits} of {one.package}: {kept} to account credit,"
            f" {earned} earned ({one.currency})"
        )
    credits = sum(one.credits for one in found)
    click.echo(f"{credits} credits of {len(found)} packages {'would end' if dry_run else 'ended'}.")


@main.command("breakage")
@click.option("--location", metavar="SLUG", help="One location; all of them without it.")
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), help="With --dry-run: judge by this day; today without it.")
@click.option("--dry-run", is_flag=True, help="Tell what would happen and change nothing.")
def breakage(location: str | None, on: datetime | None, dry_run: bool) -> None:
    """Recognise what clients are not expected to use, by each location's rule. Safe to run as often as one likes.

    The rule is set in the office under Settings, Tax and breakage. What turned out otherwise is taken back.
    """
    if on and not dry_run:
        raise click.UsageError("Entries carry today: another day can only be looked at, with --dry-run.")
    with app().app_context():
        from pos.core.money import plain
        from pos.services.packages.breakage import recognise_breakage

        day = on.date() if on else None
        found = or_stop(lambda: recognise_breakage(places_of(location), on=day, dry_run=dry_run))
    for one in found:
        change, now = plain(one.change_minor, one.currency), plain(one.breakage_minor, one.currency)
        click.echo(f"{one.location}  {one.package}: {change}, {now} in all ({one.currency})")
    click.echo(f"Breakage of {len(found)} packages {'would change' if dry_run else 'changed'}.")


@main.command("remind")
@_nightly
def remind_clients(on: datetime | None, location: str | None, dry_run: bool) -> None:
    """Mail clients whose credits end in 30, 7 or 1 days. Nobody gets the same reminder twice."""
    with app().app_context():
        from pos.services.packages.expiry import remind

        found = or_stop(lambda: remind(places_of(location), on=on.date() if on else None, dry_run=dry_run))
    for one in found:
        click.echo(
            f"{one.location}  {one.expires_on}  {one.credits} of {one.package}, {one.client}: {one.email or '–'}"
        )
    reached = sum(one.email is not None for one in found)
    click.echo(
        f"{reached} reminders {'are due' if dry_run else 'on their way'}; {len(found) - reached} without address."
    )


@main.group("import")
def import_() -> None:
    """Data from another system."""


@import_.command("balances")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
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
                click.echo(f"row {error.number}, {error.column}: {error.sentence}")
            worth = f"{plain(found.value_minor, where.currency)} {where.currency}"
            click.echo(
                f"{len(found.rows)} rows, {found.credits} sessions left, worth {worth}; {len(found.errors)} errors"
            )
            if not commit:
                click.echo("Nothing was changed. With --commit it is imported.")
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
            click.echo(error.sentence, err=True)
            sys.exit(1)
        click.echo(f"Imported as {done.import_id}. While nothing of it is used: pos import undo {done.import_id}")


@import_.command("undo")
@click.argument("import_id", type=click.UUID)
def undo_import_of(import_id: UUID) -> None:
    """Take the balances of an import out again, while nothing of it is used."""
    with app().app_context():
        from pos.services.imports.import_balances import undo_import

        try:
            done = undo_import(import_id=import_id)
        except PosError as error:
            click.echo(error.sentence, err=True)
            sys.exit(1)
        click.echo(f"{done.rows} rows with {done.credits} sessions are taken out again.")
