"""The office face."""

from flask import Blueprint

bp = Blueprint("office", __name__)
