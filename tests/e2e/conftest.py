"""Networks that end with the tests that need them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.e2e.network import Network


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def network(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Network]:
    """A network of one region for a whole module; the module's OPTIONS go to ``samverka up``."""
    options: tuple[str, ...] = getattr(request.module, "OPTIONS", ())
    data: Path = tmp_path_factory.mktemp("network") / "data"
    network = Network(data=data, options=options)
    try:
        await network.start()
        yield network
    finally:
        await network.stop()
