"""The negative control of the mailed link over HTTP: without the condition in its one statement it signs in twice."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import event

from pos.clients import service as clients
from pos.kernel.errors import Invalid
from tests.support.world import World


@pytest.mark.parametrize("guarded", [True, False])
def test_a_link_is_used_once_because_its_statement_says_so(clinic: World, guarded: bool) -> None:
    token = clinic.write(lambda session: clients.make_link(session, clinic.ana))
    condition = " AND client_links.used_at IS NULL"
    dropped = []

    def without(_c: Any, _k: Any, statement: str, parameters: Any, _x: Any, _many: bool) -> tuple[str, Any]:
        if condition in statement:
            dropped.append(statement)
        return statement.replace(condition, ""), parameters

    with clinic.read() as session:
        engine = session.get_bind().engine
    if not guarded:
        event.listen(engine, "before_cursor_execute", without, retval=True)
    assert clinic.write(lambda session: clients.use_link(session, token))
    if guarded:
        with pytest.raises(Invalid):
            clinic.write(lambda session: clients.use_link(session, token))
    else:
        assert clinic.write(lambda session: clients.use_link(session, token))
        assert len(dropped) == 2
