"""The language of the terminal: what `pos` says, asks and explains is translated by the catalogue of its environment.

Without a catalogue for it nothing is looked up and everything is English; Babel is not even imported, which takes a while.
"""

from __future__ import annotations

import gettext
import inspect
import os
import re
from collections.abc import Iterator
from copy import copy
from itertools import takewhile
from pathlib import Path
from typing import Any

import click

from pos.core import i18n
from pos.core.i18n.message import translated_text

_DOMAIN, _ENGLISH = "messages", "en"
# In the order of gettext; the first that says something counts alone.
_VARIABLES = ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")


def command_locale() -> str:
    """The first language of the environment that has a catalogue; English has none, and ends the search as well."""
    wanted = next((value.split(":") for name in _VARIABLES if (value := os.environ.get(name))), [])
    before_english = [*takewhile(lambda one: re.split(r"[_.@]", one)[0] != _ENGLISH, wanted), "C"]
    found = gettext.find(_DOMAIN, str(i18n.TRANSLATIONS), before_english)
    return Path(found).parents[1].name if found else _ENGLISH


def told(text: str) -> str:
    """A message, or a text of the catalogue, in the language of the terminal."""
    locale = command_locale()
    if locale == _ENGLISH:
        return text
    from pos.core.i18n.translator import translator

    return translated_text(text, translator(locale))


def say(text: str, *, err: bool = False) -> None:
    """Print a sentence, on standard error if wanted."""
    click.echo(told(text), err=err)


def paragraphs(text: str) -> list[str]:
    """The paragraphs of a help text, each on one line: this is how the catalogue has them."""
    return [" ".join(part.split()) for part in re.split(r"\n\s*\n", inspect.cleandoc(text))]


def _explained(text: str | None) -> str | None:
    return text and "\n\n".join(map(told, paragraphs(text)))


class Command(click.Command):
    """A command whose help is translated when it is shown; what is stored stays English."""

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """Click keeps this option, with the text of the language in which it was first asked for."""
        option = super().get_help_option(ctx)
        if option is not None:
            option.help = gettext.gettext("Show this message and exit.")
        return option

    def get_short_help_str(self, limit: int = 45) -> str:
        """The line in the list of a group."""
        return super(Command, self._translated()).get_short_help_str(limit)

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the help into the formatter."""
        super(Command, self._translated()).format_help(ctx, formatter)

    def _translated(self) -> Command:
        if command_locale() == _ENGLISH:
            return self
        twin = copy(self)
        twin.help, twin.params = _explained(self.help), [copy(one) for one in self.params]
        for one in twin.params:
            if isinstance(one, click.Option):
                one.help = _explained(one.help)
        return twin


class Group(Command, click.Group):
    """A group of such commands."""

    command_class = Command
    group_class = type

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run; the words of Click itself, such as “Usage”, come from the same catalogue."""
        gettext.bindtextdomain(_DOMAIN, str(i18n.TRANSLATIONS))
        # Click looks up by itself, and would not stop at English: then it gets a domain that has no catalogue.
        gettext.textdomain(_ENGLISH if command_locale() == _ENGLISH else _DOMAIN)
        return super().main(*args, **kwargs)


def help_texts(command: click.Command, ctx: click.Context | None = None) -> Iterator[str]:
    """Every paragraph of the help of a command, of its options and of the commands in it, for the catalogue."""
    here = click.Context(command, ctx)
    for text in (command.help, *(one.help for one in command.params if isinstance(one, click.Option))):
        yield from paragraphs(text or "")
    if isinstance(command, click.Group):
        for name in command.list_commands(here):
            if (found := command.get_command(here, name)) is not None:
                yield from help_texts(found, here)
