"""A file leaves as it is written, of one moment; one that breaks off never looks whole, one nobody waits for ends."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pos import cli
from pos.core.database.base import engine
from pos.domain.sales.models import Sale
from pos.reports import exporters
from pos.reports.exporters import Cell
from pos.reports.period import Scope
from pos.reports.registry import DECLARED, report
from tests.support.clinic import Clinic, line
from tests.web.permissions.asking import browser_of

DAYS = "from=2026-06-01&to=2026-06-30"
TAKES_GZIP = {"Accept-Encoding": "gzip, deflate, br"}


@pytest.fixture(autouse=True)
def _declared(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Reports for as long as the test runs: one asks for each row how many sales there are, one fails."""
    monkeypatch.setattr(exporters, "_PART_ROWS", 1)

    @report("counted", title="Counted", about="Counts.", columns=("Row", "Sales"))
    def counted(session: Session, scope: Scope) -> Iterator[tuple[Cell, ...]]:
        for number in range(3):
            yield number, session.scalar(select(func.count()).select_from(Sale))

    @report("broken-off", title="Broken off", about="Fails.", columns=("Row",))
    def broken_off(session: Session, scope: Scope) -> Iterator[tuple[Cell, ...]]:
        yield (1,)
        session.scalar(select(func.count()).select_from(Sale))
        raise RuntimeError("the third row is not there")

    yield
    del DECLARED["counted"], DECLARED["broken-off"]


def _lent(books: Clinic) -> int:
    with books.app.app_context():
        pool = engine().pool
    return int(pool.checkedout())  # type: ignore[attr-defined]


def test_streamed_file_is_of_one_moment_while_a_sale_is_made(books: Clinic) -> None:
    before, web = _lent(books), browser_of(books, "owner")
    with web.get(f"/office/reports/counted.csv?{DAYS}&file=abc1", headers=TAKES_GZIP, buffered=False) as answer:
        assert answer.headers["Content-Encoding"] == "gzip"
        assert "Content-Length" not in answer.headers
        assert "tp_file_abc1=1" in answer.headers["Set-Cookie"]
        parts = iter(answer.response)
        decoder = zlib.decompressobj(16 + zlib.MAX_WBITS)
        began = decoder.decompress(next(parts)) + decoder.decompress(next(parts))
        assert began.decode("utf-8-sig").splitlines()[0] == "Row,Sales"
        books.sell(line("foot_30"))
        text = (began + b"".join(map(decoder.decompress, parts))).decode("utf-8-sig")
        assert decoder.eof
    rows = [row.split(",") for row in text.splitlines()[1:]]
    assert [row[0] for row in rows] == ["0", "1", "2"]
    assert len({row[1] for row in rows}) == 1
    assert _lent(books) == before


def test_streamed_file_that_breaks_off_is_refused_by_the_decoder(books: Clinic) -> None:
    web = browser_of(books, "owner")
    answer = web.get(f"/office/reports/broken-off.csv?{DAYS}", headers=TAKES_GZIP)
    assert answer.status_code == 200
    with pytest.raises(zlib.error, match="invalid block type"):
        gzip.decompress(answer.data)
    # Whoever takes no gzip gets the page of an error, and not a row of the file.
    plain = web.get(f"/office/reports/broken-off.csv?{DAYS}")
    assert plain.status_code == 500
    assert "Something went wrong on our side." in plain.text


def test_streamed_file_nobody_waits_for_gives_its_connection_back(books: Clinic) -> None:
    before = _lent(books)
    with browser_of(books, "owner").get(
        f"/office/reports/counted.csv?{DAYS}", headers=TAKES_GZIP, buffered=False
    ) as answer:
        assert next(iter(answer.response))
        assert _lent(books) == before + 1
    assert _lent(books) == before


@pytest.mark.parametrize("name", ["sales", "items", "journal", "liability"])
def test_streamed_file_equals_the_one_written_whole(books: Clinic, name: str) -> None:
    web = browser_of(books, "owner")
    address = f"/office/reports/{name}.csv?{DAYS}"
    assert gzip.decompress(web.get(address, headers=TAKES_GZIP).data) == web.get(address).data


def test_report_command_that_breaks_off_leaves_no_file_and_exits_with_1(
    books: Clinic, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("pos.installation.command_app", lambda *_, **__: books.app)
    monkeypatch.setenv("INSTANCE_DIR", str(tmp_path))
    output = tmp_path / "out.csv"
    output.write_text("of yesterday")
    done = CliRunner().invoke(
        cli.main, ["report", "broken-off", "--from", "2026-06-01", "--to", "2026-06-30", "--output", str(output)]
    )
    assert done.exit_code == 1
    assert output.read_text() == "of yesterday"
    assert [one.name for one in tmp_path.glob("*out.csv*")] == ["out.csv"]
