"""The region that the tests of the recognition service speak to."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.services import Member, Region, open_region


@pytest.fixture
async def region(tmp_path: Path) -> AsyncIterator[Region]:
    async with open_region(tmp_path) as region:
        await region.add_recognition()
        yield region


@pytest.fixture
async def anna(region: Region) -> Member:
    return await region.member("anna")


@pytest.fixture
async def bengt(region: Region) -> Member:
    return await region.member("bengt")


@pytest.fixture
async def carla(region: Region) -> Member:
    return await region.member("carla")


@pytest.fixture
async def maja(region: Region) -> Member:
    """A community manager."""
    return await region.member("maja", role="community_manager")
