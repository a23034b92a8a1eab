#!/bin/sh
# msgspec 0.22.0: an ordinary dataclass that was read from JSON without a field that has a default is equal to one that was made with
# it, and is written without it: nothing is set on the object, and the writer takes what is set. Older rows that are read and
# written again lose their defaults, and digests of them change. Structs and dataclasses with slots=True are written in full.
# Seen: Plain True {'a': 1, 'b': 0} {'a': 1}; Slots and Struct True {'a': 1, 'b': 0} {'a': 1, 'b': 0}. Fails when that changes.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check msgspec==0.22.0
"$folder/venv/bin/python" - <<'PYTHON'
import sys
from dataclasses import dataclass

import msgspec


@dataclass
class Plain:
    a: int
    b: int = 0


@dataclass(slots=True)
class Slots:
    a: int
    b: int = 0


class Struct(msgspec.Struct):
    a: int
    b: int = 0


lost = {}
for kind in (Plain, Slots, Struct):
    made, read = kind(1), msgspec.json.decode(b'{"a": 1}', type=kind)
    print(kind.__name__, made == read, msgspec.to_builtins(made), msgspec.to_builtins(read))
    lost[kind.__name__] = made == read and "b" not in msgspec.to_builtins(read)
sys.exit(0 if lost == {"Plain": True, "Slots": False, "Struct": False} else f"changed: {lost}")
PYTHON
echo "as described"
