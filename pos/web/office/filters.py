"""Filters of sales as a page offers them, what of them an address asks for, and what of that cannot be chosen."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from flask import request

from pos.core.database.base import reading
from pos.core.errors import Invalid
from pos.core.i18n.message import Message
from pos.domain.locations.queries import Place
from pos.reports.analysis.narrowing import FILTERS, LONGEST, NAMED_BY_DATA, choices, gone, parse_only, unknown
from pos.reports.analysis.said import said
from pos.reports.period import FIRST, Only, Scope
from pos.web.common.template_context import page_translator
from pos.web.office.request_args import ScopeRequest

# A page without a wrong filter begins with its first rows.
_WHICH_ROWS = ("page", "after", "before")


@dataclass(frozen=True)
class Filter:
    """A filter: its word in the address, what it is called, what it says when nothing is chosen, and the options, each a
    value and its words."""

    name: str
    label: str
    nothing: str
    options: list[tuple[str, str]]
    chosen: str


def _address(page: str, left_out: Collection[str | None]) -> str:
    kept = {name: text for name, text in request.args.items() if name not in left_out and name not in _WHICH_ROWS}
    return f"{page}?{urlencode(kept)}"


class AskedFilters:
    """The filters of the address: `only` those that can be chosen at some locations, `wrong` the refusals of the others.

    A list may have others beside those of reports: what `word`, `noted` and `narrows` read is kept as chosen too.
    """

    def __init__(self, offered: Collection[str], places: tuple[Place, ...]) -> None:
        self.wrong: list[Invalid] = []
        self._beside: set[str] = set()
        self._offered, self._places = offered, places
        known = {}
        for name in offered:
            with self.noted():
                typed = request.args.get(name, "")[:LONGEST]
                parse_only({name: typed})
                known[name] = typed
        keys = [name for name in NAMED_BY_DATA if known.get(name)]
        scope = Scope(places, FIRST, FIRST, parse_only(known))
        self.wrong += gone(scope.only, choices(reading(), scope, keys)) if keys else ()
        self.only: Only = parse_only({name: typed for name, typed in known.items() if name not in self.names})

    @contextmanager
    def noted(self, name: str = "") -> Iterator[None]:
        """Read one more thing of the address; its refusal is one of `wrong`. `name` is its word, where it is a filter."""
        try:
            yield
        except Invalid as error:
            self.wrong.append(error)
        else:
            self.narrows(name, name)

    def narrows(self, name: str, typed: str) -> str:
        """What was typed that the list is searched for, any text."""
        if typed:
            self._beside.add(name)
        return typed

    def word(self, name: str, known: Collection[str], label: Message | None = None) -> str:
        """One more word of the address, empty where it is not known; `label` is what its filter is called."""
        typed = request.args.get(name, "")
        if not typed or typed in known:
            return self.narrows(name, typed)
        self.wrong.append(unknown(name, typed, label))
        return ""

    @property
    def names(self) -> set[str | None]:
        """The words of the filters that are wrong."""
        return {error.field for error in self.wrong}

    @property
    def chosen(self) -> set[str]:
        """The words of the filters that narrow the list."""
        return {*self.only.args(), *self._beside}

    def without(self, page: str) -> str:
        """The address of a page with everything that was asked but what is wrong."""
        return _address(page, self.names)

    def without_chosen(self, page: str) -> str:
        """The address of a page with everything that was asked but the filters."""
        return _address(page, self.chosen)

    def refused(self, question: ScopeRequest) -> ScopeRequest:
        """The question of a page that shows no rows; its other days leave out what is wrong."""
        return replace(question, scope=None, left_out=frozenset(self.names))

    def require(self, page: str) -> None:
        """Raise Invalid for the first that is wrong, with the way to the page without it."""
        for error in self.wrong:
            raise Invalid(error.sentence, field=error.field, without=self.without(page))

    def filters(self) -> list[Filter]:
        """The filters with what may be chosen, in the order of the pages."""
        chosen, w = self.only.args(), page_translator()
        return [
            Filter(
                name,
                *FILTERS[name],
                [(key, said(w, word)) for key, word in options],
                chosen.get(name, ""),
            )
            for name, options in choices(reading(), Scope(self._places, FIRST, FIRST, self.only), self._offered).items()
        ]
