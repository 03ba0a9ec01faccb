"""The region that the tests of the search service speak to."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.services import Member, Region, Replica, open_region


@pytest.fixture
async def region(tmp_path: Path) -> AsyncIterator[Region]:
    async with open_region(tmp_path) as region:
        yield region


@pytest.fixture
async def search(region: Region) -> Replica:
    return await region.add_search()


@pytest.fixture
async def anna(region: Region, search: Replica) -> Member:
    return await region.member("anna")


@pytest.fixture
async def bengt(region: Region, search: Replica) -> Member:
    return await region.member("bengt")
