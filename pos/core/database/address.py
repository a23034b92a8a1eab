"""Where the database is: addresses as settings write them, the file of a SQLite one and who may read it."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote


def normal_url(url: str) -> str:
    """The URL with the driver this project ships; creates the folder of a SQLite file."""
    for prefix in ("postgres://", "postgresql://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    if url.startswith("sqlite:///"):
        Path(url.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
    return url


def sqlite_file(url: str) -> Path | None:
    """The file of a SQLite URL; None for another database."""
    return Path(url.removeprefix("sqlite:///")) if url.startswith("sqlite:///") else None


def reading_url(url: str) -> str:
    """The URL by which to look at a database; a SQLite file that cannot be written, or in such a folder, is opened to read.

    Without write permission SQLite could not make the files it keeps beside a database in use; a copy that nobody writes to
    needs none.
    """
    file = sqlite_file(url)
    if file is None or (os.access(file, os.W_OK) and os.access(file.parent, os.W_OK)):
        return url
    log = file.with_name(f"{file.name}-wal")
    still = not (log.is_file() and log.stat().st_size)
    return f"sqlite:///file:{quote(str(file.absolute()))}?mode=ro{'&immutable=1' if still else ''}&uri=true"


def keep_private(url: str, folder: Path) -> None:
    """Let nobody but the owner read the instance folder and a SQLite database, whatever the umask; made here if missing.

    SQLite gives its journal and shared memory the rights of the database. Files of somebody else, or on a disk that is
    read-only, stay as they are.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _for_owner_alone(folder)
    path = url.removeprefix("sqlite:///").partition("?")[0]
    if not url.startswith("sqlite:///") or path in ("", ":memory:") or path.startswith("file:"):
        return
    with suppress(OSError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    for end in ("", "-wal", "-shm", "-journal"):
        _for_owner_alone(Path(path + end))


def _for_owner_alone(path: Path) -> None:
    with suppress(OSError):
        mode = path.stat().st_mode
        is_shared = mode & stat.S_ISVTX or path.resolve() == Path.cwd()  # /tmp, or where the program stands
        if mode & 0o077 and not is_shared:
            path.chmod(mode & 0o700)
