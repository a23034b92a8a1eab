"""The `pos` command."""

from __future__ import annotations

import logging
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, NoReturn, TypeVar
from uuid import UUID

import click

from pos.kernel.errors import Invalid, NotConfigured, PosError
from pos.kernel.settings import read_settings

if TYPE_CHECKING:
    from flask import Flask

    from pos.locations.queries import Place
    from pos.reports.scope import Scope

T = TypeVar("T")
INSTANCE = Path("instance")
THREADS = 8


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Tenderpoint: point of sale and package sales for trigger point and massage clinics.

    Settings come from the environment; the README lists them. Exit codes: 0 done, 1 something was found or refused,
    2 wrong usage or settings.
    """
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")


def _settings_or_stop() -> None:
    """Check the settings in this process, so that a wrong one is a sentence and not a stack trace."""
    try:
        read_settings(os.environ, instance_dir=INSTANCE)
    except NotConfigured as error:
        _refused(error)


def _created() -> Flask:
    """The application; what only the database shows to be forbidden is a sentence as well."""
    from pos.app import create_app

    try:
        return create_app()
    except NotConfigured as error:
        _refused(error)


def _refused(error: NotConfigured) -> NoReturn:
    click.echo(f"{error.field or 'Settings'}: {error.sentence}", err=True)
    sys.exit(2)


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True)
@click.option(
    "--workers", default=1, show_default=True, help="Web processes. With several, run `pos worker` beside them."
)
def serve(host: str, port: int, workers: int) -> None:
    """Serve the app. One process does it all; with several the outbox is left to `pos worker`."""
    _settings_or_stop()
    if workers > 1:
        os.environ["WORKER_THREAD"] = "off"
    from granian import Granian
    from granian.constants import Interfaces

    Granian(
        "pos.served:served_app",
        factory=True,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=THREADS,
        websockets=False,
        log_access=False,
    ).serve()


@main.command()
def worker() -> None:
    """Carry out the outbox: mails, paper, webhooks, and a sweep over open payments. Beside several web processes."""
    _settings_or_stop()
    os.environ["WORKER_THREAD"] = "off"
    from pos.worker import run

    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    run(_created(), stop)


@main.command()
def migrate() -> None:
    """Bring the database to this version's tables. `pos serve` does it at its start as well."""
    _settings_or_stop()
    os.environ["WORKER_THREAD"] = "off"
    _created()
    click.echo("The database is up to date.")


@main.command(context_settings={"ignore_unknown_options": True})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def simulator(arguments: tuple[str, ...]) -> None:
    """The simulated Stripe alone, on this machine only; see `pos simulator --help`."""
    if (mode := os.environ.get("PAYMENTS_MODE", "").strip()) not in ("", "simulator"):
        click.echo(f"PAYMENTS_MODE is {mode}, so there is no simulated Stripe here. Unset it to start one.", err=True)
        sys.exit(2)
    sys.exit(subprocess.call([sys.executable, "-m", "pos.simulator", *arguments]))  # noqa: S603  (our own module)


@main.command()
@click.option("--port", default=8000, show_default=True)
@click.option("--reset", is_flag=True, help="Throw the demo's data away and begin anew.")
@click.option("--folder", type=click.Path(path_type=Path), default=INSTANCE / "demo", show_default=True)
def demo(port: int, reset: bool, folder: Path) -> None:
    """A clinic to try: two locations, staff, weeks of trade, simulated card readers and checkout."""
    from pos.demo.run import run_demo

    bar = _Bar()
    logging.getLogger().setLevel(logging.WARNING)
    try:
        run_demo(folder.absolute(), port, reset=reset, progress=bar, say=click.echo)
    except (PosError, RuntimeError) as error:
        click.echo(str(error), err=True)
        sys.exit(1)


def _app() -> Flask:
    """The application for a command that only reads: no worker, no printers."""
    _settings_or_stop()
    os.environ["WORKER_THREAD"] = "off"
    logging.getLogger().setLevel(logging.WARNING)
    return _created()


def _scope(slug: str | None, from_text: str, to_text: str) -> Scope:
    """The locations and days a command was asked for; stops with a sentence where there are none."""
    from pos.kernel.db import reading
    from pos.locations.queries import places
    from pos.reports.scope import Scope, parse_days

    chosen = tuple(place for place in places(reading()) if slug in (None, place.slug))
    if not chosen:
        raise click.UsageError(f"There is no location “{slug}”." if slug else "There is no location yet.")
    try:
        return Scope(chosen, *parse_days(from_text, to_text))
    except Invalid as error:
        raise click.BadParameter(error.sentence, param_hint=f"--{error.field}") from error


def _places(slug: str | None) -> tuple[Place, ...]:
    from pos.kernel.db import reading
    from pos.locations.queries import places

    chosen = tuple(place for place in places(reading()) if slug in (None, place.slug))
    if slug and not chosen:
        raise click.UsageError(f"There is no location “{slug}”.")
    return chosen


def _or_stop(deed: Callable[[], T]) -> T:
    """Do something; a refusal is a sentence and exit code 1."""
    try:
        return deed()
    except PosError as error:
        click.echo(error.sentence, err=True)
        sys.exit(1)


def _write(output: Path | None, write: Callable[[BinaryIO], int]) -> None:
    """Write a file, or to standard output when none was named; says how many rows went to a file."""
    if output is None:
        write(sys.stdout.buffer)
        return
    with output.open("wb") as file:
        rows = write(file)
    click.echo(f"{rows} rows in {output}", err=True)


def _heads(expected: tuple[str, ...]) -> dict[UUID, str]:
    """The heads that must be in the chains: LOCATION=HASH, or a hash alone where there is one location."""
    from pos.kernel.db import reading
    from pos.locations.queries import places

    by_slug = {place.slug: place.id for place in places(reading())}
    found = {}
    for text in expected:
        slug, _, head = text.rpartition("=")
        if not slug and len(by_slug) == 1:
            slug = next(iter(by_slug))
        if slug not in by_slug or not re.fullmatch(r"[0-9a-f]{64}", head):
            raise click.BadParameter(
                f"“{text}” is not LOCATION=HASH, as pos verify prints it.", param_hint="--expect-head"
            )
        found[by_slug[slug]] = head
    return found


@main.command("verify")
@click.option(
    "--expect-head",
    "expected",
    multiple=True,
    metavar="LOCATION=HASH",
    help="A head printed earlier, here or on a Z report; it must still be in the chain. May be given for each location;"
    " where there is only one, the hash alone will do.",
)
def verify_books(expected: tuple[str, ...]) -> None:
    """Check that sales, credits, payments, receipts and books still say the same.

    Prints each check in words, the first row that breaks it, and the heads of the books to keep. Exit code 1 when
    something fails. Nothing is changed.
    """
    with _app().app_context():
        from pos.kernel.db import reading
        from pos.reports.verify import heads, verify

        results = verify(reading(), _Bar(), expected_heads=_heads(expected))
        for result in results:
            click.echo(f"{'holds' if result.holds else 'FAILS'}  {result.words} ({result.examined})")
            if result.first is not None:
                more = f" And {result.bad - 1} more." if result.bad > 1 else ""
                click.echo(f"       {result.first}{more}")
        for location, entries, head in heads(reading()):
            click.echo(f"head   {location.slug}={head} ({entries} entries)")
    broken = sum(not result.holds for result in results)
    click.echo(f"{broken} of {len(results)} checks fail." if broken else f"All {len(results)} checks hold.")
    sys.exit(1 if broken else 0)


@main.command("reconcile")
@click.option("--since", required=True, type=click.DateTime(["%Y-%m-%d"]), help="The day of the backup, or before.")
def reconcile_stripe(since: datetime) -> None:
    """After an old backup was restored: find what Stripe has since a day and this database has not.

    What is known in an older state is moved on; what is not known is queued in the office for a manager to decide about.
    Safe to run again. Exit code 1 while anything waits there.
    """
    with _app().app_context():
        from pos.checkout.reconcile import reconcile

        done = _or_stop(lambda: reconcile(since.replace(tzinfo=UTC), _Bar()))
    click.echo(f"{done.seen} payments, refunds and disputes at Stripe since {since:%Y-%m-%d}.")
    click.echo(f"{done.moved_on} known ones have moved on. {done.found} not known here were found.")
    if done.open:
        click.echo(f"{done.open} wait to be decided about: Office, Money, Payments to look at.")
        sys.exit(1)
    click.echo("Nothing waits to be decided about.")


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
    with _app().app_context():
        from pos.checkout.package_expiry import wake_and_expire
        from pos.kernel.money import plain

        found = _or_stop(lambda: wake_and_expire(_places(location), on=on.date() if on else None, dry_run=dry_run))
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
    with _app().app_context():
        from pos.checkout.breakage import recognise_breakage
        from pos.kernel.money import plain

        day = on.date() if on else None
        found = _or_stop(lambda: recognise_breakage(_places(location), on=day, dry_run=dry_run))
    for one in found:
        change, now = plain(one.change_minor, one.currency), plain(one.breakage_minor, one.currency)
        click.echo(f"{one.location}  {one.package}: {change}, {now} in all ({one.currency})")
    click.echo(f"Breakage of {len(found)} packages {'would change' if dry_run else 'changed'}.")


@main.command("remind")
@_nightly
def remind_clients(on: datetime | None, location: str | None, dry_run: bool) -> None:
    """Mail clients whose credits end in 30, 7 or 1 days. Nobody gets the same reminder twice."""
    with _app().app_context():
        from pos.checkout.package_expiry import remind

        found = _or_stop(lambda: remind(_places(location), on=on.date() if on else None, dry_run=dry_run))
    for one in found:
        click.echo(
            f"{one.location}  {one.expires_on}  {one.credits} of {one.package}, {one.client}: {one.email or '–'}"
        )
    reached = sum(one.email is not None for one in found)
    click.echo(
        f"{reached} reminders {'are due' if dry_run else 'on their way'}; {len(found) - reached} without address."
    )


def _days(command: Callable[..., None]) -> Callable[..., None]:
    """The options every report takes."""
    options = (
        click.option("--from", "from_text", required=True, metavar="YYYY-MM-DD", help="First business date."),
        click.option("--to", "to_text", required=True, metavar="YYYY-MM-DD", help="Last business date."),
        click.option("--location", metavar="SLUG", help="One location; all of them without it."),
        click.option(
            "--output",
            type=click.Path(path_type=Path, dir_okay=False),
            help="File to write; standard output without it.",
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


@main.group()
def report() -> None:
    """Reports as files."""


@report.command("sales")
@_days
@click.option("--format", "kind", type=click.Choice(["csv", "xlsx"]), default="csv", show_default=True)
@click.option("--items", is_flag=True, help="One row for each item sold instead of one for each sale.")
def report_sales(
    from_text: str, to_text: str, location: str | None, output: Path | None, kind: str, items: bool
) -> None:
    """Sales of some days with tax, tips and tenders. Exit code 1 when they do not agree with the ledger."""
    if kind == "xlsx" and output is None and sys.stdout.isatty():
        raise click.UsageError("A workbook is no text for a terminal: name a file with --output.")
    with _app().app_context():
        from pos.kernel.db import reading
        from pos.reports.agreement import compare
        from pos.reports.exporters import write_csv, write_xlsx
        from pos.reports.figures import by_day, totals
        from pos.reports.sales import lines_sheet, sales_sheet, totals_sheet
        from pos.reports.scope import one_moment

        scope, session = _scope(location, from_text, to_text), reading()
        one_moment(session)
        days = by_day(session, scope)
        sheet = lines_sheet(session, scope) if items else sales_sheet(session, scope)
        if kind == "csv":
            _write(output, lambda file: write_csv(sheet, file))
        else:
            _write(output, lambda file: write_xlsx([sheet, totals_sheet(totals(scope, days))], file))
        agreement = compare(session, scope, days)
    if not agreement.holds:
        click.echo(f"{len(agreement.differences)} figures do not agree with the ledger. Run pos verify.", err=True)
        sys.exit(1)


@report.command("liability")
@_days
def report_liability(from_text: str, to_text: str, location: str | None, output: Path | None) -> None:
    """What is owed in sessions at the first and last of some days, and what changed it, by plan.

    A past period asked again gives the same bytes. Exit code 1 when it does not agree with the ledger.
    """
    with _app().app_context():
        from pos.kernel.db import reading
        from pos.reports.exporters import write_csv
        from pos.reports.rollforward import liability_sheet, roll_forward
        from pos.reports.scope import one_moment

        scope = _scope(location, from_text, to_text)
        one_moment(reading())
        rolls = roll_forward(reading(), scope)
        _write(output, lambda file: write_csv(liability_sheet(rolls), file))
    if not all(found.agrees for found in rolls):
        click.echo("What is owed does not agree with the ledger. Run pos verify.", err=True)
        sys.exit(1)


@main.group()
def export() -> None:
    """Files for other programs."""


@export.command("journal")
@_days
@click.option("--format", "kind", type=click.Choice(["csv"]), default="csv", show_default=True)
def export_journal(from_text: str, to_text: str, location: str | None, output: Path | None, kind: str) -> None:
    """The journal of some days, entry by entry: debits and credits sum to zero in each location and day."""
    with _app().app_context():
        from pos.kernel.db import reading
        from pos.reports.exporters import write_csv
        from pos.reports.journal import journal_sheet
        from pos.reports.scope import one_moment

        scope = _scope(location, from_text, to_text)
        one_moment(reading())
        _write(output, lambda file: write_csv(journal_sheet(reading(), scope), file))


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
    reference. Exit code 1 when a row is wrong; then nothing is imported.
    """
    with _app().app_context():
        from pos.checkout.imports import read_balances
        from pos.checkout.imports_commit import import_balances
        from pos.kernel.db import reading
        from pos.kernel.ids import new_id
        from pos.kernel.money import parse_amount, plain
        from pos.locations.queries import place_by_slug

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
    with _app().app_context():
        from pos.checkout.imports_commit import undo_import

        try:
            done = undo_import(import_id=import_id)
        except PosError as error:
            click.echo(error.sentence, err=True)
            sys.exit(1)
        click.echo(f"{done.rows} rows with {done.credits} sessions are taken out again.")


class _Bar:
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


if __name__ == "__main__":
    main()
