"""Every piece of an installation, one after the other; one that is broken does not keep the others from being looked at."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from pos.core.config import Settings
from pos.core.database.address import reading_url, sqlite_file
from pos.core.database.base import engine_for_a_while
from pos.core.messages.command import doctor as words
from pos.integrations.stripe.types import API_VERSION
from pos.reports.queues import Figures, figures
from pos.services.backup.schedule import backup_problem, last_backup
from pos.services.diagnosis import machine
from pos.services.diagnosis.findings import Finding, broken, look_at, ok
from pos.services.payments import stripe_setup

_LAGS, _STANDS = timedelta(minutes=2), timedelta(minutes=15)


def examine(settings: Settings, newest: str, in_app: Callable[[Callable[[], Finding]], Finding]) -> Iterator[Finding]:
    """Look at each piece. `newest` is the revision of this version's tables; `in_app` runs a question to Stripe in the
    context of the application, which needs a database that is well."""
    yield ok(words.PIECE_SETTINGS, words.SETTINGS_USABLE)
    yield from machine.folder(settings)
    database, at, found = _database(settings, newest)
    yield database
    yield from machine.room(settings)
    yield from machine.programs(settings)
    yield backups(settings)
    if found is not None:
        yield outbox(found)
    yield machine.paper()
    yield machine.mail(settings)
    yield machine.times(settings, at)
    if not settings.payments.on:
        yield look_at(words.PIECE_STRIPE, words.STRIPE_OFF)
    elif found is None:
        yield look_at(words.PIECE_STRIPE, words.STRIPE_NOT_ASKED)
    else:
        yield in_app(stripe)


def _database(settings: Settings, newest: str) -> tuple[Finding, datetime | None, Figures | None]:
    """The database; its clock where it may be another machine's; what waits in it where it can be asked."""
    file = sqlite_file(settings.database_url)
    if file is not None and not (file.is_file() and file.stat().st_size):
        return broken(words.PIECE_DATABASE, words.DATABASE_NOT_AT(file=file)), None, None
    try:
        with engine_for_a_while(reading_url(settings.database_url)) as engine:
            with engine.connect() as connection:
                revision = connection.scalar(text("SELECT version_num FROM alembic_version"))
                at = size = None
                if file is None:
                    at = connection.scalar(text("SELECT clock_timestamp()"))
                    size = connection.scalar(text("SELECT pg_database_size(current_database())"))
                    kind = f"PostgreSQL {connection.scalar(text('SHOW server_version'))}"
                else:
                    size = file.stat().st_size
                    kind = f"SQLite {connection.scalar(text('SELECT sqlite_version()'))}"
            if revision != newest:
                other = words.DATABASE_TABLES_OTHER(kind=kind, revision=revision, newest=newest)
                return broken(words.PIECE_DATABASE, other), at, None
            with Session(engine) as session:
                found = figures(session)
    except SQLAlchemyError as error:
        why = str(error).splitlines()[0][:200]
        return broken(words.PIECE_DATABASE, words.DATABASE_NOT_ASKED(why=why)), None, None
    well = words.DATABASE_WELL(kind=kind, size=f"{(size or 0) / 1e6:.0f}", revision=revision)
    return ok(words.PIECE_DATABASE, well), at, found


def outbox(found: Figures) -> Finding:
    """Whether the worker works, by how long messages have been waiting for it."""
    lag = timedelta(seconds=found.outbox_lag_seconds)
    waiting = words.WORKER_MESSAGES(count=found.outbox_backlog)
    if lag > _STANDS:
        minutes = int(lag.total_seconds() // 60)
        return broken(words.PIECE_WORKER, words.WORKER_STANDS(messages=waiting, count=minutes))
    if lag > _LAGS:
        return look_at(words.PIECE_WORKER, words.WORKER_LAGS(messages=waiting, count=round(lag.total_seconds())))
    if found.dead_letters:
        return look_at(words.PIECE_WORKER, words.WORKER_GAVE_UP(count=found.dead_letters))
    return ok(words.PIECE_WORKER, words.WORKER_WELL)


def backups(settings: Settings) -> Finding:
    """Whether the worker's backups are made."""
    if settings.backup_dir is None:
        return look_at(words.PIECE_BACKUPS, words.BACKUPS_NOT_KEPT)
    if (why := backup_problem(settings)) is not None:
        return broken(words.PIECE_BACKUPS, why)
    last = last_backup(settings)
    return ok(words.PIECE_BACKUPS, words.BACKUP_LAST(file=last.file if last else ""))


def stripe() -> Finding:
    """Whether the key works, and Stripe's messages come here in the version we know."""
    found = stripe_setup.look()
    if found.problem is not None:
        return broken(words.PIECE_STRIPE, found.problem)
    assert found.account is not None
    own = next((one for one in found.endpoints if one.url == stripe_setup.hook_url() and one.enabled), None)
    if own is None:
        return look_at(words.PIECE_STRIPE, words.STRIPE_NO_ENDPOINT(url=stripe_setup.hook_url()))
    if own.api_version != API_VERSION or own.lacks():
        return look_at(words.PIECE_STRIPE, words.STRIPE_ENDPOINT_OTHER(version=own.api_version, ours=API_VERSION))
    return ok(words.PIECE_STRIPE, words.STRIPE_WELL(account=found.account.account_id, url=own.url))
