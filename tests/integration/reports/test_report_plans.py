"""A report of a month reads no table of history from end to end; what is owed at its end is read from its own tables."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from itertools import islice

import pytest

from pos.core.paging.window import Window
from pos.domain.locations.queries import places
from pos.domain.staff.models import CommissionRule
from pos.reports.listed import reports
from pos.reports.period import Scope
from pos.reports.registry import Summed
from tests.support.clinic import Clinic
from tests.support.query_plans import plans, reads_whole

HISTORY = (
    "sales", "sale_lines", "tenders", "refunds", "refund_lines", "refund_parts", "receipts", "credit_notes", "postings",
    "journal_entries", "tip_allocations", "credit_moves", "redemptions", "redemption_reversals", "cash_movements",
    "account_credit_moves",
)  # fmt: skip
OF_A_MONTH = (
    "tips", "tip-lines", "tips-paid-out", "commissions", "commission-lines", "sales-by-tender", "average-ticket",
    "add-ons", "visit-lines", "new-clients", "treated-clients", "clients", "renewals", "credit-moves",
    "packages-used-up", "breakage",
    "expiring-credits", "drawers", "cash-movements", "receipts", "refunds", "card-fees", "card-lines", "payouts",
    "trial-balance", "events-to-review", "discounts", "overrides",
)  # fmt: skip


# A row asked for by its key has no key when its plan is asked for.
@pytest.mark.filterwarnings("ignore:Bound parameter")
@pytest.mark.parametrize("name", OF_A_MONTH)
def test_report_of_a_month_reads_no_history_whole(books: Clinic, name: str) -> None:
    rule = {"from_on": date(2026, 1, 1), "visit_percent": Decimal(40), "sale_percent": Decimal(10)}
    books.write(lambda session: session.add(CommissionRule(staff_id=books.therapist.id, **rule)))
    with books.read() as session:
        scope = Scope(places(session), date(2026, 6, 1), date(2026, 6, 30))
        found = reports()[name]
        with plans(session) as steps:
            read = found.rows(session, scope)
            list(islice(iter(read), 51))
            if isinstance(read, Summed):
                list(read.sums())
            if found.keyed:
                page = list(found.keyed.rows(session, scope, Window(51)))
                list(found.keyed.rows(session, scope, Window(51, page[-1][0]))) if page else None
            found.remarks_on(session, scope)
        is_hashed = name == "events-to-review" and session.get_bind().dialect.name == "postgresql"
    assert steps
    # Of a table as small as here PostgreSQL makes a hash for the EXISTS beside an OR, and reads it for that.
    assert reads_whole(steps, *(table for table in HISTORY if not (is_hashed and table == "sale_lines"))) == []
