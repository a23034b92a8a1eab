"""The version that is installed."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version


def installed_version() -> str:
    """The version of the installed wheel; “source” where the application runs from a checkout."""
    try:
        return version("tenderpoint")
    except PackageNotFoundError:
        return "source"
