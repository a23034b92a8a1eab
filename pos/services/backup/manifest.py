"""What a backup says about itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import msgspec

FORMAT = 1
DATABASE, KEY, MARK, MANIFEST = "database", "secret_key", "last_seen.json", "manifest.json"
# What a backup may hold beside its manifest; the database is in every one.
MEMBERS = (DATABASE, KEY, MARK)


class Member(msgspec.Struct, frozen=True):
    """One file in a backup: its length in bytes and its SHA-256 in hexadecimal digits."""

    size: int
    sha256: str


class ChainHead(msgspec.Struct, frozen=True):
    """Where the books of a location end: the number of entries and the hash of the last one."""

    location: str
    entries: int
    hash: str


class Manifest(msgspec.Struct, frozen=True):
    """The inventory of a backup. `database` is sqlite or postgresql, `revision` that of its tables, `made_at` in UTC."""

    format: int
    version: str
    revision: str
    database: str
    made_at: datetime
    heads: tuple[ChainHead, ...]
    members: dict[str, Member]


@dataclass(frozen=True)
class Described:
    """What the maker of a backup knows of the database before its members are written."""

    version: str
    revision: str
    database: str
    made_at: datetime
    heads: tuple[ChainHead, ...]


def encode(manifest: Manifest) -> bytes:
    """The manifest as JSON for a person too."""
    return msgspec.json.format(msgspec.json.encode(manifest), indent=2)


def decode(content: bytes) -> Manifest:
    """The manifest of a backup; raises ValueError where it is none of this format."""
    found = msgspec.json.decode(content, type=Manifest)
    if found.format != FORMAT or DATABASE not in found.members or set(found.members) - set(MEMBERS):
        raise ValueError("not a manifest of this format")
    return found
