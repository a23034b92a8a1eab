"""How a dispute may move, and what each of its states means for the money. Pure."""

from __future__ import annotations

# Stripe's states in the order a dispute goes through them. News of an earlier one than is known comes late.
_PLACE = {
    "warning_needs_response": 1,
    "warning_under_review": 2,
    "needs_response": 3,
    "under_review": 4,
    "prevented": 5,
    "warning_closed": 5,
    "lost": 5,
    "appeal_needs_response": 6,
    "appeal_under_review": 7,
    "won": 8,
}
STATUSES = tuple(_PLACE)
STEPS = ("opened", "won", "dropped", "lost", "recovered")

# The bank only asks: no money has moved yet, and a refund settles it.
INQUIRIES = ("warning_needs_response", "warning_under_review")
# The money is taken, the outcome open: credits rest and refunds are refused.
CONTESTED = ("needs_response", "under_review", "appeal_needs_response", "appeal_under_review")
OPEN = (*INQUIRIES, *CONTESTED)
ANSWERABLE = ("warning_needs_response", "needs_response", "appeal_needs_response")
# States in which the money is, or has been, taken.
TAKEN = (*CONTESTED, "won", "lost")


def is_news(known: str | None, fetched: str) -> bool:
    """Whether a state is the known one or a later one."""
    return known is None or _PLACE[fetched] >= _PLACE[known]


def closing(status: str, done: frozenset[str]) -> str | None:
    """The step that a state asks for once a dispute is decided, None where there is none or it was done."""
    if status == "lost":
        return None if "lost" in done else "lost"
    if status == "won":
        step = "recovered" if "lost" in done else "won"
    elif status in ("prevented", "warning_closed"):
        step = "dropped"
    else:
        return None
    return None if done & {"won", "dropped", "recovered"} else step
