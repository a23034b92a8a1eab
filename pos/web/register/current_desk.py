"""The desk that the person of this request is signed in at."""

from __future__ import annotations

from uuid import UUID

from pos.core.database.base import reading
from pos.core.errors import Conflict
from pos.core.messages.people import SIGN_IN_AT_A_DESK
from pos.domain.locations.queries import DeskPlace, desk_place
from pos.web.common.sessions import current_staff


def current_desk_id() -> UUID:
    """The key of the desk this person is signed in at; raises Conflict."""
    desk_id = current_staff().desk_id
    if desk_id is None:
        raise Conflict(SIGN_IN_AT_A_DESK)
    return desk_id


def current_desk() -> DeskPlace:
    """The desk this person is signed in at, and its location."""
    return desk_place(reading(), current_desk_id())
