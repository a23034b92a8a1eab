"""Documents as the rooms above would hand them over, and the light column of the design tokens."""

from __future__ import annotations

from invoices.documents import (
    CERTIFICATE_LABELS,
    RECEIPT_LABELS,
    REPORT_LABELS,
    CertificateDocument,
    Clinic,
    Column,
    CreditBalance,
    Document,
    Line,
    PackageSold,
    ReceiptDocument,
    ReportDocument,
    Section,
    Tender,
    Total,
)

TOKENS_CSS = """
:root {
  --ground: #FAF8F4; --raised: #FFFFFF; --sunken: #F1EEE7; --ink: #1D2420; --soft-ink: #5B655F; --hairline: #DDD8CE;
  --accent: #1F6F5C; --on-accent: #FFFFFF; --accent-wash: #E3F0EB; --good: #2E7D4F; --warn: #9A6700; --bad: #B3372F;
}
@media (prefers-color-scheme: dark) { :root { --ground: #14171A; --ink: #ECEFEA; --accent: #5CC0A5; } }
[data-theme="dark"] { --ink: #ECEFEA; }
"""

CLINIC = Clinic(
    name="Maple Street Trigger Point",
    address=("128 Maple Street, Suite 4", "Portland, OR 97205"),
    tax_ids=("EIN 12-3456789",),
    contacts=("503 555 0142", "hello@maplestreet.example"),
)

RECEIPT = ReceiptDocument(
    language="en",
    title="Receipt",
    clinic=CLINIC,
    number="MS-000118",
    issued_at="22 Nov 2026, 15:04",
    issued_iso="2026-11-22T15:04:09-08:00",
    location="Maple St",
    desk="Desk 1",
    served_by="Ana",
    recipient=("Maria Lopes", "77 Alder Court, Apt 12", "Portland, OR 97210"),
    lines=(
        Line(
            description="Trigger point therapy, 60 min",
            details=("Jo Bennett", "1 credit of 10 × 60 min"),
            amount="0.00",
        ),
        Line(
            description="Aromatherapy",
            details=("Jo Bennett",),
            quantity="1",
            unit_price="12.00",
            discount="−1.20",
            tax_mark="A",
            amount="10.80",
        ),
        Line(description="Massage oil, almond 250 ml", quantity="2", unit_price="18.50", tax_mark="A", amount="37.00"),
        Line(
            description="Package: 5 × trigger point 60 min",
            details=("Valid 12 months from today",),
            quantity="1",
            unit_price="460.00",
            amount="460.00",
        ),
    ),
    totals=(
        Total(label="Subtotal", amount="509.00"),
        Total(label="Discount", amount="−1.20"),
        Total(label="Tax 8 %", base="47.80", tax_mark="A", amount="3.82"),
        Total(label="Tip", amount="11.20"),
        Total(label="Total", amount="522.82", emphasis=True),
    ),
    tenders=(
        Tender(label="Cash", amount="40.00"),
        Tender(label="Change", amount="−17.18"),
        Tender(label="Visa", detail="•••• 4242", amount="500.00"),
    ),
    credits=(
        CreditBalance(
            package="10 × trigger point 60 min", before="8", used="1", left="7", expiry="valid to 12 May 2027"
        ),
    ),
    packages_sold=(
        PackageSold(package="5 × trigger point 60 min", credits="5 credits", expiry="valid to 22 Nov 2027"),
    ),
    policies=(
        "Unused credits can be refunded within 14 days of purchase at the price you paid for them.",
        "Please cancel at least 24 hours before a visit; later cancellations use one credit.",
    ),
    portal_url="https://maplestreet.example/r/8sK2fQmX0tYb7LrWc4NvZg",
    portal_caption="Your receipt and the credits you have left, any time.",
    footer="Thank you, see you soon.",
    labels=RECEIPT_LABELS,
)

CERTIFICATE = CertificateDocument(
    language="en",
    title="Gift card",
    clinic=CLINIC,
    issued_at="22 Nov 2026",
    issued_iso="2026-11-22T15:04:00-08:00",
    amount="$150.00",
    code="0T5Y-Z219-8P38-D2TD",
    labels=CERTIFICATE_LABELS,
    recipient="Mia Thorvaldsen",
    sender="Ana Núñez",
    message="Happy birthday, and rest well.",
    terms=("Keep it like cash: whoever has the code can use it.", "It does not expire."),
)

REPORT = ReportDocument(
    language="en",
    title="Takings by tender",
    subtitle="Maple St, 1 to 22 November 2026",
    clinic=CLINIC,
    issued_at="Printed 22 Nov 2026, 18:30",
    issued_iso="2026-11-22T18:30:00-08:00",
    sections=(
        Section(
            heading="Tenders",
            note="Agrees with the ledger.",
            columns=(
                Column(heading="Tender"),
                Column(heading="Count", align="end"),
                Column(heading="Amount", align="end"),
            ),
            rows=(("Card", "212", "18,204.50"), ("Cash", "61", "3,118.00"), ("Gift card", "9", "720.00")),
            total_rows=(("Total", "282", "22,042.50"),),
        ),
        Section(heading="Refunds", columns=(Column(heading="Tender"),), rows=()),
    ),
    labels=REPORT_LABELS,
)

SAMPLES: dict[str, Document] = {document.kind: document for document in (RECEIPT, CERTIFICATE, REPORT)}
"""One document of each kind; a new kind adds its own, and is set on every sheet that it declares."""
