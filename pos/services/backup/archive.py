"""The file of a backup: a ZIP with the members, the manifest, and at its end a checksum of everything before it.

The checksum stands in the ZIP's comment, so any ZIP program opens a backup, and a byte changed or cut off anywhere shows
before anything in the file is believed.
"""

from __future__ import annotations

import hashlib
import os
import zipfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO

from pos.core.errors import Invalid
from pos.core.files import sync
from pos.core.messages.installation import (
    BACKUP_ALTERED,
    BACKUP_EXISTS,
    BACKUP_MEMBER_ALTERED,
    BACKUP_NOT_READABLE,
    BACKUP_NOT_WRITABLE,
    NOT_A_BACKUP,
)
from pos.services.backup.manifest import FORMAT, MANIFEST, Described, Manifest, Member, decode, encode

PARTIAL = ".partial"
_CHECKSUM_MARK = b"tenderpoint backup sha256:"
_TRAILER = len(_CHECKSUM_MARK) + 64
_CHUNK = 1 << 20


def _copy(source: IO[bytes], target: IO[bytes] | None, read: Callable[[int], None]) -> Member:
    digest, size = hashlib.sha256(), 0
    while chunk := source.read(_CHUNK):
        digest.update(chunk)
        size += len(chunk)
        if target is not None:
            target.write(chunk)
        read(len(chunk))
    return Member(size, digest.hexdigest())


def _silent(_read: int) -> None:
    return


def _digest(file: IO[bytes], length: int, read: Callable[[int], None] = _silent) -> bytes:
    file.seek(0)
    digest, left = hashlib.sha256(), length
    while left and (chunk := file.read(min(_CHUNK, left))):
        digest.update(chunk)
        left -= len(chunk)
        read(len(chunk))
    return digest.hexdigest().encode()


def write_archive(
    target: Path, described: Described, members: Mapping[str, Path], read: Callable[[int], None] = _silent
) -> Manifest:
    """Write a backup under a temporary name, readable by its owner alone, and give it its name when it is on the disk.

    `read` hears bytes as they are taken in. Raises Invalid where the file is there already or cannot be written.
    """
    if target.exists():
        raise Invalid(BACKUP_EXISTS(file=target))
    beside = target.with_name(f".{target.name}.{os.getpid()}{PARTIAL}")
    try:
        with os.fdopen(os.open(beside, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600), "w+b") as file:
            manifest = _write(file, described, members, read)
        try:
            os.link(beside, target)  # unlike a rename, never over a file that came meanwhile
        except FileExistsError:
            raise Invalid(BACKUP_EXISTS(file=target)) from None
        except OSError:  # a disk without hard links
            beside.rename(target)
        sync(target.parent)
    except OSError as error:
        raise Invalid(BACKUP_NOT_WRITABLE(file=target, why=error.strerror or error)) from error
    finally:
        with suppress(OSError):
            beside.unlink()
    return manifest


def _write(file: IO[bytes], described: Described, members: Mapping[str, Path], read: Callable[[int], None]) -> Manifest:
    packed, found = zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=6), {}
    with packed:
        for name, path in members.items():
            with path.open("rb") as source, packed.open(name, "w", force_zip64=True) as into:
                found[name] = _copy(source, into, read)
        manifest = Manifest(
            FORMAT, described.version, described.revision, described.database, described.made_at, described.heads, found
        )
        packed.writestr(MANIFEST, encode(manifest))
        packed.comment = _CHECKSUM_MARK + b"0" * 64
    whole = file.seek(0, os.SEEK_END)
    checksum = _digest(file, whole - _TRAILER)
    file.seek(whole - 64)
    file.write(checksum)
    file.flush()
    os.fsync(file.fileno())
    return manifest


def read_archive(path: Path, into: Path, read: Callable[[int], None] = _silent) -> Manifest:
    """Check a backup and unpack its members into a folder; raises Invalid for a wrong, cut or altered file."""
    try:
        with path.open("rb") as file:
            whole = file.seek(0, os.SEEK_END)
            if whole <= _TRAILER:
                raise Invalid(NOT_A_BACKUP(file=path))
            file.seek(whole - _TRAILER)
            checksum = file.read(_TRAILER)
            if not checksum.startswith(_CHECKSUM_MARK):
                raise Invalid(NOT_A_BACKUP(file=path))
            if _digest(file, whole - _TRAILER, read) != checksum.removeprefix(_CHECKSUM_MARK):
                raise Invalid(BACKUP_ALTERED(file=path))
            return _unpack(path, file, into, read)
    except OSError as error:
        raise Invalid(BACKUP_NOT_READABLE(file=path, why=error.strerror or error)) from error


def _unpack(path: Path, file: IO[bytes], into: Path, read: Callable[[int], None]) -> Manifest:
    try:
        with zipfile.ZipFile(file) as packed:
            manifest = decode(packed.read(MANIFEST))
            if sorted(packed.namelist()) != sorted([*manifest.members, MANIFEST]):
                raise Invalid(NOT_A_BACKUP(file=path))
            for name, said in manifest.members.items():
                handle = os.open(into / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
                with packed.open(name) as source, os.fdopen(handle, "wb") as target:
                    if _copy(source, target, read) != said:
                        raise Invalid(BACKUP_MEMBER_ALTERED(file=path, member=name))
    except (zipfile.BadZipFile, ValueError, KeyError, NotImplementedError, EOFError) as error:
        raise Invalid(NOT_A_BACKUP(file=path)) from error
    return manifest
