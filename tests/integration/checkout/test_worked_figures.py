"""The worked figures that have no home elsewhere, and that the table of tests/figures.md points at tests that are there."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from pos.domain.sales.pricing import Discount
from tests.support.books import book_floats, failing
from tests.support.clinic import Clinic, TaxHabit, line
from tests.support.paths import ROOT

NAMED = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", (ROOT / "tests" / "figures.md").read_text())


@pytest.mark.parametrize(
    ("tax", "tax_minor", "total"),
    [
        (TaxHabit("8"), 10_56, 142_56),
        (TaxHabit("8", method="line"), 10_55, 142_55),
        (TaxHabit("20", inclusive=True), 22_00, 132_00),
        (TaxHabit("20", inclusive=True, method="line"), 22_01, 132_00),
    ],
    ids=["on top of the invoice", "on top of each line", "inside the invoice", "inside each line"],
)
def test_sale_worked_figure_f_tax_is_exact(
    build_clinic: Callable[..., Clinic], tax: TaxHabit, tax_minor: int, total: int
) -> None:
    """100.00, 35.00 (45.00 less 10.00) and 12.00, and 15.00 off all of it."""
    world = book_floats(build_clinic(usd=tax))
    sold = world.sell(
        line("trigger_60"),
        line("foot_30", discount=Discount(amount_minor=10_00, reason="Short visit")),
        line("aromatherapy"),
        discount=Discount(amount_minor=15_00, reason="Regular"),
    )
    assert sold.total_minor == total
    assert world.postings(sold.sale_id)[f"tax_payable:{tax.percent}"] == -tax_minor
    assert failing(world) == {}


def test_figures_table_names_every_figure_and_case() -> None:
    table = (ROOT / "tests" / "figures.md").read_text()
    rows = re.findall(r"^\| (\w+)[ ,–]", table, re.MULTILINE)
    assert {*"bcdef", "A1", *map(str, range(1, 13))} <= set(rows)


@pytest.mark.parametrize(("file", "name"), NAMED, ids=[name for _, name in NAMED])
def test_figures_table_named_test_exists(file: str, name: str) -> None:
    assert re.search(rf"^def {name}\(", (ROOT / file).read_text(), re.MULTILINE)
