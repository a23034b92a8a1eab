"""Colours and logos of receipts: what is taken, and the sentence for what is not."""

from __future__ import annotations

import zlib

import pytest

from pos.core.errors import Invalid
from pos.domain.locations.receipt_look import MOST_LOGO_BYTES, checked_logo, clean_accent, contrast_with_white
from tests.support.logos import jpeg_head, png


@pytest.mark.parametrize(("typed", "kept"), [("", ""), (" #1F6F5C ", "#1f6f5c"), ("#000000", "#000000")])
def test_clean_accent_readable_colour_is_kept(typed: str, kept: str) -> None:
    assert clean_accent(typed) == kept


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [("green", "accent_malformed"), ("#1F6", "accent_malformed"), ("#ffff00", "accent_too_light"),
     ("#777777", "accent_too_light")],
)  # fmt: skip
def test_clean_accent_unreadable_colour_is_refused(typed: str, sentence: str) -> None:
    with pytest.raises(Invalid) as refused:
        clean_accent(typed)
    assert (refused.value.field, refused.value.sentence.code) == ("accent", sentence)


def test_contrast_known_colours_agree_with_wcag() -> None:
    # #767676 is the lightest grey that passes 4.5:1 on white, #777777 the first that does not.
    assert contrast_with_white("#000000") == pytest.approx(21)
    assert contrast_with_white("#ffffff") == pytest.approx(1)
    assert contrast_with_white("#767676") == pytest.approx(4.54, abs=0.01)
    assert contrast_with_white("#777777") == pytest.approx(4.48, abs=0.01)


def test_checked_logo_png_and_jpeg_say_their_size() -> None:
    assert [(one.width, one.height) for one in (checked_logo(png(240, 80)), checked_logo(jpeg_head(640, 200)))] == [
        (240, 80),
        (640, 200),
    ]
    assert len(checked_logo(png()).sha256) == 64


_WHOLE = png()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "logo_not_png_or_jpeg"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "logo_not_png_or_jpeg"),
        (b"GIF89a" + _WHOLE, "logo_not_png_or_jpeg"),
        (b"x" * (MOST_LOGO_BYTES + 1), "logo_too_large"),
        (png(2001, 1), "logo_too_many_pixels"),
        (jpeg_head(10, 2001), "logo_too_many_pixels"),
        (_WHOLE[:-20], "logo_damaged"),
        (_WHOLE[:60] + b"\0" + _WHOLE[61:], "logo_damaged"),
        (jpeg_head(10, 10)[:-2], "logo_damaged"),
        (jpeg_head(0, 10), "logo_damaged"),
        (b"\xff\xd8\xff\xe0\xff\xd9", "logo_damaged"),
    ],
)
def test_checked_logo_other_content_is_refused(content: bytes, sentence: str) -> None:
    with pytest.raises(Invalid) as refused:
        checked_logo(content)
    assert (refused.value.field, refused.value.sentence.code) == ("logo", sentence)


def test_checked_logo_png_that_unpacks_to_more_than_its_pixels_is_refused() -> None:
    small, bomb = png(1, 1), zlib.compress(b"\0" * 10_000_000)
    at = small.index(b"IDAT") - 4
    kind = b"IDAT" + bomb
    content = small[:at] + len(bomb).to_bytes(4, "big") + kind + zlib.crc32(kind).to_bytes(4, "big") + small[-12:]
    with pytest.raises(Invalid) as refused:
        checked_logo(content)
    assert refused.value.sentence.code == "logo_damaged"
