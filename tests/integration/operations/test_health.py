"""`/healthz` and `/readyz`: two words for a supervisor, whoever asks, however often, and nothing in the log."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from pos.core.app_context import running
from pos.reports import readiness
from pos.web.webhooks import health
from tests.support.clinic import Clinic


def test_health_and_readiness_answer_anybody(clinic: Clinic) -> None:
    web = clinic.app.test_client()
    for path in ("/healthz", "/readyz"):
        answer = web.get(path)
        assert (answer.status_code, answer.text, answer.headers["Cache-Control"]) == (200, "ok\n", "no-store")
        assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_readiness_without_database_is_no_and_health_is_yes(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def away() -> Any:
        raise OperationalError("connect", None, Exception("password=secret"))

    monkeypatch.setattr(readiness, "reading_connection", away)
    web = clinic.app.test_client()
    answer = web.get("/readyz")
    assert (answer.status_code, answer.text) == (503, "the database does not answer\n")
    assert web.get("/healthz").status_code == 200
    assert caplog.text == ""


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_readiness_with_tables_of_another_version_is_no(clinic: Clinic) -> None:
    with clinic.app.app_context():
        running().helpers[health.REVISION] = "9999"
    assert clinic.app.test_client().get("/readyz").status_code == 503


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_health_is_not_limited(clinic: Clinic) -> None:
    web = clinic.app.test_client()
    assert {web.get("/healthz").status_code for _ in range(300)} == {200}
