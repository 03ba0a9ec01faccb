"""The GraphQL-over-HTTP working group's audits of a server, all of them, the optional ones included."""

from __future__ import annotations

import pytest

from tests.gateway.audits.programs import needs_node, running
from tests.gateway.fakes.node import open_node
from tests.gateway.running import run_server

AUDITS = 61

pytestmark = needs_node


@pytest.mark.parametrize("env", ["dev", "prod"])
async def test_every_audit_of_graphql_over_http_is_passed(env: str) -> None:
    async with (
        open_node(env=env) as node,
        run_server(node.app) as port,
        running("http.mjs", f"http://127.0.0.1:{port}/graphql", "Bearer token-of-ann") as audits,
    ):
        findings = await audits.heard()

    assert [finding for finding in findings if finding["status"] != "ok"] == []
    assert len(findings) == AUDITS
