"""Letters render in each language with nothing missing, escape names, and promise nothing medical."""

from __future__ import annotations

import re
from typing import Any

import pytest

from pos.core.mail import compose
from pos.services.mailer import write_letter
from tests.support.paths import ROOT

CLAIMS = re.compile(
    r"\b(heals?|healing|cures?|cured|relieves?|pain[- ]free|instant|permanent|prevents?|prevention|CO2|50 cells|injection"
    r"|misdiagnos\w+|guarantee[sd]?|heil\w*|schmerzfrei)\b",
    re.IGNORECASE,
)
LETTERS: dict[str, dict[str, Any]] = {
    "receipt": {
        "name": "Nora <b>",
        "clinic": "Stillpoint & Co",
        "label": "RIV-000001",
        "total": "$972.00",
        "day": "22 Nov 2026",
        "receipt_url": "https://clinic.example/r/abc",
        "account_url": "https://clinic.example/account",
        "has_pdf": True,
    },
    "sign_in_link": {"link": "https://clinic.example/account/enter/abc"},
}


@pytest.mark.parametrize("locale", ["en", "de"])
@pytest.mark.parametrize("letter", LETTERS)
@pytest.mark.parametrize("bare", [False, True])
def test_mail_every_template_and_language_renders_without_claims(letter: str, locale: str, bare: bool) -> None:
    facts = LETTERS[letter] | ({"name": "", "has_pdf": False} if bare and letter == "receipt" else {})
    mail = write_letter(
        letter, to="nora@mail.example", subject="Hello", locale=locale, site_name="Stillpoint & Co", **facts
    )
    address = facts.get("link") or facts["receipt_url"]
    for part in (mail.html, mail.text):
        assert address in part
        assert not CLAIMS.search(part)
        assert "%(" not in part
    assert f'lang="{locale}"' in mail.html
    assert "<b>" not in mail.html
    assert "Stillpoint & Co" in mail.text
    assert "&amp;" not in mail.text
    assert "\n\n\n" not in mail.text.strip()
    assert b"multipart/alternative" in compose(mail, "Clinic <clinic@mail.example>").as_bytes()


def test_shop_pages_make_no_medical_claim() -> None:
    folders = [ROOT / "pos/templates" / name for name in ("shop", "account", "mail", "dev_mailbox")] + [
        ROOT / "pos/web/shop"
    ]
    texts = [path for folder in folders for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc"]
    assert len(texts) > 20
    for path in texts:
        assert not CLAIMS.search(path.read_text(encoding="utf-8")), path
