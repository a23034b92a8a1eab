"""A document as one HTML page: what WeasyPrint lays out, and what a browser shows where there are no PDFs."""

from __future__ import annotations

import re
from functools import cached_property
from pathlib import Path
from typing import Any, TypeGuard

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from invoices.code_image import PAPER_ADDRESS, code_of
from invoices.documents import Document, ReceiptDocument
from invoices.formats import FORMATS, sheet_for
from invoices.logo import PAPER_ADDRESS as LOGO_ADDRESS
from invoices.logo import screen_address
from invoices.sheets import Sheet
from invoices.tokens import fill, light_values
from invoices.widths import width_of

_HERE = Path(__file__).parent
# Line ends between tags would each become a box to lay out; text never matches, its < and > are escaped.
_BETWEEN_TAGS = re.compile(r">\n+<")
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f\ufffe\uffff\u202a-\u202e\u2066-\u2069]")


class Renderer:
    """Sets documents as HTML in the house style.

    `tokens_css` is the text of the screens' token file; ValueError where it lacks a colour the paper uses.
    """

    def __init__(self, tokens_css: str) -> None:
        self._tokens = light_values(tokens_css)
        self._styles = {name: self._paper_style(sheet) for name, sheet in FORMATS.items()}

    def render_html(self, document: Document, paper_format: str, logo: bytes = b"") -> str:
        """A self-contained page for the browser: styles and `logo` inside, no script, nothing to fetch.

        Raises ValueError for a format that does not exist or is not for this kind of document.
        """
        sheet = sheet_for(document, paper_format)
        style = Markup(self._styles[paper_format] + self._screen_style)  # noqa: S704 - our own sheets
        return self._page(document, sheet, _code_for_screen(document), style, screen_address(logo))

    def paper_html(self, document: Document, paper_format: str, *, has_logo: bool = False) -> str:
        """The same page without styles, which the PDF worker has parsed once (`paper_css`)."""
        logo = LOGO_ADDRESS if has_logo else ""
        page = self._page(document, sheet_for(document, paper_format), _code_for_paper(document), Markup(""), logo)
        return _BETWEEN_TAGS.sub("><", page)

    def paper_css(self, paper_format: str) -> str:
        """The styles of a format, tokens filled in; KeyError for a format that does not exist."""
        return self._styles[paper_format]

    @property
    def elements_css(self) -> str:
        """The display of each element the templates use, which a browser knows by itself."""
        return self._css("elements.css")

    def _page(self, document: Document, sheet: Sheet, qr: Markup, style: Markup, logo: str) -> str:
        template = self._environment.get_template(sheet.template)
        return template.render(document=document, labels=document.labels, style=style, qr=qr, logo=logo)

    def _paper_style(self, sheet: Sheet) -> str:
        upright, lying = sheet.page, " ".join(reversed(sheet.page.split()))
        page = f"@page{{size:{upright};margin:{sheet.margin}}}@page wide{{size:{lying}}}\n"
        return page + "".join(self._css(name) for name in ("paper.css", *sheet.styles))

    @cached_property
    def _screen_style(self) -> str:
        return self._css("screen.css")

    def _css(self, name: str) -> str:
        return fill((_HERE / "css" / name).read_text(encoding="utf-8"), self._tokens)

    @cached_property
    def _environment(self) -> Environment:
        environment = Environment(
            loader=FileSystemLoader(_HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            finalize=printable,
        )
        environment.globals["width_of"] = width_of
        return environment


def printable(value: Any) -> Any:
    """The text without control signs and without overrides of the writing direction, which could disguise an amount."""
    if type(value) is str and _UNPRINTABLE.search(value):
        return _UNPRINTABLE.sub("", value)
    return value


def _has_code(document: Document) -> TypeGuard[ReceiptDocument]:
    return isinstance(document, ReceiptDocument) and bool(document.portal_url)


def _code_for_screen(document: Document) -> Markup:
    if not _has_code(document):
        return Markup("")
    title = document.portal_caption or document.portal_url
    svg = code_of(document.portal_url).svg_inline(border=0, omitsize=True, title=title, svgclass="qr")
    return Markup(svg)  # noqa: S704 - segno escapes the title; the rest is a path of numbers


def _code_for_paper(document: Document) -> Markup:
    if not _has_code(document):
        return Markup("")
    title = document.portal_caption or document.portal_url
    return Markup('<img class="qr" src="{}" alt="{}">').format(PAPER_ADDRESS, title)
