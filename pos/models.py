"""Every table of the application, imported once so that the metadata is complete."""

from __future__ import annotations

import pos.core.audit
import pos.core.database.change_log
import pos.core.database.day_totals
import pos.core.mail
import pos.core.outbox
import pos.domain.appointments.models
import pos.domain.bookkeeping.models
import pos.domain.catalogue.models
import pos.domain.clients.models
import pos.domain.credits.models
import pos.domain.displays.models
import pos.domain.disputes.models
import pos.domain.ledger.models
import pos.domain.locations.models
import pos.domain.offline_sales.models
import pos.domain.operations.models
import pos.domain.payments.models
import pos.domain.payouts.models
import pos.domain.promotions.models
import pos.domain.receipts.credit_note_models
import pos.domain.receipts.models
import pos.domain.refunds.models
import pos.domain.sales.models
import pos.domain.saved_views.models
import pos.domain.staff.models
import pos.domain.stock.models
import pos.domain.stored_value.models
import pos.domain.till.models
import pos.domain.tips.models
from pos.core.database.base import Base
from pos.core.database.history import Kept, declare

metadata = Base.metadata

# What is history: rows are added, never changed or removed. Triggers in both databases refuse anything else.
APPEND_ONLY = (
    "account_credit_moves",
    "audit_events",
    "cash_movements",
    "change_log",
    "closings",
    "credit_moves",
    "credit_note_files",
    "credit_notes",
    "dispute_steps",
    "withdrawal_consents",
    "gift_card_moves",
    "journal_entries",
    "journal_exports",
    "location_logos",
    "offline_sales",
    "lot_extensions",
    "instalments",
    "payout_allocations",
    "postings",
    "receipt_files",
    "receipt_prints",
    "receipts",
    "redemption_reversals",
    "redemptions",
    "refund_lines",
    "refunds",
    "sale_lines",
    "sales",
    "stock_moves",
    "tax_exemptions",
    "tenders",
    "tip_allocations",
    "webhook_events",
    "z_reports",
)


_FIXED, _CHANGES = Kept(), Kept(changes=True)


def _but(*columns: str) -> Kept:
    return Kept(changes=True, without=frozenset(columns))


# Of which tables every row is recorded as a digest, so that `pos verify` finds what was changed by hand. Left out are
# counters that other checks prove from the moves, and what a client may ask to have erased;
# tests/integration/reports/planted.py has the reason for each column. The journal has a chain of its own.
HISTORY = {
    "account_credit_moves": _FIXED,
    "account_credits": _but("balance_minor", "held_minor", "seq"),
    "approvals": _but("used_at"),
    "audit_events": _FIXED,
    "balance_imports": _CHANGES,
    "cash_movements": _FIXED,
    "client_merges": _but("before"),
    "closings": _FIXED,
    "credit_lots": _but(
        "remaining", "held", "redeemed", "burned", "removed", "seq", "recognised_minor", "tax_due_minor",
        "second_tax_due_minor", "breakage_minor", "held_by_order_id",
    ),
    "credit_moves": _FIXED,
    "credit_note_files": _FIXED,
    "credit_notes": _FIXED,
    "dispute_evidence": _CHANGES,
    "dispute_steps": _FIXED,
    "disputes": _CHANGES,
    "drawers": _CHANGES,
    "withdrawal_consents": _FIXED,
    "gift_card_moves": _FIXED,
    "gift_cards": _but("balance_minor", "held_minor", "seq", "to_name", "to_email", "message"),
    "visit_conversions": _CHANGES,
    "location_logos": _FIXED,
    "offline_sales": _FIXED,
    "journal_exports": _FIXED,
    "lot_extensions": _FIXED,
    "lot_freezes": _CHANGES,
    "lot_items": _FIXED,
    "lot_shares": _but("used"),
    "orders": _but("buyer"),
    "instalments": _FIXED,
    "payment_attempts": _but("reader_actions", "changed_at", "session_url", "sentence", "reason_code"),
    "payout_allocations": _FIXED,
    "promo_uses": _CHANGES,
    "purchased_packages": _CHANGES,
    "receipt_files": _FIXED,
    "receipt_prints": _FIXED,
    "receipts": _FIXED,
    "redemption_reversals": _FIXED,
    "redemptions": _FIXED,
    "refund_lines": _FIXED,
    "refund_parts": _CHANGES,
    "refunds": _FIXED,
    "sale_lines": _FIXED,
    "sale_refund_totals": _CHANGES,
    "sales": _FIXED,
    "shifts": _CHANGES,
    "safety_stops": _CHANGES,
    "balance_transactions": _CHANGES,
    "stock_moves": _FIXED,
    "stripe_payouts": _CHANGES,
    "unmatched_transactions": _but("about"),
    "tax_exemptions": _FIXED,
    "tender_refund_totals": _CHANGES,
    "tenders": _FIXED,
    "tip_allocations": _FIXED,
    "unmatched_refunds": _CHANGES,
    "z_reports": _FIXED,
}  # fmt: skip

declare(metadata, HISTORY)
