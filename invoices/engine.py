"""The one place that knows WeasyPrint: an HTML page in, PDF bytes out, nothing fetched on the way.

Lives in the worker process only; importing it takes most of a second and tens of megabytes.
"""

from __future__ import annotations

import gc
from typing import Any

import weasyprint
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher, URLFetcherResponse

from invoices.code_image import PAPER_ADDRESS, CodeImage
from invoices.documents import Document, ReceiptDocument
from invoices.formats import FORMATS
from invoices.html import Renderer
from invoices.logo import PAPER_ADDRESS as LOGO_ADDRESS
from invoices.logo import content_type_of
from invoices.tags import finish_tags


class NoFetcher(URLFetcher):  # type: ignore[misc]  # weasyprint has no types
    """Fetches nothing at all: letters come from fontconfig, styles, QR code and logo are handed over."""

    def __init__(self) -> None:
        super().__init__(allowed_protocols=(), allow_redirects=False)
        self.refused: list[str] = []
        self.logo = b""

    def fetch(self, url: str, headers: Any = None) -> Any:
        """The logo; any other address is noted and raises ValueError, which WeasyPrint takes as "no such resource"."""
        if url == LOGO_ADDRESS and self.logo:
            return URLFetcherResponse(url, self.logo, {"Content-Type": content_type_of(self.logo)})
        self.refused.append(url)
        raise ValueError("paper fetches nothing")


class Page(weasyprint.HTML):  # type: ignore[misc]  # weasyprint has no types
    """An HTML page that starts from our few elements instead of WeasyPrint's sheet for all of HTML: a tenth of the time.

    The method replaced is private to WeasyPrint; a test renders through it.
    """

    elements: Any = None

    def _ua_stylesheets(self, forms: bool = False) -> list[Any]:
        return [self.elements]


class Engine:
    """Renders documents with one font configuration and style sheets parsed once per format."""

    def __init__(self, tokens_css: str) -> None:
        self._renderer = Renderer(tokens_css)
        self._fonts = FontConfiguration()
        self._door = NoFetcher()
        self._styles: dict[str, Any] = {}
        Page.elements = weasyprint.CSS(string=self._renderer.elements_css, url_fetcher=self._door)

    @property
    def refused(self) -> list[str]:
        """The addresses a document asked for and did not get, since the start."""
        return self._door.refused

    def render(self, document: Document, paper_format: str, logo: bytes = b"") -> bytes:
        """Tagged PDF/UA-1 bytes, the same for the same document; raises ValueError for a format that does not fit."""
        self._door.logo = logo
        # The collector would walk a page's boxes three times while they are all still needed.
        gc.disable()
        try:
            return self._set(document, paper_format)
        finally:
            gc.enable()

    def _set(self, document: Document, paper_format: str) -> bytes:
        page = self._renderer.paper_html(document, paper_format, has_logo=bool(self._door.logo))
        html = Page(string=page, url_fetcher=self._door)
        pictures: dict[str, Any] = {}
        if isinstance(document, ReceiptDocument) and document.portal_url:
            pictures[PAPER_ADDRESS] = CodeImage(document.portal_url)
        styles = [self._style(paper_format)]
        rendered = html.render(font_config=self._fonts, stylesheets=styles, cache=pictures)
        if FORMATS[paper_format].continuous:
            for sheet in rendered.pages:
                cut(sheet)
        pdf = rendered.write_pdf(pdf_variant="pdf/ua-1", finisher=finish_tags)
        assert isinstance(pdf, bytes)
        return pdf

    def _style(self, paper_format: str) -> Any:
        if paper_format not in self._styles:
            css = self._renderer.paper_css(paper_format)
            self._styles[paper_format] = weasyprint.CSS(string=css, font_config=self._fonts, url_fetcher=self._door)
        return self._styles[paper_format]


def cut(page: Any) -> None:
    """Shorten an endless page to its body and bottom margin.

    Laying out twice to learn the height would double the time, so this reads WeasyPrint's private page box (tested).
    """
    box = page._page_box
    body = box.children[0].children[0]
    page.height = body.position_y + body.margin_height() + box.margin_bottom
