"""Commands that look at the books: checks, what Stripe knows and we do not, reports."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO
from uuid import UUID

import click

from pos.cli.common import (
    Bar,
    RowsSoFar,
    app,
    main,
    only_of,
    or_stop,
    places_of,
    reading_app,
    scope_of,
    write_out,
)
from pos.cli.language import Command, Group, say, told
from pos.core.messages.command import books as words

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from pos.reports.period import Scope
    from pos.reports.registry import Report


_KINDS = ("csv", "xlsx", "pdf", "json")


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
            raise click.BadParameter(told(words.NOT_A_HEAD(typed=text)), param_hint="--expect-head")
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
            about, examined = told(result.words), result.examined
            say(
                words.CHECK_HOLDS(words=about, examined=examined)
                if result.holds
                else words.CHECK_FAILS(words=about, examined=examined)
            )
            if result.first is not None:
                first = told(result.first)
                more = result.bad - 1
                click.echo(f"       {told(words.MORE_BREAK_IT(first=first, more=more)) if more else first}")
        for location, entries, head in heads(reading()):
            say(words.HEAD_OF_BOOKS(location=location.slug, hash=head, count=entries))
    broken = sum(not result.holds for result in results)
    whole = len(results)
    say(words.CHECKS_FAIL(count=broken, all=whole) if broken else words.CHECKS_HOLD(all=whole))
    sys.exit(1 if broken else 0)


@main.command("totals")
@click.option("--again", is_flag=True, help="Forget all totals first, and sum every day anew.")
@click.option("--location", metavar="SLUG", help="One location; all of them without it.")
def sum_past_days(again: bool, location: str | None) -> None:
    """Sum past days, so that reports of them need not read every line; the worker does it every night.

    Reports say the same with and without totals. `pos verify` compares them with the rows. Safe to run while people sell.
    """
    with app().app_context():
        from pos.services.day_totals import sum_again, sum_days

        for place in places_of(location):
            count = (sum_again if again else sum_days)(place, Bar())
            say(words.DAYS_SUMMED(location=place.slug, count=count))


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
    say(words.SEEN_AT_STRIPE(count=done.seen, day=f"{since:%Y-%m-%d}"))
    say(words.MOVED_ON_AND_FOUND(moved_on=done.moved_on, found=done.found))
    if done.open:
        say(words.WAIT_TO_BE_DECIDED(count=done.open))
        sys.exit(1)
    say(words.NOTHING_WAITS)


def _days(command: Callable[..., None]) -> Callable[..., None]:
    """The options every report takes."""
    options = (
        click.option("--from", "from_text", metavar="YYYY-MM-DD", help="First business date."),
        click.option("--to", "to_text", metavar="YYYY-MM-DD", help="Last business date."),
        click.option("--period", metavar="NAME", help="Days by name instead: yesterday, last-month, year-to-date, …"),
        click.option(
            "--location",
            metavar="SLUG",
            help="One location, or a currency for all that have it; all of them without it.",
        ),
        click.option(
            "--output",
            type=click.Path(path_type=Path, dir_okay=False),
            help="File to write; standard output without it.",
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


class _Reports(Group):
    """The declared reports as commands; they are read when one is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        from pos.reports.listed import reports

        return list(reports())

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        from pos.reports.analysis.narrowing import FILTERS
        from pos.reports.comparison.compared import COMPARISON_WORDS
        from pos.reports.listed import reports

        found = reports().get(cmd_name)
        if found is None:
            return None
        about = f"{found.about}\n\nExit code 1 when it does not agree with the ledger."
        command = click.command(cmd_name, cls=Command, help=about)
        kind = click.option("--format", "kind", type=click.Choice(_KINDS), default="csv", show_default=True)
        write = _days(kind(partial(_write_report, cmd_name)))
        if found.by:
            with_what = "; ".join(f"{name}: {said}" for name, said in COMPARISON_WORDS.items())
            write = click.option(
                "--compare", type=click.Choice(list(COMPARISON_WORDS)), help=f"Compare with {with_what}."
            )(write)
        for name in reversed(found.filters):
            label = FILTERS[name][0].lower()
            write = click.option(f"--{name}", name, metavar="NAME", help=f"Only of this: {label}, by name or key.")(
                write
            )
        return command(write)


@main.group(cls=_Reports)
def report() -> None:
    """Reports as files, for people and for the bookkeeper's program."""


def _written(
    found: Report, session: Session, scope: Scope, kind: str, file: BinaryIO, so_far: Callable[[int], None]
) -> int:
    """Write a report as a file of a kind; returns the number of rows."""
    from invoices.errors import PaperError
    from pos.reports.exporters import write_csv, write_xlsx
    from pos.reports.files.json_file import write_json
    from pos.services.documents.declared_reports import as_pdf, report_document

    match kind:
        case "csv":
            return write_csv(found.sheet(session, scope), file, so_far=so_far)
        case "xlsx":
            return write_xlsx(found.sheets(session, scope), file, so_far=so_far)
        case "json":
            return write_json(found, session, scope, file, so_far=so_far)
        case _:
            document = or_stop(lambda: report_document(found, session, scope))
            try:
                file.write(as_pdf(document, scope))
            except PaperError as error:
                say(str(error), err=True)
                sys.exit(1)
            return len(document.sections[0].rows)


def _write_report(
    name: str,
    from_text: str | None,
    to_text: str | None,
    period: str | None,
    location: str | None,
    output: Path | None,
    kind: str,
    compare: str | None = None,
    **filters: str | None,
) -> None:
    """Write one report; what must be said about its figures goes to standard error."""
    if kind in ("xlsx", "pdf") and output is None and sys.stdout.isatty():
        raise click.UsageError(told(words.NOT_FOR_TERMINAL))
    with reading_app().app_context():
        from pos.core.database.base import reading
        from pos.reports.comparison.compared import in_comparison
        from pos.reports.listed import reports
        from pos.reports.period import one_moment

        found = in_comparison(reports()[name], compare or "")
        scope, session = scope_of(location, from_text, to_text, period), reading()
        scope = replace(scope, only=only_of(scope, filters))
        one_moment(session)
        so_far = RowsSoFar()
        try:
            write_out(output, lambda file: _written(found, session, scope, kind, file, so_far))
        finally:
            so_far.end()
        remarks = found.remarks_on(session, scope)
    for remark in remarks:
        say(words.RUN_VERIFY(sentence=remark.sentence) if remark.bad else remark.sentence, err=True)
    if any(remark.bad for remark in remarks):
        sys.exit(1)
