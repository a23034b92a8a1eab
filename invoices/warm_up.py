"""A small receipt a new worker sets before it says it is ready: styles parsed, templates compiled, letters loaded."""

from __future__ import annotations

from typing import Any

from invoices.documents import RECEIPT_LABELS, Clinic, Line, ReceiptDocument, Tender, Total

_RECEIPT = ReceiptDocument(
    language="en",
    title="Receipt",
    clinic=Clinic(name="Clinic", address=("Street",)),
    number="0",
    issued_at="1 Jan 2000, 00:00",
    issued_iso="2000-01-01T00:00:00+00:00",
    location="Location",
    lines=(
        Line(description="Service", details=("60 min",), quantity="1", unit_price="1.00", tax_mark="A", amount="1.00"),
    ),
    totals=(Total(label="Total", amount="1.00", emphasis=True),),
    tenders=(Tender(label="Cash", amount="1.00"),),
    portal_url="https://clinic.example/",
    policies=("Policy",),
    labels=RECEIPT_LABELS,
)

WARM_UP: list[dict[str, Any]] = [
    {"document": _RECEIPT.to_json(), "format": paper_format} for paper_format in ("receipt_80mm", "receipt_a4")
]
"""What the pool sends along with its opening message."""
