"""Hundreds of steps of a clinic that does anything, thousands in the long run; `make torture` walks further."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.properties.state_machine import ClinicMachine

STEPS = int(os.environ.get("TORTURE_STEPS", "500"))
SEED = int(os.environ.get("TORTURE_SEED", "1"))
LIVES = 5


@pytest.mark.parametrize(
    ("steps", "first_seed"), [(STEPS, SEED * 1000), pytest.param(2_500, 7_000, marks=pytest.mark.long)]
)
def test_clinic_random_actions_keep_all_checks_holding(sqlite_template: Path, steps: int, first_seed: int) -> None:
    ClinicMachine.template = sqlite_template
    ClinicMachine.steps = rounds = 0
    ClinicMachine.accepted.clear()
    ClinicMachine.refused.clear()
    while ClinicMachine.steps < steps:
        machine = seed(first_seed + rounds)(ClinicMachine)
        run_state_machine_as_test(
            machine,
            settings=settings(
                max_examples=LIVES,
                stateful_step_count=60,
                deadline=None,
                phases=(
                    Phase.generate,
                ),  # a life that fails is told whole: making it shorter takes longer than reading it
                database=None,
                suppress_health_check=list(HealthCheck),
            ),
        )
        rounds += 1
    # A machine whose actions are all refused would prove nothing.
    wanted = {"package", "visit", "burn", "reverse", "transfer", "share", "freeze", "expire", "refund package", "void"}
    wanted |= {"later part", "look back"}
    assert wanted <= ClinicMachine.accepted.keys(), ClinicMachine.refused
