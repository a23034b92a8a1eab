"""The file of a month: asked for by a person, made by the worker in short steps, kept for some days, then removed.

The worker carries mails and webhooks too, so a step ends after a few seconds and puts the next one into the outbox. What is
made so far lies beside, in the installation's folder: the list of documents, and the archive that each step adds to.
"""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID
from zipfile import BadZipFile, ZipFile

import msgspec
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from invoices.errors import PaperError
from pos.core import audit, clock, outbox
from pos.core.app_context import settings
from pos.core.database.base import reading
from pos.core.database.storage_errors import storage_problem
from pos.core.database.unit_of_work import unit_of_work
from pos.core.errors import Conflict, Invalid, PosError
from pos.core.ids import new_id
from pos.core.messages.books import (
    MONTH_FILE_FAILED,
    MONTH_FILE_GONE,
    MONTH_FILE_INTERRUPTED,
    MONTH_FILE_NOT_READY,
    MONTH_IS_BEING_MADE,
    MONTH_TO_COME,
)
from pos.domain.bookkeeping.models import MonthFile
from pos.domain.locations.models import Location
from pos.domain.locations.queries import Place, place
from pos.services.bookkeeping.month_contents import Paper, add_paper, add_tables, papers

log = logging.getLogger(__name__)

KEPT = timedelta(days=14)
# How long the worker is at it before other messages have their turn.
STEP_SECONDS = 3.0
# A file that is interrupted is begun anew so often; then it has failed.
_MOST_ROUNDS = 3
FOLDER = "month-files"


def _folder() -> Path:
    found = settings().instance_dir / FOLDER
    found.mkdir(mode=0o700, parents=True, exist_ok=True)
    return found


def _part(file_id: UUID) -> Path:
    return _folder() / f"{file_id}.part"


def _list(file_id: UUID) -> Path:
    return _folder() / f"{file_id}.json"


def _whole(file_id: UUID) -> Path:
    return _folder() / f"{file_id}.zip"


def _remove_files(file_id: UUID) -> None:
    for path in (_part(file_id), _list(file_id), _whole(file_id)):
        path.unlink(missing_ok=True)


def month_name(month_on: date, slug: str) -> str:
    """What the file is saved as."""
    return f"month-{slug}-{month_on:%Y-%m}.zip"


@unit_of_work
def make_month_file(session: Session, *, location_id: UUID, staff_id: UUID | None, month_on: date) -> UUID:
    """Have the worker make the file of a month; raises Invalid for one to come, Conflict while it is being made."""
    # Of two who ask at the same moment, the second one sees what the first has begun.
    session.execute(select(Location.id).where(Location.id == location_id).with_for_update())
    where = place(session, location_id)
    if month_on.replace(day=1) > where.today():
        raise Invalid(MONTH_TO_COME, field="month")
    making = select(MonthFile.id).where(
        MonthFile.location_id == where.id, MonthFile.month_on == month_on.replace(day=1), MonthFile.state == "making"
    )
    if session.scalar(making) is not None:
        raise Conflict(MONTH_IS_BEING_MADE)
    row = MonthFile(
        id=new_id(), location_id=where.id, month_on=month_on.replace(day=1), asked_by=staff_id, asked_at=clock.now()
    )
    session.add(row)
    audit.note(
        session, "bookkeeping.month_file", actor_id=staff_id, location_id=where.id, subject_id=row.id,
        month=f"{month_on:%Y-%m}",
    )  # fmt: skip
    _record_step(session, row.id, 0, 1)
    return row.id


def _record_step(session: Session, file_id: UUID, done: int, rounds: int) -> None:
    payload = {"file_id": str(file_id), "done": done, "round": rounds}
    outbox.record(session, "month_file", payload, key=f"month_file:{file_id}:{rounds}:{done}")


def _set_ended(
    session: Session,
    file_id: UUID,
    state: str,
    *,
    failure: str = "",
    facts: Mapping[str, str | int] | None = None,
) -> bool:
    """Let a file that is being made end in a state, with its facts; False when it has ended already."""
    ended = (
        update(MonthFile)
        .where(MonthFile.id == file_id, MonthFile.state == "making")
        .values(state=state, ended_at=clock.now(), failure=failure, **(facts or {}))
    )
    if session.scalar(ended.returning(MonthFile.id)) is None:
        return False
    if state == "ready":
        outbox.record(
            session, "month_file_removal", {"file_id": str(file_id)},
            key=f"month_file_removal:{file_id}", due_at=clock.now() + KEPT,
        )  # fmt: skip
    return True


@unit_of_work
def _end(
    session: Session,
    file_id: UUID,
    state: str,
    *,
    failure: str = "",
    facts: Mapping[str, str | int] | None = None,
) -> bool:
    return _set_ended(session, file_id, state, failure=failure, facts=facts)


@unit_of_work
def _advance(session: Session, file_id: UUID, done: int, total: int, rounds: int) -> None:
    """Say how far it is and put the next step into the outbox, unless it was cancelled."""
    moved = (
        update(MonthFile)
        .where(MonthFile.id == file_id, MonthFile.state == "making")
        .values(done=done, total=total)
        .returning(MonthFile.id)
    )
    if session.scalar(moved) is not None:
        _record_step(session, file_id, done, rounds)


def cancel_month_file(*, file_id: UUID, staff_id: UUID, location_id: UUID) -> bool:
    """Stop making a file; False when it has ended already."""
    ended = _cancel(file_id, staff_id, location_id)
    if ended:
        _remove_files(file_id)
    return ended


@unit_of_work
def _cancel(session: Session, file_id: UUID, staff_id: UUID, location_id: UUID) -> bool:
    if not _set_ended(session, file_id, "cancelled"):
        return False
    audit.note(
        session, "bookkeeping.month_file_cancelled", actor_id=staff_id, location_id=location_id, subject_id=file_id
    )
    return True


def _begin(file_id: UUID, where: Place, month_on: date) -> int:
    """Write the tables and the list of documents; returns how many documents there are."""
    _remove_files(file_id)
    wanted = papers(reading(), where, month_on)
    _list(file_id).write_bytes(msgspec.json.encode(wanted))
    with ZipFile(_part(file_id), "w") as archive:
        add_tables(archive, where, month_on)
    return len(wanted)


def _is_whole(file_id: UUID, done: int) -> bool:
    """Whether the archive has exactly the documents of the steps before."""
    try:
        with ZipFile(_part(file_id)) as archive:
            return sum(name.endswith(".pdf") for name in archive.namelist()) == done and _list(file_id).exists()
    except (OSError, BadZipFile):
        return False


def _add(file_id: UUID, where: Place, done: int) -> tuple[int, int]:
    """Add documents until the step's time is over; returns how many are done, of how many."""
    wanted = msgspec.json.decode(_list(file_id).read_bytes(), type=list[Paper])
    until = time.monotonic() + STEP_SECONDS
    with ZipFile(_part(file_id), "a") as archive:
        while done < len(wanted):
            add_paper(archive, where, wanted[done])
            done += 1
            if time.monotonic() >= until:
                break
    return done, len(wanted)


def _finish(file_id: UUID, total: int) -> None:
    part = _part(file_id)
    with part.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256")
    part.chmod(0o600)
    size = part.stat().st_size
    part.replace(_whole(file_id))
    _list(file_id).unlink(missing_ok=True)
    # How far it is, is said with its end: a worker that is cut off before it leaves a step that can be taken again.
    facts: dict[str, str | int] = {"sha256": digest.hexdigest(), "size": size, "done": total, "total": total}
    if not _end(file_id, "ready", facts=facts):
        _remove_files(file_id)


def _step(file_id: UUID, done: int, rounds: int) -> None:
    row = reading().get(MonthFile, file_id)
    if row is None or row.state != "making":
        _remove_files(file_id)
        return
    if row.done != done:
        return  # this step was taken before
    where, month_on = place(reading(), row.location_id), row.month_on
    if row.total == 0 or not _is_whole(file_id, done):
        if done and rounds >= _MOST_ROUNDS:
            raise Conflict(MONTH_FILE_INTERRUPTED)
        rounds += bool(done)
        done, total = 0, _begin(file_id, where, month_on)
    done, total = _add(file_id, where, done)
    if done < total:
        _advance(file_id, done, total, rounds)
        return
    _finish(file_id, total)


def month_file_step(payload: dict[str, Any]) -> None:
    """Take one step; what goes wrong is kept with the file, for whoever asked for it."""
    file_id = UUID(payload["file_id"])
    failure: str
    try:
        _step(file_id, payload["done"], payload["round"])
        return
    except PosError as error:
        failure = str(error.sentence)
    except PaperError as error:
        failure = str(error)
    except OSError as error:
        problem = storage_problem(error)
        failure = str(problem.sentence if problem else MONTH_FILE_FAILED)
        log.exception("the file of a month %s failed", file_id)
    except Exception:  # the person is told, and asks again; the outbox would try the same for hours
        failure = str(MONTH_FILE_FAILED)
        log.exception("the file of a month %s failed", file_id)
    reading().rollback()
    _end(file_id, "failed", failure=failure[:300])
    _remove_files(file_id)


@unit_of_work
def _mark_removed(session: Session, file_id: UUID) -> None:
    session.execute(
        update(MonthFile).where(MonthFile.id == file_id, MonthFile.state == "ready").values(state="removed")
    )


def remove_month_file(payload: dict[str, Any]) -> None:
    """Remove a file that was kept long enough."""
    file_id = UUID(payload["file_id"])
    _mark_removed(file_id)
    _remove_files(file_id)


def ready_file(row: MonthFile) -> Path:
    """Where a file lies; raises Conflict while it is not ready, and where it was removed."""
    if row.state != "ready":
        raise Conflict(MONTH_FILE_GONE if row.state == "removed" else MONTH_FILE_NOT_READY)
    path = _whole(row.id)
    if not path.exists():
        raise Conflict(MONTH_FILE_GONE)
    return path


def write_month(where: Place, month_on: date, path: Path, progress: Callable[[int, int], None]) -> int:
    """Write the file of a month at once, for the command line; returns how many documents it holds."""
    beside = path.with_name(f"{path.name}.part")
    wanted = papers(reading(), where, month_on)
    try:
        with ZipFile(beside, "w") as archive:
            add_tables(archive, where, month_on)
            for done, paper in enumerate(wanted, start=1):
                add_paper(archive, where, paper)
                progress(done, len(wanted))
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
    return len(wanted)
