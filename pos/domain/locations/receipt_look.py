"""Logo and accent colour of a location's receipts: what is taken, and the logo that a document names."""

from __future__ import annotations

import re
import struct
import zlib
from dataclasses import dataclass

from sqlalchemy.orm import Session

from pos.core.errors import Invalid
from pos.core.hashing import sha256_hex
from pos.core.messages.installation import (
    ACCENT_MALFORMED,
    ACCENT_TOO_LIGHT,
    LOGO_DAMAGED,
    LOGO_NOT_PNG_OR_JPEG,
    LOGO_TOO_LARGE,
    LOGO_TOO_MANY_PIXELS,
)
from pos.domain.locations.models import LocationLogo

MOST_LOGO_KB = 300
MOST_LOGO_BYTES = MOST_LOGO_KB * 1000
MOST_LOGO_SIDE = 2000
LEAST_CONTRAST = 4.5  # WCAG 2.2, success criterion 1.4.3, for text of any size

_ACCENT = re.compile("#[0-9a-f]{6}")
_PNG = b"\x89PNG\r\n\x1a\n"
# SOF0 to SOF15 say the size; C4, C8 and CC are other segments (ITU-T T.81, table B.1).
_JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


@dataclass(frozen=True)
class Logo:
    """A checked picture; pixels a side."""

    content: bytes
    width: int
    height: int

    @property
    def sha256(self) -> str:
        """What receipts name it by."""
        return sha256_hex(self.content)


def contrast_with_white(colour: str) -> float:
    """The contrast of `#rrggbb` with white, 1 to 21, as WCAG 2.2 defines it."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)


def clean_accent(typed: str) -> str:
    """The colour as `#rrggbb`, or empty for the usual one; raises Invalid where it is none or cannot be read on white."""
    colour = typed.strip().lower()
    if not colour:
        return ""
    if not _ACCENT.fullmatch(colour):
        raise Invalid(ACCENT_MALFORMED, field="accent")
    if (contrast := contrast_with_white(colour)) < LEAST_CONTRAST:
        # Rounded down: 4.46 must not be called 4.5.
        shown = f"{int(contrast * 10) / 10:.1f}"
        raise Invalid(ACCENT_TOO_LIGHT(contrast=shown, least=str(LEAST_CONTRAST)), field="accent")
    return colour


def checked_logo(content: bytes) -> Logo:
    """A picture that may stand on receipts, told by its content whatever its name; raises Invalid."""
    if len(content) > MOST_LOGO_BYTES:
        raise Invalid(LOGO_TOO_LARGE(most=MOST_LOGO_KB), field="logo")
    try:
        if content.startswith(_PNG):
            width, height = _png_size(content)
        elif content.startswith(b"\xff\xd8\xff"):
            width, height = _jpeg_size(content)
        else:
            raise Invalid(LOGO_NOT_PNG_OR_JPEG, field="logo")
    except (ValueError, IndexError, struct.error, zlib.error) as error:
        raise Invalid(LOGO_DAMAGED, field="logo") from error
    return Logo(content, width, height)


def _require_size(width: int, height: int) -> tuple[int, int]:
    if not (width and height):
        raise ValueError("no pixels")
    if max(width, height) > MOST_LOGO_SIDE:
        raise Invalid(LOGO_TOO_MANY_PIXELS(most=MOST_LOGO_SIDE), field="logo")
    return width, height


def _png_size(content: bytes) -> tuple[int, int]:
    """Width and height, every chunk and its check sum being whole; ValueError or zlib.error otherwise."""
    at, size, packed = len(_PNG), (0, 0), bytearray()
    while True:
        length, kind = struct.unpack_from(">I4s", content, at)
        body = content[at + 8 : at + 8 + length]
        (check,) = struct.unpack_from(">I", content, at + 8 + length)
        if zlib.crc32(kind + body) != check:
            raise ValueError("a chunk is damaged")
        if kind == b"IHDR":
            size = _require_size(*struct.unpack_from(">II", body))
        elif kind == b"IDAT":
            packed += body
        elif kind == b"IEND":
            break
        at += 12 + length
    _require_size(*size)
    # 8 bytes are the most a pixel has; interlacing adds a few rows' filter bytes. What unpacks to more is no picture.
    unpacked = zlib.decompressobj()
    pixels = unpacked.decompress(bytes(packed), size[0] * size[1] * 8 + 8 * size[1] + 64)
    if not pixels or not unpacked.eof:
        raise ValueError("the pixels are not whole")
    return size


def _jpeg_size(content: bytes) -> tuple[int, int]:
    """Width and height from the frame header; ValueError, IndexError or struct.error where the file is not whole."""
    if not content.rstrip(b"\0").endswith(b"\xff\xd9"):
        raise ValueError("the end is missing")
    at, size = 2, (0, 0)
    while content[at] == 0xFF:
        marker = content[at + 1]
        if marker == 0xFF:  # a fill byte
            at += 1
            continue
        if marker == 0xDA:  # the pixels begin
            return _require_size(*size)
        (length,) = struct.unpack_from(">H", content, at + 2)
        if marker in _JPEG_FRAMES:
            height, width = struct.unpack_from(">HH", content, at + 5)
            size = _require_size(width, height)
        at += 2 + length
    raise ValueError("a segment is damaged")


def logo_content(session: Session, sha256: str | None) -> bytes:
    """The picture of that digest; empty where none is named."""
    row = session.get(LocationLogo, sha256) if sha256 else None
    return row.content if row else b""
