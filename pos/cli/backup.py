"""Commands that keep the installation's data safe: backup and restore."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from pos.cli.common import Bar, main, or_stop, refused, say_database, settings_or_stop
from pos.core.errors import NotConfigured

if TYPE_CHECKING:
    from pos.services.backup.manifest import Manifest
    from pos.services.backup.restore_backup import Tables


def _print_heads(manifest: Manifest) -> None:
    for head in manifest.heads:
        click.echo(f"head   {head.location}={head.hash} ({head.entries} entries)")


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
    click.echo(f"Backed up to {target.absolute()} ({target.stat().st_size / 1e6:.1f} MB).")
    if settings.secret_key_given:
        click.echo("SECRET_KEY comes from the environment and is not in the file: keep it yourself.", err=True)


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
        raise click.UsageError("Say either --verify or --in-place; --replace goes with --in-place.")
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
    click.echo(
        f"Backup of {manifest.made_at:%Y-%m-%d %H:%M} UTC by version {manifest.version}: every checksum is right and all"
        f" {checked.checks} checks hold."
    )
    if only_verify:
        click.echo("Nothing was changed.")
        return
    if done.kept:
        click.echo(f"What was here before is kept as {done.kept}.")
    if done.key == "put back":
        click.echo("The installation's key was put back too.")
    elif done.key == "other than SECRET_KEY":
        click.echo("SECRET_KEY is not the key of this backup: everybody signs in again.", err=True)
    elif done.key == "not in the backup":
        click.echo("The backup holds no key: set the SECRET_KEY of its day, or everybody signs in again.", err=True)
    click.echo(
        f"The backup is in place. Start the application, then: pos reconcile --since {manifest.made_at:%Y-%m-%d}"
    )
