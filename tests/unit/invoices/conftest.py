from __future__ import annotations

from collections.abc import Iterator

import pytest

from invoices.renderer import RenderPool
from tests.unit.invoices.samples import TOKENS_CSS


@pytest.fixture(scope="session")
def pool() -> Iterator[RenderPool]:
    with RenderPool(tokens_css=TOKENS_CSS) as pool:
        yield pool
