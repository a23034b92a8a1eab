"""What every answer of every face carries: a strict policy, no caching, cookies out of reach of scripts."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from tests.support.cards import Till
from tests.support.clinic import Clinic
from tests.web.permissions.full_app import browser, form_token, open_full_app
from tests.web.permissions.permission_fixtures import PermissionFixtures
from tests.web.permissions.permission_row import Row

pytestmark = [pytest.mark.xdist_group("headers"), pytest.mark.usefixtures("open_drawers")]


@pytest.fixture(scope="module")
def fixtures(shared_till: Till) -> PermissionFixtures:
    return PermissionFixtures(shared_till)


@pytest.fixture(scope="module")
def https(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clinic]:
    """The clinic behind https, as a clinic runs it."""
    folder = tmp_path_factory.mktemp("https")
    shutil.copyfile(sqlite_template, folder / "tenderpoint.sqlite3")
    url = f"sqlite:///{folder / 'tenderpoint.sqlite3'}"
    with open_full_app(url, folder, BASE_URL="https://clinic.example", MAILBOX="off") as till:
        yield till.clinic


def assert_safe(answer: TestResponse, about: object) -> str:
    """The headers every answer has; returns its content policy."""
    found = answer.headers
    policy = found["Content-Security-Policy"]
    assert found["X-Content-Type-Options"] == "nosniff", about
    assert found["Referrer-Policy"] in ("same-origin", "no-referrer"), about  # none where the address is a secret
    assert found["Cache-Control"] == "no-store", about
    assert "Access-Control-Allow-Origin" not in found, about
    assert "default-src 'none'" in policy, about
    assert "script-src" not in policy or re.search(r"script-src 'self'( 'nonce-[\w-]{20,}')?;", policy), about
    assert not re.search(r"script-src[^;]*unsafe|unsafe-eval|https?://\*|\* ", policy), about
    return policy


# Papers and mails carry a style of their own and may load and run nothing at all.
OWN_STYLE = re.compile(
    r"(receipt|statements|credit-note|certificate|evidence|data)\.html|/(x|x/.*|z/.*|closings/.*)\.html|/(r|cn)/<token>$"
    r"|account/receipts/<uuid:sale_id>$|mailbox/.*/html|settings/receipts/preview$"
)


def assert_strict(row: Row, who: str, answer: TestResponse) -> None:
    """What the table's answers have, whoever asks: headers, and a page that runs under its policy."""
    policy = assert_safe(answer, (who, row))
    assert "Strict-Transport-Security" not in answer.headers
    if answer.status_code == 200 and OWN_STYLE.search(row.rule):
        assert "script-src" not in policy
        assert "style-src 'unsafe-inline'" in policy
        assert "connect-src" not in policy
        return
    assert "unsafe-inline" not in policy, (who, row)
    assert "frame-ancestors 'none'; base-uri 'none'; object-src 'none'" in policy, (who, row)
    if answer.mimetype != "text/html" or who not in ("owner", "ana"):  # who see most
        return
    # A policy without unsafe-inline would silently break these.
    for opening in re.findall(r"<script[^>]*>", answer.text):
        assert f'nonce="{_nonce(answer)}"' in opening, (row.rule, opening)
    assert not re.search(r"<[^>]+\son[a-z]+=", answer.text), row.rule
    assert not re.search(r"<[^>]+\sstyle=|<style", answer.text), row.rule
    assert not re.search(r'(src|href)="(https?:)?//', answer.text.replace('href="http://127.0.0.1', "")), row.rule


def _nonce(answer: TestResponse) -> str:
    found = re.search(r"'nonce-([\w-]+)'", answer.headers["Content-Security-Policy"])
    return found.group(1) if found else "none"


def test_security_headers_nonce_is_new_for_each_page(fixtures: PermissionFixtures) -> None:
    web = browser(fixtures.clinic)
    answers = [web.get("/register/sign-in") for _ in range(5)]
    assert len({_nonce(answer) for answer in answers}) == 5
    assert all(f'nonce="{_nonce(answer)}"' in answer.text for answer in answers)


def test_security_headers_of_errors_are_strict(fixtures: PermissionFixtures) -> None:
    web = browser(fixtures.clinic, desk=fixtures.clinic.receptionist)
    large = web.post("/register/sign-in", data={"x": "y" * 1_000_001})
    for answer, status in (
        (web.get("/nowhere"), 404),
        (web.get("/register/api/nowhere"), 404),
        (web.get("/", headers={"Host": "evil.example"}), 400),
        (web.post("/register/sign-in"), 400),
        (web.post("/"), 405),
        (large, 413),
        (web.post("/hooks/stripe"), 400),
    ):
        assert answer.status_code == status
        assert "unsafe-inline" not in assert_safe(answer, status)


def test_page_asked_for_by_other_name_of_this_machine_is_found_at_the_right_one(fixtures: PermissionFixtures) -> None:
    web = browser(fixtures.clinic)
    for host in ("[::1]", "127.0.0.1"):
        answer = web.get("/office/sign-in?next=/office/%3Fa=é", headers={"Host": host})
        assert (answer.status_code, answer.location) == (
            302,
            "http://localhost/office/sign-in?next=/office/%3Fa=%C3%A9",
        )
        assert web.post("/office/sign-in", headers={"Host": host}).status_code == 400
        away = web.get("/", headers={"Host": host}, environ_overrides={"PATH_INFO": "//evil.example/"})
        assert away.location == "http://localhost/evil.example/"


def test_page_asked_for_by_unknown_name_says_the_address(fixtures: PermissionFixtures, https: Clinic) -> None:
    for world, address, hosts in (
        (fixtures.clinic, "http://localhost", ["192.168.1.20", "[", "a:b:c", "127.0.0.1:8000"]),
        # A proxy that hands on its own name for the server: a redirect would come back the same way.
        (https, "https://clinic.example", ["127.0.0.1:8000", "www.clinic.example", ""]),
    ):
        web = world.app.test_client()
        for host in hosts:
            answer = web.get("/office/sign-in", headers={"Host": host})
            assert answer.status_code == 400, host
            assert f"It answers at {address}." in answer.text, host
            assert f'href="{address}/office/"' in answer.text, host
            told = web.get("/register/api/state", headers={"Host": host})
            assert (told.status_code, told.get_json()["code"]) == (400, "unknown_host"), host
            assert address in told.get_json()["title"]


def test_page_at_the_base_url_that_is_not_trusted_is_refused_without_a_loop(
    fixtures: PermissionFixtures, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(fixtures.clinic.app.config, "TRUSTED_HOSTS", ["clinic.local"])
    assert browser(fixtures.clinic).get("/office/sign-in", headers={"Host": "localhost"}).status_code == 400


def test_cookies_are_httponly_samesite_and_secure_on_https(fixtures: PermissionFixtures, https: Clinic) -> None:
    for world, secure in ((fixtures.clinic, False), (https, True)):
        base = "https://clinic.example" if secure else "http://localhost"
        seen = set()
        web = world.app.test_client()
        for path, fields in (
            ("/office/sign-in", {"email": world.owner.email, "password": world.owner.password}),
            ("/office/settings/devices/pair", {"location": world.usd.slug, "label": "Front tablet"}),
            ("/register/sign-in", {"desk": str(world.usd.desk), "pin": world.receptionist.pin}),
        ):
            token = web.get("/register/api/token", base_url=base)
            headers = {"Referer": f"{base}/"}
            data = {"csrf_token": token.get_json()["token"]} | fields
            signed_in = web.post(path, data=data, base_url=base, headers=headers)
            assert signed_in.status_code == 303, signed_in.text
            for cookie in token.headers.getlist("Set-Cookie") + signed_in.headers.getlist("Set-Cookie"):
                seen.add(cookie.partition("=")[0])
                assert "HttpOnly" in cookie, cookie
                assert "SameSite=Lax" in cookie, cookie
                assert ("Secure" in cookie) == secure, cookie
                assert "Domain=" not in cookie, cookie
        assert seen == {"tp_form", "tp_register", "tp_desk", "tp_office", "tp_known", "tp_device"}


def test_security_headers_on_https_include_hsts(https: Clinic) -> None:
    web = https.app.test_client()
    for path in ("/", "/register/sign-in", "/office/sign-in", "/nowhere", "/register/api/state"):
        answer = web.get(path, base_url="https://clinic.example")
        assert answer.headers["Strict-Transport-Security"].startswith("max-age=31536000")
        assert_safe(answer, path)


def test_form_from_other_site_on_https_is_refused(https: Clinic) -> None:
    web = https.app.test_client()
    base = "https://clinic.example"
    token = web.get("/register/api/token", base_url=base).get_json()["token"]
    for referer in (None, "https://evil.example/", "http://clinic.example/", "https://clinic.example.evil.example/"):
        headers = {"Referer": referer} if referer else {}
        data = {"csrf_token": token, "email": https.owner.email, "password": https.owner.password}
        assert web.post("/office/sign-in", data=data, base_url=base, headers=headers).status_code == 400, referer


def test_security_headers_form_action_allows_hosted_checkout_only(fixtures: PermissionFixtures) -> None:
    policy = browser(fixtures.clinic).get("/").headers["Content-Security-Policy"]
    assert re.search(r"form-action 'self' http://127\.0\.0\.1:12111;", policy)


def test_security_headers_of_refused_form_are_strict(fixtures: PermissionFixtures) -> None:
    web = browser(fixtures.clinic)
    wrong = web.post("/office/sign-in", data={"csrf_token": form_token(web), "email": "x", "password": "y"})
    assert wrong.status_code == 422
    assert "unsafe-inline" not in assert_safe(wrong, "/office/sign-in")
