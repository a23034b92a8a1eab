"""What WeasyPrint 70 leaves out of the tags of a PDF/UA-1 file, added before it is written.

It gives header cells no scope, so that a column of row headings is tied to nothing; it puts a second link annotation on a
picture inside a link, where none belongs to a figure; its annotations lack the Print flag.
"""

from __future__ import annotations

from typing import Any

import pydyf

_PRINT = 4  # the third flag of an annotation, ISO 32000-1 table 165


def finish_tags(_document: object, pdf: Any) -> None:
    """A `finisher` for WeasyPrint: changes the objects of a PDF that is about to be written."""
    known = {one.reference: one for one in pdf.objects if isinstance(one, pydyf.Dictionary)}
    elements = [one for one in known.values() if one.get("Type") == "/StructElem"]
    for element in elements:
        if element["S"] == "/TH":
            element["A"]["Scope"] = "/Column" if _in_head(element, known) else "/Row"
        elif element["S"] == "/Figure":
            _take_link_off(element, known)
    for one in known.values():
        if one.get("Type") == "/Annot":
            one["F"] = _PRINT


def _in_head(cell: Any, known: dict[Any, Any]) -> bool:
    row = known[cell["P"]]
    return bool(known[row["P"]]["S"] == "/THead")


def _take_link_off(figure: Any, known: dict[Any, Any]) -> None:
    """Leave a picture's link to the link around it, which is named as the picture is."""
    links = [kid for kid in figure["K"] if kid in known and known[kid].get("Type") == "/OBJR"]
    for kid in links:
        figure["K"].remove(kid)
        annotation = known[kid]["Obj"]
        for one in known.values():
            if annotation in one.get("Annots", ()):
                one["Annots"].remove(annotation)
            numbers = one.get("Nums")
            if numbers and (number := known[annotation]["StructParent"]) in numbers[::2]:
                at = numbers[::2].index(number) * 2
                del numbers[at : at + 2]
    around = known[figure["P"]]
    if links and around["S"] == "/Link":
        around["Alt"] = figure["Alt"]
