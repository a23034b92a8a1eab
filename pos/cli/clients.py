"""Commands for clients: taking all that is kept of one."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import click

from pos.cli.common import app, main, or_stop, write_out


@main.group("clients")
def clients() -> None:
    """What is kept of clients."""


@clients.command("export")
@click.argument("client_id", type=click.UUID)
@click.option("--out", type=click.Path(path_type=Path), help="Where to write it; standard output without it.")
def export_client(client_id: UUID, out: Path | None) -> None:
    """Write all that is kept of one person as JSON. The key stands in the address of the client's page in the office.

    The log says that it was taken. docs/rules.md lists what is in it.
    """
    with app().app_context():
        from pos.core.database.base import reading
        from pos.reports.clients.kept_data import write_kept_data
        from pos.services.client_records.note_export import note_export

        or_stop(lambda: note_export(client_id=client_id, what="json"))
        write_out(out, lambda file: write_kept_data(reading(), client_id, file))
