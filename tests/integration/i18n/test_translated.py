"""One sentence of each kind is read in another language once a catalogue has it; the others stay English.

The texts of scripts have a catalogue of their own, in JSON.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from sqlalchemy import update

from pos.core import i18n
from pos.core.errors import Invalid
from pos.core.i18n import translator
from pos.core.i18n.message import remade, translated, translated_text
from pos.core.ids import new_id
from pos.core.messages.books import REPORT_OF_A_DAY_TO_COME
from pos.core.messages.general import NOT_AN_AMOUNT
from pos.core.messages.installation import BACKUP_OLD
from pos.core.messages.payments import READER_BUSY_WITH, SALE_AT_DESK
from pos.core.messages.till import NOT_ENOUGH_CASH_IN_DRAWER, SHIFT_CLOSED
from pos.core.money import parse_amount
from pos.domain.credits.models import PurchasedPackage
from pos.domain.ledger.models import Account
from pos.domain.locations.action_context import kept_reason
from pos.domain.locations.models import Location
from pos.domain.locations.queries import places
from pos.domain.receipts import repository as receipts
from pos.reports.analysis.opens import Word
from pos.reports.analysis.said import said
from pos.reports.listed import reports
from pos.reports.period import Scope
from pos.services.documents.declared_reports import report_document
from pos.services.documents.receipts import receipt_html
from pos.services.mailer import write_letter
from pos.services.refunds.calculate import RefundChoice
from pos.services.refunds.issue_refund import RefundCommand, refund
from pos.services.refunds.void_sale import VoidSale, void_sale
from tests.support.clinic import Clinic, line
from tests.web.register.conftest import Register

DAY = date(2026, 6, 16)
_GERMAN: dict[str | tuple[str, str], str | tuple[str, str]] = {
    "6 to 12 digits. This browser remembers the desk.": "6 bis 12 Ziffern.",
    "Choose the desk first.": "Zuerst den Platz wählen.",
    "There is no such ticket.": "Diesen Bon gibt es nicht.",
    "That PIN is not right. If it should do this here, ask a manager.": "Diese PIN stimmt nicht.",
    "Go back and try again.": "Zurück, dann noch einmal.",
    "Hello,": "Guten Tag,",
    "“%(typed)s” is not an amount. Write it like 12.50.": "„%(typed)s“ ist kein Betrag.",
    "Total": "Summe",
    "Sale": "Verkauf",
    "Treatment": "Behandlung",
    "At the desk": "An der Kasse",
    "Visit": "Sitzung",
    "Sales and visits": "Verkauft und behandelt",
    "In all": "Alles zusammen",
    "Sessions": "Termine",
    "0–3 months": "bis 3 Monate",
    "In the ledger": "Im Hauptbuch",
    "Cash": "Bargeld",
    "Cash drawer": "Kasse",
    "Tax payable": "Steuerschuld",
    "Refund of %(receipt)s: %(reason)s": "Erstattung zu %(receipt)s: %(reason)s",
    "The reader is busy with %(sale)s. Wait, or take cash.": "Das Gerät ist mit %(sale)s beschäftigt.",
    "%(person)s’s sale at %(desk)s": "dem Verkauf von %(person)s an %(desk)s",
    "Last day was %(day)s.": "Der letzte Tag war der %(day)s.",
    "Card": "Karte",
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
    monkeypatch.setattr(i18n, "TRANSLATIONS", tmp_path / "translations")
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


def test_days_of_a_sentence_are_written_as_its_reader_writes_them() -> None:
    to_come, old = REPORT_OF_A_DAY_TO_COME(day=date(2027, 5, 2)), BACKUP_OLD(at=datetime(2027, 5, 2, 9, 5, tzinfo=UTC))
    english, german = translator.translator("en_US"), translator.translator("de_DE")
    assert to_come.text(english) == "2 May 2027 has not come yet. These are the figures of today." == str(to_come)
    assert to_come.text(german).startswith("02.05.2027 ")
    assert "of 2 May 2027, 09:05 UTC. " in old.text(english)
    assert "of 02.05.2027, 09:05:00 UTC. " in old.text(german)
    assert str(old) == old.text(english)


@pytest.mark.parametrize(
    ("report", "column", "shown", "in_files", "in_json"),
    [
        ("journal", "Event", "Verkauf", "Sale", "sale"),
        ("journal", "Account name", "Kasse", "Cash drawer", "Cash drawer"),
        ("journal", "Account name", "Steuerschuld 8 %", "Tax payable 8 %", "Tax payable 8 %"),
        ("trial-balance", "Account name", "Kasse", "Cash drawer", "Cash drawer"),
        ("items", "Kind", "Behandlung", "Treatment", "Treatment"),
        ("items", "Channel", "An der Kasse", "At the desk", "register"),
        ("sales-by-category", "Category", "Behandlung", "Treatment", "Treatment"),
        ("average-ticket", "Month", "Juni 2026", "2026-06", "2026-06"),
        ("tax-by-rate", "Month", "Juni 2026", "2026-06", "2026-06"),
    ],
)
def test_translation_words_and_months_of_a_report_are_said_on_page_and_paper_and_stay_in_files(
    clinic: Clinic, report: str, column: str, shown: str, in_files: str, in_json: str
) -> None:
    clinic.sell(line("swedish_60"))
    clinic.write(lambda session: session.execute(update(Location).values(locale="de_DE")))
    http = clinic.app.test_client()
    http.set_cookie("tp_office", clinic.office_cookie(clinic.owner), path="/office")
    address, days = f"/office/reports/{report}", "?from=2026-06-01&to=2026-06-30&location=riverside"
    page = http.get(f"{address}{days}", headers={"Accept-Language": "de"}).text
    assert shown in page.partition("<tbody")[2].partition("</tbody")[0]
    rows = list(csv.DictReader(io.StringIO(http.get(f"{address}.csv{days}&csv=rfc4180").text.removeprefix("\ufeff"))))
    assert in_files in {row[column] for row in rows}
    told = http.get(f"{address}.json{days}").json
    assert in_json in {row[told["columns"].index(column)] for row in told["rows"]}
    with clinic.read() as session:
        scope = Scope(tuple(one for one in places(session) if one.slug == "riverside"), DAY, DAY)
        paper = report_document(reports()[report], session, scope)
    assert shown in {part for row in paper.sections[0].rows for cell in row for part in cell.split("\n")}


def test_translation_words_of_sums_by_age_and_way_are_said_and_a_plan_called_like_one_is_not(clinic: Clinic) -> None:
    sold = clinic.sell(line("swedish_60")).sale_id
    clinic.buy("ten", clinic.ana)
    with clinic.app.app_context():
        void_sale(VoidSale(new_id(), sold, "Cash", clinic.owner, clinic.usd.desk))
    clinic.write(lambda session: session.execute(update(PurchasedPackage).values(name="Sessions")))
    http = clinic.app.test_client()
    http.set_cookie("tp_office", clinic.office_cookie(clinic.owner), path="/office")
    days = "?from=2026-06-01&to=2026-06-30&location=riverside"

    def cells(report: str) -> set[str]:
        page = http.get(f"/office/reports/{report}{days}", headers={"Accept-Language": "de"}).text
        body = page.partition("<tbody")[2].partition("</table")[0]
        return {re.sub(r"<[^>]+>", "", cell).strip() for cell in re.findall(r"<td[^>]*>(.*?)</td>", body, re.DOTALL)}

    assert {"Verkauft und behandelt", "Alles zusammen"} <= cells("tax")
    assert "Termine" in cells("owed")
    assert {"Sessions", "bis 3 Monate"} <= cells("credits-by-age")
    assert {"Sessions", "Summe", "Im Hauptbuch"} <= cells("liability")
    # The way is a word; the reason was typed.
    assert {"Bargeld", "Cash"} <= cells("refunds")


def test_translation_refund_among_sales_is_said_on_page_and_stays_in_files(clinic: Clinic) -> None:
    sold = clinic.sell(line("foot_30")).sale_id
    with clinic.app.app_context():
        refund(RefundCommand(new_id(), RefundChoice(sold), "Cash", clinic.manager, clinic.usd.desk))
    http = clinic.app.test_client()
    http.set_cookie("tp_office", clinic.office_cookie(clinic.owner), path="/office")
    days = "?from=2026-06-01&to=2026-06-30&location=riverside"
    for page in ("/office/reports/sales", "/office/sales"):
        text = http.get(f"{page}{days}", headers={"Accept-Language": "de"}).text
        assert re.search(r"Erstattung zu RIV-\d+: Cash", text)
    assert re.search(r"Refund of RIV-\d+: Cash", http.get(f"/office/reports/sales.csv{days}").text)


def test_translation_first_name_of_account_is_said_and_another_stays(clinic: Clinic) -> None:
    clinic.sell(line("swedish_60"))
    http = clinic.app.test_client()
    http.set_cookie("tp_office", clinic.office_cookie(clinic.owner), path="/office")
    german = {"Accept-Language": "de"}
    token = {"csrf_token": http.get("/register/api/token").get_json()["token"]}

    def named(key: str, name: str) -> str:
        """Save an account with a code and the name as it stands on the German page; what is kept then."""
        form = token | {"key": key, "code": "9001" if key == "bank" else "9002", "name": name}
        assert http.post("/office/money/accounts?location=riverside", data=form, headers=german).status_code == 303
        with clinic.read() as session:
            return session.get_one(Account, (clinic.usd.location_id, key)).name

    assert named("tax_payable:8", "Steuerschuld 8 %") == "Tax payable 8 %"
    assert named("bank", "Cash") == "Cash"
    page = http.get("/office/money/accounts?location=riverside", headers=german).text
    assert [f'value="{name}"' in page for name in ("Cash", "Bargeld", "Steuerschuld 8 %")] == [True, False, True]


def test_kept_sentence_with_values_is_made_a_message_again() -> None:
    w = translator.translator("de_DE")
    sentence = READER_BUSY_WITH(sale=SALE_AT_DESK(person="Rita", desk="Back"))
    found = remade(str(sentence), READER_BUSY_WITH, SALE_AT_DESK)
    assert (found, translated(found, w)) == (
        sentence,
        "Das Gerät ist mit dem Verkauf von Rita an Back beschäftigt.",
    )
    assert translated(kept_reason("Last day was 2 May 2027."), w) == "Der letzte Tag war der 02.05.2027."
    assert translated(kept_reason("Cash"), w) == "Cash"


@pytest.mark.parametrize(
    "typed",
    [
        "Opening balance 31 Feb 2026",
        "Opening balance 12 Mai 2024",
        "Opening balance 05 Jan 2024",
        "Last day was 31 Jun 2026.",
        "Last day was 05 Jan 2024.",
        "Last day was soon.\nOpening balance",
        "100 % of %(day)s",
    ],
)
def test_reason_that_looks_like_one_of_this_program_keeps_what_was_typed(typed: str) -> None:
    found = kept_reason(typed)
    assert str(found) == typed
    assert typed.removeprefix("Opening balance ").removeprefix("Last day was ") in translated_text(
        found, translator.translator("de")
    )


def test_text_that_is_empty_stays_empty_in_a_language_that_has_a_catalogue(tmp_path: Path) -> None:
    catalogue = Catalog(locale="de", project="Tenderpoint", header_comment="")
    path = tmp_path / "translations" / "de" / "LC_MESSAGES" / "messages.mo"
    with path.open("wb") as file:
        write_mo(file, catalogue)
    translator.translator.cache_clear()
    german = translator.translator("de")
    assert german._catalogue.ugettext("") != ""  # the header of the file
    assert german("") == ""
    assert said(german, Word("")) == ""
