from __future__ import annotations

import socket
import threading

import pytest
import segno
from msgspec.structs import replace
from pypdf.generic import ContentStream

from invoices.documents import CreditBalance, Line, Total
from invoices.renderer import RenderPool
from tests.unit.invoices.reading import (
    fonts_of,
    links_of,
    opened,
    size_mm,
    tagged,
    text_of,
    text_placements,
)
from tests.unit.invoices.samples import RECEIPT, REPORT, TOKENS_CSS


def test_receipt_80mm_page_ends_with_its_text(pool: RenderPool) -> None:
    pdf = pool.render(RECEIPT, "receipt_80mm")
    width, height = size_mm(pdf)
    assert len(opened(pdf).pages) == 1
    assert width == pytest.approx(80, abs=0.1)
    lowest = min(y for _, _, y in text_placements(pdf)) * 25.4 / 72
    # The last line stands above its descent and the 6 mm of bottom margin: nothing cut off, no tail of empty paper.
    assert 6 < lowest < 9
    taller = size_mm(pool.render(replace(RECEIPT, lines=RECEIPT.lines * 3), "receipt_80mm"))[1]
    assert taller > height + 50


@pytest.mark.parametrize(("paper_format", "size"), [("receipt_a4", (210, 297)), ("receipt_letter", (215.9, 279.4))])
def test_receipt_sheet_has_paper_size_and_fits_one_page(
    pool: RenderPool, paper_format: str, size: tuple[float, float]
) -> None:
    pdf = pool.render(RECEIPT, paper_format)
    assert size_mm(pdf) == pytest.approx(size, abs=0.1)
    assert len(opened(pdf).pages) == 1
    assert "1 / 1" in text_of(pdf)


def test_receipt_long_sheet_repeats_heading_and_watermark(pool: RenderPool) -> None:
    long = replace(RECEIPT, lines=RECEIPT.lines * 8, watermark="SIMULATED – no money moves")
    pdf = pool.render(long, "receipt_a4")
    pages = [page.extract_text() for page in opened(pdf).pages]
    assert len(pages) > 1
    for text in pages:
        assert "SIMULATED – no money moves" in text
    assert "Description" in pages[1]


def test_receipt_80mm_text_is_exact(pool: RenderPool) -> None:
    assert text_of(pool.render(RECEIPT, "receipt_80mm")).splitlines() == ROLL


def test_receipt_a4_shows_all_parts(pool: RenderPool) -> None:
    text = text_of(pool.render(RECEIPT, "receipt_a4"))
    for said in (
        "Maple Street Trigger Point",
        "128 Maple Street, Suite 4 · Portland, OR 97205",
        "77 Alder Court, Apt 12",
        "MS-000118",
        "Maple St · Desk 1",
        "8 before · 1 used · 7 left · valid to 12 May 2027",
        "5 credits · valid to 22 Nov 2027",
        "Visa •••• 4242",
        "522.82",
        "Tenderpoint",
    ):
        assert said in " ".join(text.split())


def test_receipt_a4_address_stands_in_envelope_window(pool: RenderPool) -> None:
    placed = {text: (x, y) for text, x, y in text_placements(pool.render(RECEIPT, "receipt_a4"))}
    x, y = placed["Maria Lopes"]
    from_left, from_top = x * 25.4 / 72, 297 - y * 25.4 / 72
    assert from_left == pytest.approx(25, abs=1)
    assert 45 < from_top < 70


def test_report_pdf_shows_rows_and_totals_in_both_orientations(pool: RenderPool) -> None:
    pdf = pool.render(REPORT, "report_a4")
    text = " ".join(text_of(pdf).split())
    assert "Takings by tender Maple St, 1 to 22 November 2026" in text
    assert "Card 212 18,204.50 Cash 61 3,118.00" in text
    assert "Total 282 22,042.50" in text
    assert "Refunds Nothing in this period." in text
    width, height = size_mm(pool.render(replace(REPORT, landscape=True), "report_a4"))
    assert (width, height) == pytest.approx((297, 210), abs=0.1)


def test_receipt_pdf_amounts_align(pool: RenderPool) -> None:
    """Same digits, same width: with tabular figures a text of the same length starts at the same x."""
    lines = (
        Line(description="First", amount="111.11"),
        Line(description="Second", amount="888.88"),
        Line(description="Third", amount="004.70"),
    )
    document = replace(RECEIPT, lines=lines, totals=(Total(label="Subtotal", amount="171.17"),), tenders=())
    for paper_format in ("receipt_80mm", "receipt_a4"):
        placed = {text: x for text, x, _ in text_placements(pool.render(document, paper_format))}
        starts = [placed[amount] for amount in ("111.11", "888.88", "004.70", "171.17")]
        assert max(starts) - min(starts) < 0.2


def test_receipt_pdf_uses_only_bundled_fonts(pool: RenderPool) -> None:
    signs = "€ £ ₹ ₺ zł č ł ß ü é ő Ș Ệ ž − – · × “ ” … Ω Ж 1\u202f234,50"
    document = replace(RECEIPT, lines=(Line(description=signs, amount="1\u202f234,50 €"),))
    pdf = pool.render(document, "receipt_80mm")
    assert fonts_of(pdf) == {"Inter-Paper", "Inter-Paper-Medium", "Inter-Paper-Semi-Bold"}
    shown = text_of(pdf)
    for sign in signs.split(" "):
        assert sign in shown


def test_pdf_same_document_is_identical_in_any_worker(pool: RenderPool) -> None:
    with RenderPool(tokens_css=TOKENS_CSS) as other:
        for document, paper_format in ((RECEIPT, "receipt_80mm"), (RECEIPT, "receipt_a4"), (REPORT, "report_a4")):
            pdf = pool.render(document, paper_format)
            assert pool.render(document, paper_format) == pdf
            assert other.render(document, paper_format) == pdf


def test_pdf_metadata_describes_document(pool: RenderPool) -> None:
    reader = opened(pool.render(RECEIPT, "receipt_a4"))
    assert reader.metadata is not None
    assert reader.metadata.title == "Receipt MS-000118 · Maple Street Trigger Point"
    assert reader.metadata.author == "Maple Street Trigger Point"
    assert reader.metadata.creation_date is not None
    assert reader.metadata.creation_date.isoformat() == RECEIPT.issued_iso
    catalog = reader.trailer["/Root"]
    assert catalog["/Lang"] == "en"
    assert catalog["/MarkInfo"]["/Marked"]
    assert b"pdfuaid:part" in catalog["/Metadata"].get_data()
    (figure,) = tagged(catalog["/StructTreeRoot"], "/Figure")
    assert figure["/Alt"] == RECEIPT.portal_caption
    assert len(tagged(catalog["/StructTreeRoot"], "/Table")) == 4


def test_receipt_pdf_links_only_to_portal(pool: RenderPool) -> None:
    for paper_format in ("receipt_80mm", "receipt_a4"):
        assert set(links_of(pool.render(RECEIPT, paper_format))) == {RECEIPT.portal_url}


def test_receipt_pdf_qr_code_equals_code_of_link(pool: RenderPool) -> None:
    """Every dark module is drawn once, where the QR code of the link has it."""
    link = "https://clinic.example/r/abc"
    page = opened(pool.render(replace(RECEIPT, portal_url=link), "receipt_80mm")).pages[0]
    drawn = set()
    for operands, operator in ContentStream(page.get_contents(), page.pdf).operations:
        if operator == b"re" and float(operands[3]) == 1 and all(float(number).is_integer() for number in operands):
            x, y, width = (int(float(number)) for number in operands[:3])
            drawn |= {(x + step, y) for step in range(width)}
    rows = segno.make_qr(link, error="m", boost_error=False, mask=0).matrix
    assert drawn == {(x, y) for y, row in enumerate(rows) for x, dark in enumerate(row) if dark}


def test_receipt_pdf_texts_like_resources_are_printed_and_not_fetched(pool: RenderPool) -> None:
    called: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as trap:
        trap.settimeout(0.2)
        port = trap.getsockname()[1]
        canaries = (
            f"http://127.0.0.1:{port}/plain",
            f"<img src=http://127.0.0.1:{port}/img.png>",
            f"<style>p{{background:url(http://127.0.0.1:{port}/css)}}</style>",
            f"<link rel=attachment href=http://127.0.0.1:{port}/attachment>",
            "<img src=file:///etc/passwd>",
        )

        def listen() -> None:
            try:
                called.append(trap.accept()[0].recv(100))
            except TimeoutError:
                return

        document = replace(
            RECEIPT,
            clinic=replace(RECEIPT.clinic, name=canaries[1]),
            lines=tuple(Line(description=canary, amount=canary[:8]) for canary in canaries),
            credits=(CreditBalance(package=canaries[2], before="1", used="1", left="0"),),
            policies=canaries,
            footer=canaries[3],
        )
        pdf = pool.render(document, "receipt_a4")
        listener = threading.Thread(target=listen)
        listener.start()
        listener.join()
    assert called == []
    shown = "".join(text_of(pdf).split())
    for canary in canaries:
        assert "".join(canary.split()) in shown
    assert "root:" not in shown


ROLL = [
    "Maple Street Trigger Point",
    "128 Maple Street, Suite 4",
    "Portland, OR 97205",
    "503 555 0142",
    "hello@maplestreet.example",
    "EIN 12-3456789",
    "Receipt MS-000118",
    "22 Nov 2026, 15:04",
    "Maple St · Desk 1",
    "Served by Ana",
    "Client: Maria Lopes, 77 Alder Court, Apt 12, Portland,",
    "OR 97210",
    "Trigger point therapy, 60 min",
    "Jo Bennett",
    "1 credit of 10 × 60 min",
    "0.00",
    "Aromatherapy (A)",
    "1 × 12.00",
    "Jo Bennett",
    "Discount −1.20",
    "10.80",
    "Massage oil, almond 250 ml (A)",
    "2 × 18.50",
    "37.00",
    "Package: 5 × trigger point 60 min",
    "1 × 460.00",
    "Valid 12 months from today",
    "460.00",
    "Subtotal 509.00",
    "Discount −1.20",
    "Tax 8 % (A) of 47.80 3.82",
    "Tip 11.20",
    "Total 522.82",
    "Cash 40.00",
    "Change −17.18",
    "Visa •••• 4242 500.00",
    "Credits",
    "10 × trigger point 60 min",
    "8 before · 1 used · 7 left · valid to 12 May 2027",
    "5 × trigger point 60 min",
    "5 credits · valid to 22 Nov 2027",
    "Your receipt and the credits you",
    "have left, any time.",
    "Unused credits can be refunded within 14 days of",
    "purchase at the price you paid for them.",
    "Please cancel at least 24 hours before a visit; later",
    "cancellations use one credit.",
    "Thank you, see you soon.",
    "Tenderpoint",
]
