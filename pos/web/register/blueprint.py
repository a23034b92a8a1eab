"""The blueprint of the register; the modules beside it attach their routes."""

from __future__ import annotations

from flask import Blueprint

from pos.web.common.permissions import face_of

bp = Blueprint("register", __name__, url_prefix="/register")
face_of(bp, "register")
