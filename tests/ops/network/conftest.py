"""What the tests of the network's files and of its servers share."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ops.network.description import Region
from ops.ports import FreePorts
from services.chassis.clock import SystemClock
from tests.ops.network.directories import Directory
from tests.ops.network.meshes import Mesh, place


@pytest.fixture
def directory(tmp_path: Path) -> Directory:
    return Directory(tmp_path / "network")


@pytest.fixture
async def mesh(directory: Directory) -> AsyncIterator[Mesh]:
    """Servers that are ended when the test is over."""
    directory.now_ms = SystemClock().wall_ms()  # servers look at their certificates by the machine's clock
    mesh = Mesh(directory)
    yield mesh
    await mesh.stop()


@pytest.fixture
def regions(free_ports: FreePorts) -> list[Region]:
    return [place(name, free_ports) for name in ("stock-holm", "tokyo", "austin")]
