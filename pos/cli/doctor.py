"""`pos doctor`: is everything there that this installation needs?"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable

import click

from pos.cli.common import main, reading_app, say_database
from pos.cli.language import told
from pos.core.config import INSTANCE, read_settings
from pos.core.errors import NotConfigured
from pos.core.messages.command.doctor import PIECE_SETTINGS
from pos.core.messages.command.general import FIELD_SAYS
from pos.services.diagnosis.findings import STATE_WORDS, Finding, broken


@main.command()
@click.option("--json", "as_json", is_flag=True, help="For a program: a list of piece, state and sentence.")
def doctor(as_json: bool) -> None:
    """Look at settings, folder, database, disk, backups, worker, PDF, mail, clock and Stripe; say each in a sentence.

    Nothing is changed, no mail is sent, no money moves. Exit code 1 when something is broken.
    """
    findings = []
    for one in _findings():
        findings.append(one)
        if not as_json:
            click.echo(f"{told(STATE_WORDS[one.state]):8} {told(FIELD_SAYS(field=one.piece, sentence=one.sentence))}")
    if as_json:
        rows = [{"piece": one.piece, "state": one.state.value, "sentence": told(one.sentence)} for one in findings]
        click.echo(json.dumps(rows, indent=2))
    sys.exit(int(any(one.state.name == "BROKEN" for one in findings)))


def _findings() -> list[Finding]:
    try:
        settings = read_settings(os.environ, instance_dir=INSTANCE, keep_secret=False)
    except NotConfigured as error:
        return [broken(PIECE_SETTINGS, FIELD_SAYS(field=error.field, sentence=error.sentence))]
    say_database(settings.database_url)
    import pos.models  # noqa: F401  (every table, for what waits)
    from pos.migrations.runner import newest
    from pos.services.diagnosis.doctor import examine

    def in_app(ask: Callable[[], Finding]) -> Finding:
        with reading_app().app_context():
            return ask()

    return list(examine(settings, newest(), in_app))
