"""Every table of the house, imported once so that the metadata is complete."""

from __future__ import annotations

import pos.catalogue.models
import pos.clients.models
import pos.credits.models
import pos.kernel.audit
import pos.kernel.mail
import pos.kernel.outbox
import pos.ledger.models
import pos.locations.models
import pos.payments.dispute_models
import pos.payments.models
import pos.payments.payout_models
import pos.payments.refund_models
import pos.payments.tip_models
import pos.promotions.models
import pos.receipts.credit_note_models
import pos.receipts.models
import pos.reports.models
import pos.sales.models
import pos.staff.models
import pos.stored_value.models
import pos.till.models
from pos.kernel.db import Base

metadata = Base.metadata

# What is history: rows are added, never changed or removed. Triggers in both databases refuse anything else.
APPEND_ONLY = (
    "account_credit_moves",
    "audit_events",
    "cash_movements",
    "closings",
    "credit_moves",
    "credit_note_files",
    "credit_notes",
    "dispute_steps",
    "express_requests",
    "gift_card_moves",
    "journal_entries",
    "lot_extensions",
    "part_payments",
    "payout_shares",
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
    "tax_exemptions",
    "tenders",
    "tip_allocations",
    "webhook_events",
    "z_reports",
)
