"""Mail: a message in, sent by SMTP or kept in the development mailbox."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from urllib.parse import unquote, urlsplit
from uuid import UUID

from sqlalchemy import JSON, LargeBinary, String, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from pos.core import clock
from pos.core.config import LOOPBACK
from pos.core.database.base import Base, UtcDateTime
from pos.core.errors import NotFound
from pos.core.ids import new_id
from pos.core.messages.general import NO_SUCH_MAIL


@dataclass(frozen=True)
class Attachment:
    """A file in a mail."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True)
class Mail:
    """A letter to one person, in text and HTML.

    `key` names what is sent, the same whenever it is sent again: the Message-ID is made of it, so that a mail program which
    gets a letter twice can tell.
    """

    to: str
    subject: str
    text: str
    html: str
    attachments: Sequence[Attachment] = ()
    key: UUID | None = None


class MailboxMail(Base):
    """A mail kept for looking at, where no SMTP server is named (development)."""

    __tablename__ = "mailbox_mails"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    to: Mapped[str] = mapped_column(String(320))
    subject: Mapped[str] = mapped_column(String(400))
    text: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text)
    attachment_names: Mapped[list[str]] = mapped_column(JSON)
    raw: Mapped[bytes] = mapped_column(LargeBinary)


def compose(mail: Mail, sender: str) -> EmailMessage:
    """The RFC 5322 message of a mail; header injection is refused by the standard library."""
    message = EmailMessage()
    message["From"] = sender
    message["To"] = mail.to
    message["Subject"] = mail.subject
    message["Date"] = format_datetime(clock.now())
    message["Message-ID"] = f"<{mail.key or new_id()}@{parseaddr(sender)[1].rpartition('@')[2] or 'localhost'}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.text)
    message.add_alternative(mail.html, subtype="html")
    for attachment in mail.attachments:
        main, _, sub = attachment.media_type.partition("/")
        message.add_attachment(attachment.content, maintype=main, subtype=sub, filename=attachment.name)
    return message


@contextmanager
def smtp_server(url: str, *, seconds: float) -> Iterator[smtplib.SMTP]:
    """A connection to the server in `url` (`smtp://user:password@host:587` with STARTTLS, or `smtps://`), signed in; raises
    OSError or SMTPException. `seconds` is how long an answer may take.
    """
    parts = urlsplit(url)
    host = parts.hostname or "localhost"
    context = ssl.create_default_context()
    server: smtplib.SMTP
    if parts.scheme == "smtps":
        server = smtplib.SMTP_SSL(host, parts.port or 465, timeout=seconds, context=context)
    else:
        server = smtplib.SMTP(host, parts.port or 587, timeout=seconds)
    with server:
        if parts.scheme == "smtp" and host not in LOOPBACK:
            server.starttls(context=context)
        if parts.username:
            server.login(unquote(parts.username), unquote(parts.password or ""))
        yield server


def send_smtp(mail: Mail, sender: str, url: str) -> None:
    """Send by the server in `url`; raises on failure."""
    with smtp_server(url, seconds=20) as server:
        server.send_message(compose(mail, sender))


def store_in_mailbox(session: Session, mail: Mail, sender: str) -> None:
    """Put a mail into the development mailbox."""
    session.add(
        MailboxMail(
            at=clock.now(),
            to=mail.to,
            subject=mail.subject,
            text=mail.text,
            html=mail.html,
            attachment_names=[a.name for a in mail.attachments],
            raw=compose(mail, sender).as_bytes(),
        )
    )


def newest_mails(session: Session, limit: int = 100) -> list[MailboxMail]:
    """The mails of the development mailbox, newest first."""
    query = select(MailboxMail).order_by(MailboxMail.at.desc(), MailboxMail.id.desc()).limit(limit)
    return list(session.scalars(query))


def mailbox_mail(session: Session, mail_id: UUID) -> MailboxMail:
    """One of them; raises NotFound."""
    mail = session.get(MailboxMail, mail_id)
    if mail is None:
        raise NotFound(NO_SUCH_MAIL)
    return mail
