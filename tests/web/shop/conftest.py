"""A shop with a Stripe: the application, the simulator in process, and a browser without JavaScript.

`shop` (marked `@SHOP`) places orders and pays them; `shop.browser()` is one more visitor with cookies of its own.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from pos.core.mail import MailboxMail
from pos.worker import work_once
from tests.support.cards import CARDS, Till, take_cards
from tests.support.clinic import Clinic
from tests.support.simulator_client import PUBLIC_URL

SHOP = pytest.mark.settings(**CARDS.kwargs, MAILBOX="on")
NORA = {"given_name": "Nora", "family_name": "Łind", "email": "nora@mail.example", "phone": "", "terms": "y"}


def hidden(page: str, name: str) -> str:
    """The value of a hidden field."""
    found = re.search(rf'name="{name}"[^>]*value="([^"]*)"', page)
    assert found, f"no field {name}"
    return html.unescape(found.group(1))


@dataclass
class Browser:
    """A visitor: follows links by hand and posts forms with the fields they hold."""

    web: FlaskClient
    seen: list[TestResponse] = field(default_factory=list)

    def get(self, address: str) -> TestResponse:
        """Open a page of ours by path or full address."""
        parts = urlsplit(address)
        answer = self.web.get(parts.path + (f"?{parts.query}" if parts.query else ""))
        assert answer.status_code < 500, answer.text
        return answer

    def post(self, path: str, page: str, **fields: str) -> TestResponse:
        """Post a form found on `page`."""
        answer = self.web.post(path, data={"csrf_token": hidden(page, "csrf_token"), **fields})
        assert answer.status_code in (503,) or answer.status_code < 500, answer.text
        return answer

    def buy(self, path: str, *, page: str | None = None, **changed: str) -> TestResponse:
        """Fill in the details of a package's page and press the button; `page` posts a form opened before."""
        page = page or self.get(path).text
        return self.post(path, page, order_key=hidden(page, "order_key"), **(NORA | changed))

    def sign_in(self, value: str) -> None:
        """Carry a client's cookie."""
        self.web.set_cookie("tp_client", value)


@dataclass
class Shop:
    """The world, its simulator, and ways to look at what happened."""

    till: Till
    clinic: Clinic

    def browser(self) -> Browser:
        """A new visitor."""
        return Browser(self.clinic.app.test_client())

    def path(self, plan: str = "ten", slug: str = "riverside") -> str:
        """The page of a package."""
        return f"/shop/{slug}/{self.clinic.items[plan]}"

    def pay(self, hosted: str) -> str:
        """Press Pay on the hosted page; returns where it leads."""
        return self._press(hosted, "pay")

    def leave(self, hosted: str) -> str:
        """Leave the hosted page; returns where it leads."""
        return self._press(hosted, "leave")

    def decline(self, hosted: str) -> None:
        """Let the bank say no."""
        self._press(hosted, "decline", code="insufficient_funds")

    def _press(self, hosted: str, act: str, **fields: str) -> str:
        answer = self.till.stripe.web.post(f"{urlsplit(hosted).path}/{act}", data=fields, base_url=PUBLIC_URL)
        assert answer.status_code == 303, answer.get_data(as_text=True)
        return str(answer.headers["Location"])

    def webhooks(self) -> None:
        """Deliver what Stripe has to tell, and act on it."""
        web = self.clinic.app.test_client()

        def receive(body: bytes, headers: dict[str, str]) -> int:
            return web.post("/hooks/stripe", data=body, headers=headers).status_code

        self.till.stripe.receiver = receive
        self.till.stripe.press("flush")
        self.work()

    def work(self) -> None:
        """Let the worker do what is due."""
        with self.clinic.app.app_context():
            while work_once():
                pass

    def mails(self) -> list[MailboxMail]:
        """What was mailed, oldest first."""
        with self.clinic.read() as session:
            return list(session.scalars(select(MailboxMail).order_by(MailboxMail.at, MailboxMail.id)))

    def order_id(self, landing: str) -> UUID:
        """The order behind a landing page."""
        from pos.web.shop.order_tokens import order_of_token

        with self.clinic.app.app_context():
            return order_of_token(urlsplit(landing).path.split("/")[3])


@pytest.fixture
def shop(clinic: Clinic) -> Iterator[Shop]:
    """The world with a Stripe."""
    with take_cards(clinic) as till:
        yield Shop(till, clinic)
