"""What every page has: its assets, its language, its formats, its nonce."""

from __future__ import annotations

import hashlib
import secrets
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from flask import Flask, g, request
from flask_babel import Babel
from jinja2 import FileSystemBytecodeCache, StrictUndefined
from jinja2.bccache import Bucket

from pos.core.app_context import settings
from pos.core.i18n import TRANSLATIONS
from pos.core.i18n.message import translated, translated_text
from pos.core.i18n.script_messages import script_messages
from pos.core.i18n.translator import Translator, translator

STATIC = Path(__file__).parent.parent.parent / "static"
SITE_NAME = "Tenderpoint"
# Dates and amounts are written as in these, and in every language that has a catalogue.
LANGUAGES = tuple(
    dict.fromkeys(("en", "de", "fr", *sorted(path.parents[1].name for path in TRANSLATIONS.glob("*/*/*.mo"))))
)


@lru_cache(maxsize=1)
def static_prefix() -> str:
    """Where the static files of this release are: a prefix that changes with any of them.

    A prefix and not a query, because modules and style sheets name their neighbours by relative path.
    """
    whole = hashlib.sha256()
    for path in sorted(STATIC.rglob("*")):
        if path.is_file():
            whole.update(path.relative_to(STATIC).as_posix().encode() + b"\0" + path.read_bytes())
    return f"/static/{whole.hexdigest()[:12]}/"


def asset(path: str) -> str:
    """The address of a file below `pos/static`."""
    return static_prefix() + path


def csp_nonce() -> str:
    """The nonce of this response's scripts."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    nonce: str = g.csp_nonce
    return nonce


def page_language() -> str:
    """The language of this request: chosen on the page, or the browser's best among those shipped."""
    chosen = request.cookies.get("tp_lang", "")
    if chosen in LANGUAGES:
        return chosen
    return request.accept_languages.best_match(LANGUAGES) or "en"


class _CompiledTemplates(FileSystemBytecodeCache):
    """Compiled templates on disk; where the disk takes none, a page is compiled anew in each process."""

    def dump_bytecode(self, bucket: Bucket) -> None:
        with suppress(OSError):
            super().dump_bytecode(bucket)

    def load_bytecode(self, bucket: Bucket) -> None:
        with suppress(OSError):
            super().load_bytecode(bucket)


def page_translator(locale: str | None = None) -> Translator:
    """Formats for a page: a place's locale for its money, the visitor's language otherwise."""
    return translator(locale or page_language())


def page_text(text: str | None) -> str:
    """A sentence in the language of this request: a message, or one as it was stored; empty where there is none."""
    return translated_text(text or "", page_translator())


def page_said(value: object) -> object:
    """A message in the language of this request; a text that somebody typed, or any other value, as it is."""
    return translated(value, page_translator())


def init_pages(app: Flask) -> None:
    """Attach globals, filters and translations to the template environment."""
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    # Compiling the first page took a fifth of a second of every start. The key holds the template's text.
    compiled = settings().instance_dir / "templates"
    with suppress(OSError):
        compiled.mkdir(parents=True, exist_ok=True, mode=0o700)
    app.jinja_env.bytecode_cache = _CompiledTemplates(str(compiled))
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(TRANSLATIONS)
    Babel(app, locale_selector=page_language)
    app.jinja_env.globals.update(asset=asset, csp_nonce=csp_nonce, site_name=SITE_NAME)

    @app.context_processor
    def _page() -> dict[str, object]:
        mode = settings().payments.mode
        language = page_language()
        return {
            "page_lang": language,
            "script_messages": script_messages(language),
            "payments_mode": "simulated" if mode == "simulator" else mode,
        }

    def money(minor: int, currency: str, locale: str | None = None) -> str:
        return page_translator(locale).money(minor, currency)

    def amount(minor: int, currency: str, locale: str | None = None) -> str:
        return page_translator(locale).amount(minor, currency)

    app.jinja_env.filters.update(
        money=money,
        amount=amount,
        day=lambda value, locale=None: page_translator(locale).day(value),
        month=lambda value: page_translator().month(value),
        moment=lambda value, zone, locale=None: page_translator(locale).moment(value, zone),
        clock=lambda value, zone, locale=None: page_translator(locale).time(value, zone),
        translated=page_text,
        said=page_said,
        percent=lambda value, locale=None: page_translator(locale).percent(value),
    )
