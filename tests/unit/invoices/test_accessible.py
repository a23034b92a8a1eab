"""Paper says to a screen reader what it shows: checked by two offline checkers of PDF/UA-1 and by looking at the tags."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import pikepdf
import pytest
from msgspec.structs import replace

from invoices.renderer import RenderPool
from tests.unit.invoices.samples import CERTIFICATE, RECEIPT, REPORT

PAPERS = {
    "receipt_80mm": RECEIPT,
    "receipt_a4": RECEIPT,
    "receipt_letter": replace(RECEIPT, lines=RECEIPT.lines * 8),
    "report_80mm": REPORT,
    "report_a4": REPORT,
    "certificate_a4": CERTIFICATE,
}


@pytest.mark.parametrize("paper_format", PAPERS)
def test_pdf_every_format_passes_accessibility_checkers(pool: RenderPool, tmp_path: Path, paper_format: str) -> None:
    path = tmp_path / f"{paper_format}.pdf"
    path.write_bytes(pool.render(PAPERS[paper_format], paper_format))
    bin_ = Path(sys.executable).parent
    checked = subprocess.run(
        [bin_ / "pdfua", "check", path], capture_output=True, text=True, check=False
    )  # 0 only when it finds nothing
    assert checked.returncode == 0, checked.stdout
    report = tmp_path / "report.json"
    heard = subprocess.run(
        [bin_ / "outloud", "--json", report, path], capture_output=True, text=True, check=False
    )  # 0 when it finds no error
    assert heard.returncode == 0, heard.stdout
    assert json.loads(report.read_text(encoding="utf-8"))


@pytest.mark.parametrize("paper_format", ["receipt_80mm", "receipt_a4"])
def test_receipt_pdf_qr_code_is_one_link_with_caption(pool: RenderPool, paper_format: str) -> None:
    with pikepdf.open(io.BytesIO(pool.render(RECEIPT, paper_format))) as pdf:
        annotations = [one for page in pdf.pages for one in page.get("/Annots", [])]
        assert [str(one.A.URI) for one in annotations] == [RECEIPT.portal_url]
        assert all(int(one.F) & 4 for one in annotations)
        elements = [one for one in pdf.objects if isinstance(one, pikepdf.Dictionary) and one.get("/S") == "/Link"]
        assert [str(one.Alt) for one in elements] == [RECEIPT.portal_caption]
        numbers = [int(one) for one in list(pdf.Root.StructTreeRoot.ParentTree.Nums)[::2]]
        assert int(annotations[0].StructParent) in numbers


def test_receipt_pdf_header_cells_have_scope(pool: RenderPool) -> None:
    with pikepdf.open(io.BytesIO(pool.render(RECEIPT, "receipt_a4"))) as pdf:
        cells = [one for one in pdf.objects if isinstance(one, pikepdf.Dictionary) and one.get("/S") == "/TH"]
        scopes = [str(one.A.Scope) for one in cells]
    assert scopes.count("/Column") == 5  # description, quantity, price, discount, amount
    assert scopes.count("/Row") == len(cells) - 5 > len(RECEIPT.lines)
