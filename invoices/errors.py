"""What can go wrong between a document and its paper."""

from __future__ import annotations


class PaperError(Exception):
    """No PDF came out. The document is unharmed and can be rendered again or shown as HTML."""


class PaperUnavailable(PaperError):
    """This host lacks a library PDFs need; the message says which line installs it. HTML still works."""


class RenderTimedOut(PaperError):
    """The document took longer than the pool allows; its worker was ended and is replaced."""


class RenderFailed(PaperError):
    """The worker refused the document, ran out of memory or died; it is replaced at the next call."""
