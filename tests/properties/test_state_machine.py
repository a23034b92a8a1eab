"""Hundreds of steps of a clinic that does anything, thousands in the long run; `make torture` walks further."""

from __future__ import annotations

import os
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.properties.state_machine import ClinicMachine

STEPS = int(os.environ.get("TORTURE_STEPS", "200"))
SEED = int(os.environ.get("TORTURE_SEED", "1"))
# Of each life.
MOVES = 60


def _begin() -> None:
    ClinicMachine.steps = 0
    ClinicMachine.accepted.clear()
    ClinicMachine.refused.clear()


def _live(template: Path, number: int, *, lives: int, steps: int) -> None:
    """Some lives of so many steps, the same ones for a number."""
    ClinicMachine.template = template
    run_state_machine_as_test(
        seed(number)(ClinicMachine),
        settings=settings(
            max_examples=lives,
            stateful_step_count=steps,
            deadline=None,
            phases=(Phase.generate,),  # a life that fails is told whole: making it shorter takes longer than reading it
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.long
@pytest.mark.parametrize("seed", [11_000, 12_000, 13_000, 14_000])
def test_figures_200_histories_agree_with_ledger_and_raw_rows(sqlite_template: Path, seed: int) -> None:
    """At the end of each life pages, papers, files and ledger say the same, and so do sums of the raw rows. That the checks
    hold after each step is the other test's subject."""
    with patch.object(ClinicMachine, "each_step", False):
        _live(sqlite_template, seed, lives=50, steps=25)


@pytest.mark.parametrize(
    ("steps", "first_seed"), [(STEPS, SEED * 1000 + 1), pytest.param(1_800, 7_000, marks=pytest.mark.long)]
)
def test_clinic_random_actions_keep_all_checks_holding(sqlite_template: Path, steps: int, first_seed: int) -> None:
    _begin()
    while ClinicMachine.steps < steps:
        # The first life of each call is the one in which least happens.
        _live(sqlite_template, first_seed, lives=-(-(steps - ClinicMachine.steps) // MOVES), steps=MOVES)
        first_seed += 1
    # A machine whose actions are all refused would prove nothing.
    wanted = {"package", "visit", "burn", "reverse", "transfer", "share", "freeze", "expire", "refund package", "void"}
    wanted |= {"later part", "look back"}
    assert wanted <= ClinicMachine.accepted.keys(), ClinicMachine.refused
