"""A new version of the SDK is read by somebody before it takes money."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pos.dev.stripe_simulator.contract import types
from pos.integrations.stripe.types import API_VERSION
from tests.simulator.reviewed import FILE, contract

WHAT_TO_DO = """
The installed Stripe SDK is not the one that was reviewed:
  {differences}
Read Stripe's changelog from the old to the new API version, compare the calls and objects named above with
pos/integrations/stripe and pos/dev/stripe_simulator (docs/stripe.md says how), set API_VERSION in
pos/integrations/stripe/types.py, run
pytest --stripe=real with test keys, make the webhook endpoint anew, and then write the review down:
  python -m tests.simulator.reviewed
"""


def differences(reviewed: dict[str, Any], installed: dict[str, Any]) -> list[str]:
    found = [
        f"{name}: {reviewed[name]} → {installed[name]}"
        for name in ("sdk", "api_version")
        if reviewed[name] != installed[name]
    ]
    for part in ("calls", "objects"):
        names = reviewed[part].keys() | installed[part].keys()
        found += [f"{part}: {name}" for name in sorted(names) if reviewed[part].get(name) != installed[part].get(name)]
    return found


def test_sdk_contract_installed_version_is_reviewed() -> None:
    found = differences(json.loads(FILE.read_text(encoding="utf-8")), contract())
    assert not found, WHAT_TO_DO.format(differences="\n  ".join(found))


def test_sdk_contract_reviewed_api_version_is_ours() -> None:
    assert json.loads(FILE.read_text(encoding="utf-8"))["api_version"] == API_VERSION


def test_sdk_contract_added_parameter_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    reviewed, real = contract(), types.fields

    def with_one_more(record: types.Record) -> dict[str, types.Field]:
        more = {"invented": types.Field(types.Scalar("str"), False)} if record.name == "RefundCreateParams" else {}
        return real(record) | more

    monkeypatch.setattr("tests.simulator.reviewed.fields", with_one_more)
    assert differences(reviewed, contract()) == ["calls: post /v1/refunds"]
    assert differences(reviewed, reviewed | {"sdk": "99.0.0"}) == [f"sdk: {reviewed['sdk']} → 99.0.0"]
