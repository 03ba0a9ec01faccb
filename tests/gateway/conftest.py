"""A gateway over fakes, for every test that asks for one."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from gateway import limits
from tests.gateway.fakes.node import Node, open_node


@pytest.fixture(autouse=True)
def patience(patience: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """A service in this process is asked whether it answers for as long as a slow machine may take."""
    monkeypatch.setattr(limits, "READY_SECONDS_MAX", 30.0)


@pytest.fixture
async def node() -> AsyncIterator[Node]:
    """Yield a gateway over fakes."""
    async with open_node() as node:
        yield node
