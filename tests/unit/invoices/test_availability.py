from __future__ import annotations

import subprocess
import sys

import pytest

from invoices import availability


def nothing_installed(name: str) -> object:
    raise OSError(f"{name}: cannot open shared object file")


def test_pdf_libraries_on_this_host_are_available() -> None:
    assert availability.missing_libraries() == []
    assert availability.paper_available()


def test_pdf_libraries_missing_are_named() -> None:
    assert availability.missing_libraries(nothing_installed) == ["pango-1.0", "pangoft2-1.0", "harfbuzz-subset"]


@pytest.mark.parametrize(
    ("platform", "line"), [("linux", "apt-get install -y libpango-1.0-0"), ("darwin", "brew install")]
)
def test_pdf_libraries_missing_message_fits_platform(monkeypatch: pytest.MonkeyPatch, platform: str, line: str) -> None:
    monkeypatch.setattr(availability.sys, "platform", platform)
    assert line in availability.missing_sentence("no pango")


def test_pdf_availability_check_never_loads_weasyprint() -> None:
    code = (
        "import sys, invoices.renderer, invoices.availability\n"
        "invoices.availability.paper_available()\n"
        "sys.exit(any(name.partition('.')[0] in ('weasyprint', 'pydyf', 'fontTools', 'PIL') for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
