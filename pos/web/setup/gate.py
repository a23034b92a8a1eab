"""Until a clinic is there, only the page of set-up answers."""

from __future__ import annotations

from flask import Flask, request

from pos.core.app_context import running
from pos.core.database.base import reading
from pos.core.errors import NotConfigured
from pos.core.messages.installation import SETUP_NOT_DONE
from pos.services.setup.open_clinic import has_location

_THERE = "clinic_is_there"
# What a monitor asks does not depend on a clinic.
_ALWAYS = ("setup.", "metrics.", "health.")


def _refuse_before_setup() -> None:
    """A clinic that was there once stays, so the question ends with the first yes."""
    if running().helpers.get(_THERE) or (request.endpoint or "").startswith(_ALWAYS):
        return
    if not has_location(reading()):
        raise NotConfigured(SETUP_NOT_DONE)
    running().helpers[_THERE] = True


def init_setup_gate(app: Flask) -> None:
    """Attach the refusal."""
    app.before_request(_refuse_before_setup)
