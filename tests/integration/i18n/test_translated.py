"""One sentence of each kind is read in another language once a catalogue has it; the others stay English.

The texts of scripts have a catalogue of their own, in JSON.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo

from pos.core.errors import Invalid
from pos.core.i18n import translator
from pos.core.i18n.message import translated_text
from pos.core.ids import new_id
from pos.core.messages.general import NOT_AN_AMOUNT
from pos.core.messages.till import NOT_ENOUGH_CASH_IN_DRAWER, SHIFT_CLOSED
from pos.core.money import parse_amount
from pos.domain.receipts import repository as receipts
from pos.services.documents.receipts import receipt_html
from pos.services.mailer import write_letter
from tests.support.clinic import Clinic, line
from tests.web.register.conftest import Register

_GERMAN: dict[str | tuple[str, str], str | tuple[str, str]] = {
    "6 to 12 digits. This browser remembers the desk.": "6 bis 12 Ziffern.",
    "Choose the desk first.": "Zuerst den Platz wählen.",
    "There is no such ticket.": "Diesen Bon gibt es nicht.",
    "That PIN is not right. If it should do this here, ask a manager.": "Diese PIN stimmt nicht.",
    "Go back and try again.": "Zurück, dann noch einmal.",
    "Hello,": "Guten Tag,",
    "“%(typed)s” is not an amount. Write it like 12.50.": "„%(typed)s“ ist kein Betrag.",
    "Total": "Summe",
    ("%(count)s session given up", "%(count)s sessions given up"): ("%(count)s Termin", "%(count)s Termine"),
    "There is %(there)s %(currency)s in the drawer, and %(amount)s would have to come out of it. %(instead)s": (
        "Es sind %(there)s %(currency)s da. %(instead)s"
    ),
    "The drawer of this desk is closed. Count the float and open it first.": "Die Kasse ist geschlossen.",
}


@pytest.fixture(autouse=True)
def german(clinic: Clinic, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A German catalogue in a folder of its own, instead of those that are shipped."""
    catalogue = Catalog(locale="de")
    for english, text in _GERMAN.items():
        catalogue.add(english, text)
    path = tmp_path / "translations" / "de" / "LC_MESSAGES" / "messages.mo"
    path.parent.mkdir(parents=True)
    with path.open("wb") as file:
        write_mo(file, catalogue)
    monkeypatch.setattr(translator, "TRANSLATIONS", tmp_path / "translations")
    monkeypatch.setattr(clinic.app.extensions["babel"], "translation_directories", [str(tmp_path / "translations")])
    translator.translator.cache_clear()
    yield
    translator.translator.cache_clear()


def test_translation_page_follows_browser_language(clinic: Clinic) -> None:
    http = clinic.app.test_client()
    assert "6 bis 12 Ziffern." in http.get("/register/sign-in", headers={"Accept-Language": "de"}).text
    assert "6 to 12 digits." in http.get("/register/sign-in", headers={"Accept-Language": "en"}).text


def test_translation_field_error_is_translated(clinic: Clinic) -> None:
    register = Register(clinic, None)
    register.http.set_cookie("tp_lang", "de")
    page = register.http.post("/register/sign-in", data={"pin": "1", "csrf_token": register.token})
    assert (page.status_code, "Zuerst den Platz wählen." in page.text) == (422, True)


def test_translation_problem_for_script_is_translated_and_keeps_codes(clinic: Clinic) -> None:
    register = Register(clinic, clinic.receptionist)
    english = register.get(f"/tickets/{new_id()}").get_json()
    register.http.set_cookie("tp_lang", "de")
    german = register.get(f"/tickets/{new_id()}").get_json()
    assert (english["title"], german["title"]) == ("There is no such ticket.", "Diesen Bon gibt es nicht.")
    assert {(one["code"], one["message"], one["status"]) for one in (english, german)} == {
        ("not_found", "no_such_ticket", 404)
    }


def test_translation_error_page_is_translated(clinic: Clinic) -> None:
    http = clinic.app.test_client()
    http.set_cookie("tp_office", clinic.office_cookie(clinic.owner), path="/office")
    page = http.get(f"/office/sales/{new_id()}", headers={"Accept-Language": "de"})
    assert (page.status_code, "Zurück, dann noch einmal." in page.text) == (404, True)


def test_translation_mail_is_translated(clinic: Clinic) -> None:
    with clinic.app.app_context():
        mail = write_letter(
            "sign_in_link",
            to="ana@mail.example",
            subject="…",
            locale="de_DE",
            site_name="Tenderpoint",
            link="https://x",
        )
    assert "Guten Tag," in mail.text
    assert "Guten Tag," in mail.html


def test_translation_receipt_follows_language_of_location(clinic: Clinic) -> None:
    german, english = clinic.sell(line("oil"), site=clinic.eur), clinic.sell(line("oil"))
    with clinic.app.app_context(), clinic.read() as session:
        pages = [receipt_html(receipts.of_sale(session, sale)) for sale in (german.sale_id, english.sale_id)]
    assert ["Summe" in page for page in pages] == [True, False]


def test_translation_fills_values_and_translates_nested_messages() -> None:
    w = translator.translator("de")
    with pytest.raises(Invalid) as refused:
        parse_amount("12,5x", "EUR", field="amount")
    assert refused.value.sentence == "“12,5x” is not an amount. Write it like 12.50."
    assert translated_text(refused.value.sentence, w) == "„12,5x“ ist kein Betrag."
    short = NOT_ENOUGH_CASH_IN_DRAWER(there="5.00", currency="EUR", amount="9.00", instead=SHIFT_CLOSED)
    assert short.endswith("come out of it. The drawer of this desk is closed. Count the float and open it first.")
    assert translated_text(short, w) == "Es sind 5.00 EUR da. Die Kasse ist geschlossen."


def test_translation_stored_text_is_translated_and_unknown_is_kept() -> None:
    w = translator.translator("de")
    assert translated_text(str(SHIFT_CLOSED), w) == "Die Kasse ist geschlossen."
    assert [translated_text(text, w) for text in ("", "Anything.", NOT_AN_AMOUNT(typed="x")[:3])] == [
        "",
        "Anything.",
        "“x”",
    ]
    assert translator.translator("fr")("Total") == "Total"
