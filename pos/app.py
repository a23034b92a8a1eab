"""The application factory: settings in, a WSGI application out."""

from __future__ import annotations

import os
from pathlib import Path

from flask import Flask

from pos.kernel.db import db, engine, engine_options, normal_url, prepare_engine
from pos.kernel.running import attach
from pos.kernel.settings import Settings, read_settings
from pos.schema import migrate

INSTANCE = Path("instance")


def create_app(settings: Settings | None = None) -> Flask:
    """Build the application, bring its database up to date and refuse to start on a wrong setting (NotConfigured)."""
    settings = settings or read_settings(os.environ, instance_dir=INSTANCE)
    app = Flask("pos", static_folder=None, template_folder=str(Path(__file__).parent / "templates"))
    attach(app, settings)
    url = normal_url(settings.database_url)
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SQLALCHEMY_DATABASE_URI=url,
        SQLALCHEMY_ENGINE_OPTIONS=engine_options(url),
    )
    db.init_app(app)
    with app.app_context():
        prepare_engine(engine())
        migrate(engine(), settings.instance_dir)
    return app
