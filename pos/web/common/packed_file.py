"""A file that travels in a form field between the page that shows what is in it and the press that brings it in."""

from __future__ import annotations

import base64
import binascii
import zlib

from flask import request

from pos.core.errors import Invalid
from pos.core.messages.imports import FILE_MISSING, FILE_NOT_WHOLE, FILE_TOO_LARGE_FOR_PAGE

# A form field may hold half a megabyte.
MOST_PACKED = 450_000


def pack(content: bytes) -> str:
    """A file as a form field carries it; raises Invalid for one that is too large for a page."""
    packed = base64.b64encode(zlib.compress(content, 9)).decode()
    if len(packed) > MOST_PACKED:
        raise Invalid(FILE_TOO_LARGE_FOR_PAGE, field="file")
    return packed


def unpack(packed: str, most_bytes: int) -> bytes:
    """The file of such a field; raises Invalid for what is none."""
    try:
        content = zlib.decompressobj().decompress(base64.b64decode(packed, validate=True), most_bytes + 1)
    except (binascii.Error, ValueError, zlib.error) as error:
        raise Invalid(FILE_NOT_WHOLE, field="file") from error
    if not content:
        raise Invalid(FILE_MISSING, field="file")
    return content


def sent_file(most_bytes: int, field: str = "file") -> tuple[bytes, str]:
    """The file that was chosen, or the one that `packed` carries, with its name; raises Invalid where there is none."""
    sent = request.files.get(field)
    if sent is not None and sent.filename:
        return sent.read(most_bytes + 1), sent.filename
    return unpack(request.form.get("packed", ""), most_bytes), request.form.get("name", "")
