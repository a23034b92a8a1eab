"""Receipts and reports as lines of characters, and as the bytes of receipt printers."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from invoices.documents import Line
from invoices.roll_text import RollLine, roll_lines
from pos.integrations.receipt_printer import MODELS, encode
from tests.unit.invoices.samples import RECEIPT


@pytest.mark.parametrize("columns", sorted({model.columns for model in MODELS.values()}))
def test_roll_line_is_never_wider_than_the_roll_and_loses_no_word(columns: int) -> None:
    lines = roll_lines(RECEIPT, columns)
    assert max(len(line.text) for line in lines if not line.code) <= columns
    printed = " ".join(" ".join(line.text for line in lines).split())
    for word in ("503 555 0142", "522.82", "-1.20", "Visa **** 4242"):
        assert word in printed


def test_roll_amounts_end_at_the_right_edge_in_plain_signs() -> None:
    lines = [line.text for line in roll_lines(RECEIPT, 42)]
    assert f"{'Aromatherapy (A)':<37}10.80" in lines
    assert f"{'Discount':<37}-1.20" in lines
    assert f"{'Total':<36}522.82" in lines
    french = replace(RECEIPT, lines=(Line(description="Huile", amount="1\u202f200,00\u00a0€"),))
    assert f"{'Huile':<32}1 200,00 €" in [line.text for line in roll_lines(french, 42)]


def test_roll_amount_without_room_beside_its_text_stands_below_it() -> None:
    wide = replace(RECEIPT, lines=(Line(description="Rückenmassage mit Öl", amount="1.234.567.890,00 Rp"),))
    lines = [line.text for line in roll_lines(wide, 24)]
    at = lines.index("Rückenmassage mit Öl")
    assert lines[at + 1] == "     1.234.567.890,00 Rp"


@pytest.mark.parametrize("model", MODELS)
def test_printer_letters_have_a_code_page_or_their_base(model: str) -> None:
    sent = encode([RollLine(text="€ Łódź č ő ü")], model)
    assert sent.startswith(b"\x1b@")
    assert "€".encode("cp858") in sent or "€".encode("cp1252") in sent or "€".encode("iso8859_15") in sent
    assert any("Łódź".encode(page) in sent for page in ("cp852", "cp1257"))
    assert b"?" not in sent
    assert encode([RollLine(text="ș 日")], model).count(b"s ?") == 1


def test_printer_code_is_drawn_or_written_and_paper_is_cut() -> None:
    code = RollLine(text="https://clinic.example/r/1", code=True)
    assert b"\x1d(k" in encode([code], "epson_t88")
    written = encode([code], "other_58")
    assert b"\x1d(k" not in written
    assert b"https://clinic.example/r/1\n" in written
    assert b"\x1dV" in written
    assert encode([], "epson_t88", pulse=True).endswith(b"\x1bp\x0022")
