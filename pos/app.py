"""The application factory: settings in, a WSGI application out."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import Flask, Request
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import URLSafeTimedSerializer

from pos.core.app_context import running
from pos.core.config import INSTANCE, Settings, read_settings
from pos.core.database.base import db
from pos.installation import open_installation
from pos.integrations.stripe.call_gate import brief_calls
from pos.migrations.runner import newest
from pos.services.documents.renderer import render_pool
from pos.web.common.compression import CompressedFiles
from pos.web.common.error_handlers import init_problems
from pos.web.common.permissions import check_every_route_is_guarded
from pos.web.common.security import csrf, init_security
from pos.web.common.template_context import STATIC, init_pages, static_prefix
from pos.web.dev_mailbox.views import bp as mailbox
from pos.web.office.routes import bp as office
from pos.web.register.routes import bp as register
from pos.web.setup.gate import init_setup_gate
from pos.web.setup.views import bp as setup
from pos.web.shop.routes import bp as shop
from pos.web.webhooks import visits  # noqa: F401  (imported for its route)
from pos.web.webhooks.health import REVISION
from pos.web.webhooks.health import bp as health
from pos.web.webhooks.metrics import bp as metrics
from pos.web.webhooks.stripe import bp as hooks
from pos.worker import start_thread

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_A_YEAR = 31_536_000


class _Request(Request):
    @property
    def want_form_data_parsed(self) -> bool:
        """A body of JSON holds no form; looking for one in it cost each request of a desk a fiftieth of its time."""
        return not self.is_json and super().want_form_data_parsed


class _FormSessions(SecureCookieSessionInterface):
    """The cookie behind the form tokens, read with one serializer: the key stays the same while the process runs."""

    # The same function as Flask's, which finds it anew at each call; OpenSSL then does the whole of a signature.
    digest_method = staticmethod(hashlib.sha1)
    _made: tuple[object, URLSafeTimedSerializer | None] = (None, None)

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        key, serializer = self._made
        if key is None or key != app.secret_key:
            serializer = super().get_signing_serializer(app)
            self._made = (app.secret_key, serializer)
        return serializer


class _Application(Flask):
    request_class = _Request

    def __init__(self) -> None:
        super().__init__("pos", static_folder=None, template_folder=str(Path(__file__).parent / "templates"))
        self.session_interface = _FormSessions()

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """No view or hook here is a coroutine; asking each of them at each request cost a hundredth of a sale."""
        return func


def _serve_static(app: Flask) -> None:
    """Files under /static are served before Flask is asked; their addresses change with their content."""
    files = CompressedFiles(app.wsgi_app, max_age=_A_YEAR, allow_all_origins=False)
    files.add_files(str(STATIC), prefix=static_prefix().strip("/") + "/")
    app.wsgi_app = files  # type: ignore[method-assign]  # Flask documents wrapping it this way


def _limit_stripe_timeouts(app: Flask) -> None:
    """While a request waits for Stripe its thread serves nobody else, so requests ask once and briefly."""
    answer = app.wsgi_app

    def briefly(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        with brief_calls():
            return answer(environ, start_response)

    app.wsgi_app = briefly  # type: ignore[method-assign]  # Flask documents wrapping it this way


def create_app(settings: Settings | None = None) -> Flask:
    """Build the application with all its faces, bring its database up to date and refuse to start on a wrong setting
    (NotConfigured)."""
    settings = settings or read_settings(os.environ, instance_dir=INSTANCE)
    app = _Application()
    open_installation(app, settings)
    with app.app_context():
        running().helpers[REVISION] = newest()
        init_security(app)
        init_pages(app)
        init_problems(app)
        init_setup_gate(app)
        for face in (shop, register, office, setup, hooks, metrics, health):
            app.register_blueprint(face)
        csrf.exempt(hooks)  # Stripe signs its messages; it has no form of ours
        if settings.mailbox:
            app.register_blueprint(mailbox)
        check_every_route_is_guarded(app)
        db.session.remove()
    _limit_stripe_timeouts(app)
    _serve_static(app)
    if settings.worker_thread:
        with app.app_context():
            render_pool().warm()
            running().helpers["worker"] = start_thread(app)
    return app
