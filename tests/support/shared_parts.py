"""What every application of a run has alike and makes but once: routes, compiled statements and templates, static files,
and the processes that set paper.

A test makes an application of its own, and a run thousands. An installation makes one and gains nothing from these.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from types import CodeType
from typing import Any
from unittest.mock import patch
from weakref import WeakKeyDictionary

from flask import Blueprint, Flask
from flask_sqlalchemy import SQLAlchemy
from jinja2.bccache import Bucket
from sqlalchemy import Engine
from sqlalchemy.util import LRUCache
from werkzeug.routing import Map
from whitenoise import WhiteNoise

import pos.app
from invoices.renderer import RenderPool
from pos.reports.listed import reports
from pos.services.documents import renderer
from pos.services.documents.registry import documents
from pos.web.common import template_context


class _Routes:
    """The routes of each set of blueprints. Werkzeug reads more than five hundred addresses and writes code for each, which
    took most of the time of making an application. Blueprints set nothing on one but routes and hooks of their own.
    """

    def __init__(self) -> None:
        self._waiting: WeakKeyDictionary[Flask, list[Blueprint]] = WeakKeyDictionary()
        self._known: dict[tuple[object, ...], tuple[Map, dict[str, Any], list[object]]] = {}
        self._register, self._check = Flask.register_blueprint, pos.app.check_every_route_is_guarded

    def wait(self) -> Callable[[Flask, Blueprint], None]:
        """In place of registering a blueprint: which others follow decides whether the routes are known."""
        return lambda app, blueprint: self._waiting.setdefault(app, []).append(blueprint)

    def settle(self, app: Flask) -> None:
        """In place of the check that follows the last blueprint."""
        blueprints = self._waiting.pop(app)
        # Reports and documents get routes as they are declared, and a test may declare one of its own.
        declared: list[object] = [*reports().values(), *documents().values()]
        names = (*(one.name for one in blueprints), *map(id, declared))
        if names not in self._known:
            for one in blueprints:
                self._register(app, one)
            self._check(app)
            self._known[names] = app.url_map, dict(app.view_functions), declared
            return
        app.url_map, views, _ = self._known[names]
        app.view_functions.update(views)
        for one in blueprints:
            app.blueprints[one.name] = one
            one._merge_blueprint_funcs(app, one.name)


def _engine_with_known_statements() -> Callable[..., Engine]:
    """SQLAlchemy compiles each statement once for a dialect and keeps it with an engine. Every application of a run has an
    engine of its own; with one dialect and one store for all of them, a test takes half of its time."""
    real = SQLAlchemy._make_engine
    known: dict[str, tuple[Any, Any]] = {}

    def alike(self: SQLAlchemy, bind_key: str | None, options: dict[str, Any], app: Flask) -> Engine:
        engine = real(self, bind_key, options, app)
        dialect, store = known.setdefault(engine.dialect.name, (engine.dialect, LRUCache(5_000)))
        engine.dialect, engine.pool._dialect, engine._compiled_cache = dialect, dialect, store
        return engine

    return alike


def _compiled_templates(folder: str) -> type[template_context._CompiledTemplates]:
    """Each test has a folder of its own for compiled templates, empty at first: compiling took a third of a page's test.

    The processes of a run share a folder; what one has read stays in its memory.
    """
    known: dict[tuple[str, str], CodeType] = {}

    class Shared(template_context._CompiledTemplates):
        def __init__(self, _own: str) -> None:
            super().__init__(folder)

        def load_bytecode(self, bucket: Bucket) -> None:
            key = (bucket.key, bucket.checksum)
            if key in known:
                bucket.code = known[key]
                return
            super().load_bytecode(bucket)
            if bucket.code is not None:
                known[key] = bucket.code

        def dump_bytecode(self, bucket: Bucket) -> None:
            if bucket.code is not None:
                known[bucket.key, bucket.checksum] = bucket.code
            super().dump_bytecode(bucket)

        def clear(self) -> None:
            known.clear()
            super().clear()

    return Shared


def _known_static_files() -> Callable[[WhiteNoise, str, str], None]:
    """WhiteNoise looks at every static file; they do not change while a run lasts."""
    real = WhiteNoise.update_files_dictionary
    known: dict[tuple[str, str], dict[str, Any]] = {}

    def look_once(self: WhiteNoise, root: str, prefix: str) -> None:
        key = (root, prefix)
        if key not in known:
            real(self, root, prefix)
            known[key] = dict(self.files)
        self.files.update(known[key])

    return look_once


class _KeptPool(RenderPool):
    """Its processes outlive the application that asked: each takes a second of processor time to start."""

    def close(self) -> None:
        pass

    def end(self) -> None:
        super().close()


class _Pools:
    """The rendering processes, by the seconds they give a document."""

    def __init__(self) -> None:
        self._kept: dict[float, _KeptPool] = {}

    def open(self, *, tokens_css: str, seconds: float = 20.0) -> RenderPool:
        if seconds not in self._kept:
            self._kept[seconds] = _KeptPool(tokens_css=tokens_css, seconds=seconds)
        return self._kept[seconds]

    def close(self) -> None:
        for pool in self._kept.values():
            pool.end()


@contextmanager
def shared_parts(folder: Path) -> Iterator[None]:
    """Have the applications made meanwhile share these; `folder` is the one of the run."""
    compiled = folder / "templates"
    compiled.mkdir(exist_ok=True)
    routes, pools = _Routes(), _Pools()
    with (
        patch.object(Flask, "register_blueprint", routes.wait()),
        patch.object(pos.app, "check_every_route_is_guarded", routes.settle),
        patch.object(SQLAlchemy, "_make_engine", _engine_with_known_statements()),
        patch.object(template_context, "_CompiledTemplates", _compiled_templates(str(compiled))),
        patch.object(WhiteNoise, "update_files_dictionary", _known_static_files()),
        patch.object(renderer, "RenderPool", pools.open),
        closing(pools),
    ):
        yield
