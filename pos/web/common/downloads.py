"""Files to download: sent as they are written, or written whole first. Half a file never looks whole.

A file that is sent as it is written goes out in a gzip coding, of blocks that are not compressed. Its end holds the checksum
of all, and where writing fails a block follows that no decoder takes, so the browser reports a failed download. Granian ends
the answer of a view that raises as if it were whole (2.8, tried), and gives no way to cut the connection. Whoever does not
take gzip, and SQLite without a write-ahead log, where a reader would keep the desk from writing, get a file that was written
whole before its first byte: see docs/decisions/0033-a-file-is-sent-as-it-is-written.md.
"""

from __future__ import annotations

import logging
import re
import time
import zlib
from collections.abc import Callable, Generator, Iterator
from tempfile import SpooledTemporaryFile
from typing import BinaryIO, TypedDict, cast

from flask import Flask, Response, current_app, request
from sqlalchemy.orm import Session

from pos.core.database.base import engine
from pos.domain.locations.csv_forms import RFC_4180, CsvForm
from pos.reports.period import Scope, one_moment

log = logging.getLogger(__name__)

CSV = "text/csv; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# Small files stay in memory.
_IN_MEMORY = 1 << 20
_CHUNK = 1 << 16
# Whoever takes longer to fetch a file holds a moment of the database and a thread for too long.
_LONGEST_SECONDS = 900.0
# A deflate block of the kind that does not exist.
_NO_BLOCK = b"\x07"
# The page that asked for a file waits for a cookie of this name and its own token: the file has begun.
_BEGUN = "tp_file_"


class _Sent:
    """A file being sent: its session is its own, because that of the request ends before the first byte leaves."""

    def __init__(self, app: Flask, session: Session, parts: Iterator[bytes]) -> None:
        self._app, self._session, self._parts = app, session, parts
        self._coded = zlib.compressobj(0, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
        self._began, self._ended = time.monotonic(), False

    def __iter__(self) -> _Sent:
        return self

    def __next__(self) -> bytes:
        if self._ended:
            raise StopIteration
        try:
            if time.monotonic() - self._began > _LONGEST_SECONDS:
                raise TimeoutError("the file took too long to fetch")
            with self._app.app_context():
                part = next(self._parts, None)
        except Exception:
            log.exception("a file broke off")
            self.close()
            return self._coded.flush(zlib.Z_SYNC_FLUSH) + _NO_BLOCK * 16
        if part is None:
            self.close()
            return self._coded.flush()
        return self._coded.compress(part) + self._coded.flush(zlib.Z_SYNC_FLUSH)

    def close(self) -> None:
        """End what is read and give the connection back; the server calls it when the browser has gone."""
        self._ended = True
        if isinstance(self._parts, Generator):
            self._parts.close()
        self._session.close()


def _sends_at_once(session: Session) -> bool:
    """Whether somebody may read for as long as a download takes: without a write-ahead log nobody else could write."""
    connection = session.connection()
    return connection.dialect.name != "sqlite" or connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"


def sent_as_written(parts: Callable[[Session], Iterator[bytes]], *, name: str, media_type: str) -> Response:
    """The file whose parts are made from a session, of one moment; each leaves as soon as it is made."""
    session = Session(engine())
    try:
        one_moment(session)
        if not (request.accept_encodings.quality("gzip") > 0 and _sends_at_once(session)):

            def write(out: BinaryIO) -> None:
                for part in parts(session):
                    out.write(part)

            answer = file_answer(write, name=name, media_type=media_type)
            session.close()
        else:
            sent = _Sent(current_app._get_current_object(), session, parts(session))  # type: ignore[attr-defined]  # typed as what it stands for
            answer = Response(sent, content_type=media_type)
            answer.headers["Content-Encoding"] = "gzip"
            answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
            answer.call_on_close(sent.close)
            _note_begun(answer)
    except BaseException:
        session.close()
        raise
    answer.vary.add("Accept-Encoding")
    return answer


def _note_begun(answer: Response) -> None:
    """Tell the page that asked that its file begins; its scripts read the cookie, which says nothing."""
    token = request.args.get("file", "")
    if re.fullmatch(r"[a-z0-9]{1,32}", token):
        answer.set_cookie(_BEGUN + token, "1", max_age=60, path="/office", samesite="Lax")


class CsvHabits(TypedDict):
    """How a CSV is written."""

    for_spreadsheet: bool
    form: CsvForm


def csv_habits(scope: Scope, *, for_programs: bool = False) -> CsvHabits:
    """As the location has chosen, to be opened by a double click; for programs, or with `csv=rfc4180`, by RFC 4180."""
    if for_programs or request.args.get("csv") == "rfc4180":
        return {"for_spreadsheet": False, "form": RFC_4180}
    return {"for_spreadsheet": True, "form": scope.csv_form}


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

    response = open_file_answer(out, size, name=name, media_type=media_type)
    _note_begun(response)
    return response


def open_file_answer(file: BinaryIO, size: int, *, name: str, media_type: str) -> Response:
    """An open file of so many bytes, sent piece by piece under a name and closed."""

    def chunks() -> Iterator[bytes]:
        with file:
            while chunk := file.read(_CHUNK):
                yield chunk

    response = Response(chunks(), content_type=media_type)
    response.headers["Content-Length"] = str(size)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.call_on_close(file.close)
    return response
