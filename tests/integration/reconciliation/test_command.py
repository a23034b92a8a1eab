"""`pos reconcile`: plain lines in a pipe, and an exit code that says whether anything waits."""

from __future__ import annotations

from datetime import timedelta

import pytest
from click.testing import CliRunner

from pos import cli
from pos.core import clock
from tests.integration.reconciliation.conftest import PostPaymentCase
from tests.integration.reconciliation.test_reconcile import decided, elsewhere
from tests.support.cards import CARDS

pytestmark = [CARDS, pytest.mark.parametrize("database", ["sqlite"], indirect=True)]


def test_reconcile_command_fails_until_unmatched_payment_is_decided(
    case: PostPaymentCase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cli.books, "app", lambda: case.clinic.app)
    strange = elsewhere(case)
    since = (clock.now() - timedelta(days=1)).date().isoformat()

    def run() -> tuple[int, str]:
        done = CliRunner().invoke(cli.main, ["reconcile", "--since", since])
        return done.exit_code, done.output

    code, said = run()
    assert (code, "\r" in said) == (1, False)  # in a pipe nothing is written over
    assert "1 not known here were found." in said
    assert "1 waits to be decided about" in said
    decided(case, strange, "explain")
    assert run()[0] == 0

    case.till.stripe.arm("timeout_before", "/v1/payment_intents", method="get")
    code, said = run()
    assert code == 1
    assert "did not give its list" in said
