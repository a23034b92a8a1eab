"""What every application of a run has alike and makes but once: addresses, compiled statements and templates, static files.

A test makes an application of its own, and a run thousands. An installation makes one and gains nothing from these.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import CodeType
from typing import Any
from unittest.mock import patch

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from jinja2.bccache import Bucket
from sqlalchemy import Engine
from sqlalchemy.util import LRUCache
from werkzeug.routing.rules import Rule
from whitenoise import WhiteNoise

from pos.web.common import template_context


def _compiled_addresses() -> Callable[[Rule], None]:
    """Werkzeug reads each address of the house and writes code for it, the same in every application."""
    real = Rule.compile
    known: dict[tuple[str, object], dict[str, Any]] = {}

    def compile_once(rule: Rule) -> None:
        if rule.defaults or rule.subdomain or rule.host:
            real(rule)
            return
        key = (rule.rule, rule.merge_slashes)
        if key not in known:
            real(rule)
            names = ("_parts", "_trace", "_converters", "arguments", "_build", "_build_unknown")
            found = {name: getattr(rule, name) for name in names}
            # Methods of one rule: the function is shared, the rule is not.
            known[key] = found | {name: found[name].__func__ for name in ("_build", "_build_unknown")}
            return
        found = known[key]
        rule._parts, rule._trace, rule._converters = found["_parts"], found["_trace"], found["_converters"]
        rule.arguments = set(found["arguments"])
        rule._build = found["_build"].__get__(rule, None)
        rule._build_unknown = found["_build_unknown"].__get__(rule, None)

    return compile_once


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


@contextmanager
def shared_parts(folder: Path) -> Iterator[None]:
    """Have the applications made meanwhile share these; `folder` is the one of the run."""
    compiled = folder / "templates"
    compiled.mkdir(exist_ok=True)
    with (
        patch.object(Rule, "compile", _compiled_addresses()),
        patch.object(SQLAlchemy, "_make_engine", _engine_with_known_statements()),
        patch.object(template_context, "_CompiledTemplates", _compiled_templates(str(compiled))),
        patch.object(WhiteNoise, "update_files_dictionary", _known_static_files()),
    ):
        yield
