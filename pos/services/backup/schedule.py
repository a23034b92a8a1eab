"""The backups that the worker keeps by itself: one a day at BACKUP_AT into BACKUP_DIR, old ones removed."""

from __future__ import annotations

import fcntl
import logging
import os
import threading
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from pos.core import clock
from pos.core.app_context import settings
from pos.core.config import Settings
from pos.core.errors import PosError
from pos.core.files import replace_privately
from pos.core.i18n.message import Message
from pos.core.messages.installation import BACKUP_FAILED, BACKUP_NEVER, BACKUP_OLD
from pos.services.backup.archive import PARTIAL
from pos.services.backup.make_backup import make_backup, usual_name
from pos.services.backup.retention import kept, moment_of

log = logging.getLogger(__name__)
STATE = "last_backup.json"
# A day, and time enough for one that took long.
TOO_OLD = timedelta(hours=26)
RETRY = timedelta(hours=1)


class LastBackup(msgspec.Struct, frozen=True):
    """The last try: when, what it wrote or why it failed, and when the last one succeeded."""

    tried_at: datetime
    file: str | None = None
    error: str | None = None
    succeeded_at: datetime | None = None


def last_backup(installation: Settings) -> LastBackup | None:
    """What the worker noted of its last backup; None before the first one."""
    try:
        return msgspec.json.decode((installation.instance_dir / STATE).read_bytes(), type=LastBackup)
    except (OSError, msgspec.DecodeError):
        return None


def _note(installation: Settings, last: LastBackup) -> None:
    replace_privately(installation.instance_dir / STATE, msgspec.json.encode(last))


def is_due(now: datetime, hour: int, zone: ZoneInfo, last: LastBackup | None) -> bool:
    """Whether the hour of today, or of yesterday before it, has no backup yet; one that failed is due again in an hour."""
    if last is None:
        return True
    if last.error is not None:
        return now - last.tried_at >= RETRY
    local = now.astimezone(zone)
    at = local.replace(hour=hour, minute=0, second=0, microsecond=0)
    if at > local:
        at = (at - timedelta(days=1)).replace(fold=0)
    return last.tried_at < at


def backup_problem(installation: Settings) -> Message | None:
    """What is wrong with the backups the worker keeps, as a sentence; None where all is well or none are wanted."""
    if installation.backup_dir is None:
        return None
    last = last_backup(installation)
    if last is None:
        return BACKUP_NEVER(folder=installation.backup_dir)
    if last.error is not None:
        return BACKUP_FAILED(at=last.tried_at, why=last.error)
    if last.succeeded_at is None or clock.now() - last.succeeded_at > TOO_OLD:
        return BACKUP_OLD(at=last.succeeded_at or last.tried_at)
    return None


@dataclass(frozen=True)
class Backups:
    """The backups the worker keeps: whether it is to keep any, when the last one succeeded, and what is wrong."""

    wanted: bool
    last_at: datetime | None
    problem: Message | None


def backups_now() -> Backups:
    """How the backups of the running application stand."""
    here = settings()
    last = last_backup(here)
    return Backups(here.backup_dir is not None, last.succeeded_at if last else None, backup_problem(here))


def back_up_if_due(installation: Settings, zone: ZoneInfo) -> LastBackup | None:
    """Make the backup that is due and remove those that are no longer kept; None where none is due or another process
    is at it. A failure is noted and logged, and tried again in an hour."""
    folder = installation.backup_dir
    if folder is None or not is_due(clock.now(), installation.backup_hour, zone, last_backup(installation)):
        return None
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        return _failed(installation, f"{folder}: {error.strerror}")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if not is_due(clock.now(), installation.backup_hour, zone, last_backup(installation)):
            return None
        return _back_up(installation, folder, zone)
    except BlockingIOError:
        return None
    finally:
        os.close(handle)


def _back_up(installation: Settings, folder: Path, zone: ZoneInfo) -> LastBackup:
    for left_over in folder.glob(f".*{PARTIAL}"):  # of a process that was killed: we hold the lock
        left_over.unlink(missing_ok=True)
    now, file = clock.now(), folder / usual_name()
    try:
        make_backup(installation, file)
    except PosError as error:
        return _failed(installation, str(error.sentence))
    except Exception as error:  # the worker goes on, whatever a disk does
        log.exception("the backup failed")
        return _failed(installation, type(error).__name__)
    done = LastBackup(now, str(file), succeeded_at=now)
    _note(installation, done)
    prune(folder, zone)
    log.info("backed up to %s", file)
    return done


def prune(folder: Path, zone: ZoneInfo) -> None:
    """Remove the backups of the schedule that are no longer kept; other files in the folder are left alone."""
    names = [path.name for path in folder.iterdir() if moment_of(path.name)]
    keep = kept(names, clock.now().astimezone(zone).date())
    for name in names:
        if name not in keep:
            with suppress(OSError):
                (folder / name).unlink()


def _failed(installation: Settings, why: str) -> LastBackup:
    before = last_backup(installation)
    failed = LastBackup(clock.now(), error=why, succeeded_at=before.succeeded_at if before else None)
    with suppress(OSError):
        _note(installation, failed)
    log.error("the backup failed: %s", why)
    return failed


_running = threading.Lock()


def start_if_due(installation: Settings, zone: ZoneInfo) -> threading.Thread | None:
    """`back_up_if_due` in a thread of its own, so that mails and webhooks do not wait for it; None where none is due."""
    if installation.backup_dir is None or not is_due(
        clock.now(), installation.backup_hour, zone, last_backup(installation)
    ):
        return None
    if not _running.acquire(blocking=False):
        return None

    def work() -> None:
        try:
            back_up_if_due(installation, zone)
        finally:
            _running.release()

    thread = threading.Thread(target=work, name="backup", daemon=True)
    thread.start()
    return thread
