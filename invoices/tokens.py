"""The screens' design tokens, read for paper: light values only, written into the styles as plain values.

Paper has no dark mode, and WeasyPrint lays a page out faster when it need not follow custom properties.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_BRACE = re.compile(r"([^{}]*)([{}])")
_DECLARATION = re.compile(r"--([\w-]+)\s*:\s*([^;]+)")
_REFERENCE = re.compile(r"var\(\s*--([\w-]+)\s*\)")
_LIGHT_DARK = re.compile(r"light-dark\(\s*([^,()]+(?:\([^()]*\))?)\s*,[^()]*(?:\([^()]*\))?[^()]*\)")
_ROOTS = frozenset({":root", "html", ":where(:root)", ":host"})


def light_values(css: str) -> dict[str, str]:
    """Custom properties of the top `:root` rules by name without dashes; media queries and themed roots are passed over."""
    values: dict[str, str] = {}
    for declarations in _root_blocks(_COMMENT.sub("", css)):
        for name, value in _DECLARATION.findall(declarations):
            values[name] = _LIGHT_DARK.sub(r"\1", value).strip()
    return values


def fill(css: str, values: Mapping[str, str]) -> str:
    """The styles with each `var(--name)` replaced by its value; raises ValueError naming a token that is not there."""
    for _ in range(4):
        if not _REFERENCE.search(css):
            return css
        css = _REFERENCE.sub(lambda reference: _value(values, reference[1]), css)
    raise ValueError("the design tokens refer to each other in a circle")


def _value(values: Mapping[str, str], name: str) -> str:
    if name not in values:
        raise ValueError(f"the design tokens lack --{name}, which paper needs")
    return values[name]


def _root_blocks(css: str) -> Iterator[str]:
    open_rules: list[str] = []
    for text, brace in _BRACE.findall(css):
        if brace == "{":
            open_rules.append(text.rpartition(";")[2].strip())
            continue
        rule = open_rules.pop() if open_rules else ""
        selectors = {selector.strip() for selector in rule.split(",")}
        if selectors & _ROOTS and all(outer.startswith("@layer") for outer in open_rules):
            yield text
