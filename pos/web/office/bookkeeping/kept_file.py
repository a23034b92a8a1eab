"""Files that lie in the installation's folder, sent piece by piece."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from flask import Response

_CHUNK = 1 << 16


def kept_file_answer(path: Path, *, name: str, media_type: str) -> Response:
    """A file to download, saved under `name`; raises OSError where it cannot be read."""
    file = path.open("rb")
    size = path.stat().st_size

    def chunks() -> Iterator[bytes]:
        with file:
            while chunk := file.read(_CHUNK):
                yield chunk

    response = Response(chunks(), content_type=media_type)
    response.headers["Content-Length"] = str(size)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.call_on_close(file.close)
    return response
