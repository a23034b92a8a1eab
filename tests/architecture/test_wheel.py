"""The wheel that an owner installs: neither demo nor Stripe simulator in it, every template and script, and it serves."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import time
import urllib.error
import urllib.request
import zipfile
from pathlib import Path

import pytest

from tests.support.paths import ROOT
from tests.support.serving import READY_WITHIN, free_port

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


@pytest.mark.long
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


def register_answers(port: int, served: subprocess.Popen[bytes]) -> int:
    """The status of the register's sign-in page, once the process listens; 0 where it ended or never did."""
    until = time.monotonic() + READY_WITHIN
    while time.monotonic() < until and served.poll() is None:
        try:
            with urllib.request.urlopen(f"http://localhost:{port}/register/sign-in", timeout=30) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            time.sleep(0.1)
    return 0


@pytest.mark.long  # an environment of its own takes seconds to make
def test_wheel_installed_in_an_empty_environment_serves_the_register(installed: Path, tmp_path: Path) -> None:
    """The commands that an owner types, without a network; the dependencies are those of this environment."""
    (wheel,) = installed.parent.glob("*.whl")
    made = tmp_path / "env"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(made)], check=True, capture_output=True)
    bin_ = made / "bin"
    into = [sys.executable, "-m", "pip", "--python", str(bin_ / "python")]
    subprocess.run([*into, "install", "--no-index", "--no-deps", "--quiet", str(wheel)], check=True)
    home = subprocess.run(
        [bin_ / "python", "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        check=True, capture_output=True, text=True,
    ).stdout.strip()  # fmt: skip
    # Behind the wheel's own folder, so that its modules come first.
    Path(home, "dependencies.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
    port = free_port()
    env = {
        "PATH": f"{bin_}:{os.environ['PATH']}",
        "INSTANCE_DIR": str(tmp_path / "instance"),
        "BASE_URL": f"http://localhost:{port}",
    }

    def pos(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [bin_ / "pos", *arguments], cwd=tmp_path, env=env, capture_output=True, text=True, check=False
        )

    done = pos("init", "--from", str(ROOT / "docs/clinic.toml"))
    assert (done.returncode, "is set up" in done.stdout) == (0, True), done.stderr
    with open(tmp_path / "log", "wb") as log:
        served = subprocess.Popen(
            [bin_ / "pos", "serve", "--host", "127.0.0.1", "--port", str(port)], cwd=tmp_path, env=env,
            stdout=log, stderr=log,
        )  # fmt: skip
    try:
        assert register_answers(port, served) == 200, (tmp_path / "log").read_text()
    finally:
        served.terminate()
        served.wait(30)
    found = pos("doctor", "--json")
    assert found.stdout, found.stderr
    assert json.loads(found.stdout)
