"""What a file of three years costs, beside what the driver and the writer alone need for the same columns, in one run.

raw csv    the driver's cursor over one statement that gives the columns of the report of sales, handed to `csv` as they come
our csv    the same file of the office, as a browser fetches it: seconds, rows a second, share of the raw speed by the clock
           and by the time of the processor in this process (PostgreSQL works in others), first byte
bare xlsx  XlsxWriter given rows that are ready, with the same number formats, for a month
our xlsx   the workbook's sheet of sales of that month
memory     by how much the largest memory of the process grew while the file of three years was fetched

    .venv/bin/python -m bench.exports [--sizes 10000/1000 1000000/100000] [--times 3] [--database postgresql://…]…
"""

from __future__ import annotations

import csv
import gc
import io
import resource
import tempfile
import time
import zlib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import xlsxwriter
from sqlalchemy import Connection, text

from bench.history import FIRST, LAST, application, asked, build, built_before, moment
from bench.office import BASE, signed_in
from pos.core import clock
from pos.core.database.address import normal_url
from pos.core.database.base import engine, reading
from pos.domain.locations.queries import all_places
from pos.reports.exporters import Sheet, write_xlsx
from pos.reports.listed import reports
from pos.reports.period import Scope

MONTH = LAST.replace(day=1)
# One statement for the columns of the report of sales. Of each sale: its lines, therapists, gift cards and credits together.
_RAW = """
SELECT s.business_on, s.completed_at, o.name, r.label, c.given_name, c.family_name, p.name, l.therapists, l.items,
  s.channel, s.currency, s.list_minor, s.covered_minor, s.discount_minor, s.net_minor, s.tax_minor, l.gifts, s.total_minor,
  s.tip_minor, t.cash, t.card, t.gift, t.credit, l.used, s.second_tax_minor, t.rounding
FROM sales s
JOIN locations o ON o.id = s.location_id
LEFT JOIN receipts r ON r.sale_id = s.id
LEFT JOIN clients c ON c.id = s.client_id
LEFT JOIN staff p ON p.id = s.staff_id
LEFT JOIN (
  SELECT l.sale_id, {joined}(a.name, ', ') AS therapists, {joined}(l.name, ', ') AS items,
    sum(CASE WHEN l.kind = 'gift_card' THEN l.net_minor ELSE 0 END) AS gifts,
    sum(CASE WHEN l.cover = 'credit' THEN l.list_minor ELSE 0 END) AS used
  FROM sales s JOIN sale_lines l ON l.sale_id = s.id LEFT JOIN staff a ON a.id = l.therapist_id
  WHERE s.business_on BETWEEN :first AND :last GROUP BY l.sale_id
) l ON l.sale_id = s.id
LEFT JOIN (
  SELECT t.sale_id, sum(CASE WHEN t.kind = 'cash' THEN t.amount_minor ELSE 0 END) AS cash,
    sum(CASE WHEN t.kind = 'card' THEN t.amount_minor ELSE 0 END) AS card,
    sum(CASE WHEN t.kind = 'gift_card' THEN t.amount_minor ELSE 0 END) AS gift,
    sum(CASE WHEN t.kind = 'account_credit' THEN t.amount_minor ELSE 0 END) AS credit, sum(t.rounding_minor) AS rounding
  FROM sales s JOIN tenders t ON t.sale_id = s.id WHERE s.business_on BETWEEN :first AND :last GROUP BY t.sale_id
) t ON t.sale_id = s.id
WHERE s.business_on BETWEEN :first AND :last
ORDER BY s.business_on, s.completed_at, s.id
"""


Times = tuple[float, float]


def now() -> Times:
    """The clock, and the time of the processor."""
    return time.perf_counter(), time.process_time()


def since(began: Times) -> Times:
    """What went by of both."""
    clock_now, processor = now()
    return clock_now - began[0], processor - began[1]


def raw_csv(connection: Connection) -> tuple[Times, int]:
    """Seconds that the driver and `csv` need, and how many rows there are."""
    joined = "group_concat" if connection.dialect.name == "sqlite" else "string_agg"
    began = now()
    found = connection.execution_options(stream_results=True, yield_per=2_000).execute(
        text(_RAW.format(joined=joined)), {"first": str(FIRST), "last": str(LAST)}
    )
    cursor, writer, rows = found.cursor, csv.writer(io.StringIO()), 0
    assert cursor is not None
    while portion := cursor.fetchmany(2_000):
        writer.writerows(portion)
        rows += len(portion)
    return since(began), rows


def _plain(sheet: Sheet) -> Iterator[list[object]]:
    for row in sheet.rows:
        yield [cell.decimal() if hasattr(cell, "decimal") else cell for cell in row]


def bare_xlsx(columns: list[str], rows: list[list[object]]) -> float:
    """Seconds that XlsxWriter needs for rows that are ready, written by the type of each cell."""
    began = time.perf_counter()
    book = xlsxwriter.Workbook(io.BytesIO(), {"constant_memory": True})
    page, money = book.add_worksheet(), book.add_format({"num_format": "#,##0.00"})
    day, minute = book.add_format({"num_format": "yyyy-mm-dd"}), book.add_format({"num_format": "hh:mm"})
    page.write_row(0, 0, columns)
    for number, row in enumerate(rows, start=1):
        page.write_datetime(number, 0, row[0], day)
        page.write_datetime(number, 1, row[1], minute)
        for column, cell in enumerate(row[2:], start=2):
            if isinstance(cell, str):
                page.write_string(number, column, cell)
            else:
                page.write_number(number, column, cell, money)
    book.close()
    return time.perf_counter() - began


def largest_memory() -> float:
    """The largest memory of this process so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measure(url: str, folder: Path, size: tuple[int, int], times: int) -> None:
    """Print the figures of one clinic; of each the fastest time."""
    app = application(url, folder)
    gc.set_threshold(20_000, 20, 50)  # as it is served
    with app.app_context(), clock.at(moment(LAST + timedelta(days=1), 10)):
        built = built_before() or build(*size)
        http = app.test_client()
        http.set_cookie("tp_office", signed_in(built), path="/office", domain="127.0.0.1")
        print(f"{engine().dialect.name}: {built.sale_lines:,} sale lines", flush=True)
        address = f"/office/reports/sales.csv?location=maple-street&from={FIRST}&to={LAST}"
        http.get(address.replace(str(FIRST), str(LAST)), base_url=BASE)
        before, ours, raws = largest_memory(), [], []
        for _ in range(times):
            began, decoder, size_so_far = now(), zlib.decompressobj(16 + zlib.MAX_WBITS), 0
            with http.get(address, base_url=BASE, headers={"Accept-Encoding": "gzip"}, buffered=False) as answer:
                parts = answer.iter_encoded()
                size_so_far += len(decoder.decompress(next(parts)))
                first = since(began)[0]
                for part in parts:
                    size_so_far += len(decoder.decompress(part))
            ours.append((since(began), first))
        grew = largest_memory() - before
        for _ in range(times):
            with engine().connect() as connection:
                raws.append(raw_csv(connection))
        (raw, raw_processor), rows = min(raws)
        (took, processor), first = min(ours)
        print(f"  raw csv   {raw:7.2f} s {rows / raw:9,.0f} rows/s")
        print(f"  our csv   {took:7.2f} s {rows / took:9,.0f} rows/s, {raw / took:.2f} of the raw speed", end=" ")
        print(f"({raw_processor / processor:.2f} by the processor), first byte {first * 1000:.0f} ms,", end=" ")
        print(f"memory {grew:+.0f} MB, {size_so_far / 1e6:.0f} MB sent")
        scope, report = Scope(all_places(reading()), MONTH, LAST), reports()["sales"]
        ready = list(_plain(report.sheet(reading(), scope)))
        bare = min(bare_xlsx(list(report.columns), ready) for _ in range(times))
        own = []
        for _ in range(times):
            began = time.perf_counter()
            write_xlsx([report.sheet(reading(), scope)], io.BytesIO())
            own.append(time.perf_counter() - began)
        print(f"  bare xlsx {bare:7.2f} s {len(ready) / bare:9,.0f} rows/s")
        print(
            f"  our xlsx  {min(own):7.2f} s {len(ready) / min(own):9,.0f} rows/s, {bare / min(own):.2f} of the bare speed"
        )


def main() -> None:
    given = asked(__doc__, times=3)
    for number, size in enumerate(given.sizes):
        with tempfile.TemporaryDirectory(prefix="tp-exports-") as name:
            url = normal_url(given.database[number] if given.database else f"sqlite:///{name}/exports.sqlite3")
            measure(url, Path(name), size, given.times)


if __name__ == "__main__":
    main()
