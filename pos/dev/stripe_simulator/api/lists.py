"""Lists: newest first, in pages, with a cursor; and the filters most of them share."""

from __future__ import annotations

from typing import Any

from pos.dev.stripe_simulator.errors import ApiError
from pos.dev.stripe_simulator.state.store import Json

_DEFAULT, _MOST = 10, 100


def page(url: str, entries: list[Json], params: dict[str, Any]) -> Json:
    """A list object of `entries` (given newest first) cut by limit, starting_after and ending_before."""
    limit = params.get("limit", _DEFAULT)
    if not 1 <= limit <= _MOST:
        raise ApiError(400, f"Invalid limit: must be between 1 and {_MOST}", param="limit")
    entries = [entry for entry in entries if _created_fits(entry, params.get("created"))]
    if after := params.get("starting_after"):
        entries = entries[_place(entries, after, "starting_after") + 1 :]
        shown, more = entries[:limit], len(entries) > limit
    elif before := params.get("ending_before"):
        entries = entries[: _place(entries, before, "ending_before")]
        shown, more = entries[-limit:], len(entries) > limit
    else:
        shown, more = entries[:limit], len(entries) > limit
    return {"object": "list", "data": shown, "has_more": more, "url": url}


def _place(entries: list[Json], identifier: str, param: str) -> int:
    for index, entry in enumerate(entries):
        if entry["id"] == identifier:
            return index
    raise ApiError(400, f"No such object: '{identifier}'", code="resource_missing", param=param)


def _created_fits(entry: Json, wanted: Any) -> bool:
    if wanted is None:
        return True
    created = entry["created"]
    if isinstance(wanted, int):
        return bool(created == wanted)
    return bool(
        created > wanted.get("gt", created - 1)
        and created >= wanted.get("gte", created)
        and created < wanted.get("lt", created + 1)
        and created <= wanted.get("lte", created)
    )
