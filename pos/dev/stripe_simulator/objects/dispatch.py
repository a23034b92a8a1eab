"""One API request from its headers to its answer: key, route, faults, idempotency, contract, endpoint, expansion."""

from __future__ import annotations

import hashlib
import hmac
import io
import json
import secrets
from typing import Any
from urllib.parse import parse_qsl

from werkzeug.wrappers import Request, Response

import pos.dev.stripe_simulator.api  # noqa: F401 - fills HANDLERS
from pos.dev.stripe_simulator.api.expand import expanded
from pos.dev.stripe_simulator.api.routing import (
    HANDLERS,
    Call,
    Handler,
    route_book,
)
from pos.dev.stripe_simulator.context import Cause, Context, shown
from pos.dev.stripe_simulator.contract.answers import faults_in
from pos.dev.stripe_simulator.contract.check import checked
from pos.dev.stripe_simulator.contract.forms import decode
from pos.dev.stripe_simulator.contract.sources import Route, api_version
from pos.dev.stripe_simulator.contract.types import Record
from pos.dev.stripe_simulator.errors import ApiError, ConnectionDropped, Refused
from pos.dev.stripe_simulator.faults import strike
from pos.dev.stripe_simulator.objects import hosted_checkout
from pos.dev.stripe_simulator.provenance import documented, inferred
from pos.dev.stripe_simulator.state import idempotency
from pos.dev.stripe_simulator.state.idempotency import Answer
from pos.dev.stripe_simulator.state.store import Json


class Api:
    """Answers Stripe's API; with `check_answers` every answer is held to the SDK's classes and a slip raises."""

    def __init__(self, world: Context, *, check_answers: bool) -> None:
        self._world = world
        self._check_answers = check_answers
        self._book = route_book()
        self._late: list[Request] = []

    def respond(self, request: Request) -> Response:
        """The HTTP answer; raises ConnectionDropped where a fault cuts the line."""
        late, self._late = self._late, []
        try:
            return self._respond(request)
        finally:
            for one in late:
                self._do_late(one)

    def _respond(self, request: Request) -> Response:
        request_id = "req_sim" + secrets.token_hex(7)
        fault = None
        try:
            self._authenticate(request)
            fault = strike(self._world.store, "request", request.path, request.method)
            if fault == "late_success":
                self._late.append(Request({**request.environ, "wsgi.input": io.BytesIO(request.get_data())}))
            _strike_before(fault, request.headers.get("Idempotency-Key", ""))
            answer = self._answer(request, request_id, fault)
        except ApiError as refusal:
            answer = Answer(refusal.status, {"error": refusal.error}, request_id)
        self._world.postbox.flush_urgent()
        self._world.postbox.wake()
        if fault == "timeout_after":
            raise ConnectionDropped("cut after execution")
        response = _render(answer, request_id, request.headers.get("Idempotency-Key"))
        if fault == "connection_reset":
            body = response.get_data()
            response.set_data(body[: len(body) // 2])
            response.headers["Content-Length"] = str(len(body))
        return response

    @inferred("A request whose line was cut may be carried out later, when its caller has gone on.")
    def _do_late(self, request: Request) -> None:
        try:
            self._answer(request, "req_sim" + secrets.token_hex(7), None)
        except ApiError:
            return  # nobody waits for this answer
        finally:
            self._world.postbox.flush_urgent()
            self._world.postbox.wake()

    @documented("A secret key travels as a bearer token; a wrong one is a 401.")
    def _authenticate(self, request: Request) -> None:
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if not given:
            raise Refused(401, "You did not provide an API key.")
        if not hmac.compare_digest(given.encode(), self._world.settings.secret_key.encode()):
            raise Refused(401, f"Invalid API Key provided: {given[:8]}****")
        version = request.headers.get("Stripe-Version", api_version())
        if version != api_version():
            raise Refused(400, f"The simulator speaks API version {api_version()}, not {version}.")

    def _answer(self, request: Request, request_id: str, fault: str | None) -> Answer:
        verb = request.method.lower()
        route, ids, handler = self._route(verb, request.path)
        files: dict[str, tuple[str, bytes]] = {}
        if request.mimetype == "multipart/form-data":
            files = {name: (file.filename or "", file.read()) for name, file in request.files.items()}
            request.close()
            form = list(request.form.items(multi=True))
            form += [(name, hashlib.sha256(content).hexdigest()) for name, (_, content) in files.items()]
        else:
            raw = request.get_data() if verb == "post" else request.query_string
            form = parse_qsl(raw.decode("utf-8", "replace"), keep_blank_values=True)
        key = request.headers.get("Idempotency-Key") if verb == "post" else None
        now = self._world.now()
        if key:
            print_ = idempotency.fingerprint(verb, request.path, form)
            if earlier := idempotency.begin(self._world.store, key, print_, request_id, now):
                return earlier
        try:
            params = checked(Record(*route.params), decode(form)) if route.params else {}
            with self._world.caused_by(Cause(request_id, key)):
                hosted_checkout.expire_overdue(self._world)
                return self._execute(handler, Call(self._world, ids, params, files), key, request_id, fault)
        except BaseException:
            if key:
                idempotency.forget(self._world.store, key)
            raise

    def _route(self, verb: str, path: str) -> tuple[Route, tuple[str, ...], Handler]:
        found = self._book.find(verb, path)
        if found is None:
            raise Refused(404, f"Unrecognized request URL ({verb.upper()}: {path}).")
        route, ids = found
        handler = HANDLERS.get((verb, route.shape))
        if handler is None:
            raise Refused(501, f"Stripe has {verb.upper()} {route.path}; the simulator does not answer it.")
        return route, ids, handler

    def _execute(self, handler: Handler, call: Call, key: str | None, request_id: str, fault: str | None) -> Answer:
        store = self._world.store
        if fault == "server_error_stored":
            answer = _server_error(request_id)
            with store.transaction():
                if key:
                    idempotency.finish(store, key, answer)
            return answer
        try:
            with store.transaction():
                try:
                    answer = Answer(200, self._present(handler(call), call.params), request_id)
                except ApiError as refusal:
                    if not refusal.keeps_effects:
                        raise
                    answer = Answer(refusal.status, {"error": shown(refusal.error)}, request_id)
                if fault == "server_error_executed":
                    answer = _server_error(request_id)
                if key:
                    idempotency.finish(store, key, answer)
        except ApiError as refusal:
            if not refusal.executed:
                raise
            answer = Answer(refusal.status, {"error": shown(refusal.error)}, request_id)
            with store.transaction():
                if key:
                    idempotency.finish(store, key, answer)
        return answer

    def _present(self, answer: Json, params: dict[str, Any]) -> Json:
        body: Json = shown(expanded(self._world, answer, params.get("expand", [])))
        if self._check_answers and (faults := faults_in(body)):
            raise AssertionError("the simulator's answer does not fit the SDK: " + "; ".join(faults[:8]))
        return body


def _strike_before(fault: str | None, key: str) -> None:
    if fault in ("timeout_before", "late_success"):
        raise ConnectionDropped("cut before execution")
    if fault == "rate_limit":
        raise Refused(429, "Too many requests hit the API too quickly.", code="rate_limit")
    if fault == "conflict":
        raise idempotency.in_use(key)


def _server_error(request_id: str) -> Answer:
    error = {"type": "api_error", "message": "An unknown error occurred. This one was asked for."}
    return Answer(500, {"error": error}, request_id)


def _render(answer: Answer, request_id: str, key: str | None) -> Response:
    response = Response(json.dumps(answer.body, indent=2), answer.status, mimetype="application/json")
    response.headers["Request-Id"] = request_id
    response.headers["Stripe-Version"] = api_version()
    if key:
        response.headers["Idempotency-Key"] = key
        if answer.replayed:
            response.headers["Original-Request"] = answer.request_id
            response.headers["Idempotent-Replayed"] = "true"
    if answer.status >= 500 or answer.status == 429:
        # Stripe tells its libraries not to repeat what its own keys would only replay.
        response.headers["Stripe-Should-Retry"] = "false"
    return response
