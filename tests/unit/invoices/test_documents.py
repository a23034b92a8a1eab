from __future__ import annotations

import hashlib
import json

import pytest
from msgspec.structs import replace

from invoices.documents import (
    RECEIPT_LABELS,
    Column,
    Document,
    ReceiptDocument,
    ReportDocument,
    Section,
    document_from_json,
)
from tests.unit.invoices.samples import RECEIPT, REPORT


@pytest.mark.parametrize("document", [RECEIPT, REPORT], ids=lambda document: document.kind)
def test_document_survives_json_round_trip(document: Document) -> None:
    text = json.dumps(document.to_json())
    again = document_from_json(json.loads(text))
    assert again == document
    assert json.dumps(again.to_json()) == text


@pytest.mark.parametrize(
    ("document", "digest"),
    [
        (RECEIPT, "109920c13290606082cc72ae8cd3adc45d07f6c438f514a54a3c6ac117965bb0"),
        (REPORT, "eedb680cc0fc07a5e16962e371289fa17a09e3343f0e9068ff181e20ee53fd55"),
    ],
    ids=lambda value: getattr(value, "kind", ""),
)
def test_document_json_digest_never_changes(document: Document, digest: str) -> None:
    """Digests of stored documents are kept in the ledger and the change log, so not a byte of this JSON may change."""
    assert hashlib.sha256(json.dumps(document.to_json()).encode()).hexdigest() == digest


def test_document_json_of_other_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="this is not a receipt"):
        ReceiptDocument.from_json(REPORT.to_json())
    with pytest.raises(ValueError, match="this is not a report"):
        ReportDocument.from_json([])
    for value in ([], {}, {"kind": "letter"}, REPORT.to_json() | {"kind": 1}):
        with pytest.raises(ValueError, match=r"Expected `object`|missing required field `kind`|at `.+kind`"):
            document_from_json(value)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"colour": "red"}, "unknown field `colour`"),
        ({"lines": "none"}, r"Expected `array`, got `str` - at `\$.lines`"),
        (
            {"lines": [{"description": "Foot massage", "amount": 45}]},
            r"got `int` - at `\$.lines\[0\].amount`",
        ),
        ({"lines": [{"description": "Foot massage"}]}, r"missing required field `amount` - at `\$.lines\[0\]`"),
        ({"labels": {}}, "the labels lack amount"),
        ({"portal_url": "javascript:alert(1)"}, "the portal link must begin"),
        ({"issued_iso": "2026-11-22T15:04:09"}, "no offset from UTC"),
    ],
)
def test_document_json_invalid_field_is_refused_with_path(change: dict[str, object], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        ReceiptDocument.from_json(RECEIPT.to_json() | change)


def test_document_json_missing_new_field_takes_default() -> None:
    old = RECEIPT.to_json()
    del old["desk"]
    assert ReceiptDocument.from_json(old) == replace(RECEIPT, desk="")


def test_receipt_reprint_differs_by_watermark_only() -> None:
    reprint = RECEIPT.with_watermark("DUPLICATE 2")
    assert reprint != RECEIPT
    assert reprint.with_watermark("") == RECEIPT


def test_report_row_not_filling_columns_is_refused() -> None:
    with pytest.raises(ValueError, match="a row of 1 texts under 2 columns"):
        Section(columns=(Column(heading="Tender"), Column(heading="Amount")), rows=(("Cash",),))


def test_document_missing_label_is_refused() -> None:
    labels = {key: text for key, text in RECEIPT_LABELS.items() if key != "credits"}
    with pytest.raises(ValueError, match="the labels lack credits"):
        replace(RECEIPT, labels=labels)
