"""Files to download: written to a temporary file first, so that a failure is an error page and not half a file."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from tempfile import SpooledTemporaryFile
from typing import BinaryIO, cast

from flask import Response

from pos.reports.period import Scope

CSV = "text/csv; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# Small files stay in memory.
_IN_MEMORY = 1 << 20
_CHUNK = 1 << 16


def file_name(what: str, scope: Scope, ending: str) -> str:
    """`sales-maple-street-2026-11-01-2026-11-22.csv`: plain letters, whatever a location is called."""
    where = scope.places[0].slug if len(scope.places) == 1 else "all"
    days = scope.from_on.isoformat() if scope.days == 1 else f"{scope.from_on}-{scope.to_on}"
    return f"{what}-{re.sub(r'[^a-z0-9-]+', '-', where.lower())}-{days}.{ending}"


def file_answer(write: Callable[[BinaryIO], object], *, name: str, media_type: str) -> Response:
    """The file that `write` makes, streamed; it reads the database only until it is written."""
    out = cast(BinaryIO, SpooledTemporaryFile(max_size=_IN_MEMORY))  # noqa: SIM115  (closed when it was sent)
    try:
        write(out)
        size = out.tell()
        out.seek(0)
    except BaseException:
        out.close()
        raise

    def chunks() -> Iterator[bytes]:
        with out:
            while chunk := out.read(_CHUNK):
                yield chunk

    response = Response(chunks(), content_type=media_type)
    response.headers["Content-Length"] = str(size)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.call_on_close(out.close)
    return response
