"""The part of the SDK that somebody has read: what each call we make takes, and what each object we read holds.

`python -m tests.simulator.reviewed` writes it down anew, after the review it asks for.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from pos.dev.stripe_simulator.api.routing import HANDLERS, route_book
from pos.dev.stripe_simulator.contract.answers import _CLASSES
from pos.dev.stripe_simulator.contract.sources import api_version, sdk_folder
from pos.dev.stripe_simulator.contract.types import (
    ListOf,
    MapOf,
    OneOf,
    Record,
    Spec,
    fields,
)

FILE = Path(__file__).with_name("reviewed.json")


def _told(spec: Spec, home: str, inside: tuple[Record, ...] = ()) -> Any:
    """A specification in full; other objects, which live in modules of their own, by their names."""
    match spec:
        case Record():
            if spec.module != home or spec in inside:
                return spec.name
            known = sorted(fields(spec).items())
            return {name: [_told(field.spec, home, (*inside, spec)), field.required] for name, field in known}
        case ListOf(item=inner) | MapOf(value=inner):
            return [type(spec).__name__, _told(inner, home, inside)]
        case OneOf(options=options):
            return [_told(option, home, inside) for option in options]
    return repr(spec)


def _hash(record: Record) -> str:
    return hashlib.sha256(json.dumps(_told(record, record.module)).encode()).hexdigest()[:16]


def sdk_version() -> str:
    """The version of the installed SDK, read and not imported."""
    text = (sdk_folder() / "_version.py").read_text("utf-8")
    return text.split('"')[1]


def contract() -> dict[str, Any]:
    """What is installed now, in the shape that was reviewed."""
    calls = {}
    for verb, shape in sorted(HANDLERS):
        found = route_book().find(verb, shape.replace("{}", "x"))
        assert found is not None
        route, _ = found
        calls[f"{verb} {shape}"] = _hash(Record(*route.params)) if route.params else "takes nothing"
    objects = {name: _hash(record) for name, record in sorted(_CLASSES.items())}
    return {"sdk": sdk_version(), "api_version": api_version(), "calls": calls, "objects": objects}


if __name__ == "__main__":
    FILE.write_text(json.dumps(contract(), indent=1) + "\n", encoding="utf-8")
