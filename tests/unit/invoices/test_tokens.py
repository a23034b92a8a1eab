from __future__ import annotations

import pytest

from invoices.html import Renderer
from invoices.tokens import fill, light_values
from tests.unit.invoices.samples import TOKENS_CSS


def test_design_tokens_light_values_are_read() -> None:
    assert light_values(TOKENS_CSS)["ink"] == "#1D2420"
    assert light_values(TOKENS_CSS)["accent"] == "#1F6F5C"


@pytest.mark.parametrize(
    "css",
    [
        ":root { --ink: light-dark(#111111, #EEEEEE); }",
        ":root { --ink: light-dark(#111111, rgb(1 2 3)); }",
        "@layer tokens { :root, [data-theme=light] { --ink: #111111 } }",
        "/* --ink: #222222; */ @import 'x.css'; :root { color-scheme: light; --ink:#111111; --space: 4px }",
        ":root { --ink: #111111; } @media print { :root { --ink: #222222; } } :root[data-theme=dark] { --ink: #333333; }",
    ],
)
def test_design_tokens_any_notation_is_read(css: str) -> None:
    assert light_values(css)["ink"] == "#111111"


def test_design_tokens_references_are_resolved_and_circular_refused() -> None:
    assert fill("p{color:var(--ink)}", {"ink": "var(--green)", "green": "#010203"}) == "p{color:#010203}"
    with pytest.raises(ValueError, match="circle"):
        fill("p{color:var(--a)}", {"a": "var(--b)", "b": "var(--a)"})


def test_design_tokens_missing_colour_is_refused() -> None:
    with pytest.raises(ValueError, match="the design tokens lack --"):
        Renderer(":root { --ink: #1D2420; }")
