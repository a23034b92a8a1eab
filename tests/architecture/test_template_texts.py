"""Every text of a page, mail or paper that a reader sees goes through the translations."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from jinja2 import Environment

from tests.support.paths import ROOT

_READ_ALOUD = {"aria-label", "title", "placeholder", "alt"}
_NOT_TEXT = {"script", "style"}
_LETTERS = re.compile(r"[^\W\d_]{2,}")

# A block that the layout puts into a class attribute.
_CLASS_BLOCK = re.compile(r"\{% block body_class %\}[\w -]*\{% endblock %\}")
# What a macro writes into a tag of its caller: attributes that no reader sees; a title may stand right before it.
_ATTRIBUTES = re.compile(r'(?:(?:x1|·|(?!aria-label|title|placeholder|alt)[\w-]+="[^"]*")\s*)+')
# Names, which are the same in every language.
_ALLOWED = {"Tenderpoint"}
# Development only: no clinic sees these pages.
_LEFT_OUT = {"dev_mailbox"}

_TEMPLATES = [
    path
    for top in ("pos", "invoices")
    for path in sorted((ROOT / top / "templates").rglob("*.*"))
    if not _LEFT_OUT & set(path.parts)
]


class _Texts(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.inside: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _NOT_TEXT:
            self.inside.append(tag)
        self.found += [value for name, value in attrs if name in _READ_ALOUD and value]

    def handle_endtag(self, tag: str) -> None:
        if tag in _NOT_TEXT and self.inside:
            self.inside.pop()

    def handle_data(self, data: str) -> None:
        if not self.inside:
            self.found.append(data)


def _markup(source: str) -> str:
    """The template without statements and comments, and with `x1` for an expression, by Jinja's own lexer."""
    tokens = Environment().lex(_CLASS_BLOCK.sub("", source))
    return "".join(
        value if kind == "data" else "x1" for _line, kind, value in tokens if kind in ("data", "variable_begin")
    )


def _bare(source: str, *, html: bool = True) -> list[str]:
    """Words outside `{{ }}` and `{% %}` that a reader sees or a screen reader says."""
    texts = [_markup(source)]
    if html:
        parser = _Texts()
        parser.feed(texts[0])
        parser.close()
        texts = parser.found
    words = (" ".join(text.split()) for text in texts)
    return [text for text in words if _LETTERS.search(text) and not (text in _ALLOWED or _ATTRIBUTES.fullmatch(text))]


def test_template_text_is_translated() -> None:
    assert len(_TEMPLATES) > 100
    found = {
        str(path.relative_to(ROOT)): _bare(path.read_text(encoding="utf-8"), html=path.suffix == ".html")
        for path in _TEMPLATES
    }
    assert {path: texts for path, texts in found.items() if texts} == {}


@pytest.mark.parametrize(
    "planted",
    [
        "<p>Paid</p>",
        "{% if x %}Paid{% endif %}",
        '<button aria-label="Close">{{ _("x") }}</button>',
        '<input placeholder="Search {{ what }}">',
        '{% macro bad() %}aria-invalid="true" title="Wrong"{% endmacro %}',
    ],
)
def test_template_text_untranslated_is_found(planted: str) -> None:
    assert len(_bare(planted)) == 1


@pytest.mark.parametrize(
    "planted",
    [
        '<p class="soft" id="about">{{ _("Paid") }}</p>',
        "{% block body_class %}office{% endblock %}",
        '{% macro bad(name) %}aria-invalid="true" aria-describedby="{{ name }}-error"{% endmacro %}',
        '<{{ tag }} class="num">{{ first }}{{ second }}</{{ tag }}>',
        "<style>p { color: red }</style>",
        "{# Paid #}<p>{{ amount }} · %</p>",
        "<p{% if soft %} class=\"soft\"{% endif %}>{{ _('Paid') }}</p>",
    ],
)
def test_template_text_invisible_to_reader_is_ignored(planted: str) -> None:
    assert _bare(planted) == []
