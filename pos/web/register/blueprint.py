"""The blueprint of the register; the modules beside it attach their routes."""

from __future__ import annotations

from flask import Blueprint

from pos.web.common.permissions import set_interface_of

bp = Blueprint("register", __name__, url_prefix="/register")
set_interface_of(bp, "register")
