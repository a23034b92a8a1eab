"""A pytest plugin that adds a kind of tender, as a row of the table and a line of the chart, before anything reads them.

`pytest -p tests.support.bank_transfer tests/web/register/bank_transfer.py` sells with it. The migration that a real kind
has is left out: SQLite is told to ignore the conditions of its tables.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine, event

from pos.domain.ledger import entries
from pos.domain.sales import tender_kinds
from pos.domain.sales.tender_kinds import TenderKind

KIND = TenderKind("bank_transfer", "Bank transfer", "bank_transfers", 5, "By bank transfer", has_reference=True)

tender_kinds.TENDER_KINDS = {**tender_kinds.TENDER_KINDS, KIND.key: KIND}
tender_kinds.RECORDED = tender_kinds.RECORDED | {KIND.key}
tender_kinds.RECEIVED = (*tender_kinds.RECEIVED, KIND.key)
entries.CHART[KIND.account] = ("1020", "Bank transfers")


@event.listens_for(Engine, "connect")
def _ignore_conditions(connection: Any, _record: object) -> None:
    connection.execute("PRAGMA ignore_check_constraints = ON")
