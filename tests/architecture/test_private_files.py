"""Nobody but the owner of the process reads the database, its journal, the secret or the instance folder."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

BOOT = """
from pos.app import create_app
from pos.core.database.base import db
from sqlalchemy import text
import os, stat, sys
app = create_app()
with app.app_context():
    db.session.execute(text("SELECT 1 FROM clients")).all()
    folder = app.extensions["tenderpoint"].settings.instance_dir
    for path in sorted([folder, *folder.rglob("*")]):
        print(oct(stat.S_IMODE(path.stat().st_mode)), path.name)
"""


def boot(folder: Path) -> list[tuple[int, str]]:
    told = {name: value for name, value in os.environ.items() if not name.startswith(("STRIPE_", "PAYMENTS_"))}
    for name in ("DATABASE_URL", "SECRET_KEY"):
        told.pop(name, None)
    told |= {"INSTANCE_DIR": str(folder), "WORKER_THREAD": "off"}
    script = f"import os; os.umask(0o022)\n{BOOT}"
    done = subprocess.run([sys.executable, "-c", script], env=told, capture_output=True, text=True, check=True)
    rows = [row.split(" ", 1) for row in done.stdout.splitlines()]
    return [(int(mode, 8), name) for mode, name in rows]


def test_private_files_after_start_have_no_rights_for_others(tmp_path: Path) -> None:
    """On the first start, and on the next after the folder was copied with other rights."""
    folder = tmp_path / "instance"
    for _ in range(2):
        found = {name: mode for mode, name in boot(folder)}
        assert found["instance"] == 0o700
        assert found["tenderpoint.sqlite3"] == 0o600
        assert found["secret_key"] == 0o600
        sides = {name: mode for name, mode in found.items() if name.startswith("tenderpoint.sqlite3")}
        assert all(mode == 0o600 for mode in sides.values()), sides
        folder.chmod(0o755)
        for path in folder.iterdir():
            path.chmod(0o755 if path.is_dir() else 0o644)


def test_shared_instance_folder_after_start_keeps_its_mode(tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o1777)
    boot(shared)
    assert stat.S_IMODE(shared.stat().st_mode) == 0o1777
    assert stat.S_IMODE((shared / "tenderpoint.sqlite3").stat().st_mode) == 0o600
