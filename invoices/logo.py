"""The logo of a document: a PNG or JPEG, as an address for browsers and as bytes for paper."""

from __future__ import annotations

from base64 import b64encode

PAPER_ADDRESS = "invoices-asset:logo"
"""Where paper's HTML points at the picture; the engine's fetcher answers it from memory, nothing leaves the process."""

_PNG = b"\x89PNG\r\n\x1a\n"


def content_type_of(logo: bytes) -> str:
    """`image/png` or `image/jpeg`, told by the first bytes."""
    return "image/png" if logo.startswith(_PNG) else "image/jpeg"


def screen_address(logo: bytes) -> str:
    """The picture as a data: address."""
    return f"data:{content_type_of(logo)};base64,{b64encode(logo).decode()}" if logo else ""
