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
def test_a_document_comes_back_from_its_json_as_it_was(document: Document) -> None:
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
def test_a_document_is_stored_as_by_earlier_versions(document: Document, digest: str) -> None:
    """Digests of stored documents are kept in the ledger and the change log, so not a byte of this JSON may change."""
    assert hashlib.sha256(json.dumps(document.to_json()).encode()).hexdigest() == digest


def test_json_tells_the_kinds_apart() -> None:
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
def test_json_that_does_not_fit_is_refused_by_place(change: dict[str, object], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        ReceiptDocument.from_json(RECEIPT.to_json() | change)


def test_what_a_later_version_left_out_takes_its_default() -> None:
    old = RECEIPT.to_json()
    del old["desk"]
    assert ReceiptDocument.from_json(old) == replace(RECEIPT, desk="")


def test_a_reprint_differs_by_its_mark_alone() -> None:
    reprint = RECEIPT.with_watermark("DUPLICATE 2")
    assert reprint != RECEIPT
    assert reprint.with_watermark("") == RECEIPT


def test_a_report_row_must_fill_its_columns() -> None:
    with pytest.raises(ValueError, match="a row of 1 texts under 2 columns"):
        Section(columns=(Column(heading="Tender"), Column(heading="Amount")), rows=(("Cash",),))


def test_a_missing_label_is_named() -> None:
    labels = {key: text for key, text in RECEIPT_LABELS.items() if key != "credits"}
    with pytest.raises(ValueError, match="the labels lack credits"):
        replace(RECEIPT, labels=labels)
