"""The blueprint of the office; the modules beside it attach their routes."""

from __future__ import annotations

from flask import Blueprint

from pos.web.common.permissions import set_interface_of

bp = Blueprint("office", __name__, url_prefix="/office")
set_interface_of(bp, "office")
