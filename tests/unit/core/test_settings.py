"""Settings: every forbidden configuration has its own sentence and names the variable to mend."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from click.testing import CliRunner

from pos.cli import main
from pos.core.config import SIMULATOR_KEY, read_settings
from pos.core.errors import NotConfigured

HOOK = {"STRIPE_WEBHOOK_SECRET": "whsec_one"}
SIMULATOR = {
    "PAYMENTS_MODE": "simulator",
    "STRIPE_SECRET_KEY": SIMULATOR_KEY + "1",
    "STRIPE_API_BASE": "http://127.0.0.1:12111",
    **HOOK,
}
TEST = {"PAYMENTS_MODE": "test", "STRIPE_SECRET_KEY": "sk_test_1", **HOOK}
LIVE = {"PAYMENTS_MODE": "live", "STRIPE_SECRET_KEY": "rk_live_1", "BASE_URL": "https://pos.example.org", **HOOK}

FORBIDDEN: list[tuple[dict[str, str], str, str]] = [
    ({"PAYMENTS_MODE": "on"}, "PAYMENTS_MODE", "must be one of: off, simulator, test, live"),
    ({"STRIPE_API_BASE": "http://127.0.0.1:1"}, "STRIPE_API_BASE", "only when PAYMENTS_MODE is simulator"),
    (TEST | {"STRIPE_API_BASE": "http://127.0.0.1:1"}, "STRIPE_API_BASE", "only when PAYMENTS_MODE is simulator"),
    (LIVE | {"STRIPE_API_BASE": "http://127.0.0.1:1"}, "STRIPE_API_BASE", "only when PAYMENTS_MODE is simulator"),
    (TEST | {"STRIPE_SECRET_KEY": SIMULATOR_KEY + "1"}, "STRIPE_SECRET_KEY", "is a simulator key"),
    (LIVE | {"STRIPE_SECRET_KEY": SIMULATOR_KEY + "1"}, "STRIPE_SECRET_KEY", "is a simulator key"),
    (SIMULATOR | {"STRIPE_API_BASE": ""}, "STRIPE_API_BASE", "must name it"),
    (SIMULATOR | {"STRIPE_API_BASE": "https://api.example.org"}, "STRIPE_API_BASE", "must be on this machine"),
    (SIMULATOR | {"STRIPE_API_BASE": "http://127.0.0.1.example.org"}, "STRIPE_API_BASE", "must be on this machine"),
    ({"STRIPE_SECRET_KEY": SIMULATOR_KEY + "1"}, "STRIPE_SECRET_KEY", "is a simulator key"),
    (SIMULATOR | {"STRIPE_API_BASE": "ftp://127.0.0.1:1"}, "STRIPE_API_BASE", "must look like http://127.0.0.1"),
    (SIMULATOR | {"STRIPE_API_BASE": "http://127.0.0.1:1/v1"}, "STRIPE_API_BASE", "without a path"),
    (SIMULATOR | {"STRIPE_SECRET_KEY": "sk_live_1"}, "STRIPE_SECRET_KEY", f"must start with {SIMULATOR_KEY}"),
    (SIMULATOR | {"STRIPE_WEBHOOK_SECRET": ""}, "STRIPE_WEBHOOK_SECRET", "is missing"),
    (LIVE | {"STRIPE_WEBHOOK_SECRET": ""}, "STRIPE_WEBHOOK_SECRET", "is missing"),
    (LIVE | {"STRIPE_SECRET_KEY": ""}, "STRIPE_SECRET_KEY", "must start with sk_live_ or rk_live_"),
    (SIMULATOR | {"STRIPE_SECRET_KEY": "sk_test_1"}, "STRIPE_SECRET_KEY", f"must start with {SIMULATOR_KEY}"),
    (TEST | {"STRIPE_SECRET_KEY": "sk_live_1"}, "STRIPE_SECRET_KEY", "must start with sk_test_ or rk_test_"),
    (TEST | {"STRIPE_SECRET_KEY": ""}, "STRIPE_SECRET_KEY", "must start with sk_test_ or rk_test_"),
    (LIVE | {"STRIPE_SECRET_KEY": "sk_test_1"}, "STRIPE_SECRET_KEY", "must start with sk_live_ or rk_live_"),
    (TEST | {"STRIPE_WEBHOOK_SECRET": ""}, "STRIPE_WEBHOOK_SECRET", "is missing"),
    (TEST | {"STRIPE_WEBHOOK_SECRET": "secret"}, "STRIPE_WEBHOOK_SECRET", "must start with whsec_"),
    (TEST | {"STRIPE_WEBHOOK_SECRET": "whsec_1,oops"}, "STRIPE_WEBHOOK_SECRET", "must start with whsec_"),
    (LIVE | {"BASE_URL": "http://pos.example.org"}, "BASE_URL", "must start with https://"),
    ({"BASE_URL": "pos.example.org"}, "BASE_URL", "must look like https://"),
    ({"BASE_URL": "https://pos.example.org/till"}, "BASE_URL", "without a path"),
    ({"BASE_URL": "ftp://pos.example.org"}, "BASE_URL", "must look like https://"),
    ({"MAIL_URL": "mail.example.org"}, "MAIL_URL", "must start with smtp:// or smtps://"),
    ({"MAILBOX": "yes"}, "MAILBOX", "must be one of: on, off"),
    ({"MAILBOX": "on", "BASE_URL": "https://pos.example.org"}, "MAILBOX", "only while BASE_URL is on this machine"),
    ({"SECRET_KEY": "short"}, "SECRET_KEY", "at least 32 characters"),
    ({"METRICS_TOKEN": "short"}, "METRICS_TOKEN", "at least 16 characters"),
    ({"TRUSTED_PROXIES": "one"}, "TRUSTED_PROXIES", "must be a whole number"),
    ({"WORKER_THREAD": "maybe"}, "WORKER_THREAD", "must be one of: on, off"),
]


@pytest.mark.parametrize(
    ("env", "name", "sentence"), FORBIDDEN, ids=[f"{n}-{i}" for i, (_, n, _) in enumerate(FORBIDDEN)]
)
def test_settings_forbidden_value_is_refused_with_its_name(
    env: dict[str, str], name: str, sentence: str, tmp_path: Path
) -> None:
    with pytest.raises(NotConfigured) as refused:
        read_settings(env, instance_dir=tmp_path)
    assert refused.value.field == name
    assert name in refused.value.sentence
    assert sentence in refused.value.sentence


@pytest.mark.parametrize("command", ["serve", "worker", "migrate"])
@pytest.mark.parametrize(
    ("env", "name", "sentence"), FORBIDDEN, ids=[f"{n}-{i}" for i, (_, n, _) in enumerate(FORBIDDEN)]
)
def test_settings_forbidden_value_stops_every_command_at_start(
    command: str, env: dict[str, str], name: str, sentence: str, tmp_path: Path
) -> None:
    told = CliRunner().invoke(main, [command], env={**env, "INSTANCE_DIR": str(tmp_path)})
    assert told.exit_code == 2
    assert told.stderr.startswith(f"{name}: ")
    assert sentence in told.stderr
    assert told.stderr.count("\n") == 1, "one sentence, no stack trace"
    assert not list(tmp_path.glob("*.sqlite3")), "and no database was made"


@pytest.mark.parametrize("env", [{}, SIMULATOR, TEST, LIVE], ids=["off", "simulator", "test", "live"])
def test_settings_every_payments_mode_can_be_configured(env: dict[str, str], tmp_path: Path) -> None:
    settings = read_settings(env, instance_dir=tmp_path)
    assert settings.payments.mode == env.get("PAYMENTS_MODE", "off")
    assert settings.payments.on == bool(env)
    assert settings.secure == (env is LIVE)


def test_settings_empty_use_sqlite_file_and_own_secret(tmp_path: Path) -> None:
    first = read_settings({}, instance_dir=tmp_path / "instance")
    again = read_settings({}, instance_dir=tmp_path / "instance")
    assert first.database_url == f"sqlite:///{tmp_path / 'instance' / 'tenderpoint.sqlite3'}"
    assert first.secret_key == again.secret_key
    assert len(first.secret_key) >= 32
    assert stat.S_IMODE((tmp_path / "instance" / "secret_key").stat().st_mode) == 0o600
    assert first.secret_key != read_settings({}, instance_dir=tmp_path / "elsewhere").secret_key


def test_settings_two_webhook_secrets_are_read(tmp_path: Path) -> None:
    settings = read_settings(TEST | {"STRIPE_WEBHOOK_SECRET": "whsec_new, whsec_old"}, instance_dir=tmp_path)
    assert settings.payments.webhook_secrets == ("whsec_new", "whsec_old")


def test_settings_printed_hide_secrets(tmp_path: Path) -> None:
    env = TEST | {"STRIPE_SECRET_KEY": "sk_test_canary", "SECRET_KEY": "canary" * 6}
    assert "canary" not in repr(read_settings(env, instance_dir=tmp_path))
