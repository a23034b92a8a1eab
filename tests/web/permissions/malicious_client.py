"""Browsers that somebody else writes for, and what their answers must look like."""

from __future__ import annotations

import json
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.support.clinic import Clinic
from tests.web.permissions.full_app import browser, form_token
from tests.web.permissions.permission_fixtures import PermissionFixtures

API = "/register/api"
KEY = "01900000-0000-7000-8000-000000000000"
LONG = "x" * 10_000
STRANGE = "A\x00n\ud800a\u202e\x1b[31m"


class Hostile:
    """A signed-in receptionist whose browser somebody else writes for."""

    def __init__(self, fixtures: PermissionFixtures) -> None:
        self.world = fixtures.clinic
        self.web: FlaskClient = browser(self.world, desk=self.world.receptionist, office=self.world.owner)
        self.token = form_token(self.web)

    def send(
        self, method: str, path: str, body: Any = None, *, raw: bytes | None = None, **headers: str
    ) -> TestResponse:
        """Send JSON as written, `ensure_ascii` so that half a surrogate pair travels as an escape."""
        data = json.dumps(body).encode() if raw is None else raw
        given_ = {"X-CSRFToken": self.token, "Content-Type": "application/json"} | {
            name.replace("_", "-"): value for name, value in headers.items()
        }
        return self.web.open(f"{API}{path}", method=method, data=data, headers=given_)


def with_cookie(world: Clinic, path: str, name: str, value: str) -> TestResponse:
    """Ask with one cookie exactly as written; the client's own jar would replace the header."""
    return world.app.test_client(use_cookies=False).get(path, headers={"Cookie": f"{name}={value}"})


def assert_refused(answer: TestResponse, *, json_: bool, about: object) -> None:
    """A 4xx with a sentence and without anything of our insides."""
    assert 400 <= answer.status_code < 500, (about, answer.status_code, answer.data[:300])
    assert b"Traceback" not in answer.data, about
    assert b"sqlalchemy" not in answer.data.lower(), about
    if json_:
        assert answer.content_type == "application/problem+json", about
        assert answer.get_json()["title"].endswith("."), about
    else:
        assert answer.content_type.startswith("text/html"), about
