"""Copy what the browser gets from others out of node_modules into the product, with licences and hashes.

Run from anywhere after `npm ci` in this folder: `python .ci/vendor/vendor.py`. Writes
`pos/static/vendor/<name>-<version>/`, `pos/static/vendor/manifest.json` (path below `pos/static/` -> `sha384-<base64>`)
and the icon sprite `pos/static/icons.svg`.
Needs fonttools and brotli, which WeasyPrint brings. Raises FileNotFoundError when a package or an icon is missing.
"""

from __future__ import annotations

import base64
import hashlib
import json
import shutil
from io import BytesIO
from pathlib import Path
from xml.etree import ElementTree

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

HERE = Path(__file__).resolve().parent
MODULES = HERE / "node_modules"
STATIC = HERE.parents[1] / "pos" / "static"
VENDOR = STATIC / "vendor"

# Letters of Latin-script European names and the currency signs beyond €; the package's own cut is 85 kB and would
# break the shop's byte budget for one "ł".
LETTERS = [*range(0x0100, 0x0180), *range(0x0218, 0x021C), 0x02C7, *range(0x02D8, 0x02DE), 0x1E9E]
CURRENCY_SIGNS = [*range(0x20A0, 0x20AC), *range(0x20AD, 0x20C1)]

# Our name -> lucide's name. Templates and scripts use ours, so that a renamed drawing upstream changes one line.
ICONS = {
    "add": "plus",
    "alert": "circle-alert",
    "back": "arrow-left",
    "barcode": "barcode",
    "calendar": "calendar-days",
    "card": "credit-card",
    "cash": "banknote",
    "chart": "chart-column",
    "check": "check",
    "clients": "users",
    "clock": "clock",
    "close": "x",
    "coins": "coins",
    "copy": "copy",
    "credit": "ticket",
    "delete": "trash-2",
    "desk": "monitor",
    "done": "circle-check",
    "down": "chevron-down",
    "download": "download",
    "drawer": "vault",
    "edit": "pencil",
    "exchange": "arrow-left-right",
    "external": "external-link",
    "eye": "eye",
    "file": "file-text",
    "filter": "list-filter",
    "freeze": "snowflake",
    "gift": "gift",
    "grip": "grip-vertical",
    "history": "history",
    "info": "info",
    "key": "key-round",
    "keyboard": "keyboard",
    "left": "chevron-left",
    "location": "map-pin",
    "lock": "lock",
    "mail": "mail",
    "menu": "menu",
    "money": "landmark",
    "moon": "moon",
    "more": "ellipsis",
    "next": "arrow-right",
    "note": "message-square-text",
    "offline": "wifi-off",
    "package": "package",
    "park": "pause",
    "percent": "percent",
    "person": "user",
    "person-add": "user-plus",
    "phone": "smartphone",
    "plug": "plug",
    "print": "printer",
    "qr": "qr-code",
    "reader": "smartphone-nfc",
    "receipt": "receipt-text",
    "redo": "rotate-ccw",
    "remove": "minus",
    "right": "chevron-right",
    "sales": "list",
    "scan": "scan-line",
    "search": "search",
    "send": "send",
    "settings": "settings",
    "share": "share-2",
    "shield": "shield-check",
    "sign-out": "log-out",
    "split": "split",
    "sun": "sun",
    "tag": "tag",
    "tip": "hand-coins",
    "today": "sun-medium",
    "undo": "undo-2",
    "up": "chevron-up",
    "upload": "upload",
    "verified": "badge-check",
    "void": "ban",
    "wait": "loader-circle",
    "wallet": "wallet",
    "warning": "triangle-alert",
}


def version(package: str) -> str:
    """The version npm installed for `package`."""
    return str(json.loads((MODULES / package / "package.json").read_text())["version"])


def house(name: str, package: str) -> Path:
    """An empty folder `pos/static/vendor/<name>-<version>/` holding the package's licence."""
    folder = VENDOR / f"{name}-{version(package)}"
    folder.mkdir(parents=True)
    shutil.copyfile(MODULES / package / "LICENSE", folder / "LICENSE")
    return folder


def vendor_htmx() -> None:
    """htmx as its authors minified it, without the pointer to a source map we do not ship."""
    folder = house("htmx", "htmx.org")
    text = (MODULES / "htmx.org/dist/htmx.min.js").read_text()
    kept = [line for line in text.splitlines() if not line.startswith("//# sourceMappingURL")]
    (folder / "htmx.min.js").write_text("\n".join(kept) + "\n")


def vendor_sortable() -> None:
    """SortableJS as its authors minified it: rows dragged by mouse and by touch."""
    folder = house("sortable", "sortablejs")
    shutil.copyfile(MODULES / "sortablejs/Sortable.min.js", folder / "sortable.min.js")


def vendor_inter() -> None:
    """Inter, variable weight, upright: `latin` untouched, `latin-ext` cut down to LETTERS and CURRENCY_SIGNS."""
    package = "@fontsource-variable/inter"
    folder = house("inter", package)
    files = MODULES / package / "files"
    shutil.copyfile(files / "inter-latin-wght-normal.woff2", folder / "inter-latin.woff2")
    font = TTFont(files / "inter-latin-ext-wght-normal.woff2", recalcTimestamp=False)
    options = Options()
    options.layout_features = ["*"]
    cutter = Subsetter(options)
    cutter.populate(unicodes=[*LETTERS, *CURRENCY_SIGNS])
    cutter.subset(font)
    font.flavor = "woff2"
    cut = BytesIO()
    font.save(cut)
    (folder / "inter-latin-ext.woff2").write_bytes(cut.getvalue())


def build_sprite() -> None:
    """One `<symbol>` per entry of ICONS; stroke and size are the page's, so one file serves light and dark."""
    house("lucide", "lucide-static")
    ElementTree.register_namespace("", "http://www.w3.org/2000/svg")
    licence = f"vendor/lucide-{version('lucide-static')}/LICENSE"
    lines = ['<svg xmlns="http://www.w3.org/2000/svg">', f"<!-- Icons of Lucide, ISC licence: {licence} -->"]
    for ours, theirs in sorted(ICONS.items()):
        root = ElementTree.fromstring((MODULES / f"lucide-static/icons/{theirs}.svg").read_text())  # noqa: S314 - pinned by us
        body = "".join(
            ElementTree.tostring(shape, encoding="unicode").replace(' xmlns="http://www.w3.org/2000/svg"', "").strip()
            for shape in root
        )
        lines.append(f'<symbol id="{ours}" viewBox="0 0 24 24">{body}</symbol>')
    (STATIC / "icons.svg").write_text("\n".join([*lines, "</svg>", ""]))


def sha384(path: Path) -> str:
    """The file's hash as browsers write it in `integrity`."""
    return "sha384-" + base64.b64encode(hashlib.sha384(path.read_bytes()).digest()).decode()


def write_manifest() -> None:
    """Hashes of every vendored file and of the sprite, keyed by their path below `pos/static/`."""
    files = [*sorted(path for path in VENDOR.rglob("*") if path.is_file()), STATIC / "icons.svg"]
    hashes = {path.relative_to(STATIC).as_posix(): sha384(path) for path in files}
    (VENDOR / "manifest.json").write_text(json.dumps(hashes, indent=2, sort_keys=True) + "\n")


def main() -> None:
    if VENDOR.exists():
        shutil.rmtree(VENDOR)
    vendor_htmx()
    vendor_sortable()
    vendor_inter()
    build_sprite()
    write_manifest()


if __name__ == "__main__":
    main()
