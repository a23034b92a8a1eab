"""Where the page and the files of a declared report are, and where something is done about what it lists."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from pos.domain.staff.permissions import Permission

FILES = ("csv", "xlsx", "pdf", "json")


@dataclass(frozen=True)
class Action:
    """The page that acts on what a report lists, for the same days: its endpoint, its name and who may open it."""

    endpoint: str
    words: LazyString
    permission: Permission


# By the name of the report.
ACTIONS = {"expiring-credits": Action("office.credit_holders", _l("Mail their holders"), Permission.MANAGE_CLIENTS)}


def report_endpoint(name: str, kind: str = "page") -> str:
    """The endpoint of the page of the report of a name, or of its file of one of the kinds in FILES."""
    return f"office.report_{name.replace('-', '_')}_{kind}"
