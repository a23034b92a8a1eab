from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from msgspec.structs import replace

from invoices import renderer as renderer_module
from invoices.documents import Line
from invoices.errors import PaperUnavailable, RenderFailed, RenderTimedOut
from invoices.renderer import RenderPool
from tests.unit.invoices.reading import text_of
from tests.unit.invoices.samples import RECEIPT, TOKENS_CSS

# Long enough that no machine sets it within the time the tests allow.
ENDLESS = replace(RECEIPT, lines=tuple(Line(description=f"Line {n}", amount="1.00") for n in range(4000)))


def test_render_pool_killed_worker_is_replaced() -> None:
    with RenderPool(tokens_css=TOKENS_CSS) as pool:
        first = pool.render(RECEIPT, "receipt_80mm")
        (worker,) = pool._idle
        os.kill(worker._process.pid, signal.SIGKILL)
        worker._process.wait()
        assert pool.render(RECEIPT, "receipt_80mm") == first


def test_render_pool_worker_killed_at_work_fails_only_its_document() -> None:
    with RenderPool(tokens_css=TOKENS_CSS) as pool:
        pool.render(RECEIPT, "receipt_80mm")
        (worker,) = pool._idle
        action = threading.Timer(0.3, os.kill, (worker._process.pid, signal.SIGKILL))
        action.start()
        with pytest.raises(RenderFailed, match="ended in the middle"):
            pool.render(ENDLESS, "receipt_80mm")
        action.join()
        assert pool.render(RECEIPT, "receipt_80mm").startswith(b"%PDF")


def test_render_pool_document_too_slow_times_out_and_next_is_rendered() -> None:
    with RenderPool(tokens_css=TOKENS_CSS, seconds=1.0) as pool:
        pool.render(RECEIPT, "receipt_80mm")
        with pytest.raises(RenderTimedOut, match="within 1 seconds"):
            pool.render(ENDLESS, "receipt_80mm")
        assert pool.render(RECEIPT, "receipt_80mm").startswith(b"%PDF")


def test_render_pool_document_too_large_fails_and_next_is_rendered() -> None:
    # Long lines fill the memory in a second; many short ones are laid out first.
    large = replace(RECEIPT, lines=tuple(Line(description="word " * 40_000, amount="1.00") for _ in range(200)))
    with RenderPool(tokens_css=TOKENS_CSS, memory_bytes=450 * 1024**2, seconds=60) as pool:
        with pytest.raises(RenderFailed, match="more memory"):
            pool.render(large, "receipt_80mm")
        assert pool.render(RECEIPT, "receipt_80mm").startswith(b"%PDF")


def test_render_pool_two_workers_keep_concurrent_receipts_apart() -> None:
    answers: dict[str, str] = {}
    with RenderPool(2, tokens_css=TOKENS_CSS) as pool:
        pool.warm()

        def ask(number: str) -> None:
            answers[number] = text_of(pool.render(replace(RECEIPT, number=number), "receipt_80mm"))

        askers = [threading.Thread(target=ask, args=(f"MS-{n:06}",)) for n in range(8)]
        for asker in askers:
            asker.start()
        for asker in askers:
            asker.join()
        assert len(pool._idle) <= 2
    assert len(answers) == 8
    for number, text in answers.items():
        assert number in text


def test_render_pool_worker_is_replaced_after_its_documents(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(renderer_module, "DOCUMENTS_PER_WORKER", 2)
    with RenderPool(tokens_css=TOKENS_CSS) as pool:
        left = []
        for _ in range(3):
            pool.render(RECEIPT, "receipt_80mm")
            left.append(len(pool._idle))
    assert left == [1, 0, 1]


def test_render_pool_closed_is_refused() -> None:
    pool = RenderPool(tokens_css=TOKENS_CSS)
    pool.close()
    with pytest.raises(RenderFailed, match="closed"):
        pool.render(RECEIPT, "receipt_80mm")


def test_render_pool_without_pango_names_packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = tmp_path / "weasyprint"
    broken.mkdir()
    (broken / "__init__.py").write_text("raise OSError('cannot load library libpango-1.0-0')\n")
    inherited = renderer_module._environment()
    monkeypatch.setattr(
        renderer_module, "_environment", lambda: inherited | {"PYTHONPATH": f"{tmp_path}:{inherited['PYTHONPATH']}"}
    )
    with (
        RenderPool(tokens_css=TOKENS_CSS) as pool,
        pytest.raises(
            PaperUnavailable, match=r"apt-get install -y libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
        ),
    ):
        pool.render(RECEIPT, "receipt_80mm")
    assert "Maple Street" in pool.render_html(RECEIPT, "receipt_80mm")


def test_render_pool_worker_environment_has_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STRIPE_SECRET_KEY", "canary")
    monkeypatch.setenv("DATABASE_URL", "canary")
    assert "canary" not in renderer_module._environment().values()


def test_render_pool_workers_end_when_host_is_killed() -> None:
    code = (
        "import os, signal\n"
        "from invoices.renderer import RenderPool\n"
        "from tests.unit.invoices.samples import RECEIPT, TOKENS_CSS\n"
        "pool = RenderPool(tokens_css=TOKENS_CSS)\n"
        "pool.render(RECEIPT, 'receipt_80mm')\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    # The worker inherits this stderr: the run is over only when host and worker have both let go of it.
    host = subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=60, check=False)
    assert host.returncode == -signal.SIGKILL
