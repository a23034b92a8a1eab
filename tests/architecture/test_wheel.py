"""The wheel that an owner installs: neither demo nor Stripe simulator in it, every template and script, and it serves."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.support.paths import ROOT

_BUILD = "import sys, setuptools.build_meta as build; build.build_wheel(sys.argv[1])"
_SERVE = (
    "from pos.app import create_app; import pos; app = create_app(); web = app.test_client(); "
    "page = web.get('/office/sign-in'); style = page.text.split('href=\"')[2].split('\"')[0]; "
    "print(pos.__file__, page.status_code, web.get(style).status_code)"
)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what the wheel of this tree holds."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    for package in ("pos", "invoices"):
        shutil.copytree(ROOT / package, source / package, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        if (ROOT / name).is_file():
            shutil.copy(ROOT / name, source)
    subprocess.run([sys.executable, "-c", _BUILD, str(folder)], cwd=source, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(folder / "installed")
    return folder / "installed"


def _run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    env = {
        "PATH": os.environ["PATH"],
        "INSTANCE_DIR": str(folder.parent / "instance"),
        "WORKER_THREAD": "off",
        "BASE_URL": "http://localhost",
    }
    return subprocess.run(
        [sys.executable, *arguments], cwd=folder, env=env, capture_output=True, text=True, check=False
    )


def test_wheel_holds_neither_demo_nor_simulator_and_all_other_files(installed: Path) -> None:
    def files(top: Path) -> set[str]:
        found = [path for package in ("pos", "invoices") for path in (top / package).rglob("*") if path.is_file()]
        return {path.relative_to(top).as_posix() for path in found if "__pycache__" not in path.parts}

    assert files(installed) == {name for name in files(ROOT) if not name.startswith("pos/dev/")}


def test_wheel_sets_a_clinic_up_and_serves_a_page_with_its_style(installed: Path) -> None:
    done = _run(installed, "-m", "pos.cli", "init", "--from", str(ROOT / "docs/clinic.toml"))
    assert (done.returncode, "is set up" in done.stdout) == (0, True), done.stderr
    done = _run(installed, "-c", _SERVE)
    assert done.returncode == 0, done.stderr
    module, *answers = done.stdout.split()
    assert (Path(module).parent, answers) == (installed / "pos", ["200", "200"])


@pytest.mark.parametrize("command", ["demo", "simulator"])
def test_wheel_without_development_tools_says_so(installed: Path, command: str) -> None:
    done = _run(installed, "-m", "pos.cli", command)
    assert (done.returncode, "neither the demo nor the simulated Stripe" in done.stderr) == (2, True), done.stderr
