"""Sums made in a file are given back with it."""

from __future__ import annotations

import gc
import sqlite3

import pytest

from pos.core.errors import StorageUnavailable
from pos.core.messages.installation import DISK_FULL
from pos.reports.analysis.scratch import Scratch


def test_scratch_rows_written_are_added_up() -> None:
    scratch = Scratch("CREATE TABLE days (client TEXT, net INT)")
    scratch.write("INSERT INTO days VALUES (?, ?)", ((f"{number % 1000}", number) for number in range(100_000)))
    sums = scratch.read("SELECT client, sum(net) FROM days GROUP BY client")
    assert dict(sums) == {f"{one}": sum(range(one, 100_000, 1000)) for one in range(1000)}


def test_scratch_nobody_holds_is_closed_without_a_collection() -> None:
    scratch = Scratch("CREATE TABLE days (client TEXT)")
    scratch.write("INSERT INTO days VALUES (?)", [("a",)])
    connection = scratch._sql
    gc.disable()
    try:
        del scratch
        with pytest.raises(sqlite3.ProgrammingError):
            connection.execute("SELECT * FROM days")
    finally:
        gc.enable()


def test_scratch_without_room_says_that_the_disk_is_full() -> None:
    scratch = Scratch("PRAGMA max_page_count = 10; CREATE TABLE days (client TEXT)")
    with pytest.raises(StorageUnavailable) as refused:
        scratch.write("INSERT INTO days VALUES (?)", (("0" * 1000,) for _ in range(1000)))
    assert refused.value.sentence == DISK_FULL
