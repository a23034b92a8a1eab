"""A merge while something is done for the merged record: nothing is lost, and with the guard off credit is left behind."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from pos.domain.credits.statement import lots_held
from pos.domain.receipts.repository import of_client
from pos.domain.stored_value import wallet
from pos.domain.stored_value.wallet import account_balance
from pos.services.checkout import ring_up as use_case
from pos.services.client_records.merge_clients import merge_clients
from tests.concurrency.test_desks import is_postgresql
from tests.support.barrier import race
from tests.support.books import book_floats
from tests.support.client_actions import broken, goodwill, merge_of
from tests.support.clinic import Clinic, line


class Meeting:
    """One action stops half-way until the merge is over, or until it is plain that the merge waits for it."""

    def __init__(self) -> None:
        self.half_way, self.merged = threading.Event(), threading.Event()

    def stop_in(self, monkeypatch: pytest.MonkeyPatch, module: Any, name: str) -> None:
        """Stop after the first call of a function."""
        inner = getattr(module, name)

        def stopping(*args: Any, **kwargs: Any) -> Any:
            found = inner(*args, **kwargs)
            if not self.half_way.is_set():
                self.half_way.set()
                self.merged.wait(2)
            return found

        monkeypatch.setattr(module, name, stopping)

    def run(self, clinic: Clinic, action: Callable[[], Any]) -> list[Any]:
        """The action, and the merge of Ben into Ana that begins once it is half-way."""
        command = merge_of(clinic, clinic.ana, clinic.ben)

        def merge() -> None:
            assert self.half_way.wait(30)
            with clinic.app.app_context():
                merge_clients(command)
            self.merged.set()

        return race(action, merge)


def test_merge_while_merged_client_is_rung_up_keeps_the_sale_and_the_package(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    book_floats(clinic)
    clinic.buy("three", clinic.ben)
    sale = clinic.command(line("trigger_60"), line("five"), client=clinic.ben)
    meeting = Meeting()
    meeting.stop_in(monkeypatch, use_case, "price_request")
    outcomes = meeting.run(clinic, partial(clinic.ring_up, sale))
    assert not [one for one in outcomes if isinstance(one, BaseException)]
    with clinic.read() as session:
        assert len(of_client(session, clinic.ana)) == 2
        assert sum(lot.remaining for lot in lots_held(session, clinic.ana)) == 2 + 5
    assert broken(clinic) == {}


def credited(clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    book_floats(clinic)
    goodwill(clinic, clinic.ben, 5_00)
    meeting = Meeting()
    meeting.stop_in(monkeypatch, wallet, "remaining_key")
    return meeting.run(clinic, partial(goodwill, clinic, clinic.ben, 20_00))


def test_merge_while_merged_client_is_credited_waits_and_takes_it_along(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    outcomes = credited(clinic, monkeypatch)
    assert not [one for one in outcomes if isinstance(one, BaseException)]
    with clinic.read() as session:
        assert account_balance(session, clinic.ana, clinic.usd.location_id) == 25_00
    assert broken(clinic) == {}


def test_merge_while_merged_client_is_credited_without_the_lock_leaves_it_behind(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: which record remains is read without keeping it so."""
    if not is_postgresql(clinic):
        pytest.skip("SQLite lets one writer in at a time")
    inner = wallet.remaining_key
    monkeypatch.setattr(wallet, "remaining_key", lambda session, client_id, **_: inner(session, client_id))
    credited(clinic, monkeypatch)
    assert set(broken(clinic)) == {"client_merges_credit"}
