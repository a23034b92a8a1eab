"""The files in docs/deploy/: their structure by parsers of our own, and by the tools they are for where those are here."""

from __future__ import annotations

import configparser
import re
import shutil
import subprocess
from pathlib import Path

from pos.web.webhooks import metrics
from tests.support.paths import ROOT

DEPLOY = ROOT / "docs" / "deploy"


def text(name: str) -> str:
    return (DEPLOY / name).read_text(encoding="utf-8")


def test_systemd_unit_is_hardened_and_starts_a_command_that_is_there(tmp_path: Path) -> None:
    unit = configparser.ConfigParser(interpolation=None, strict=True)
    unit.optionxform = str  # type: ignore[assignment,method-assign]  # systemd tells capitals apart
    unit.read_string(text("tenderpoint.service"))
    assert unit.sections() == ["Unit", "Service", "Install"]
    service = unit["Service"]
    assert service["ExecStart"].split()[0:2] == ["/opt/tenderpoint/bin/pos", "serve"]
    assert service["User"] == "tenderpoint"
    assert service["UMask"] == "0077"
    for key in ("NoNewPrivileges", "ProtectHome", "PrivateTmp", "RestrictSUIDSGID"):
        assert service[key] == "true"
    assert service["ProtectSystem"] == "strict"
    if shutil.which("systemd-analyze"):
        # The program and the user are on the clinic's server; here a program that is here stands for it.
        copy = tmp_path / "tenderpoint.service"
        copy.write_text(text("tenderpoint.service").replace("/opt/tenderpoint/bin/pos", "/bin/true"), encoding="utf-8")
        done = subprocess.run(["systemd-analyze", "verify", str(copy)], capture_output=True, text=True, check=False)
        assert [line for line in done.stderr.splitlines() if "tenderpoint.service" in line] == []


def blocks(source: str) -> list[str]:
    """The lines of a file in braces, each with how deep it stands; raises where braces do not close."""
    deep, found = 0, []
    for line in source.splitlines():
        row = re.sub(r"(^|\s)#.*", "", line).strip()
        if not row:
            continue
        if row == "}":
            deep -= 1
            assert deep >= 0, line
            continue
        found.append(f"{deep} {row.removesuffix('{').strip()}")
        deep += row.endswith("{")
    assert deep == 0
    return found


def test_proxies_hand_on_to_the_process_and_keep_figures_inside() -> None:
    caddy, nginx = blocks(text("Caddyfile")), blocks(text("nginx.conf"))
    assert "1 reverse_proxy 127.0.0.1:8000" in caddy
    assert "1 @inside path /metrics /readyz /healthz" in caddy
    assert "2 proxy_pass http://127.0.0.1:8000;" in nginx
    assert "2 proxy_set_header X-Forwarded-Proto $scheme;" in nginx
    assert all(row.endswith(";") for row in nginx if row[0] == "2")
    if shutil.which("caddy"):
        command = ["caddy", "validate", "--adapter", "caddyfile", "--config", str(DEPLOY / "Caddyfile")]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr


def test_container_file_copies_what_is_there_and_runs_as_nobody_special() -> None:
    rows = [row.split() for row in text("Containerfile").replace("\\\n", " ").splitlines() if row and row[0] != "#"]
    copied = [name for row in rows if row[0] == "COPY" for name in row[1:-1]]
    assert [name for name in copied if not (ROOT / name).exists()] == []
    words = [row[0] for row in rows]
    assert words.index("USER") < words.index("CMD")
    assert ["USER", "tenderpoint"] in rows


def test_every_metric_has_an_example_alert_and_every_alert_a_metric() -> None:
    source = Path(metrics.__file__).read_text(encoding="utf-8")
    named = set(re.findall(r'\(?"([a-z]+(?:_[a-z]+)+)",\s', source)) | set(
        re.findall(r'"tenderpoint_([a-z_]+)"', source)
    )
    alerted = set(re.findall(r"tenderpoint_([a-z_]+)", text("alerts.yml")))
    assert alerted == named
