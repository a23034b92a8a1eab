"""Every piece of an installation, one after the other; one that is broken does not keep the others from being looked at."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from pos.core.config import Settings
from pos.core.database.base import engine_for_a_while, reading_url, sqlite_file
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
    yield ok("settings", "Every setting can be used.")
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
        yield look_at("Stripe", "PAYMENTS_MODE is off: no cards are taken.")
    elif found is None:
        yield look_at("Stripe", "Not asked, because the database is not well.")
    else:
        yield in_app(stripe)


def _database(settings: Settings, newest: str) -> tuple[Finding, datetime | None, Figures | None]:
    """The database; its clock where it may be another machine's; what waits in it where it can be asked."""
    file = sqlite_file(settings.database_url)
    if file is not None and not (file.is_file() and file.stat().st_size):
        return broken("database", f"There is no database at {file}: look at INSTANCE_DIR and DATABASE_URL."), None, None
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
                words = f"Its tables are at {revision}, those of this version at {newest}: run pos migrate."
                return broken("database", f"{kind}. {words}"), at, None
            with Session(engine) as session:
                found = figures(session)
    except SQLAlchemyError as error:
        why = str(error).splitlines()[0][:200]
        return broken("database", f"The database cannot be asked ({why}): look at DATABASE_URL."), None, None
    return ok("database", f"{kind}, {(size or 0) / 1e6:.0f} MB, tables at {revision}."), at, found


def outbox(found: Figures) -> Finding:
    """Whether the worker works, by how long messages have been waiting for it."""
    lag = timedelta(seconds=found.outbox_lag_seconds)
    if lag > _STANDS:
        minutes = int(lag.total_seconds() // 60)
        return broken("worker", f"{found.outbox_backlog} messages wait, one for {minutes} minutes: start pos worker.")
    if lag > _LAGS:
        return look_at("worker", f"{found.outbox_backlog} messages wait, one for {lag.total_seconds():.0f} seconds.")
    if found.dead_letters:
        return look_at("worker", f"{found.dead_letters} messages were given up: Office, Settings, Messages.")
    return ok("worker", "No message waits for the worker.")


def backups(settings: Settings) -> Finding:
    """Whether the worker's backups are made."""
    if settings.backup_dir is None:
        return look_at("backups", "BACKUP_DIR is not set: the worker keeps no backups, so run pos backup every day.")
    if (why := backup_problem(settings)) is not None:
        return broken("backups", str(why))
    last = last_backup(settings)
    return ok("backups", f"The last one is {last.file if last else ''}.")


def stripe() -> Finding:
    """Whether the key works, and Stripe's messages come here in the version we know."""
    found = stripe_setup.look()
    if found.account is None or found.problem is not None:
        return broken("Stripe", str(found.problem))
    own = next((one for one in found.endpoints if one.url == stripe_setup.hook_url() and one.enabled), None)
    if own is None:
        return look_at(
            "Stripe", f"The key works, and no webhook endpoint points to {stripe_setup.hook_url()}:"
            " make it in Office, Settings, Card payments.",
        )  # fmt: skip
    if own.api_version != API_VERSION or own.lacks():
        return look_at("Stripe", f"The webhook endpoint speaks {own.api_version}, we {API_VERSION}: make it anew.")
    return ok("Stripe", f"The key works ({found.account.account_id}) and messages arrive at {own.url}.")
