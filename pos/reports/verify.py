"""`pos verify`: the invariants of the books, each asked of the database; what breaks one is named by its first bad row."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from uuid import UUID

from msgspec import MsgspecError
from sqlalchemy.orm import Session

from pos.core.i18n.message import Message
from pos.core.messages.kept.book_checks import ROW_NOT_READABLE
from pos.domain.locations.models import Location
from pos.reports.invariants.base import Check, CheckScope
from pos.reports.invariants.books import (
    closings,
    day_totals,
    documents,
    history,
    ledger,
    receipts,
)
from pos.reports.invariants.packages import (
    client_merges,
    credits,
    deferred_tax_and_breakage,
    instalments,
    stock,
    stored_value,
    visit_conversions,
)
from pos.reports.invariants.payments import (
    offline_sales,
    orders,
    payments,
    promotions,
    refunds,
    stripe_balance,
    tips,
    unmatched,
)
from pos.reports.period import one_moment

Progress = Callable[[int, int], None]
log = logging.getLogger(__name__)
# What a row raises that holds something else than this program writes.
_UNREADABLE = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError, MsgspecError)

CHECKS: tuple[Check, ...] = (
    *ledger.CHECKS,
    *history.CHECKS,
    *deferred_tax_and_breakage.CHECKS,
    *payments.CHECKS,
    *orders.CHECKS,
    *credits.CHECKS,
    *receipts.CHECKS,
    *documents.CHECKS,
    *refunds.CHECKS,
    *visit_conversions.CHECKS,
    *instalments.CHECKS,
    *closings.CHECKS,
    *day_totals.CHECKS,
    *stored_value.CHECKS,
    *client_merges.CHECKS,
    *promotions.CHECKS,
    *offline_sales.CHECKS,
    *stock.CHECKS,
    *stripe_balance.CHECKS,
    *tips.CHECKS,
    *unmatched.CHECKS,
)


@dataclass(frozen=True)
class CheckResult:
    """One invariant: in words, over how many rows, how many of them break it, and the first of these; whether that stops
    cards and credits."""

    key: str
    words: Message
    examined: int
    bad: int
    first: Message | None
    stops: bool = True

    @property
    def holds(self) -> bool:
        """Whether nothing breaks it."""
        return self.bad == 0


def _breaks(check: Check, look: CheckScope) -> tuple[int, Message | None]:
    """How many rows break a check, and the first of them.

    A row that cannot be read breaks it: a key without its number, a text where a document should be. If it raised, the other
    checks would go unmade, and nothing would be stopped for what they find. Errors of the database are raised.
    """
    bad, first = 0, None
    try:
        for sentence in check.breaks(look):
            bad += 1
            first = first or sentence
    except _UNREADABLE as error:
        log.exception("check %s meets a row that cannot be read", check.key)
        return bad + 1, first or ROW_NOT_READABLE(error=type(error).__name__)
    return bad, first


def verify(
    session: Session,
    progress: Progress | None = None,
    *,
    location_ids: frozenset[UUID] | None = None,
    expected_heads: Mapping[UUID, str] | None = None,
) -> list[CheckResult]:
    """Check every invariant at some locations, or at all; reads one moment, ends what the session read before.

    `expected_heads` are hashes seen earlier (on paper, in a backup): each must still be in its location's chain, so that a
    chain whose end was cut off does not pass. `progress` hears steps done and steps to do.
    """
    one_moment(session)
    look = CheckScope(session, location_ids, dict(expected_heads or {}))
    results = []
    for done, check in enumerate(CHECKS):
        if progress:
            progress(done, len(CHECKS))
        bad, first = _breaks(check, look)
        words = Message(check.key, check.words)
        results.append(CheckResult(check.key, words, check.examined(look), bad, first, check.stops))
    if progress:
        progress(len(CHECKS), len(CHECKS))
    return results


def heads(session: Session, location_ids: frozenset[UUID] | None = None) -> list[tuple[Location, int, str]]:
    """The head of each location's chain: the location, its number of entries, the hash to keep."""
    return ledger.heads(CheckScope(session, location_ids, {}))
