from __future__ import annotations

import re

import pytest
from msgspec.structs import replace

from invoices.documents import Line
from invoices.formats import FORMATS
from invoices.html import Renderer, printable
from tests.unit.invoices.samples import (
    RECEIPT,
    SAMPLES,
    TOKENS_CSS,
)

CANARIES = (
    "<script>alert(1)</script>",
    "<img src=http://canary.invalid/a.png>",
    "<style>@import url(http://canary.invalid/b.css)</style>",
    '"><link rel=stylesheet href="http://canary.invalid/c.css">',
    "{{ 7 * 7 }} {% raw %}",
    "</title><base href='http://canary.invalid/'>",
)


@pytest.fixture(scope="module")
def renderer() -> Renderer:
    return Renderer(TOKENS_CSS)


@pytest.mark.parametrize("paper_format", FORMATS)
def test_document_html_every_format_references_no_resource(renderer: Renderer, paper_format: str) -> None:
    document = SAMPLES[paper_format.partition("_")[0]]
    page = renderer.render_html(document, paper_format)
    assert "<script" not in page
    assert "url(" not in page
    assert "src=" not in page
    assert "var(--" not in page
    assert re.findall(r'href="([^"]+)"', page) in ([], [RECEIPT.portal_url])
    assert f'<html lang="{document.language}">' in page


@pytest.mark.parametrize("canary", CANARIES)
def test_document_html_escapes_every_text(renderer: Renderer, canary: str) -> None:
    line = Line(description=canary, details=(canary,), quantity=canary, discount=canary, tax_mark=canary, amount=canary)
    document = replace(
        RECEIPT,
        title=canary,
        clinic=replace(RECEIPT.clinic, name=canary, address=(canary,)),
        number=canary,
        recipient=(canary,),
        lines=(line,),
        policies=(canary,),
        portal_caption=canary,
        watermark=canary,
        language=canary,
    )
    for paper_format in ("receipt_80mm", "receipt_a4"):
        page = renderer.render_html(document, paper_format)
        assert canary not in page or "<" not in canary
        assert not re.search(r"<(script|img|link|base)\b", page)
        assert page.count("<style>") == 1


def test_document_format_of_other_kind_is_refused(renderer: Renderer) -> None:
    with pytest.raises(ValueError, match="a receipt cannot be set on report_a4"):
        renderer.render_html(RECEIPT, "report_a4")
    with pytest.raises(ValueError, match="no paper format 'a3'"):
        renderer.render_html(RECEIPT, "a3")


def test_document_control_characters_are_removed() -> None:
    assert printable("12\u202e.00\x00 €\n") == "12.00 €\n"


def test_document_html_omits_empty_sections(renderer: Renderer) -> None:
    bare = replace(
        RECEIPT,
        recipient=(),
        served_by="",
        desk="",
        tenders=(),
        credits=(),
        packages_sold=(),
        portal_url="",
        policies=(),
    )
    for paper_format in ("receipt_80mm", "receipt_a4"):
        body = renderer.render_html(bare, paper_format).partition("<body")[2]
        for word in ("Client", "Served by", "Paid", "Credits", "<svg", "None", "\n\n\n\n"):
            assert word not in body
