"""The sentences of the scripts in a language, as the page hands them to `pos/static/js/messages.js`.

`make messages` compiles them from the language's `.po` file into a domain of their own, `scripts`, so that a page carries no
sentence that only templates use.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from babel.core import Locale
from babel.messages.mofile import read_mo
from babel.support import Translations

from pos.core import i18n

DOMAIN = "scripts"
# One count of every plural category of CLDR that a whole number can have is among these.
_COUNTS = (*range(201), 1_000_000)


def script_messages(language: str) -> dict[str, object] | None:
    """Catalogue of a language: `messages` by English text, `plurals` by English singular and CLDR category.

    None where nothing is translated.
    """
    return _read(i18n.TRANSLATIONS, language)


@lru_cache(maxsize=16)
def _read(folder: Path, language: str) -> dict[str, object] | None:
    locale = Locale.parse(language.replace("-", "_"))
    path = folder / str(locale) / "LC_MESSAGES" / f"{DOMAIN}.mo"
    if not path.exists():
        return None
    with path.open("rb") as file:
        entries = [message for message in read_mo(file) if message.id]
    translations = Translations.load(folder, [locale], DOMAIN)
    messages = {}
    plurals = {}
    for entry in entries:
        if isinstance(entry.id, str):
            messages[entry.id] = translations.ugettext(entry.id)
        else:
            one, many = entry.id
            plurals[one] = {
                locale.plural_form(count): translations.ungettext(one, many, count) for count in reversed(_COUNTS)
            }
    return {"locale": str(locale).replace("_", "-"), "messages": messages, "plurals": plurals}
