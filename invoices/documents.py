"""What is printed, already decided: every amount formatted, every word translated, nothing left to compute.

A document is frozen with the sale it proves, kept as JSON and rendered again from there, so a reprint is identical.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType
from typing import Any, ClassVar, Literal, Self
from urllib.parse import urlsplit

from invoices.json_codec import decode, encode

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


class _Archivable:
    """Turns itself into JSON values and back."""

    __slots__ = ()
    kind: ClassVar[str]

    def to_json(self) -> dict[str, Any]:
        """Dicts, lists, texts and booleans only; `from_json` gives an equal document back."""
        return {"kind": self.kind, **encode(self)}

    @classmethod
    def from_json(cls, value: Any) -> Self:
        """The document `to_json` wrote; raises ValueError naming the place that does not fit."""
        if not isinstance(value, dict) or value.get("kind") != cls.kind:
            raise ValueError(f"this is not a {cls.kind}")
        document = decode(cls, {key: item for key, item in value.items() if key != "kind"}, cls.kind)
        assert isinstance(document, cls)
        return document


@dataclass(frozen=True, slots=True, kw_only=True)
class Clinic:
    """Who issues the paper. `tax_ids` are finished texts such as "VAT no. DE123456789"; `contacts` phone, e-mail, site."""

    name: str
    address: tuple[str, ...] = ()
    tax_ids: tuple[str, ...] = ()
    contacts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One thing sold, redeemed or corrected. `details` are therapist, note, "1 credit"; `tax_mark` names its tax total."""

    description: str
    amount: str
    details: tuple[str, ...] = ()
    quantity: str = ""
    unit_price: str = ""
    discount: str = ""
    tax_mark: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Total:
    """One row below the lines: subtotal, discount, a tax with its `base`, tip, the total itself (`emphasis`)."""

    label: str
    amount: str
    base: str = ""
    tax_mark: str = ""
    emphasis: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Tender:
    """How it was paid: "Cash", "Change", "Visa" with the detail "•••• 4242"."""

    label: str
    amount: str
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditBalance:
    """A package drawn on: counts as texts at the moment of sale and a finished `expiry`, "valid to 12 May 2027"."""

    package: str
    before: str
    used: str
    left: str
    expiry: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageSold:
    """A package bought here: `credits` "10 credits", `expiry` "valid to 12 May 2027".

    `part` says of one that is paid in parts how far: "300.00 of 900.00 paid · 600.00 to pay · 3 may be used".
    """

    package: str
    credits: str
    expiry: str = ""
    part: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptDocument(_Archivable):
    """Proof of payment, tax invoice or credit note: the same sheet under another `title`.

    `issued_at` is what people read ("22 Nov 2026, 15:04"), `issued_iso` the same instant in ISO 8601 for the PDF's own
    dates; `references` are sentences such as "Corrects receipt MS-000118"; `recipient` is the client's name, then address
    and tax number lines where an invoice needs them; `portal_url` is drawn as a QR code.
    Raises ValueError for a missing label, a link that is not http(s) or an `issued_iso` without an offset.
    """

    kind: ClassVar[str] = "receipt"

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
        if self.portal_url and urlsplit(self.portal_url).scheme not in ("http", "https"):
            raise ValueError("the portal link must begin with https:// or http://")

    @property
    def page_title(self) -> str:
        """What the PDF and the browser tab are called."""
        return f"{self.title} {self.number} · {self.clinic.name}"

    def with_watermark(self, watermark: str) -> ReceiptDocument:
        """The same document marked "DUPLICATE 2": the only thing a reprint changes."""
        return replace(self, watermark=watermark)


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column's heading and the side its cells align to ("end" for figures)."""

    heading: str
    align: Alignment = "start"


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
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


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportDocument(_Archivable):
    """A manager's table on paper: the Z report, the day's takings, credits outstanding.

    `issued_iso` and the errors raised are those of ReceiptDocument.
    """

    kind: ClassVar[str] = "report"

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


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateDocument(_Archivable):
    """A gift card on paper: what it is worth, its bearer code, who it is for and what somebody wrote to them.

    It is made when it is asked for and never kept: whoever has the code has the money. Raises as ReceiptDocument does.
    """

    kind: ClassVar[str] = "certificate"

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


def document_from_json(value: Any) -> Document:
    """Any kind of document, told apart by "kind"; raises ValueError for another kind or shape."""
    if isinstance(value, dict) and value.get("kind") == CertificateDocument.kind:
        return CertificateDocument.from_json(value)
    if isinstance(value, dict) and value.get("kind") == ReportDocument.kind:
        return ReportDocument.from_json(value)
    return ReceiptDocument.from_json(value)


def _require_labels(labels: Mapping[str, str], needed: Mapping[str, str]) -> None:
    if missing := sorted(set(needed) - set(labels)):
        raise ValueError(f"the labels lack {', '.join(missing)}")


def _require_instant(text: str) -> None:
    if datetime.fromisoformat(text).tzinfo is None:
        raise ValueError(f"{text} says no offset from UTC")
