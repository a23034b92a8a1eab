"""Answers made of paper: PDFs, receipt pages, and the hint where this host cannot make PDFs."""

from __future__ import annotations

from collections.abc import Callable

from flask import Response, make_response, render_template

from invoices.errors import PaperError


def pdf_answer(content: bytes, name: str) -> Response:
    """A PDF shown in the browser, saved under `name`."""
    return Response(
        content,
        content_type="application/pdf",
        headers={"Content-Disposition": f'inline; filename="{name}.pdf"', "X-Robots-Tag": "noindex"},
    )


def html_answer(page: str, *, framed: bool = False) -> Response:
    """A receipt page with its own inline style and no right to load or run anything; `framed`: shown within our pages."""
    around = "'self'" if framed else "'none'"
    return Response(
        page,
        content_type="text/html; charset=utf-8",
        headers={
            "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; "
            f"frame-ancestors {around}; base-uri 'none'; form-action 'none'",
            "X-Robots-Tag": "noindex",
        },
    )


def document_response(render: Callable[[], bytes], name: str, page_path: str) -> Response:
    """The PDF that `render` makes, or the way to the same document as a page where this host makes none."""
    try:
        return pdf_answer(render(), name)
    except PaperError as error:
        return _pdf_unavailable(error, page_path)


def _pdf_unavailable(error: PaperError, page_path: str) -> Response:
    """The hint where a PDF was not made, with the way to the same receipt as a page."""
    return make_response(render_template("_errors/pdf_unavailable.html", hint=str(error), page_path=page_path), 503)
