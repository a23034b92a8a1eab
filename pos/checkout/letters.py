"""Letters to clients: a template in, a mail out."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from pos.kernel.mail import Attachment, Mail, keep_in_mailbox, send_smtp
from pos.kernel.running import settings
from pos.kernel.unit_of_work import unit_of_work
from pos.kernel.words import words

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
    w = words(locale)
    given = {"_": w, "words": w, "page_lang": w.locale.language, "site_name": site_name, "subject": subject, **facts}
    return Mail(
        to=to,
        subject=subject,
        html=_environment().get_template(f"mail/{letter}.html").render(given),
        text=_environment().get_template(f"mail/{letter}.txt").render(given),
        attachments=attachments,
    )


_keep = unit_of_work(keep_in_mailbox)


def post_letter(mail: Mail) -> None:
    """Send a mail by SMTP, or keep it in the development mailbox; raises when there is neither, and the outbox retries."""
    told = settings()
    if told.mail_url:
        send_smtp(mail, told.mail_from, told.mail_url)
    elif told.mailbox:
        _keep(mail, told.mail_from)
    else:
        raise RuntimeError("no MAIL_URL is set, so mail waits in the outbox")
