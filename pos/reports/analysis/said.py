"""What a text of a report says on a page or a paper: words of this program and months in the language of its reader."""

from __future__ import annotations

from datetime import date

from pos.core.i18n.message import Message, translated_text
from pos.core.i18n.translator import Translator
from pos.reports.analysis.opens import Behind, Month, Opens, Word, WordList


def said(w: Translator, cell: str) -> str:
    """The cell as people read it."""
    match cell:
        case Behind() | Opens():
            return said(w, cell.name)
        case Message():
            return cell.text(w)
        case Month():
            return w.month(date.fromisoformat(f"{cell}-01"))
        case Word():
            return w(str(cell))
        case WordList():
            return ", ".join(translated_text(part, w) for part in cell.parts)
        case _:
            return cell
