"""The tokens hold the contrast we promise, dark is the same dark twice, and mail repeats the light values."""

from __future__ import annotations

import re

import pytest

from tests.support.paths import ROOT

POS = ROOT / "pos"
CSS = POS / "static" / "css"
TOKENS = (CSS / "tokens.css").read_text()
BLOCKS = [dict(re.findall(r"(--[\w-]+):\s*([^;]+);", block)) for block in re.findall(r"\{([^{}]*)\}", TOKENS)]
LIGHT, DARK, DARK_CHOSEN = BLOCKS
GROUNDS = ["--ground", "--raised", "--sunken", "--accent-wash", "--good-wash", "--warn-wash", "--bad-wash"]


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """WCAG 2.2 contrast ratio of two `#RRGGBB` colours, 1 to 21."""
    low, high = sorted([luminance(one), luminance(other)])
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_design_tokens_contrast_is_aa_for_text_and_aaa_for_ink(theme: dict[str, str]) -> None:
    for ground in GROUNDS:
        assert contrast(theme["--ink"], theme[ground]) >= 7, ground
        assert contrast(theme["--soft-ink"], theme[ground]) >= 4.5, ground
        assert contrast(theme["--accent"], theme[ground]) >= 4.5, ground
    for state in ("good", "warn", "bad"):
        for ground in ("--ground", "--raised", "--sunken", f"--{state}-wash"):
            assert contrast(theme[f"--{state}"], theme[ground]) >= 4.5, (state, ground)
    assert contrast(theme["--on-accent"], theme["--accent-deep"]) >= 7
    assert contrast(theme["--on-bad"], theme["--bad-deep"]) >= 7
    for ground in ("--ground", "--raised"):
        assert contrast(theme["--control"], theme[ground]) >= 3, ground


def test_design_tokens_dark_by_preference_equals_dark_by_choice() -> None:
    assert DARK == DARK_CHOSEN
    assert set(DARK) <= set(LIGHT)


def test_design_tokens_first_block_is_plain_light_values() -> None:
    assert re.search(r"^:root \{", TOKENS, re.M)
    assert LIGHT["--ground"] == "#FAF8F4"
    assert not any("var(" in value for value in LIGHT.values())


def test_design_tokens_every_custom_property_used_is_defined() -> None:
    used = {name for path in CSS.glob("*.css") for name in re.findall(r"var\((--[\w-]+)\)", path.read_text())}
    assert used <= set(LIGHT)


def test_design_tokens_mail_and_charts_repeat_light_values() -> None:
    mail = (POS / "templates/mail/_layout.html").read_text()
    for name, value in re.findall(r'set (\w+) = "(#\w{6})"', mail):
        assert LIGHT["--" + name.replace("_", "-")] == value, name
    charts = (POS / "templates/_macros/charts.html").read_text()
    stands_for = {"accent": "accent", "quiet": "control", "rule": "hairline", "ink": "ink", "soft": "soft-ink"}
    for name, value in re.findall(r'"(\w+)": "(#\w{6})"', charts):
        assert LIGHT["--" + stands_for[name]] == value, name


def test_shop_page_assets_stay_below_size_limits() -> None:
    css = sum((CSS / f"{name}.css").stat().st_size for name in ("tokens", "base", "components", "shop"))
    assert css < 30_000
    static = POS / "static"
    scripts = ["page", "announce", "dialog", "busy", "theme", "theme-first"]
    others = [static / f"js/{name}.js" for name in scripts]
    others += [
        static / "icons.svg",
        *static.glob("vendor/htmx-*/htmx.min.js"),
        *static.glob("vendor/inter-*/*latin.woff2"),
    ]
    assert css + sum(path.stat().st_size for path in others) < 150_000
