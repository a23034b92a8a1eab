"""The rendering processes of this application, and the sheet that a document is set on."""

from __future__ import annotations

from pathlib import Path

from invoices.documents import Document
from invoices.formats import FORMATS
from invoices.renderer import RenderPool
from pos.core.app_context import running
from pos.core.config import Settings
from pos.core.database.base import reading
from pos.core.errors import Invalid
from pos.core.messages.general import PAPER_FORMAT_UNKNOWN
from pos.domain.locations.receipt_look import logo_content

TOKENS = Path(__file__).parents[2] / "static" / "css" / "tokens.css"


def _open(_settings: Settings) -> RenderPool:
    return RenderPool(tokens_css=TOKENS.read_text(encoding="utf-8"))


def render_pool() -> RenderPool:
    """The warm rendering processes."""
    return running().once("render_pool", _open)


def own_pool(seconds: float) -> RenderPool:
    """A rendering process for one long document, to be closed after it."""
    opens = running().once("own_pool", lambda _settings: RenderPool)
    return opens(tokens_css=TOKENS.read_text(encoding="utf-8"), seconds=seconds)


def sheet_of(kind: str, paper_format: str) -> str:
    """The sheet of a kind of document (`receipt`, `report`, `certificate`) on `80mm`, `a4` or `letter`; raises Invalid."""
    name = f"{kind}_{paper_format}"
    if name not in FORMATS:
        raise Invalid(PAPER_FORMAT_UNKNOWN, field="format")
    return name


def _logo_of(document: Document) -> bytes:
    return logo_content(reading(), document.clinic.logo)


def to_pdf(document: Document, sheet: str) -> bytes:
    """A document as PDF with the logo it names; raises as `RenderPool.render` does."""
    return render_pool().render(document, sheet, _logo_of(document))


def to_html(document: Document, sheet: str) -> str:
    """A document as a page of its own with the logo it names, which needs no Pango."""
    return render_pool().render_html(document, sheet, _logo_of(document))


def html_page(document: Document, paper_format: str) -> str:
    """A document as a page of its own, which needs no Pango; raises Invalid for a format it cannot be set on."""
    return render_pool().render_html(document, sheet_of(document.kind, paper_format))
