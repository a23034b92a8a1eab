"""`/_sim/…`: the simulator's own HTTP face for tests and the demo. Form fields or JSON in, JSON out."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from functools import cache
from typing import Any

from werkzeug.exceptions import BadRequest
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from pos.dev.stripe_simulator import faults
from pos.dev.stripe_simulator.context import Context, shown
from pos.dev.stripe_simulator.errors import ApiError
from pos.dev.stripe_simulator.objects import (
    balance,
    disputes,
    hosted_checkout,
    payments,
    payouts,
    refund_states,
    terminal,
)
from pos.dev.stripe_simulator.objects.declines import DECLINES, Decline
from pos.dev.stripe_simulator.provenance import BEHAVIOURS

Given = dict[str, Any]


@cache
def _rules() -> Map:
    """Which verb an address is, the same for every simulator of a process."""
    post = [
        ("/faults", "arm"),
        ("/readers", "new_reader"),
        ("/readers/<id>/tap", "tap"),
        ("/readers/<id>/present", "present"),
        ("/readers/<id>/decline", "decline_reader"),
        ("/readers/<id>/cancel", "cancel_reader"),
        ("/readers/<id>/unplug", "unplug"),
        ("/readers/<id>/plug", "plug"),
        ("/readers/<id>/lose-line", "lose_line"),
        ("/sessions/<id>/pay", "pay"),
        ("/sessions/<id>/debit", "debit"),
        ("/sessions/<id>/bank-pays", "bank_pays"),
        ("/sessions/<id>/bank-refuses", "bank_refuses"),
        ("/sessions/<id>/decline", "decline_session"),
        ("/charges/<id>/settle", "settle"),
        ("/refunds/<id>/succeed", "succeed_refund"),
        ("/refunds/<id>/fail", "fail_refund"),
        ("/charges/<id>/dispute", "dispute"),
        (f"/disputes/<id>/<any({','.join(disputes.ACTIONS)}):act>", "move_dispute"),
        ("/payouts", "pay_out"),
        (f"/payouts/<id>/<any({','.join(payouts.ACTIONS)}):act>", "move_payout"),
        ("/fees", "take_fee"),
        ("/events/<id>/redeliver", "redeliver"),
        ("/flush", "flush"),
    ]
    get = [
        ("/state", "state"),
        ("/faults", "list_faults"),
        ("/deliveries", "deliveries"),
        ("/behaviours", "behaviours"),
    ]
    delete = [("/faults", "disarm"), ("/faults/<int:number>", "disarm")]
    return Map(
        [
            Rule(f"/_sim{path}", endpoint=name, methods=[method])
            for method, rows in (("GET", get), ("POST", post), ("DELETE", delete))
            for path, name in rows
        ]
    )


class Admin:
    """The control desk behind the pages: readers, sessions, faults, deliveries."""

    def __init__(self, world: Context) -> None:
        self._world = world
        self._verbs: dict[str, Callable[..., Any]] = {
            "state": self._state,
            "list_faults": lambda _: [asdict(fault) for fault in faults.armed(world.store)],
            "arm": self._arm,
            "disarm": lambda _, number=None: faults.disarm(world.store, number),
            "new_reader": lambda given: terminal.register(world, _text(given, "label", "Reader")),
            "tap": lambda given, id: terminal.tap(world, id, tip=_whole(given, "tip", 0)),
            "decline_reader": lambda given, id: terminal.decline(world, id, _decline(given)),
            "cancel_reader": lambda _, id: terminal.cancel(world, id),
            "present": lambda given, id: terminal.present(world, id, tip=_whole(given, "tip", 0)),
            "unplug": lambda given, id: terminal.unplug(world, id, charged=bool(_whole(given, "charged", 0))),
            "plug": lambda _, id: terminal.plug(world, id),
            "lose_line": lambda _, id: terminal.lose_line(world, id),
            "pay": lambda given, id: hosted_checkout.pay(world, id, _text(given, "email", "") or None),
            "debit": lambda given, id: hosted_checkout.debit(world, id, _text(given, "email", "") or None),
            "bank_pays": lambda _, id: hosted_checkout.bank_answers(world, id, paid=True),
            "bank_refuses": lambda _, id: hosted_checkout.bank_answers(world, id, paid=False),
            "decline_session": lambda given, id: hosted_checkout.decline(world, id, _decline(given)),
            "settle": self._settle,
            "dispute": self._dispute,
            "move_dispute": lambda _, id, act: disputes.ACTIONS[act](world, id),
            "pay_out": lambda given: payouts.pay_out(
                world, _text(given, "currency", "usd"), early=bool(given.get("early", True))
            ),
            "move_payout": lambda _, id, act: payouts.ACTIONS[act](world, id),
            "take_fee": lambda given: balance.charge_fee(
                world, _whole(given, "amount", 0), _text(given, "currency", "usd"), _text(given, "description", "Radar")
            ),
            "succeed_refund": self._succeed_refund,
            "fail_refund": self._fail_refund,
            "deliveries": lambda _: [asdict(delivery) for delivery in world.postbox.deliveries()],
            "redeliver": lambda _, id: world.postbox.redeliver(world.find("event", id)),
            "flush": lambda _: [asdict(delivery) for delivery in world.postbox.flush()],
            "behaviours": lambda _: [asdict(behaviour) for behaviour in BEHAVIOURS],
        }

    def respond(self, request: Request) -> Response:
        """The JSON answer; 400 with `error` for what cannot be done."""
        name, ids = _rules().bind_to_environ(request.environ).match()
        try:
            body, status = shown(self._verbs[name](_given(request), **ids)), 200
        except ApiError as refusal:
            body, status = {"error": refusal.error}, refusal.status
        self._world.postbox.wake()
        return Response(json.dumps(body, indent=2), status, mimetype="application/json")

    def _state(self, _: Given) -> dict[str, Any]:
        hosted_checkout.expire_overdue(self._world)
        store = self._world.store
        return {
            "readers": store.all("terminal.reader"),
            "sessions": store.all("checkout.session"),
            "intents": store.all("payment_intent"),
            "refunds": store.all("refund"),
            "disputes": store.all("dispute"),
            "payouts": store.all("payout"),
            "faults": [asdict(fault) for fault in faults.armed(store)],
            "waiting": sum(delivery.state in {"pending", "held"} for delivery in self._world.postbox.deliveries()),
        }

    def _arm(self, given: Given) -> dict[str, Any]:
        name = _text(given, "name")
        if name not in faults.FAULTS:
            raise BadRequest(f"There is no fault called {name}.")
        armed = faults.arm(
            self._world.store,
            name,
            pattern=_text(given, "pattern", "*") or "*",
            method=_text(given, "method", "*"),
            times=_whole(given, "times", 1),
        )
        return asdict(armed)

    def _settle(self, _: Given, id: str) -> dict[str, Any]:
        with self._world.store.transaction():
            charge = payments.settle(self._world, self._world.find("charge", id))
            self._world.tell("charge.updated", charge)
        return charge

    def _dispute(self, given: Given, id: str) -> dict[str, Any]:
        return disputes.open_dispute(
            self._world,
            id,
            amount=_whole(given, "amount", 0) or None,
            reason=_text(given, "reason", "fraudulent"),
            inquiry=bool(given.get("inquiry")),
        )

    def _succeed_refund(self, _: Given, id: str) -> dict[str, Any]:
        with self._world.store.transaction():
            return refund_states.succeed(self._world, id)

    def _fail_refund(self, given: Given, id: str) -> dict[str, Any]:
        with self._world.store.transaction():
            return refund_states.fail(self._world, id, _text(given, "reason", "expired_or_canceled_card"))


def _given(request: Request) -> Given:
    if request.mimetype == "application/json":
        body = request.get_json()
        if not isinstance(body, dict):
            raise BadRequest("Send a JSON object.")
        return body
    return dict(request.form)


def _text(given: Given, name: str, default: str | None = None) -> str:
    value = given.get(name, default)
    if not isinstance(value, str):
        raise BadRequest(f"{name} is missing.")
    return value


def _whole(given: Given, name: str, default: int) -> int:
    try:
        return int(given.get(name) or default)
    except (TypeError, ValueError) as error:
        raise BadRequest(f"{name} must be a whole number.") from error


def _decline(given: Given) -> Decline:
    code = _text(given, "code", "card_declined")
    if code not in DECLINES:
        raise BadRequest(f"There is no decline called {code}.")
    return DECLINES[code]
