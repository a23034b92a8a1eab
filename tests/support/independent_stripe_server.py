"""A second server that speaks Stripe's API, written from its reference alone: nothing of the simulator is in it.

    python -m tests.support.independent_stripe_server PORT WEBHOOK_URL WEBHOOK_SECRET

It knows what a payment at its reader, one on its page and a refund ask for, keeps all in memory and is strict about nothing.
What people do is asked for under /people. It says its port when it is up. So the application is seen to need of a server
what Stripe documents, and nothing of ours.
"""

from __future__ import annotations

import hashlib
import hmac
import itertools
import json
import sys
import threading
import time
import urllib.request
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

Json = dict[str, Any]
VERSION = "2026-10-28.endive"
READER = "tmr_of_another_server"


class Refused(Exception):
    """An answer of Stripe's that says no."""

    def __init__(self, status: int, message: str, code: str | None = None) -> None:
        super().__init__(message)
        self.status, self.body = status, {
            "error": {"type": "invalid_request_error", "message": message, **({"code": code} if code else {})}
        }  # fmt: skip


def nested(pairs: list[tuple[str, str]]) -> Json:
    """`a[b][0][c]=d` as it is meant: mappings in mappings, lists as mappings from their places."""
    found: Json = {}
    for name, value in pairs:
        head, *rest = name.replace("]", "").split("[")
        at = found
        for key in [head, *rest][:-1]:
            at = at.setdefault(key, {})
        at[[head, *rest][-1] or str(len(at))] = value
    return found


class IndependentStripe:
    """Everything it knows, and what it does when asked."""

    def __init__(self, base: str, webhook_url: str, secret: str) -> None:
        self.base, self.webhook_url, self.secret = base, webhook_url, secret
        self.numbers = itertools.count(1)
        self.kept: dict[str, Json] = {}
        self.answered: dict[str, tuple[int, Json]] = {}
        self.lock = threading.RLock()
        self.keep({"id": READER, "object": "terminal.reader", "label": "Counter", "status": "online",
                   "device_type": "stripe_s700", "serial_number": "S1", "location": None, "action": None})  # fmt: skip

    def keep(self, thing: Json) -> Json:
        """Remember a thing under its id."""
        self.kept[thing["id"]] = {"created": int(time.time()), "livemode": False, "metadata": {}, **thing}
        return self.kept[thing["id"]]

    def new(self, prefix: str, kind: str, **facts: Any) -> Json:
        return self.keep({"id": f"{prefix}_another{next(self.numbers)}", "object": kind, **facts})

    def get(self, key: str) -> Json:
        if key not in self.kept:
            raise Refused(404, f"No such object: {key}", "resource_missing")
        return self.kept[key]

    def every(self, kind: str, **like: Any) -> Json:
        found = [one for one in self.kept.values() if one["object"] == kind]
        found = [one for one in found if all(one.get(name) == value for name, value in like.items())]
        return {"object": "list", "data": list(reversed(found)), "has_more": False, "url": "/v1/all"}

    def tell(self, kind: str, thing: Json) -> None:
        """Remember an event and send it, signed."""
        event = self.new("evt", "event", type=kind, api_version=VERSION, data={"object": dict(thing)})
        body = json.dumps(event).encode()
        at = int(time.time())
        mac = hmac.new(self.secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
        headers = {"Stripe-Signature": f"t={at},v1={mac}", "Content-Type": "application/json"}

        def send() -> None:
            urllib.request.urlopen(urllib.request.Request(self.webhook_url, body, headers), timeout=10).close()

        threading.Thread(target=send, daemon=True).start()

    # Payments

    def intent(self, asked: Json) -> Json:
        return self.new(
            "pi", "payment_intent", amount=int(asked["amount"]), amount_received=0, currency=asked["currency"],
            status="requires_payment_method", metadata=asked.get("metadata", {}), latest_charge=None,
            last_payment_error=None, receipt_email=None, amount_details={},
        )  # fmt: skip

    def pay(self, intent: Json, by: str) -> None:
        """The bank lets it through."""
        card = {"brand": "visa", "last4": "4242"}
        move = self.new(
            "txn", "balance_transaction", type="charge", reporting_category="charge", amount=intent["amount"], fee=59,
            currency=intent["currency"], available_on=int(time.time()), description=None,
        )  # fmt: skip
        charge = self.new(
            "ch", "charge", amount=intent["amount"], currency=intent["currency"], payment_intent=intent["id"],
            status="succeeded", payment_method_details={"type": by, by: card}, balance_transaction=move["id"],
            billing_details={"email": None},
        )  # fmt: skip
        move["source"] = charge["id"]
        intent |= {"status": "succeeded", "amount_received": intent["amount"], "latest_charge": charge["id"]}
        self.tell("payment_intent.succeeded", intent)
        self.tell("charge.succeeded", charge)

    def process(self, reader: Json, asked: Json) -> Json:
        if (reader["action"] or {}).get("status") == "in_progress":
            raise Refused(400, "The reader is busy.", "terminal_reader_busy")
        what = {"payment_intent": asked["payment_intent"]}
        reader["action"] = {
            "type": "process_payment_intent", "status": "in_progress", "failure_code": None, "failure_message": None,
            "process_payment_intent": what,
        }  # fmt: skip
        return reader

    def session(self, asked: Json) -> Json:
        total = sum(
            int(line["quantity"]) * int(line["price_data"]["unit_amount"]) for line in asked["line_items"].values()
        )
        currency = next(iter(asked["line_items"].values()))["price_data"]["currency"]
        page = self.new(
            "cs", "checkout.session", status="open", payment_status="unpaid", payment_intent=None, currency=currency,
            amount_total=total, metadata=asked.get("metadata", {}), expires_at=int(asked["expires_at"]),
            success_url=asked["success_url"], client_reference_id=asked.get("client_reference_id"),
            for_intent=(asked.get("payment_intent_data") or {}).get("metadata", {}),
        )  # fmt: skip
        page["url"] = f"{self.base}/people/pay/{page['id']}"
        return page

    def refund(self, asked: Json) -> Json:
        intent = self.get(asked["payment_intent"])
        before = sum(one["amount"] for one in self.every("refund", payment_intent=intent["id"])["data"])
        amount = int(asked["amount"])
        if before + amount > intent["amount_received"]:
            raise Refused(400, "That is more than is left of the charge.", "charge_already_refunded")
        found = self.new(
            "re", "refund", amount=amount, currency=intent["currency"], payment_intent=intent["id"],
            charge=intent["latest_charge"], status="succeeded", metadata=asked.get("metadata", {}), failure_reason=None,
        )  # fmt: skip
        self.tell("refund.created", found)
        return found

    # What people do

    def tap(self, reader: Json) -> Json:
        action = reader["action"]
        self.pay(self.get(action["process_payment_intent"]["payment_intent"]), "card_present")
        action["status"] = "succeeded"
        self.tell("terminal.reader.action_succeeded", reader)
        return reader

    def pay_page(self, page: Json) -> Json:
        intent = self.intent(
            {"amount": page["amount_total"], "currency": page["currency"], "metadata": page["for_intent"]}
        )
        self.pay(intent, "card")
        page |= {"status": "complete", "payment_status": "paid", "payment_intent": intent["id"]}
        self.tell("checkout.session.completed", page)
        return page

    def answer(self, method: str, path: str, asked: Json) -> Json:
        """What an address answers; raises Refused."""
        doing: dict[tuple[str, ...], Callable[..., Json]] = {
            ("POST", "payment_intents"): lambda: self.intent(asked),
            ("GET", "payment_intents"): lambda: self.every("payment_intent"),
            ("GET", "payment_intents", "*"): self.get,
            ("GET", "terminal", "readers", "*"): self.get,
            ("POST", "terminal", "readers", "*", "process_payment_intent"): lambda key: self.process(
                self.get(key), asked
            ),
            ("POST", "checkout", "sessions"): lambda: self.session(asked),
            ("GET", "checkout", "sessions", "*"): self.get,
            ("POST", "refunds"): lambda: self.refund(asked),
            ("GET", "refunds"): lambda: self.every("refund", payment_intent=asked.get("payment_intent")),
            ("GET", "refunds", "*"): self.get,
            ("GET", "charges", "*"): self.get,
            ("POST", "people", "tap", "*"): lambda key: self.tap(self.get(key)),
            ("POST", "people", "pay", "*"): lambda key: self.pay_page(self.get(key)),
        }
        parts = tuple(part for part in path.removeprefix("/v1").split("/") if part)
        for (verb, *shape), command in doing.items():
            if verb == method and len(shape) == len(parts):
                fit = [(want, part) for want, part in zip(shape, parts, strict=True) if want != part]
                if all(want == "*" for want, _ in fit):
                    return command(*(part for _, part in fit))
        raise Refused(404, f"Unrecognized request URL ({method}: {path}).")

    def expanded(self, thing: Json, wanted: list[str]) -> Json:
        """A copy in which the named ids are objects: `payment_intent.latest_charge` and the like."""
        found = dict(thing)
        if found.get("object") == "list":
            inner = [one.removeprefix("data.") for one in wanted]
            return found | {"data": [self.expanded(one, inner) for one in found["data"]]}
        for path in wanted:
            name, _, rest = path.partition(".")
            if isinstance(found.get(name), str):
                found[name] = self.expanded(self.get(found[name]), [rest] if rest else [])
        return found


def serve(port: int, webhook_url: str, secret: str) -> None:
    """Answer until the process ends."""
    another = IndependentStripe(f"http://127.0.0.1:{port}", webhook_url, secret)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

        def do_GET(self) -> None:
            self.reply("GET", nested(parse_qsl(urlsplit(self.path).query)))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self.reply("POST", nested(parse_qsl(body.decode())))

        def reply(self, method: str, asked: Json) -> None:
            key = self.headers.get("Idempotency-Key") if method == "POST" else None
            with another.lock:
                status, body = another.answered.get(key or "", (0, {}))
                if not status:
                    try:
                        wanted = list((asked.get("expand") or {}).values())
                        status, body = (
                            200,
                            another.expanded(another.answer(method, urlsplit(self.path).path, asked), wanted),
                        )
                    except Refused as refused:
                        status, body = refused.status, refused.body
                    if key:
                        another.answered[key] = status, body
                content = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.send_header("Request-Id", f"req_{next(another.numbers)}")
            self.end_headers()
            self.wfile.write(content)

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    sys.stdout.write(f"another server at {server.server_port}\n")
    sys.stdout.flush()
    server.serve_forever()


if __name__ == "__main__":
    serve(int(sys.argv[1]), sys.argv[2], sys.argv[3])
