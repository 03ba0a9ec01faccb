"""The region that the tests of the network service speak to."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.services import Member, NetworkParts, Region, Replica, open_region

PEERS = ("austin", "tokyo")


@pytest.fixture
async def region(tmp_path: Path) -> AsyncIterator[Region]:
    async with open_region(tmp_path) as region:
        yield region


@pytest.fixture
async def network(region: Region) -> Replica:
    return await region.add_network(*PEERS)


@pytest.fixture
async def all_services(region: Region, network: Replica) -> None:
    """Add the services that are missing where an erasure waits for all of them."""
    await region.add_search()
    await region.add_recognition()


@pytest.fixture
def parts(network: Replica) -> NetworkParts:
    assert network.parts is not None
    return network.parts


@pytest.fixture
async def anna(region: Region) -> Member:
    return await region.member("anna")


@pytest.fixture
async def root(region: Region) -> Member:
    return await region.member("root", role="admin")
