"""docs/data-model.md is what the models say."""

from __future__ import annotations

from pos.dev.data_model import TARGET, page


def test_data_model_page_is_what_the_models_say() -> None:
    assert TARGET.read_text(encoding="utf-8") == page(), "run: python -m pos.dev.data_model"
