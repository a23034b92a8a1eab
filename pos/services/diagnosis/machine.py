"""The machine: the instance folder and its rights, room on the disk, paper, mail, the clock."""

from __future__ import annotations

import re
import shutil
import smtplib
import stat
import urllib.error
import urllib.request
import zlib
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.parse import urlsplit

from invoices.documents import REPORT_LABELS, Clinic, ReportDocument
from invoices.errors import PaperUnavailable
from invoices.renderer import RenderPool
from pos.core import clock
from pos.core.config import Settings
from pos.core.database.address import sqlite_file
from pos.core.i18n.message import Message
from pos.core.mail import smtp_server
from pos.core.messages.command import doctor as words
from pos.services.diagnosis.findings import Finding, broken, look_at, ok
from pos.services.documents.renderer import TOKENS

SECONDS = 8
# Below this a day of trade, its backup and its copy before a migration may not fit.
_LITTLE_ROOM, _NO_ROOM = 2_000_000_000, 200_000_000
_OFF = timedelta(seconds=60)


def folder(settings: Settings) -> Iterator[Finding]:
    """Whether the instance folder is there and nobody but its owner reads it."""
    here = settings.instance_dir.absolute()
    if not here.is_dir():
        yield broken(words.PIECE_FOLDER, words.FOLDER_MISSING(folder=here))
        return
    database = sqlite_file(settings.database_url)
    paths = [here, *(path for path in here.iterdir() if path.is_file()), *([database] if database else [])]
    wide = sorted({path.name for path in paths if path.exists() and stat.S_IMODE(path.stat().st_mode) & 0o077})
    if wide:
        names = ", ".join(wide[:5])
        yield broken(words.PIECE_FOLDER, words.FOLDER_READ_BY_OTHERS(names=names, folder=here))
    else:
        yield ok(words.PIECE_FOLDER, words.FOLDER_PRIVATE(folder=here))


def room(settings: Settings) -> Iterator[Finding]:
    """How much room is left where the database and the backups lie."""
    file = sqlite_file(settings.database_url)
    where = file.parent if file else settings.instance_dir
    for what, path in ((words.PIECE_DISK, where), (words.PIECE_BACKUP_DISK, settings.backup_dir)):
        if path is None or not path.is_dir():
            continue
        free = shutil.disk_usage(path).free
        size, at = f"{free / 1e9:.1f}", path.absolute()
        if free < _NO_ROOM:
            yield broken(what, words.ROOM_NONE(size=size, folder=at))
        elif free < _LITTLE_ROOM:
            yield look_at(what, words.ROOM_LITTLE(size=size, folder=at))
        else:
            yield ok(what, words.ROOM_ENOUGH(size=size, folder=at))


def paper() -> Finding:
    """Whether a PDF comes out, fonts and all: one is made."""
    now = clock.now()
    page = ReportDocument(
        language="en", title="Test page", clinic=Clinic(name="Tenderpoint", address=()), sections=(),
        issued_at=f"{now:%Y-%m-%d %H:%M} UTC", issued_iso=now.isoformat(), labels=REPORT_LABELS,
    )  # fmt: skip
    try:
        with RenderPool(tokens_css=TOKENS.read_text(encoding="utf-8")) as pool:
            pdf = pool.render(page, "report_a4")
    except PaperUnavailable as error:
        return broken(words.PIECE_PAPER, words.PAPER_NONE(why=error))
    except Exception as error:  # whatever it was, a sentence
        return broken(words.PIECE_PAPER, words.PAPER_NOT_MADE(why=f"{type(error).__name__}: {error}"))
    if not _has_font(pdf):
        return broken(words.PIECE_PAPER, words.PAPER_WITHOUT_FONT)
    return ok(words.PIECE_PAPER, words.PAPER_MADE(size=len(pdf) // 1000))


def _has_font(pdf: bytes) -> bool:
    """Whether a font is embedded; its entry may stand in a compressed stream of objects."""
    if b"/FontFile" in pdf:
        return True
    for begin in re.finditer(rb"stream\r?\n", pdf):
        with suppress(zlib.error):
            if b"/FontFile" in zlib.decompressobj().decompress(pdf[begin.end() :]):
                return True
    return False


def mail(settings: Settings) -> Finding:
    """Whether the mail server answers and takes the sign-in; no mail is sent."""
    if settings.mail_url is None:
        return look_at(words.PIECE_MAIL, words.MAIL_NOT_SET)
    host = urlsplit(settings.mail_url).hostname or "localhost"
    try:
        with smtp_server(settings.mail_url, seconds=SECONDS) as server:
            server.noop()
    except smtplib.SMTPAuthenticationError:
        return broken(words.PIECE_MAIL, words.MAIL_REFUSED(host=host))
    except (OSError, smtplib.SMTPException) as error:
        return broken(words.PIECE_MAIL, words.MAIL_SILENT(host=host, why=error))
    return ok(words.PIECE_MAIL, words.MAIL_WELL(host=host, sender=settings.mail_from))


def times(settings: Settings, of_database: datetime | None) -> Finding:
    """Whether this machine's clock is right, by the database's where that is another machine, or by Stripe's."""
    other = of_database
    whose: Message | str = words.CLOCK_OF_DATABASE
    if other is None and settings.payments.on:
        other, whose = _date_of(settings.payments.api_base or "https://api.stripe.com"), "Stripe"
    if other is None:
        return look_at(words.PIECE_CLOCK, words.CLOCK_ALONE)
    off = clock.now() - other
    if abs(off) > _OFF:
        return broken(words.PIECE_CLOCK, words.CLOCK_DIFFERS(other=whose, count=round(abs(off).total_seconds())))
    return ok(words.PIECE_CLOCK, words.CLOCK_AGREES(other=whose))


def _date_of(url: str) -> datetime | None:
    with suppress(OSError, ValueError, TypeError):
        try:
            with urllib.request.urlopen(url, timeout=SECONDS) as answer:  # noqa: S310  (http or https, by our settings)
                said = answer.headers["Date"]
        except urllib.error.HTTPError as error:  # an answer too, and dated
            said = error.headers["Date"]
            error.close()
        return parsedate_to_datetime(said)
    return None


def programs(settings: Settings) -> Iterator[Finding]:
    """PostgreSQL's programs, which backups need."""
    if sqlite_file(settings.database_url):
        return
    at = str(settings.pg_bin_dir) if settings.pg_bin_dir else None
    missing = [name for name in ("pg_dump", "pg_restore") if not shutil.which(name, path=at)]
    if missing:
        one, *more = missing
        lack = words.PROGRAMS_MISSING_BOTH(name=one, other=more[0]) if more else words.PROGRAMS_MISSING(name=one)
        yield broken(words.PIECE_PG_DUMP, lack)
    else:
        yield ok(words.PIECE_PG_DUMP, words.PROGRAMS_FOUND(file=Path(str(shutil.which("pg_dump", path=at)))))
