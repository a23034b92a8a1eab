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
from pos.cli.language import say, told
from pos.core.messages.command import books as words


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
        say(
            words.LOT_ENDS(
                location=one.location, last_day=one.expires_on.isoformat(), credits=one.credits, package=one.package,
                kept=kept, earned=earned, currency=one.currency,
            )
        )  # fmt: skip
    packages = words.COUNT_OF_PACKAGES(count=len(found))
    credits = words.CREDITS_OF(count=sum(one.credits for one in found), packages=packages)
    say(words.WOULD_END(credits=credits) if dry_run else words.HAVE_ENDED(credits=credits))


@main.command("breakage")
@click.option("--location", metavar="SLUG", help="One location; all of them without it.")
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), help="With --dry-run: judge by this day; today without it.")
@click.option("--dry-run", is_flag=True, help="Tell what would happen and change nothing.")
def breakage(location: str | None, on: datetime | None, dry_run: bool) -> None:
    """Recognise what clients are not expected to use, by each location's rule. Safe to run as often as one likes.

    The rule is set in the office under Settings, Tax and breakage. What turned out otherwise is taken back.
    """
    if on and not dry_run:
        raise click.UsageError(told(words.ONLY_LOOKED_AT))
    with app().app_context():
        from pos.core.money import plain
        from pos.services.packages.breakage import recognise_breakage

        day = on.date() if on else None
        found = or_stop(lambda: recognise_breakage(places_of(location), on=day, dry_run=dry_run))
    for one in found:
        change, now = plain(one.change_minor, one.currency), plain(one.breakage_minor, one.currency)
        say(
            words.BREAKAGE_OF(location=one.location, package=one.package, change=change, now=now, currency=one.currency)
        )
    packages = words.COUNT_OF_PACKAGES(count=len(found))
    say(words.BREAKAGE_WOULD_CHANGE(packages=packages) if dry_run else words.BREAKAGE_CHANGED(packages=packages))


@main.command("remind")
@_nightly
def remind_clients(on: datetime | None, location: str | None, dry_run: bool) -> None:
    """Mail clients whose credits end in 30, 7 or 1 days. Nobody gets the same reminder twice."""
    with app().app_context():
        from pos.services.packages.expiry import remind

        found = or_stop(lambda: remind(places_of(location), on=on.date() if on else None, dry_run=dry_run))
    for one in found:
        say(
            words.REMINDED_OF(
                location=one.location, last_day=one.expires_on.isoformat(), credits=one.credits, package=one.package,
                client=one.client, address=one.email or "–",
            )
        )  # fmt: skip
    reached = sum(one.email is not None for one in found)
    without = len(found) - reached
    say(
        words.REMINDERS_DUE(count=reached, without=without)
        if dry_run
        else words.REMINDERS_SENT(count=reached, without=without)
    )
