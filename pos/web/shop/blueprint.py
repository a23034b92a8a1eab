"""The blueprint of the shop; the modules beside it attach their routes."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("shop", __name__)
