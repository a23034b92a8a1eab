"""Collect every text that can be translated into `pos/translations/messages.pot`; update and compile the `.po` files.

A language is one file, `pos/translations/<language>/LC_MESSAGES/messages.po`. It is compiled twice: `messages.mo` for the
server, and `scripts.mo` with what the scripts say, so that a page carries no other sentence. Run by `make messages`. A test
compares the template file with the source.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_file
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from pos.domain.sales.tender_kinds import TENDER_KINDS
from pos.reports.analysis.narrowing import CHANNEL_WORDS, FILTERS, KIND_WORDS, NOBODY_WORDS
from pos.reports.analysis.time_of_week import WEEKDAYS
from pos.reports.listed import reports
from pos.reports.review.event import EVENTS
from pos.reports.sales.figures import COLUMNS, FIGURES

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "pos" / "translations"
TEMPLATE = "messages.pot"
# `w` and `plural` are those of a Translator, `_l` is lazy_gettext; the arguments of a Message are code, text and plural,
# four where a comma stands after the last.
# A Step of a refund begins with its text, a Kind of cash movement ends with it.
_KEYWORDS = DEFAULT_KEYWORDS | {
    "_l": None,
    "w": None,
    "plural": (1, 2),
    "Message": {None: (2,), 3: (2, 3), 4: (2, 3)},
    "Step": None,
    "Kind": {3: (3,)},
    # What must hold stands after the key of a Check.
    "Check": (2,),
}
_SCRIPT_KEYWORDS = {"t": None, "n": (1, 2)}
# Tables of texts that are translated where they are looked up.
_TABLES = (
    "invoices.documents:RECEIPT_LABELS",
    "invoices.documents:REPORT_LABELS",
    "invoices.documents:CERTIFICATE_LABELS",
    "pos.domain.credits.rules.credit_words:MOVES",
    "pos.domain.credits.rules.credit_words:ORIGINS",
    "pos.domain.credits.rules.credit_words:STATES",
    "pos.domain.sales.pricing:EXEMPT_REASONS",
    "pos.domain.stored_value.rules:MOVES",
    "pos.reports.analysis.opens:UNNUMBERED",
    "pos.reports.audit.action_words:ACTIONS",
    "pos.reports.audit.action_words:ACTORS",
    "pos.reports.audit.field_words:FIELDS",
    "pos.reports.books.deferred_revenue:AGES",
    "pos.reports.books.entry_words:EVENTS",
    "pos.reports.bookkeeping.programs:TEXTS",
    "pos.reports.books.tax_and_revenue_events:EVENTS",
    "pos.reports.books.tax_lines:_WORDS",
    "pos.reports.clients.appointments:STATE_WORDS",
    "pos.reports.clients.new_and_returning:_WORDS",
    "pos.reports.comparison.compared:COMPARISON_WORDS",
    "pos.reports.comparison.compared:PARTS",
    "pos.reports.credits.credit_moves:_UNDONE",
    "pos.reports.credits.credit_moves:_WORDS",
    "pos.reports.listed:GROUPS",
    "pos.reports.desk.offline_sales:_ENDS",
    "pos.reports.desk.offline_sales:_STATES",
    "pos.reports.people.commissions:_WORDS",
    "pos.reports.people.own_earnings:HEADS",
    "pos.reports.people.own_earnings:TIP_WORDS",
    "pos.reports.people.tip_lines:_WORDS",
    "pos.reports.registers.card_money:_STATUS",
    "pos.reports.registers.drawers:_WORDS",
    "pos.reports.registers.papers:_KINDS",
    "pos.reports.registers.papers:PAPERS",
    "pos.reports.sales.sales_export:_CHANNELS",
    "pos.services.documents.client_data:HEADS",
    "pos.services.documents.dispute_evidence:_POLICIES",
    "pos.services.documents.till_reports:CORRECTION_WORDS",
    "pos.services.documents.till_reports:SOLD_KINDS",
    "pos.services.setup.starter_catalogue:TEXTS",
)

# What Click itself says in our commands; it looks these up in the same catalogue. The names of its types stay, as in FILE.
CLICK_TEXTS: tuple[str | tuple[str, str], ...] = (
    "Usage:", "Options", "Commands", "default: {default}", "required", "Aborted!", "Error: {message}",
    "Try '{command} {option}' for help.", "Missing argument", "Missing option", "No such option {name!r}.",
    "No such command {name!r}.", "Invalid value for {param_hint}: {message}", "Option {name!r} does not take a value.",
    "Choose from:\n\t{choices}", "{value!r} is not a valid {number_type}.", "{value!r} is not a valid UUID.",
    "{name} {filename!r} does not exist.", "{name} {filename!r} is a directory.", "{name} {filename!r} is a file.",
    "{name} {filename!r} is not readable.", "{name} {filename!r} is not writable.",
    "Repeat for confirmation", "Error: The two entered values do not match.", "Error: invalid input",
    ("Did you mean {possibility}?", "(Did you mean one of: {possibilities}?)"),
    ("Got unexpected extra argument ({args})", "Got unexpected extra arguments ({args})"),
    ("Option {name!r} requires an argument.", "Option {name!r} requires {nargs} arguments."),
    ("{value!r} is not {choice}.", "{value!r} is not one of {choices}."),
    ("{value!r} does not match the format {format}.", "{value!r} does not match the formats {formats}."),
)  # fmt: skip


def _sources() -> Iterator[tuple[Path, str]]:
    for top in ("pos", "invoices"):
        for path in sorted((ROOT / top).rglob("*")):
            inside = path.relative_to(ROOT).parts
            if inside[:2] == ("pos", "dev"):
                continue
            if path.suffix == ".py":
                yield path, "python"
            elif "templates" in inside and path.suffix in (".html", ".txt"):
                yield path, "jinja2.ext:babel_extract"


def _empty() -> Catalog:
    """A catalogue with a fixed date, so that its file changes with the texts only."""
    return Catalog(
        project="Tenderpoint",
        header_comment="# What a person reads, in English. Written by `make messages`.",
        fuzzy=False,
        creation_date=datetime(2026, 1, 1, tzinfo=UTC),
    )


def server_texts() -> Catalog:
    """The texts of Python, templates, declared reports, tables and the command, each with the files it is in."""
    found = _empty()
    for path, method in _sources():
        texts = extract_from_file(method, path, keywords=_KEYWORDS, options={"silent": "false"})
        for _line, text, comments, context in texts:
            found.add(text, None, [(path.relative_to(ROOT).as_posix(), 0)], auto_comments=comments, context=context)
    for report in reports().values():
        for text in (report.title, report.about, *report.columns):
            found.add(text, None, [(report.rows.__module__.replace(".", "/") + ".py", 0)])
    for figure in FIGURES.values():
        for text in (figure.label, figure.about):
            found.add(text, None, [("pos/reports/sales/figures.py", 0)])
    for column, about in COLUMNS.items():
        for text in (column, about):
            found.add(text, None, [("pos/reports/sales/figures.py", 0)])
    words = (KIND_WORDS, CHANNEL_WORDS, NOBODY_WORDS, dict(enumerate((*WEEKDAYS, *EVENTS))))
    for text in (
        *(word for pair in FILTERS.values() for word in pair),
        *(text for each in words for text in each.values()),
    ):
        found.add(text, None, [("pos/reports/analysis/narrowing.py", 0)])
    for kind in TENDER_KINDS.values():
        for label in (kind.label, kind.refund_label):
            found.add(label, None, [("pos/domain/sales/tender_kinds.py", 0)])
    for table in _TABLES:
        module, name = table.split(":")
        texts_of = getattr(import_module(module), name)
        for text in texts_of.values() if isinstance(texts_of, Mapping) else (row[0] for row in texts_of):
            found.add(text, None, [(module.replace(".", "/") + ".py", 0)])
    for text in import_module("pos.cli.language").help_texts(import_module("pos.cli").main):
        if text:
            found.add(text, None, [("pos/cli/language.py", 0)])
    for words_of_click in CLICK_TEXTS:
        found.add(words_of_click, None, [("pos/dev/extract_messages.py", 0)])
    return found


def script_texts() -> Catalog:
    """The texts of the scripts."""
    found = _empty()
    for path in sorted((ROOT / "pos" / "static" / "js").rglob("*.js")):
        for _line, text, comments, _context in extract_from_file("javascript", path, keywords=_SCRIPT_KEYWORDS):
            found.add(text, None, [(path.relative_to(ROOT).as_posix(), 0)], auto_comments=comments)
    return found


def all_texts() -> Catalog:
    """The server's texts, then those of the scripts that the server does not have."""
    found = server_texts()
    for message in script_texts():
        if message.id:
            found.add(message.id, None, message.locations, auto_comments=message.auto_comments)
    return found


def compile_language(path: Path, scripts: Catalog) -> None:
    """Write `messages.mo` and `scripts.mo` beside a `messages.po`."""
    with path.open("rb") as file:
        language = read_po(file, locale=path.parents[1].name)
    spoken = Catalog(locale=language.locale)
    for message in scripts:
        if not message.id:
            continue
        given = language.get(message.id if isinstance(message.id, str) else message.id[0])
        if given is not None and given.string:
            # The server may have the same text with a plural, which the file then holds once.
            is_one = isinstance(message.id, str) and not isinstance(given.string, str)
            spoken.add(message.id, given.string[0] if is_one else given.string)
    for name, catalogue in (("messages.mo", language), ("scripts.mo", spoken)):
        with path.with_name(name).open("wb") as file:
            write_mo(file, catalogue)


def main(folder: Path = FOLDER) -> None:
    """Write the template file, then update and compile each language of the folder."""
    catalogue, scripts = all_texts(), script_texts()
    with (folder / TEMPLATE).open("wb") as file:
        write_po(file, catalogue, width=120, include_lineno=False)
    for path in sorted(folder.glob("*/LC_MESSAGES/messages.po")):
        with path.open("rb") as file:
            language = read_po(file, locale=path.parents[1].name)
        language.update(catalogue, no_fuzzy_matching=True)
        with path.open("wb") as file:
            write_po(file, language, width=120, include_lineno=False)
        compile_language(path, scripts)


if __name__ == "__main__":
    main()
