"""Stripe's form encoding: `a[b][0][c]=1` to nested dictionaries of strings."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from pos.dev.stripe_simulator.errors import Refused

_PARTS = re.compile(r"\[([^\[\]]*)\]")
_NAME = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)")


def decode(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Nested dictionaries of strings; `a[]=x` counts up. Raises Refused for a key that cannot be read or given twice."""
    root: dict[str, Any] = {}
    for key, value in pairs:
        match = _NAME.fullmatch(key)
        if match is None:
            raise Refused(400, f"Invalid parameter name: {key}", param=key)
        path = [match.group(1), *_PARTS.findall(match.group(2))]
        place = root
        for part in path[:-1]:
            place = place.setdefault(part or str(len(place)), {})
            if not isinstance(place, dict):
                raise Refused(400, f"Invalid {key}: given both as a value and as a hash", param=key)
        last = path[-1] or str(len(place))
        if last in place:
            raise Refused(400, f"The parameter {key} was given twice", param=key)
        place[last] = value
    return root


def name_of(path: tuple[str, ...]) -> str:
    """A parameter's name as Stripe writes it: `line_items[0][price_data]`."""
    return path[0] + "".join(f"[{part}]" for part in path[1:]) if path else ""
