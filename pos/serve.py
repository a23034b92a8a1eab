"""The application as `pos serve` runs it, with the garbage collector told what lives long."""

from __future__ import annotations

import gc
import sys

# Start-up makes some hundred thousand objects, nearly all for as long as the process lives: looking through them again and
# again found nothing and took a quarter of a second.
gc.disable()

from flask import Flask  # noqa: E402  (the collector is off first)

from pos.app import create_app  # noqa: E402  (the collector is off first)
from pos.core.app_context import settings_of  # noqa: E402  (the collector is off first)
from pos.core.errors import NotConfigured  # noqa: E402  (the collector is off first)
from pos.core.in_use import hold  # noqa: E402  (the collector is off first)


def served_app() -> Flask:
    """The application; what start-up made is set aside from garbage collection for good, then collection begins."""
    try:
        app = create_app()
        hold(settings_of(app))
    except NotConfigured as error:  # a sentence, not a stack trace
        sys.exit(f"{error.field or 'Settings'}: {error.sentence}")
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
    gc.enable()
    return app
