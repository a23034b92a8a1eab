"""Commands for packages: what the night does with them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import click

from pos.cli.common import (
    app,
    main,
    or_stop,
    places_of,
)


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
