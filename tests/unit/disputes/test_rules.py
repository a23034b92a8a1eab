"""How a dispute moves, without a database."""

from __future__ import annotations

from itertools import permutations

import pytest

from pos.domain.disputes.rules import (
    ANSWERABLE,
    CONTESTED,
    INQUIRIES,
    OPEN,
    STATUSES,
    TAKEN,
    closing,
    is_news,
)


def test_dispute_status_moves_forward_only() -> None:
    assert is_news(None, "needs_response")
    for earlier, later in (
        ("warning_needs_response", "warning_under_review"),
        ("warning_under_review", "needs_response"),
        ("needs_response", "under_review"),
        ("under_review", "lost"),
        ("under_review", "prevented"),
        ("warning_under_review", "warning_closed"),
        ("lost", "appeal_needs_response"),
        ("appeal_needs_response", "appeal_under_review"),
        ("appeal_under_review", "won"),
        ("lost", "won"),
    ):
        assert is_news(earlier, later), (earlier, later)
        assert not is_news(later, earlier), (later, earlier)
    assert all(is_news(status, status) for status in STATUSES)
    for ended in permutations(("lost", "prevented", "warning_closed"), 2):
        assert is_news(*ended), ended


def test_dispute_status_groups_are_consistent() -> None:
    assert set(OPEN) == {*INQUIRIES, *CONTESTED}
    assert not set(INQUIRIES) & set(TAKEN)
    assert set(ANSWERABLE) == {status for status in STATUSES if status.endswith("needs_response")}
    assert set(TAKEN) == {*CONTESTED, "won", "lost"}


@pytest.mark.parametrize(
    ("status", "done", "step"),
    [
        ("needs_response", (), None),
        ("appeal_under_review", ("opened", "lost"), None),
        ("appeal_under_review", ("opened",), None),
        ("lost", ("opened",), "lost"),
        ("lost", ("opened", "lost"), None),
        ("won", ("opened",), "won"),
        ("won", ("opened", "won"), None),
        ("won", ("opened", "lost"), "recovered"),
        ("won", ("opened", "lost", "recovered"), None),
        ("prevented", (), "dropped"),
        ("warning_closed", ("opened",), "dropped"),
        ("warning_closed", ("opened", "dropped"), None),
        ("prevented", ("won",), None),
    ],
)
def test_dispute_closing_step_follows_status_and_steps_done(
    status: str, done: tuple[str, ...], step: str | None
) -> None:
    assert closing(status, frozenset(done)) == step
