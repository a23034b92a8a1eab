"""How a file stands in an archive for a bookkeeper or an auditor."""

from __future__ import annotations

from zipfile import ZIP_STORED, ZipInfo

# Files of an archive have a day of their own: the same content gives the same bytes.
_EPOCH = (1980, 1, 1, 0, 0, 0)


def zip_entry(name: str) -> ZipInfo:
    """A file without its day, its owner and compression, whose bytes differ from host to host."""
    entry = ZipInfo(name, date_time=_EPOCH)
    entry.compress_type, entry.create_system, entry.external_attr = ZIP_STORED, 3, 0o600 << 16
    return entry
