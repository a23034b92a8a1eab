"""Makes the paper's typefaces out of the npm package the screens use; run by hand, the results are committed.

    npm ci                      (in the folder that pins @fontsource-variable/inter)
    python -m invoices.fonts.build_fonts node_modules/@fontsource-variable/inter

WeasyPrint reads TTF ten times faster than WOFF2, and Pango matches fixed weights more surely than a variable axis: so the
subsets are pinned to the three weights of the house style, merged into one file each and stripped of hints.
The family is renamed, so that an Inter installed on the host can never be picked instead of ours.
"""

# mypy: disable-error-code=import-untyped
from __future__ import annotations

import json
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from fontTools import merge, subset
from fontTools.ttLib import TTFont
from fontTools.ttLib.tables._g_l_y_f import Glyph
from fontTools.varLib import instancer

PINNED_VERSION = "5.3.0"
FAMILY = "Inter Paper"
# Axis position -> the CSS weight that selects it and its style name: WeasyPrint takes hundreds only.
WEIGHTS = {400: (400, "Regular"), 550: (500, "Medium"), 650: (600, "SemiBold")}
SUBSETS = ("latin", "latin-ext", "greek", "cyrillic", "vietnamese")
KEPT_FEATURES = ["ccmp", "locl", "mark", "mkmk", "kern", "tnum", "pnum"]
# Letters of European languages and Vietnamese, Greek, Cyrillic, punctuation, currency signs, arrows, arithmetic.
KEPT_RANGES = (
    (0x20, 0x7E), (0xA0, 0x17F), (0x18F, 0x18F), (0x192, 0x192), (0x1A0, 0x1A1), (0x1AF, 0x1B0), (0x1CD, 0x1DC),
    (0x1E6, 0x1E7), (0x1FA, 0x21B), (0x237, 0x237), (0x259, 0x259), (0x2BB, 0x2BC), (0x2C6, 0x2C7), (0x2D8, 0x2DD),
    (0x300, 0x30C), (0x31B, 0x31B), (0x323, 0x328), (0x386, 0x3CE), (0x400, 0x45F), (0x490, 0x491), (0x1E80, 0x1E85),
    (0x1E9E, 0x1E9E), (0x1EA0, 0x1EF9), (0x2010, 0x2027), (0x202F, 0x203A), (0x2044, 0x2044), (0x20A0, 0x20C0),
    (0x2113, 0x2116), (0x2122, 0x2122), (0x2190, 0x2199), (0x2212, 0x2215), (0x2260, 0x2265), (0x25CF, 0x25CF),
)  # fmt: skip
HERE = Path(__file__).parent


def main(package: Path) -> None:
    """Write the three TTF files and the licence beside this script; raises ValueError for any other package version."""
    found = json.loads((package / "package.json").read_text())["version"]
    if found != PINNED_VERSION:
        raise ValueError(f"built from @fontsource-variable/inter {PINNED_VERSION}, this is {found}")
    for axis, (weight, style) in WEIGHTS.items():
        font = build_weight(package / "files", axis)
        add_narrow_space(font)
        rename(font, weight, style)
        font.save(HERE / f"InterPaper-{style}.ttf", reorderTables=True)
    shutil.copyfile(package / "LICENSE", HERE / "OFL.txt")


def build_weight(files: Path, axis: int) -> Any:
    """One static TTFont at the given position of the weight axis, all subsets merged."""
    with tempfile.TemporaryDirectory() as scratch:
        parts = []
        for name in SUBSETS:
            font = TTFont(files / f"inter-{name}-wght-normal.woff2")
            font.flavor = None
            instancer.instantiateVariableFont(font, {"wght": axis}, inplace=True)
            reduce_glyphs(font)
            part = Path(scratch) / f"{name}.ttf"
            font.save(part)
            parts.append(str(part))
        return merge.Merger().merge(parts)


def reduce_glyphs(font: Any) -> None:
    """Keep the glyphs and features paper needs; drop hints, which no PDF viewer uses."""
    options = subset.Options(hinting=False, layout_features=KEPT_FEATURES, name_IDs=[0, 13, 14], notdef_outline=True)
    options.drop_tables += ["STAT", "MVAR", "HVAR", "gasp"]
    subsetter = subset.Subsetter(options)
    wanted = {point for first, last in KEPT_RANGES for point in range(first, last + 1)}
    subsetter.populate(unicodes=wanted & set(font.getBestCmap()))
    subsetter.subset(font)


def add_narrow_space(font: Any) -> None:
    """Give the font U+202F, the French thousands separator, which the package leaves out; a fifth of an em wide."""
    name = "uni202F"
    font.setGlyphOrder([*font.getGlyphOrder(), name])
    font["glyf"][name] = Glyph()
    font["hmtx"][name] = (font["head"].unitsPerEm // 5, 0)
    for table in font["cmap"].tables:
        table.cmap[0x202F] = name


def rename(font: Any, weight: int, style: str) -> None:
    """Name the font so fontconfig groups the three weights as one family; dates are fixed so a rebuild is the same."""
    names = font["name"]
    for identifier, text in ((1, FAMILY), (2, style), (4, f"{FAMILY} {style}"), (6, f"InterPaper-{style}")):
        names.setName(text, identifier, 3, 1, 0x409)
    font["OS/2"].usWeightClass = weight
    font["OS/2"].fsSelection = 0x40 if weight == 400 else 0
    font["head"].macStyle = 0
    font["head"].modified = font["head"].created
    font.recalcTimestamp = False


if __name__ == "__main__":
    main(Path(sys.argv[1]))
