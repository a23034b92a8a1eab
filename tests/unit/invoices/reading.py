"""What a reader of the PDF finds: text, size, fonts, links."""

from __future__ import annotations

import io
from typing import Any

import pypdf

POINTS_PER_MM = 72 / 25.4


def opened(pdf: bytes) -> pypdf.PdfReader:
    return pypdf.PdfReader(io.BytesIO(pdf))


def text_of(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in opened(pdf).pages)


def size_mm(pdf: bytes, page: int = 0) -> tuple[float, float]:
    box = opened(pdf).pages[page].mediabox
    return float(box.width) / POINTS_PER_MM, float(box.height) / POINTS_PER_MM


def fonts_of(pdf: bytes) -> set[str]:
    fonts: set[str] = set()
    for page in opened(pdf).pages:
        for font in page["/Resources"]["/Font"].values():
            fonts.add(str(font.get_object()["/BaseFont"]).rpartition("+")[2])
    return fonts


def links_of(pdf: bytes) -> list[str]:
    found = []
    for page in opened(pdf).pages:
        for annotation in page.get("/Annots", []):
            found.append(str(annotation.get_object()["/A"]["/URI"]))
    return found


def tagged(node: Any, role: str) -> list[Any]:
    """The structure elements of a role, "/Table", below a node of the tag tree."""
    node = node.get_object()
    if not isinstance(node, dict):
        return []
    kids = node.get("/K", [])
    found = [node] if node.get("/S") == role else []
    return found + [hit for kid in (kids if isinstance(kids, list) else [kids]) for hit in tagged(kid, role)]


def text_placements(pdf: bytes) -> list[tuple[str, float, float]]:
    """Each run of text with x and y in points from the lower left corner."""
    runs: list[tuple[str, float, float]] = []

    def visit(text: str, user: list[float], matrix: list[float], *_: object) -> None:
        if text.strip():
            x = matrix[4] * user[0] + matrix[5] * user[2] + user[4]
            y = matrix[4] * user[1] + matrix[5] * user[3] + user[5]
            runs.append((text.strip(), x, y))

    for page in opened(pdf).pages:
        page.extract_text(visitor_text=visit)
    return runs
