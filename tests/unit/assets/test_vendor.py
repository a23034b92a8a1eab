"""What we borrow is what we hashed, is licensed, and is all there is."""

from __future__ import annotations

import base64
import hashlib
import json
import re

from tests.support.paths import ROOT

STATIC = ROOT / "pos" / "static"
MANIFEST = json.loads((STATIC / "vendor" / "manifest.json").read_text())


def test_vendored_file_hash_matches_manifest() -> None:
    for name, expected in MANIFEST.items():
        digest = hashlib.sha384((STATIC / name).read_bytes()).digest()
        assert "sha384-" + base64.b64encode(digest).decode() == expected, name


def test_vendored_file_is_listed_in_manifest() -> None:
    found = {path.relative_to(STATIC).as_posix() for path in (STATIC / "vendor").rglob("*") if path.is_file()}
    assert found - {"vendor/manifest.json"} == set(MANIFEST) - {"icons.svg"}


def test_vendored_folder_has_licence_and_pinned_version() -> None:
    pins = json.loads((ROOT / ".ci/vendor/package.json").read_text())["devDependencies"]
    wanted = {
        f"htmx-{pins['htmx.org']}",
        f"inter-{pins['@fontsource-variable/inter']}",
        f"lucide-{pins['lucide-static']}",
        f"sortable-{pins['sortablejs']}",
    }
    folders = {path.name: path for path in (STATIC / "vendor").iterdir() if path.is_dir()}
    assert set(folders) == wanted
    assert all((folder / "LICENSE").stat().st_size > 200 for folder in folders.values())


def test_assets_request_no_other_server() -> None:
    ours = [*STATIC.glob("css/*.css"), *STATIC.glob("js/*.js"), *(ROOT / "pos/templates").rglob("*.html")]
    for path in ours:
        foreign = re.findall(r"(?:https?:)?//[\w.-]+\.[a-z]{2,}", path.read_text())
        assert set(foreign) <= {"http://www.w3.org"}, path
    assert "resolved" not in (ROOT / ".ci/vendor/package-lock.json").read_text()


def test_template_icon_is_in_sprite() -> None:
    sprite = set(re.findall(r'<symbol id="([\w-]+)"', (STATIC / "icons.svg").read_text()))
    for path in (ROOT / "pos/templates").rglob("*.html"):
        named = re.findall(r"""(?:icon\(|icon_name=)["']([\w-]+)["']""", path.read_text())
        assert set(named) <= sprite, path
