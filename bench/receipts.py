"""How long paper takes, pipe included: `python -m bench.receipts [rounds]`.

The visit redeems a credit, sells one add-on and is paid by card with a tip; the full sale has four lines, tax, three
tenders, two packages and policies. Both carry a QR code. Cold is a new worker up to its first receipt; warm is every
further one. The web process's own memory and modules are told as well.
"""

from __future__ import annotations

import resource
import statistics
import sys
import time
from collections.abc import Callable

from msgspec.structs import replace

from invoices.documents import Document
from invoices.renderer import RenderPool
from tests.unit.invoices.samples import RECEIPT, REPORT, TOKENS_CSS

VISIT = replace(
    RECEIPT,
    recipient=RECEIPT.recipient[:1],
    lines=RECEIPT.lines[:2],
    totals=RECEIPT.totals[1:],
    tenders=RECEIPT.tenders[2:],
    packages_sold=(),
    policies=RECEIPT.policies[:1],
)
BUDGET_MS = {"receipt_80mm": 60.0}


def main(rounds: int) -> int:
    """Print the table; 1 where the median of a warm receipt is over its budget."""
    papers: tuple[tuple[str, Document, str], ...] = (
        ("visit", VISIT, "receipt_80mm"),
        ("full sale", RECEIPT, "receipt_80mm"),
        ("full sale", RECEIPT, "receipt_a4"),
        ("report", REPORT, "report_a4"),
    )
    over = 0
    print(f"{'':32}{'min':>8}{'median':>8}{'p95':>8}  ms, {rounds} rounds")
    colds = [milliseconds(lambda: cold_start()) for _ in range(3)]
    row("cold, receipt_80mm", colds)
    with RenderPool(tokens_css=TOKENS_CSS) as pool:
        for name, document, paper_format in papers:
            pool.render(document, paper_format)
            times = [milliseconds(lambda d=document, f=paper_format: pool.render(d, f)) for _ in range(rounds)]
            row(f"warm, {paper_format}, {name}", times)
            over += statistics.median(times) > BUDGET_MS.get(paper_format, 1000.0)
        html = [milliseconds(lambda: pool.render_html(RECEIPT, "receipt_80mm")) for _ in range(rounds)]
        row("html, receipt_80mm", html)
    print(f"web process {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB, ", end="")
    print(f"weasyprint imported: {'weasyprint' in sys.modules}")
    return int(over > 0)


def cold_start() -> None:
    """A pool from nothing to one receipt."""
    with RenderPool(tokens_css=TOKENS_CSS) as pool:
        pool.render(RECEIPT, "receipt_80mm")


def milliseconds(work: Callable[[], object]) -> float:
    """Wall time of one call."""
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1000


def row(name: str, times: list[float]) -> None:
    """One line of the table."""
    p95 = sorted(times)[min(len(times) - 1, int(len(times) * 0.95))]
    print(f"{name:32}{min(times):8.1f}{statistics.median(times):8.1f}{p95:8.1f}")


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 50))
