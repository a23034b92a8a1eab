"""What takes real money knows no simulator: it is not loaded, cannot be loaded, is not started and leaves no history."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.cards import CARDS, take_cards
from tests.support.clinic import Clinic, line

OFF: dict[str, str] = {}
TEST = {"PAYMENTS_MODE": "test", "STRIPE_SECRET_KEY": "sk_test_1", "STRIPE_WEBHOOK_SECRET": "whsec_1"}
LIVE = TEST | {"PAYMENTS_MODE": "live", "STRIPE_SECRET_KEY": "sk_live_1", "BASE_URL": "https://pos.example.org"}

BOOT = """
import pkgutil, sys
from pos.app import create_app
from pos.integrations.stripe.current import gateway
app = create_app()
with app.app_context():
    if app.extensions["tenderpoint"].settings.payments.on:
        gateway()
import pos.cli, pos.worker
loaded = [name for name in sys.modules if name.startswith("pos.dev.stripe_simulator")]
sys.exit(f"loaded: {loaded}" if loaded else 0)
"""


def run(folder: Path, env: dict[str, str], *command: str) -> subprocess.CompletedProcess[str]:
    told = {name: value for name, value in os.environ.items() if not name.startswith(("STRIPE_", "PAYMENTS_"))}
    told |= {"INSTANCE_DIR": str(folder), "WORKER_THREAD": "off", **env}
    return subprocess.run([sys.executable, *command], env=told, capture_output=True, text=True, check=False)


# Live mode is what a clinic runs; the long run starts the others too.
@pytest.mark.parametrize(
    "env",
    [
        pytest.param(OFF, id="off", marks=pytest.mark.long),
        pytest.param(TEST, id="test", marks=pytest.mark.long),
        pytest.param(LIVE, id="live"),
    ],
)
def test_simulator_other_payments_mode_is_not_loaded_at_boot(env: dict[str, str], tmp_path: Path) -> None:
    told = run(tmp_path, env, "-c", BOOT)
    assert told.returncode == 0, told.stderr


@pytest.mark.parametrize("env", [{"PAYMENTS_MODE": "off"}, TEST, LIVE], ids=["off", "test", "live"])
def test_simulator_other_payments_mode_cannot_be_imported(env: dict[str, str], tmp_path: Path) -> None:
    for module in (
        "pos.dev.stripe_simulator",
        "pos.dev.stripe_simulator.wsgi",
        "pos.dev.stripe_simulator.contract.types",
    ):
        told = run(tmp_path, env, "-c", f"import {module}")
        assert told.returncode != 0
        assert "the simulated Stripe does not exist here" in told.stderr


@pytest.mark.parametrize("env", [TEST, LIVE], ids=["test", "live"])
def test_simulator_command_other_payments_mode_explains_refusal(env: dict[str, str], tmp_path: Path) -> None:
    told = run(tmp_path, env, "-m", "pos.cli", "simulator", "--port", "0")
    assert told.returncode == 2
    assert told.stderr == (
        f"PAYMENTS_MODE is {env['PAYMENTS_MODE']}, so there is no simulated Stripe here. Unset it to start one.\n"
    )


@CARDS
def test_live_mode_database_with_simulated_payments_is_refused(clinic: Clinic, database: str, tmp_path: Path) -> None:
    live = LIVE | {"DATABASE_URL": database}
    assert run(tmp_path, live, "-m", "pos.cli", "migrate").returncode == 0
    with take_cards(clinic) as till:
        till.charge(till.command(till.ticket(line("trigger_60"))))
    for command in (["-m", "pos.cli", "migrate"], ["-c", "from pos.serve import served_app; served_app()"]):
        told = run(tmp_path, live, *command)
        assert told.returncode != 0
        assert told.stderr == (
            "PAYMENTS_MODE: This database holds simulated payments, so PAYMENTS_MODE=live cannot open it. "
            "Start with a fresh one.\n"
        )
