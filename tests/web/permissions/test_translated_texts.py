"""Every answer a person can get, asked for in a language that translates everything: no English is left but data."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from pos.core.mail import MailboxMail
from pos.domain.clients.models import Client
from pos.domain.locations.models import Location
from pos.web.office.packages.adjustments import KINDS
from tests.support import pseudo_language
from tests.support.cards import Till
from tests.support.pseudo_language import LANGUAGE, LOCALE, Data, pseudo, seen, strings, typed_texts
from tests.support.worker_steps import work
from tests.web.permissions.asking import ask, known_browser_of
from tests.web.permissions.permission_fixtures import PermissionFixtures
from tests.web.permissions.permission_matrix import TABLE, Row
from tests.web.permissions.permission_requests import DOOR, EVERYBODY, Probe

pytestmark = [pytest.mark.xdist_group("translated_texts"), pytest.mark.long]

# Development only; files and answers for programs.
_LEFT_OUT = ("/mailbox", "/account/data", "/office/clients/<uuid:client_id>/data.", "/hooks/")
# The audit log has values as they were written: states, kinds, yes and no.
_VALUES_SHOWN = "/office/settings/audit-log"
_TYPED = {
    # What the fixtures write past the forms.
    "Too loud", "No route", "Simulated clinic",
    # What Stripe calls its messages and devices.
    "payment_intent.succeeded", "pi_nobody_knows", "simulated wisepos e",
    # Slugs of the locations, and languages as programs are told them.
    "altstadt", "riverside", "el-GR",
}  # fmt: skip
# What stays on some pages alone.
_STAYS = {
    # Names of columns in a list, the body that a booking system sends, and what is in the files.
    re.compile("/office/(settings/(catalogue-file|imports)|sales/visits/(file|systems))"): re.compile(
        r"\b[a-z]+(?:_[a-z]+)*(?:, [a-z]+(?:_[a-z]+)*)+\b|\b(?:kind|Tax categories): [a-z_, ]+|\{.*\}"
        r"|\b(?:catalogue|visits)\.csv|\b(?:Article|Note) [0-9a-f-]{32,36}"
    ),
    re.compile("/office/settings/service-charges"): re.compile(r"\bHome\b"),  # one that a form renamed afterwards
    # Kinds of rows at Stripe.
    re.compile("/office/money/payouts"): re.compile(r"\b(?:charge|topup)\b"),
    # The secret of a second factor.
    re.compile("/office/your-sign-in"): re.compile(r"\b(?:[A-Z2-7]{4} ){7}[A-Z2-7]{4}\b"),
}
# A key for scripts: no blanks, no capitals.
_KEY = re.compile(r"[a-z0-9_.:#=/?&-]*|/\S*")


@dataclass
class Asked:
    """The answers, with what was asked, and what was typed to get them."""

    answers: list[tuple[str, TestResponse]] = field(default_factory=list)
    typed: set[str] = field(default_factory=lambda: set(_TYPED))

    def ask(self, fixtures: PermissionFixtures, row: Row, who: str, asked: Probe) -> None:
        """Ask, and follow where the answer leads."""
        web = _browser(fixtures, who)
        # Keys of forms have no blanks and no capitals.
        self.typed |= {text for text in strings([asked.form, asked.json]) if not _KEY.fullmatch(text)}
        answer = ask(web, fixtures.clinic, row, asked)
        for _ in range(4):
            self.answers.append((f"{row} by {who}", answer))
            if answer.status_code not in (302, 303) or not answer.location.startswith("/"):
                break
            answer = web.get(answer.location)


def _browser(fixtures: PermissionFixtures, who: str) -> FlaskClient:
    web = known_browser_of(fixtures.clinic, who)
    for path in ("/", "/register", "/office"):
        web.set_cookie("tp_lang", LANGUAGE, path=path)
    return web


def _askers(row: Row) -> list[str]:
    """Somebody who may, and somebody who is refused."""
    may = [who for who, cell in zip(EVERYBODY, row.cells, strict=True) if cell != DOOR and int(cell) < 400]
    refused = [who for who, cell in zip(EVERYBODY, row.cells, strict=True) if cell != DOOR and int(cell) >= 400]
    first = [who for who in ("owner", "ana", *may) if who in may][:1]
    return first + refused[-1:]


def _more(row: Row, asked: Probe) -> Iterator[Probe]:
    """The same route in other ways: forms with nothing in them, all choices of a rule, more of a list."""
    if row.method == "POST":
        yield Probe(
            asked.values, json=None if asked.form is not None else {}, form=asked.form and {}, query=asked.query
        )
    for names, variable in re.findall(r"<any\(([^)]*)\):(\w+)>", row.rule) if row.method == "GET" else ():
        for name in re.findall(r"[\w-]+", names):
            yield Probe(asked.values | {variable: name}, asked.json, asked.form, asked.query)
    if row.rule == "/office/packages/<uuid:package_id>/<name>":
        for name in KINDS:
            shown = {key: value for key, value in (asked.form or {}).items() if key != "confirm"}
            yield Probe(asked.values | {"name": name}, form=shown, query=asked.query)
    if row.rule == "/office/sales":
        yield Probe(query="?rows=items")


def _speaks(till: Till) -> None:
    """Papers and mails follow locations and clients; forms of the table change them."""
    for model in (Location, Client):
        till.clinic.write(lambda session, model=model: session.execute(update(model).values(locale=LOCALE)))


@pytest.fixture(scope="module")
def asked(shared_till: Till, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asked]:
    fixtures, found = PermissionFixtures(shared_till), Asked()
    with pytest.MonkeyPatch.context() as patch:
        pseudo_language.install(shared_till.clinic.app, tmp_path_factory.mktemp("translations"), patch)
        for row in (row for row in TABLE if not row.rule.startswith(_LEFT_OUT)):
            _speaks(shared_till)
            fixtures.open_drawers()
            for who in _askers(row):
                found.ask(fixtures, row, who, row.ready(fixtures))
            for probe in _more(row, row.ready(fixtures)):
                found.ask(fixtures, row, _askers(row)[0], probe)
        work(shared_till.clinic)
        # Once more, now that the reports have rows of everything.
        for row in (
            row for row in TABLE if row.method == "GET" and row.rule.startswith("/office") and "." not in row.rule
        ):
            found.ask(fixtures, row, "owner", row.ready(fixtures))
        with shared_till.clinic.read() as session:
            found.typed |= typed_texts(session)
        yield found
    pseudo_language.translator.translator.cache_clear()


def _english(asked: Asked, texts: Iterable[tuple[str, list[str]]]) -> list[str]:
    """English that is no data, each with where it was first seen."""
    data, found = Data(asked.typed), dict[str, str]()
    for where, said in texts:
        stays = [what for page, what in _STAYS.items() if page.search(where)]
        for what in stays:
            said = [what.sub(" ", text) for text in said]
        for text in data.english(said):
            found.setdefault(text, where)
    return sorted(f"{text}   ({where})" for text, where in found.items())


def test_pages_in_another_language_say_nothing_in_english(asked: Asked) -> None:
    pages = [
        (where, seen(one.text))
        for where, one in asked.answers
        if one.mimetype == "text/html" and one.status_code not in (302, 303) and _VALUES_SHOWN not in where
    ]
    assert len(pages) > 1000
    assert _english(asked, pages) == []


def test_answers_to_scripts_in_another_language_say_nothing_in_english(asked: Asked) -> None:
    answers = [
        (where, [text for text in strings(one.get_json()) if not _KEY.fullmatch(text)])
        for where, one in asked.answers
        # Files of reports are for programs.
        if one.mimetype in ("application/json", "application/problem+json") and "/office/reports/" not in where
    ]
    assert len(answers) > 100
    assert _english(asked, answers) == []


def test_mails_in_another_language_say_nothing_in_english(asked: Asked, shared_till: Till) -> None:
    with shared_till.clinic.read() as session:
        mails = [
            (one.subject, [one.subject, *one.text.splitlines(), *seen(one.html)])
            for one in session.scalars(select(MailboxMail))
        ]
    assert len(mails) > 5
    assert _english(asked, mails) == []


@pytest.mark.parametrize(
    ("text", "left"),
    [
        (pseudo("Sold to %(name)s") % {"name": "Ana Núñez"}, set()),
        ("Sold to Ana Núñez", {"Sold to"}),
        (f"{pseudo('Paid')} · RIV-000012, 2 × Foot massage, https://clinic.example/r/x", set()),
    ],
)
def test_english_beside_data_is_found(text: str, left: set[str]) -> None:
    found = Data({"Ana Núñez", "Foot massage"}).english([text])
    assert {re.sub("[Ａ-Ｚａ-ｚ]+", "", one).strip() for one in found} == left


def test_pseudo_language_keeps_values_tags_and_entities() -> None:
    assert pseudo("%(num)d of {count} <b>x</b> &amp; 5 %%") == "%(num)d ｏｆ {count} <b>ｘ</b> &amp; 5 %%"
