"""Whether this host can make PDFs, asked without loading WeasyPrint."""

from __future__ import annotations

import ctypes
import ctypes.util
import sys
from collections.abc import Callable
from functools import cache
from importlib.util import find_spec

# Name for the system's search, then the names WeasyPrint itself would load on Linux and macOS.
_LIBRARIES = {
    "pango-1.0": ("libpango-1.0.so.0", "libpango-1.0.dylib"),
    "pangoft2-1.0": ("libpangoft2-1.0.so.0", "libpangoft2-1.0.dylib"),
    "harfbuzz-subset": ("libharfbuzz-subset.so.0", "libharfbuzz-subset.0.dylib"),
}
_INSTALL = {
    "darwin": "brew install pango",
    "win32": "pacman -S mingw-w64-ucrt-x86_64-pango",
}
_INSTALL_DEBIAN = "apt-get install -y libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"


def install_line() -> str:
    """The command that brings the missing libraries to this kind of host."""
    return _INSTALL.get(sys.platform, _INSTALL_DEBIAN)


def missing_sentence(reason: str) -> str:
    """What a person is told where PDFs cannot be made, ending in the line to run."""
    return f"PDFs need a library this host lacks ({reason}). Receipts are shown as HTML meanwhile. Install: {install_line()}"


@cache
def paper_available() -> bool:
    """True where WeasyPrint is installed and Pango and HarfBuzz can be loaded; looked up once a process, in milliseconds."""
    return find_spec("weasyprint") is not None and not missing_libraries()


def missing_libraries(load: Callable[[str], object] = ctypes.CDLL) -> list[str]:
    """Those libraries WeasyPrint needs that cannot be loaded, by name; `load` raises OSError for one that is not there."""
    return [name for name, files in _LIBRARIES.items() if not _loads(name, files, load)]


def _loads(name: str, files: tuple[str, ...], load: Callable[[str], object]) -> bool:
    for file in (*files, ctypes.util.find_library(name) if sys.platform != "linux" else None):
        try:
            if file and load(file):
                return True
        except OSError:
            continue
    return False
