"""What the running application was started with: its settings, and the long-lived helpers made once per process."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from flask import Flask, current_app, has_app_context

from pos.core.config import Settings

T = TypeVar("T")
_NAME = "tenderpoint"


@dataclass
class Running:
    """One application in this process."""

    settings: Settings
    helpers: dict[str, Any] = field(default_factory=dict)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def once(self, name: str, make: Callable[[Settings], T]) -> T:
        """The helper called `name`, made at its first use (a payment gateway, a pool of printers)."""
        with self._lock:
            if name not in self.helpers:
                self.helpers[name] = make(self.settings)
            found: T = self.helpers[name]
            return found


def attach(app: Flask, settings: Settings) -> Running:
    """Give an application its settings."""
    running = app.extensions[_NAME] = Running(settings)
    return running


def running() -> Running:
    """The application of the current context."""
    found: Running = current_app.extensions[_NAME]
    return found


def is_running() -> bool:
    """Whether this thread is in the context of an application; a client to Stripe is also used without one."""
    return has_app_context()


def settings() -> Settings:
    """The settings of the current application."""
    return running().settings


def settings_of(app: Flask) -> Settings:
    """The settings of an application, outside its context."""
    found: Running = app.extensions[_NAME]
    return found.settings
