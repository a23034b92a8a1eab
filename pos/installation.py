"""An installation opened: its settings and its database, without pages. Commands need no more."""

from __future__ import annotations

from functools import partial

from flask import Flask
from sqlalchemy import select

import pos.models  # noqa: F401  (declares which tables are history)
from pos.core.app_context import attach
from pos.core.config import Settings
from pos.core.database.address import keep_private, normal_url, reading_url
from pos.core.database.base import db, engine, engine_options, prepare_engine
from pos.core.errors import NotConfigured
from pos.core.messages.installation import DATABASE_IS_SIMULATED
from pos.domain.payments.models import PaymentAttempt
from pos.migrations.runner import migrate, require_current, require_file
from pos.services.backup.before_migration import copy_before_migration
from pos.services.integrity.restored_copy import require_newest


def _refuse_simulated_history(settings: Settings) -> None:
    """Real money must not be mixed with a history of simulated payments."""
    if settings.payments.mode != "live":
        return
    if db.session.scalar(select(PaymentAttempt.id).where(PaymentAttempt.mode == "simulator").limit(1)):
        raise NotConfigured(
            DATABASE_IS_SIMULATED,
            field="PAYMENTS_MODE",
        )


def open_installation(app: Flask, settings: Settings, *, existing: bool = False, reading_only: bool = False) -> None:
    """Give an application its settings and its database, brought up to date; NotConfigured where it must not start.

    `existing`: a database that is not there is refused, not made. `reading_only`: nothing is made or migrated at all, so
    that a copy without write permission can be looked at.
    """
    if existing or reading_only:
        require_file(settings.database_url)
    attach(app, settings)
    url = normal_url(settings.database_url)
    if reading_only:
        url = reading_url(url)
    else:
        keep_private(url, settings.instance_dir)
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SQLALCHEMY_DATABASE_URI=url,
        SQLALCHEMY_ENGINE_OPTIONS=engine_options(url),
    )
    db.init_app(app)
    with app.app_context():
        prepare_engine(engine())
        if reading_only:
            require_current(engine())
            return
        migrate(engine(), settings.instance_dir, partial(copy_before_migration, settings))
        _refuse_simulated_history(settings)
        require_newest()
        db.session.remove()


def command_app(settings: Settings, *, existing: bool = False, reading_only: bool = False) -> Flask:
    """An application for a command: `open_installation` and no pages."""
    app = Flask("pos", static_folder=None, template_folder=None)
    open_installation(app, settings, existing=existing, reading_only=reading_only)
    return app
