"""Mail leaves by SMTP as a proper message, and nothing a client types can add a header to it."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from pos.core.mail import (
    Attachment,
    Mail,
    compose,
    send_smtp,
)


class _Postman:
    """Keeps what an SMTP server was handed."""

    def __init__(self) -> None:
        self.envelopes: list[Any] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802  (aiosmtpd's name)
        self.envelopes.append(envelope)
        return "250 OK"


@pytest.fixture
def postman() -> Iterator[tuple[_Postman, str]]:
    handler = _Postman()
    with socket.socket() as probe:  # aiosmtpd connects to the port it was told, so it cannot be told 0
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    yield handler, f"smtp://127.0.0.1:{port}"
    controller.stop()


def letter(**changes: Any) -> Mail:
    facts = {
        "to": "maria@mail.example",
        "subject": "Your receipt",
        "text": "Thank you, Zoé.",
        "html": "<p>Thank you, Zoé.</p>",
        "attachments": (Attachment("MS-000001.pdf", "application/pdf", b"%PDF-1.7"),),
    }
    return Mail(**(facts | changes))


def test_mail_of_receipt_is_sent_as_text_html_and_pdf(postman: tuple[_Postman, str]) -> None:
    handler, url = postman
    send_smtp(letter(), "Clinic <hello@clinic.example>", url)
    (envelope,) = handler.envelopes
    assert envelope.rcpt_tos == ["maria@mail.example"]
    message = message_from_bytes(envelope.content, policy=policy.default)
    assert isinstance(message, EmailMessage)
    assert (message["From"], message["Subject"]) == ("Clinic <hello@clinic.example>", "Your receipt")
    assert [part.get_content_type() for part in message.walk()] == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "text/html",
        "application/pdf",
    ]
    body = message.get_body(("plain",))
    assert body is not None
    assert body.get_content().strip() == "Thank you, Zoé."


@pytest.mark.parametrize("field", ["to", "subject"])
def test_mail_line_break_in_header_is_refused(field: str) -> None:
    with pytest.raises(ValueError, match=r"linefeed|newline|header"):
        compose(letter(**{field: "a@mail.example\nBcc: everybody@mail.example"}), "hello@clinic.example")


def test_mail_server_away_raises() -> None:
    with pytest.raises(OSError, match="refused"):
        send_smtp(letter(), "hello@clinic.example", "smtp://127.0.0.1:9")
