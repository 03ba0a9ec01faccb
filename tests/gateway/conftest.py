"""A gateway over fakes, for every test that asks for one."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.gateway.fakes import Node, open_node


@pytest.fixture
async def node() -> AsyncIterator[Node]:
    """Yield a gateway over fakes."""
    async with open_node() as node:
        yield node
