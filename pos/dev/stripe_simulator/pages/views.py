"""The pages and their buttons. Every button posts, then the page is shown anew."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from werkzeug.exceptions import NotFound
from werkzeug.routing import Map, Rule
from werkzeug.utils import redirect
from werkzeug.wrappers import Request, Response

from pos.dev.stripe_simulator import faults
from pos.dev.stripe_simulator.context import Context
from pos.dev.stripe_simulator.errors import ApiError
from pos.dev.stripe_simulator.objects import hosted_checkout, money, terminal
from pos.dev.stripe_simulator.objects.declines import DECLINES
from pos.dev.stripe_simulator.pages import post_payment
from pos.dev.stripe_simulator.state.store import Json

_HERE = Path(__file__).parent
_TIP_PERCENTS = (10, 15, 20)
_KINDS = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8"}
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; "
    "img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    # Not no-referrer: browsers would then hide the origin of our own forms, which is what tells them from a stranger's.
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}


@cache
def _rules() -> Map:
    """Which view of `Pages` answers an address, the same for every simulator of a process."""
    rows = [
        ("GET", "/", "_console"),
        ("POST", "/faults", "_arm"),
        ("POST", "/faults/clear", "_disarm"),
        ("POST", "/readers", "_add_reader"),
        ("POST", "/events/<id>/redeliver", "_redeliver"),
        ("GET", "/events/<id>", "_event"),
        ("GET", "/pay/<id>", "_checkout"),
        ("POST", "/pay/<id>/pay", "_pay"),
        ("POST", "/pay/<id>/debit", "_debit"),
        ("POST", "/pay/<id>/bank/<any(pays,refuses):answer>", "_bank"),
        ("POST", "/pay/<id>/decline", "_decline"),
        ("POST", "/pay/<id>/leave", "_leave"),
        ("GET", "/receipts/<id>", "_receipt"),
        ("GET", "/reader/<id>", "_reader"),
        ("GET", "/reader/<id>/state", "_reader_state"),
        ("POST", "/reader/<id>/<any(tap,present,decline,cancel,unplug,plug,lose_line):act>", "_act"),
        ("POST", "/after/<kind>/<id>/<act>", "_after"),
        ("GET", "/static/<name>", "_static"),
    ]
    return Map([Rule(path, endpoint=view, methods=[method]) for method, path, view in rows])


class Pages:
    """Serves the hosted checkout, the reader screens and the console."""

    def __init__(self, world: Context) -> None:
        self._world = world
        self._templates = Environment(
            loader=FileSystemLoader(_HERE / "templates"),
            undefined=StrictUndefined,
            autoescape=select_autoescape(default=True),
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.filters["money"] = money.shown

    def respond(self, request: Request) -> Response:
        """The page asked for; an unknown object is a 404 page, a refused button says why on its page."""
        view, ids = _rules().bind_to_environ(request.environ).match()
        hosted_checkout.expire_overdue(self._world)
        try:
            response: Response = getattr(self, view)(request, **ids)
        except ApiError as refusal:
            response = self._page("refused.html", refusal.status, title="Not possible", sentence=str(refusal))
        self._world.postbox.wake()
        response.headers.extend(_HEADERS)
        return response

    def _page(self, template: str, status: int = 200, **values: Any) -> Response:
        html = self._templates.get_template(template).render(**values)
        return Response(html, status, mimetype="text/html")

    # The hosted checkout

    def _checkout(self, request: Request, id: str) -> Response:
        session = self._world.find("checkout.session", id)
        intent = self._world.store.get(session["payment_intent"] or "", "payment_intent")
        return self._page(
            "checkout.html",
            session=session,
            lines=session["_line_items"],
            back=_filled(session["success_url"], id),
            problem=(intent or {}).get("last_payment_error"),
            declines=DECLINES.values(),
            account=self._world.settings.account_name,
            debit=hosted_checkout.offers_debit(session),
            at_the_bank=bool(intent and intent["status"] == "processing"),
        )

    def _pay(self, request: Request, id: str) -> Response:
        session = self._world.find("checkout.session", id)
        if session["status"] != "complete":  # a second press of the button leads where the first one led
            hosted_checkout.pay(self._world, id, request.form.get("email") or None)
        return redirect(_filled(session["success_url"], id), 303)

    def _debit(self, request: Request, id: str) -> Response:
        session = self._world.find("checkout.session", id)
        if session["status"] != "complete":
            hosted_checkout.debit(self._world, id, request.form.get("email") or None)
        return redirect(_filled(session["success_url"], id), 303)

    def _bank(self, request: Request, id: str, answer: str) -> Response:
        hosted_checkout.bank_answers(self._world, id, paid=answer == "pays")
        return redirect(f"/pay/{id}", 303)

    def _decline(self, request: Request, id: str) -> Response:
        hosted_checkout.decline(self._world, id, DECLINES[request.form["code"]])
        return redirect(f"/pay/{id}", 303)

    def _leave(self, request: Request, id: str) -> Response:
        session = self._world.find("checkout.session", id)
        return redirect(_filled(session["cancel_url"] or f"/pay/{id}", id), 303)

    def _receipt(self, request: Request, id: str) -> Response:
        return self._page("receipt.html", charge=self._world.find("charge", id))

    # The reader

    def _reader(self, request: Request, id: str) -> Response:
        return self._page("reader.html", declines=DECLINES.values(), **self._on_reader(id))

    def _reader_state(self, request: Request, id: str) -> Response:
        screen = self._templates.get_template("_screen.html").render(declines=DECLINES.values(), **self._on_reader(id))
        return Response(json.dumps({"screen": screen}), mimetype="application/json")

    def _on_reader(self, id: str) -> dict[str, Any]:
        reader = self._world.find("terminal.reader", id)
        action: Json | None = reader["action"]
        shown = action and action["process_payment_intent"]["payment_intent"]
        intent = self._world.store.get(shown, "payment_intent") if shown else None
        eligible = terminal.asks_for_tip(reader)
        tips = [(percent, (eligible * percent + 50) // 100) for percent in _TIP_PERCENTS] if eligible else []
        return {
            "reader": reader,
            "action": action,
            "waiting": terminal.action_in_progress(reader) is not None,
            "intent": intent,
            "tips": tips,
            "may_cancel": terminal.may_cancel(reader),
            "at_the_bank": terminal.is_at_the_bank(reader),
        }

    def _act(self, request: Request, id: str, act: str) -> Response:
        acts: dict[str, Callable[[], object]] = {
            "tap": lambda: terminal.tap(self._world, id, tip=int(request.form.get("tip") or 0)),
            "decline": lambda: terminal.decline(self._world, id, DECLINES[request.form["code"]]),
            "cancel": partial(terminal.cancel, self._world, id),
            "present": lambda: terminal.present(self._world, id, tip=int(request.form.get("tip") or 0)),
            "unplug": lambda: terminal.unplug(self._world, id, charged="charged" in request.form),
            "plug": partial(terminal.plug, self._world, id),
            "lose_line": partial(terminal.lose_line, self._world, id),
        }
        acts[act]()
        return redirect(f"/reader/{id}", 303)

    # The console

    def _console(self, request: Request) -> Response:
        store = self._world.store
        events = store.all("event")[:30]
        deliveries = {delivery.event_id: delivery for delivery in reversed(self._world.postbox.deliveries())}
        return self._page(
            "console.html",
            readers=store.all("terminal.reader"),
            sessions=store.all("checkout.session")[:12],
            events=[(event, deliveries.get(event["id"])) for event in events],
            faults=faults.FAULTS.values(),
            armed=faults.armed(store),
            webhook_url=self._world.settings.webhook_url,
            after=post_payment.facts(self._world),
        )

    def _after(self, request: Request, kind: str, id: str, act: str) -> Response:
        action = post_payment.action_of(self._world, kind, id, act, request.form)
        if action is None:
            raise NotFound("There is no such button.")
        action()
        return redirect("/#after", 303)

    def _arm(self, request: Request) -> Response:
        form = request.form
        if form["name"] not in faults.FAULTS:
            raise NotFound("There is no such fault.")
        times = int(form["times"]) if form.get("times", "").isdigit() else 1
        faults.arm(self._world.store, form["name"], pattern=form.get("pattern", "").strip() or "*", times=times)
        return redirect("/", 303)

    def _disarm(self, request: Request) -> Response:
        faults.disarm(self._world.store)
        return redirect("/", 303)

    def _add_reader(self, request: Request) -> Response:
        terminal.register(self._world, request.form.get("label", "").strip() or "Reader")
        return redirect("/", 303)

    def _redeliver(self, request: Request, id: str) -> Response:
        self._world.postbox.redeliver(self._world.find("event", id))
        return redirect("/", 303)

    def _event(self, request: Request, id: str) -> Response:
        event = self._world.find("event", id)
        return self._page("event.html", event=event, text=json.dumps(event, indent=2))

    def _static(self, request: Request, name: str) -> Response:
        file = _HERE / "static" / Path(name).name
        if not file.is_file() or file.suffix not in _KINDS:
            raise NotFound
        return Response(file.read_bytes(), content_type=_KINDS[file.suffix])


def _filled(url: str, session_id: str) -> str:
    return url.replace("{CHECKOUT_SESSION_ID}", quote(session_id))
