"""Files that must be whole after a power cut, and readable by their owner alone."""

from __future__ import annotations

import os
from pathlib import Path


def sync(path: Path) -> None:
    """Wait until a file, or the names in a folder, are on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def replace_privately(path: Path, content: bytes) -> None:
    """Write a file beside and give it the name when it is whole: a reader sees the old content or the new one."""
    beside = path.with_suffix(f".{os.getpid()}")
    beside.write_bytes(content)
    beside.chmod(0o600)
    beside.replace(path)
