"""Forms that come with a field left out, or empty: an answer in words, never an error of ours."""

from __future__ import annotations

import pytest

from tests.support.cards import Till
from tests.web.permissions.asking import ask, known_browser_of
from tests.web.permissions.permission_fixtures import PermissionFixtures
from tests.web.permissions.permission_matrix import API, TABLE, Row
from tests.web.permissions.permission_requests import Probe

pytestmark = [pytest.mark.long, pytest.mark.xdist_group("permissions"), pytest.mark.usefixtures("open_drawers")]

FORMS = [row for row in TABLE if row.method == "POST" and not row.rule.startswith((API, "/hooks"))]


@pytest.fixture(scope="module")
def fixtures(shared_till: Till) -> PermissionFixtures:
    return PermissionFixtures(shared_till)


@pytest.mark.parametrize("row", FORMS, ids=str)
def test_form_missing_field_is_answered_in_words(fixtures: PermissionFixtures, row: Row) -> None:
    who = "ana" if row.rule.startswith("/account") else "owner"
    names = sorted(row.ready(fixtures).form or {})
    for left_out in [*([name] for name in names), names]:
        asked = row.ready(fixtures)
        form = {name: value for name, value in (asked.form or {}).items() if name not in left_out}
        answer = ask(
            known_browser_of(fixtures.clinic, who),
            fixtures.clinic,
            row,
            Probe(asked.values, form=form, query=asked.query),
        )
        assert answer.status_code < 500, (left_out, answer.get_data(as_text=True)[:300])
