"""What is printed, already decided: every amount formatted, every word translated, nothing left to compute.

A document is frozen with the sale it proves, kept as JSON and rendered again from there, so a reprint is identical.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, ClassVar, Literal, Self, get_args

import msgspec
from msgspec.structs import replace

from invoices.sheets import Sheets, all_sheets, page_sheets, roll_sheet

RECEIPT_LABELS: Mapping[str, str] = MappingProxyType(
    {
        "number": "Number",
        "issued": "Issued",
        "location": "Location",
        "served_by": "Served by",
        "client": "Client",
        "description": "Description",
        "quantity": "Qty",
        "unit_price": "Price",
        "discount": "Discount",
        "amount": "Amount",
        "tax_base": "of",
        "paid": "Paid",
        "credits": "Credits",
        "before": "before",
        "used": "used",
        "left": "left",
    }
)
"""The fixed words of a receipt in English: the keys a document's `labels` must carry, translated."""

REPORT_LABELS: Mapping[str, str] = MappingProxyType({"nothing": "Nothing in this period."})
"""The fixed words of a report in English."""

CERTIFICATE_LABELS: Mapping[str, str] = MappingProxyType({"code": "Code", "for": "For", "from": "From"})
"""The fixed words of a gift certificate in English."""

Alignment = Literal["start", "end"]
_COLOUR = re.compile("#[0-9A-Fa-f]{6}")
_DIGEST = re.compile("[0-9a-f]{64}")


class _Value(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Reads strictly: an archived document must read as it was written."""


class _Archivable(_Value, frozen=True, tag_field="kind"):
    """Turns itself into JSON values and back. `sheets` is what it can be set on, by the name of the paper."""

    kind: ClassVar[str]
    sheets: ClassVar[Sheets]

    def to_json(self) -> dict[str, Any]:
        """Dicts, sequences, texts and booleans only; `from_json` gives an equal document back."""
        found: dict[str, Any] = msgspec.to_builtins(self, order="deterministic", enc_hook=dict)
        # Documents kept before there were logos read as they were written.
        for name in ("logo", "accent"):
            if not found["clinic"][name]:
                del found["clinic"][name]
        return found

    @classmethod
    def from_json(cls, value: Any) -> Self:
        """The document `to_json` wrote; raises ValueError naming the place that does not fit."""
        if not isinstance(value, dict) or value.get("kind") != cls.kind:
            raise ValueError(f"this is not a {cls.kind}")
        return msgspec.convert(value, cls)


class Clinic(_Value, frozen=True, kw_only=True):
    """Who issues the paper. `tax_ids` are finished texts such as "VAT no. DE123456789"; `contacts` phone, e-mail, site.

    `logo` is the SHA-256 of the picture, which is handed over when the document is rendered; `accent` a colour `#RRGGBB`.
    Raises ValueError for another form of either.
    """

    name: str
    address: tuple[str, ...] = ()
    tax_ids: tuple[str, ...] = ()
    contacts: tuple[str, ...] = ()
    logo: str = ""
    accent: str = ""

    def __post_init__(self) -> None:
        if self.logo and not _DIGEST.fullmatch(self.logo):
            raise ValueError("a logo is named by its SHA-256 in lower-case hex")
        if self.accent and not _COLOUR.fullmatch(self.accent):
            raise ValueError("an accent colour is written #RRGGBB")


class Line(_Value, frozen=True, kw_only=True):
    """One thing sold, redeemed or corrected. `details` are therapist, note, "1 credit"; `tax_mark` names its tax total."""

    description: str
    amount: str
    details: tuple[str, ...] = ()
    quantity: str = ""
    unit_price: str = ""
    discount: str = ""
    tax_mark: str = ""


class Total(_Value, frozen=True, kw_only=True):
    """One row below the lines: subtotal, discount, a tax with its `base`, tip, the total itself (`emphasis`)."""

    label: str
    amount: str
    base: str = ""
    tax_mark: str = ""
    emphasis: bool = False


class Tender(_Value, frozen=True, kw_only=True):
    """How it was paid: "Cash", "Change", "Visa" with the detail "•••• 4242"."""

    label: str
    amount: str
    detail: str = ""


class CreditBalance(_Value, frozen=True, kw_only=True):
    """A package drawn on: counts as texts at the moment of sale and a finished `expiry`, "valid to 12 May 2027"."""

    package: str
    before: str
    used: str
    left: str
    expiry: str = ""


class PackageSold(_Value, frozen=True, kw_only=True):
    """A package bought here: `credits` "10 credits", `expiry` "valid to 12 May 2027".

    `part` says of one that is paid in parts how far: "300.00 of 900.00 paid · 600.00 to pay · 3 may be used".
    """

    package: str
    credits: str
    expiry: str = ""
    part: str = ""


class ReceiptDocument(_Archivable, frozen=True, kw_only=True, tag="receipt"):
    """Proof of payment, tax invoice or credit note: the same sheet under another `title`.

    `issued_at` is what people read ("22 Nov 2026, 15:04"), `issued_iso` the same instant in ISO 8601 for the PDF's own
    dates; `references` are sentences such as "Corrects receipt MS-000118"; `recipient` is the client's name, then address
    and tax number lines where an invoice needs them; `portal_url` is drawn as a QR code.
    Raises ValueError for a missing label, a link that is not http(s) or an `issued_iso` without an offset.
    """

    kind: ClassVar[str] = "receipt"
    sheets: ClassVar[Sheets] = all_sheets(
        roll_sheet("receipt_80mm.html", "receipt_80mm.css"), page_sheets("receipt_sheet.html", "receipt_sheet.css")
    )

    language: str
    title: str
    clinic: Clinic
    number: str
    issued_at: str
    issued_iso: str
    location: str
    lines: tuple[Line, ...]
    totals: tuple[Total, ...]
    labels: Mapping[str, str]
    served_by: str = ""
    desk: str = ""
    recipient: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    tenders: tuple[Tender, ...] = ()
    credits: tuple[CreditBalance, ...] = ()
    packages_sold: tuple[PackageSold, ...] = ()
    policies: tuple[str, ...] = ()
    portal_url: str = ""
    portal_caption: str = ""
    footer: str = ""
    watermark: str = ""

    def __post_init__(self) -> None:
        _require_labels(self.labels, RECEIPT_LABELS)
        _require_instant(self.issued_iso)
        if self.portal_url and not self.portal_url.lower().startswith(("https://", "http://")):
            raise ValueError("the portal link must begin with https:// or http://")

    @property
    def page_title(self) -> str:
        """What the PDF and the browser tab are called."""
        return f"{self.title} {self.number} · {self.clinic.name}"

    def with_watermark(self, watermark: str) -> ReceiptDocument:
        """The same document marked "DUPLICATE 2": the only thing a reprint changes."""
        return replace(self, watermark=watermark)


class Column(_Value, frozen=True, kw_only=True):
    """A column's heading and the side its cells align to ("end" for figures)."""

    heading: str
    align: Alignment = "start"


class Section(_Value, frozen=True, kw_only=True):
    """One table of a report. Every row has as many texts as there are columns, or ValueError is raised."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    heading: str = ""
    note: str = ""
    total_rows: tuple[tuple[str, ...], ...] = ()

    def __post_init__(self) -> None:
        for row in (*self.rows, *self.total_rows):
            if len(row) != len(self.columns):
                raise ValueError(f"a row of {len(row)} texts under {len(self.columns)} columns")


class ReportDocument(_Archivable, frozen=True, kw_only=True, tag="report"):
    """A manager's table on paper: the Z report, the day's takings, credits outstanding.

    `issued_iso` and the errors raised are those of ReceiptDocument.
    """

    kind: ClassVar[str] = "report"
    sheets: ClassVar[Sheets] = all_sheets(
        roll_sheet("report_80mm.html", "receipt_80mm.css", "report_80mm.css"),
        page_sheets("report_sheet.html", "report_sheet.css"),
    )

    language: str
    title: str
    clinic: Clinic
    issued_at: str
    issued_iso: str
    sections: tuple[Section, ...]
    labels: Mapping[str, str]
    subtitle: str = ""
    footer: str = ""
    watermark: str = ""
    landscape: bool = False

    def __post_init__(self) -> None:
        _require_labels(self.labels, REPORT_LABELS)
        _require_instant(self.issued_iso)

    @property
    def page_title(self) -> str:
        """What the PDF and the browser tab are called."""
        return f"{self.title} · {self.clinic.name}"


class CertificateDocument(_Archivable, frozen=True, kw_only=True, tag="certificate"):
    """A gift card on paper: what it is worth, its bearer code, who it is for and what somebody wrote to them.

    It is made when it is asked for and never kept: whoever has the code has the money. Raises as ReceiptDocument does.
    """

    kind: ClassVar[str] = "certificate"
    sheets: ClassVar[Sheets] = all_sheets(page_sheets("certificate_sheet.html", "certificate_sheet.css"))

    language: str
    title: str
    clinic: Clinic
    issued_at: str
    issued_iso: str
    amount: str
    code: str
    labels: Mapping[str, str]
    recipient: str = ""
    sender: str = ""
    message: str = ""
    terms: tuple[str, ...] = ()
    watermark: str = ""

    def __post_init__(self) -> None:
        _require_labels(self.labels, CERTIFICATE_LABELS)
        _require_instant(self.issued_iso)

    @property
    def page_title(self) -> str:
        """What the PDF and the browser tab are called; the code is not in it."""
        return f"{self.title} · {self.clinic.name}"


Document = ReceiptDocument | ReportDocument | CertificateDocument
KINDS: tuple[type[Document], ...] = get_args(Document)


def document_from_json(value: Any) -> Document:
    """Any kind of document, told apart by "kind"; raises ValueError for another kind or shape."""
    document: Document = msgspec.convert(value, Document)
    return document


def _require_labels(labels: Mapping[str, str], needed: Mapping[str, str]) -> None:
    if missing := sorted(set(needed) - set(labels)):
        raise ValueError(f"the labels lack {', '.join(missing)}")


def _require_instant(text: str) -> None:
    if datetime.fromisoformat(text).tzinfo is None:
        raise ValueError(f"{text} says no offset from UTC")
