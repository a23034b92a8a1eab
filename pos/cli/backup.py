"""Commands that keep the installation's data safe: backup and restore."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from pos.cli.common import Bar, main, or_stop, refused, say_database, settings_or_stop
from pos.cli.language import say, told
from pos.core.errors import NotConfigured
from pos.core.messages.command import backup as words
from pos.core.messages.command.books import HEAD_OF_BOOKS
from pos.core.messages.command.general import NOTHING_CHANGED

if TYPE_CHECKING:
    from pos.services.backup.manifest import Manifest
    from pos.services.backup.restore_backup import Tables


def _print_heads(manifest: Manifest) -> None:
    for head in manifest.heads:
        say(HEAD_OF_BOOKS(location=head.location, hash=head.hash, count=head.entries))


@main.command()
@click.argument("file", required=False, type=click.Path(path_type=Path, dir_okay=True))
def backup(file: Path | None) -> None:
    """Back up the database, the installation's key and the mark of the newest books into one file, while sales go on.

    FILE is a new file, or a folder in which the file is named after the moment; without it, BACKUP_DIR or this folder.
    """
    settings = settings_or_stop(keep_secret=False)
    from pos.migrations.runner import require_file
    from pos.services.backup.make_backup import make_backup, usual_name

    try:
        require_file(settings.database_url)
    except NotConfigured as error:
        refused(error)
    target = file or settings.backup_dir or Path()
    if target.is_dir():
        target /= usual_name()
    say_database(settings.database_url)
    manifest = or_stop(lambda: make_backup(settings, target, Bar()))
    _print_heads(manifest)
    say(words.BACKED_UP(file=target.absolute(), size=f"{target.stat().st_size / 1e6:.1f}"))
    if settings.secret_key_given:
        say(words.SECRET_KEY_NOT_BACKED_UP, err=True)


def _tables() -> Tables:
    import pos.models  # noqa: F401  (every table, for the checks)
    from pos.migrations.runner import migrate, revisions
    from pos.services.backup.restore_backup import Tables

    return Tables(tuple(revisions()), migrate)


@main.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--verify", "only_verify", is_flag=True, help="Check the backup in a database beside; change nothing.")
@click.option(
    "--in-place", is_flag=True, help="Check it, then put it in the place of the database. Stop the servers first."
)
@click.option("--replace", is_flag=True, help="With --in-place: also where there is a database; it is kept beside.")
def restore(file: Path, only_verify: bool, in_place: bool, replace: bool) -> None:
    """Restore a backup, or check one: every checksum, then every check of the books, in a database made for it.

    Say --verify or --in-place. After --in-place, cards and credits of a location whose newer books are missing stay
    stopped until `pos reconcile` ran and a manager lets them go on.
    """
    if only_verify == in_place or (replace and not in_place):
        raise click.UsageError(told(words.VERIFY_OR_IN_PLACE))
    settings = settings_or_stop(keep_secret=False)
    from pos.services.backup.restore_backup import restore_in_place, verify_backup

    say_database(settings.database_url)
    if only_verify:
        checked = or_stop(lambda: verify_backup(settings, file, _tables(), Bar()))
    else:
        done = or_stop(lambda: restore_in_place(settings, file, _tables(), replace=replace, progress=Bar()))
        checked = done.checked
    manifest = checked.manifest
    _print_heads(manifest)
    at = f"{manifest.made_at:%Y-%m-%d %H:%M}"
    say(words.BACKUP_IS_RIGHT(at=at, version=manifest.version, all=checked.checks))
    if only_verify:
        say(NOTHING_CHANGED)
        return
    if done.kept:
        say(words.KEPT_FROM_BEFORE(kept=done.kept))
    if done.key == "put back":
        say(words.KEY_PUT_BACK)
    elif done.key == "other than SECRET_KEY":
        say(words.KEY_IS_ANOTHER, err=True)
    elif done.key == "not in the backup":
        say(words.KEY_NOT_IN_BACKUP, err=True)
    say(words.BACKUP_IN_PLACE(day=f"{manifest.made_at:%Y-%m-%d}"))
