"""Who asks, and how: somebody's browser with all that they carry, and a row of the table asked as a page of ours would."""

from __future__ import annotations

from typing import Any
from weakref import WeakKeyDictionary

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Map, Rule
from werkzeug.test import TestResponse

from pos.domain.clients import registration as clients
from tests.support.clinic import Clinic
from tests.web.permissions.full_app import browser, form_token
from tests.web.permissions.permission_fixtures import signed
from tests.web.permissions.permission_requests import Probe
from tests.web.permissions.permission_row import Row

_COOKIES = (("tp_register", "/register"), ("tp_office", "/office"), ("tp_client", "/"))


def browser_of(world: Clinic, who: str) -> FlaskClient:
    """Somebody's browser, with every cookie they could have."""
    if who in ("ana", "ben"):
        client = getattr(world, who)
        return browser(world, at=world.write(lambda s: clients.open_session(s, client)))
    if who == "anonymous":
        return browser(world)
    person = getattr(world, who)
    return browser(world, desk=person, office=person)


# What a person carries in each world; asked again after every action that was allowed, since it may end a sign-in.
_carried: WeakKeyDictionary[Flask, dict[str, tuple[str | None, str | None, str | None]]] = WeakKeyDictionary()


def known_browser_of(world: Clinic, who: str) -> FlaskClient:
    """A new browser of somebody who is signed in already, for requests by `ask` or such as are all refused."""
    carried = _carried.setdefault(world.app, {})
    if who not in carried:
        web = browser_of(world, who)
        found = [web.get_cookie(name, path=path) for name, path in _COOKIES]
        carried[who] = tuple(cookie and cookie.value for cookie in found)
        return web
    web = browser(world)
    for (name, path), value in zip(_COOKIES, carried[who], strict=True):
        if value:
            web.set_cookie(name, value, path=path)
    return web


_rules: WeakKeyDictionary[Map, dict[str, Rule]] = WeakKeyDictionary()


def address(world: Clinic, rule: str, values: dict[str, Any]) -> str:
    """The path of a rule with its variables filled in."""
    routes = world.app.url_map
    if routes not in _rules:
        _rules[routes] = {one.rule: one for one in reversed([*routes.iter_rules()])}
    found = _rules[routes][rule]
    built = found.build(values)
    assert built is not None, f"{rule} needs {found.arguments}"
    return built[1]


def ask(web: FlaskClient, world: Clinic, row: Row, asked: Probe) -> TestResponse:
    """Ask as a page of ours would: with the form token where something may be changed."""
    path = address(world, row.rule, asked.values) + asked.query
    if row.method == "GET":
        return web.get(path)
    answer = _written(web, world, row, asked, path)
    if answer.status_code < 400:
        _carried.pop(world.app, None)
    return answer


# The cookie and token of a form in each world. They name nobody, so that everybody who asks may send the same.
_form: WeakKeyDictionary[Flask, tuple[str, str]] = WeakKeyDictionary()


def _known_form_token(web: FlaskClient, world: Clinic) -> str:
    if world.app not in _form:
        token, cookie = form_token(web), web.get_cookie("tp_form")
        assert cookie is not None
        _form[world.app] = cookie.value, token
    value, token = _form[world.app]
    web.set_cookie("tp_form", value)
    return token


def _written(web: FlaskClient, world: Clinic, row: Row, asked: Probe, path: str) -> TestResponse:
    if asked.data is not None:
        return web.post(path, data=asked.data, headers=signed(asked.data))
    token = _known_form_token(web, world)
    if asked.form is not None:
        return web.open(path, method=row.method, data={"csrf_token": token, **asked.form})
    return web.open(path, method=row.method, json=asked.json, headers=asked.headers(token))
