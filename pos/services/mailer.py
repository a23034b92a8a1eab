"""Letters to clients: a template in, a mail out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from pos.core.app_context import settings
from pos.core.database.unit_of_work import no_transaction, unit_of_work
from pos.core.i18n.translator import translator
from pos.core.mail import (
    Attachment,
    Mail,
    send_smtp,
    store_in_mailbox,
)

TEMPLATES = Path(__file__).parent.parent / "templates"


@lru_cache(maxsize=1)
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(enabled_extensions=("html",), default=False),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def write_letter(
    letter: str,
    *,
    to: str,
    subject: str,
    locale: str,
    site_name: str,
    attachments: tuple[Attachment, ...] = (),
    **facts: Any,
) -> Mail:
    """The mail made of `mail/<letter>.html` and `.txt` with these facts, in a locale."""
    w = translator(locale)
    given = {"_": w, "words": w, "page_lang": w.locale.language, "site_name": site_name, "subject": subject, **facts}
    return Mail(
        to=to,
        subject=subject,
        html=_environment().get_template(f"mail/{letter}.html").render(given),
        text=_environment().get_template(f"mail/{letter}.txt").render(given),
        attachments=attachments,
    )


_keep = unit_of_work(store_in_mailbox)


_message: ContextVar[UUID | None] = ContextVar("outbox_message", default=None)


@contextmanager
def carrying_out(message_id: UUID) -> Iterator[None]:
    """Give letters posted in this block a Message-ID made of the outbox message, the same when it is tried again."""
    before = _message.set(message_id)
    try:
        yield
    finally:
        _message.reset(before)


def post_letter(mail: Mail) -> None:
    """Send a mail by SMTP, or keep it in the development mailbox; raises when there is neither, and the outbox retries."""
    config = settings()
    if message_id := _message.get():
        mail = replace(mail, key=uuid5(message_id, mail.to))
    if config.mail_url:
        with no_transaction():  # a slow mail server keeps no connection to the database
            send_smtp(mail, config.mail_from, config.mail_url)
    elif config.mailbox:
        _keep(mail, config.mail_from)
    else:
        raise RuntimeError("no MAIL_URL is set, so mail waits in the outbox")
