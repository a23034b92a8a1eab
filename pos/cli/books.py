"""Commands that look at the books: checks, what Stripe knows and we do not, reports, exports."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import click

from pos.cli.common import (
    Bar,
    app,
    main,
    or_stop,
    reading_app,
    scope_of,
    write_out,
)


def _heads(expected: tuple[str, ...]) -> dict[UUID, str]:
    """The heads that must be in the chains: LOCATION=HASH, or a hash alone where there is one location."""
    from pos.core.database.base import reading
    from pos.domain.locations.queries import places

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
    with reading_app().app_context():
        from pos.core.database.base import reading
        from pos.reports.verify import heads, verify

        results = verify(reading(), Bar(), expected_heads=_heads(expected))
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
    with app().app_context():
        from pos.services.reconciliation.import_from_stripe import reconcile

        done = or_stop(lambda: reconcile(since.replace(tzinfo=UTC), Bar()))
    click.echo(f"{done.seen} payments, refunds and disputes at Stripe since {since:%Y-%m-%d}.")
    click.echo(f"{done.moved_on} known ones have moved on. {done.found} not known here were found.")
    if done.open:
        click.echo(f"{done.open} wait to be decided about: Office, Money, Payments to look at.")
        sys.exit(1)
    click.echo("Nothing waits to be decided about.")


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
    with reading_app().app_context():
        from pos.core.database.base import reading
        from pos.reports.books.ledger_agreement import compare
        from pos.reports.exporters import write_csv, write_xlsx
        from pos.reports.period import one_moment
        from pos.reports.sales.sales_export import (
            lines_sheet,
            sales_sheet,
            tax_sheet,
            totals_sheet,
        )
        from pos.reports.sales.sales_totals import by_day, totals

        scope, session = scope_of(location, from_text, to_text), reading()
        one_moment(session)
        days = by_day(session, scope)
        sheet = lines_sheet(session, scope) if items else sales_sheet(session, scope)
        if kind == "csv":
            write_out(output, lambda file: write_csv(sheet, file))
        else:
            sums = totals(scope, days)
            write_out(output, lambda file: write_xlsx([sheet, totals_sheet(sums), tax_sheet(sums)], file))
        agreement = compare(session, scope, days)
    if not agreement.holds:
        click.echo(f"{len(agreement.differences)} figures do not agree with the ledger. Run pos verify.", err=True)
        sys.exit(1)


@report.command("tax")
@_days
def report_tax(from_text: str, to_text: str, location: str | None, output: Path | None) -> None:
    """What moved tax and revenue on some days, by event and rate: sales, refunds, late cancels, expiry and the rest.

    Exit code 1 when it does not agree with the ledger.
    """
    with app().app_context():
        from pos.core.database.base import reading
        from pos.reports.books.ledger_agreement import compare
        from pos.reports.exporters import write_csv
        from pos.reports.period import one_moment
        from pos.reports.sales.sales_export import tax_sheet
        from pos.reports.sales.sales_totals import by_day, totals

        scope, session = scope_of(location, from_text, to_text), reading()
        one_moment(session)
        days = by_day(session, scope)
        write_out(output, lambda file: write_csv(tax_sheet(totals(scope, days)), file))
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
    with reading_app().app_context():
        from pos.core.database.base import reading
        from pos.reports.books.rollforward import liability_sheet, roll_forward
        from pos.reports.exporters import write_csv
        from pos.reports.period import one_moment

        scope = scope_of(location, from_text, to_text)
        one_moment(reading())
        rolls = roll_forward(reading(), scope)
        write_out(output, lambda file: write_csv(liability_sheet(rolls), file))
    if any(found.recognised_early for found in rolls):
        click.echo(f"{scope.to_on.isoformat()} has not come yet. These are the figures of today.", err=True)
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
    with reading_app().app_context():
        from pos.core.database.base import reading
        from pos.reports.books.journal import journal_sheet
        from pos.reports.exporters import write_csv
        from pos.reports.period import one_moment

        scope = scope_of(location, from_text, to_text)
        one_moment(reading())
        write_out(output, lambda file: write_csv(journal_sheet(reading(), scope), file))
