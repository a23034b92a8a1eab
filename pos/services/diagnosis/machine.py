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
from pos.core.database.base import sqlite_file
from pos.core.mail import smtp_server
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
        yield broken("instance folder", f"There is no folder {here}: set INSTANCE_DIR to that of the installation.")
        return
    database = sqlite_file(settings.database_url)
    paths = [here, *(path for path in here.iterdir() if path.is_file()), *([database] if database else [])]
    wide = sorted({path.name for path in paths if path.exists() and stat.S_IMODE(path.stat().st_mode) & 0o077})
    if wide:
        names = ", ".join(wide[:5])
        yield broken("instance folder", f"Others on this machine may read {names} in {here}: run chmod -R go= {here}.")
    else:
        yield ok("instance folder", f"{here} is readable by its owner alone.")


def room(settings: Settings) -> Iterator[Finding]:
    """How much room is left where the database and the backups lie."""
    file = sqlite_file(settings.database_url)
    for what, path in (("disk", file.parent if file else settings.instance_dir), ("backup disk", settings.backup_dir)):
        if path is None or not path.is_dir():
            continue
        free = shutil.disk_usage(path).free
        words = f"{free / 1e9:.1f} GB are free at {path.absolute()}"
        if free < _NO_ROOM:
            yield broken(what, f"Only {words}: make room now, before sales can no longer be saved.")
        elif free < _LITTLE_ROOM:
            yield look_at(what, f"Only {words}: make room.")
        else:
            yield ok(what, f"{words}.")


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
        return broken("paper", f"No PDF can be made: {error}")
    except Exception as error:  # whatever it was, a sentence
        return broken(
            "paper", f"The test page was not made ({type(error).__name__}: {error}): look at Pango and its fonts."
        )
    if not _has_font(pdf):
        return broken("paper", "The test page has no font in it: install one, for example fonts-dejavu-core.")
    return ok("paper", f"A test page was made ({len(pdf) // 1000} kB).")


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
        return look_at("mail", "MAIL_URL is not set: receipts and sign-in links are not mailed.")
    host = urlsplit(settings.mail_url).hostname or "localhost"
    try:
        with smtp_server(settings.mail_url, seconds=SECONDS) as server:
            server.noop()
    except smtplib.SMTPAuthenticationError:
        return broken("mail", f"{host} refuses the name or password in MAIL_URL.")
    except (OSError, smtplib.SMTPException) as error:
        return broken("mail", f"{host} does not answer as a mail server ({error}): look at MAIL_URL.")
    return ok("mail", f"{host} answers and takes mail from {settings.mail_from}.")


def times(settings: Settings, of_database: datetime | None) -> Finding:
    """Whether this machine's clock is right, by the database's where that is another machine, or by Stripe's."""
    other, whose = of_database, "the database"
    if other is None and settings.payments.on:
        other, whose = _date_of(settings.payments.api_base or "https://api.stripe.com"), "Stripe"
    if other is None:
        return look_at(
            "clock", "There is no other clock to compare with: see that this machine keeps time (timedatectl)."
        )
    off = clock.now() - other
    if abs(off) > _OFF:
        return broken(
            "clock", f"This machine's clock and that of {whose} differ by {abs(off).total_seconds():.0f} seconds:"
            " let it be set by NTP (timedatectl set-ntp true).",
        )  # fmt: skip
    return ok("clock", f"This machine's clock agrees with that of {whose}.")


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
        yield broken(
            "pg_dump", f"There is no {' and no '.join(missing)}: install postgresql-client, or set PG_BIN_DIR."
        )
    else:
        yield ok("pg_dump", f"pg_dump is {Path(str(shutil.which('pg_dump', path=at)))}.")
