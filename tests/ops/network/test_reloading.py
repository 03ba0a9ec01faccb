"""Facts about reloading a server until somebody is answered; with a real server in tests/ops/network/test_mesh.py."""

from __future__ import annotations

import os

import pytest

from ops.failure import Failure
from ops.nats import reloading
from ops.nats.reloading import reload_server, reload_until
from ops.network.description import Region
from tests.ops.network.meshes import Mesh, mesh_of


class _Peer:
    """Answers once it was asked a number of times since it was reloaded a number of times."""

    def __init__(self, *, reloads: int, questions: int) -> None:
        self.reloads, self.questions = reloads, questions
        self.reloaded = self.asked = 0

    async def reload(self) -> None:
        self.reloaded += 1

    async def answers(self) -> bool:
        self.asked += self.reloaded >= self.reloads
        return self.asked >= self.questions


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reloading, "_PROBE_AGAIN_SECONDS", 0)


@pytest.mark.usefixtures("at_once")
async def test_a_peer_that_answers_is_asked_no_more() -> None:
    peer = _Peer(reloads=1, questions=3)
    assert await reload_until(peer.answers, reload=peer.reload)
    assert (peer.reloaded, peer.asked) == (1, 3)


@pytest.mark.usefixtures("at_once")
async def test_a_peer_that_needs_another_reload_gets_one() -> None:
    peer = _Peer(reloads=2, questions=1)
    assert await reload_until(peer.answers, reload=peer.reload)


@pytest.mark.usefixtures("at_once")
async def test_a_peer_that_never_answers_is_given_up() -> None:
    peer = _Peer(reloads=1, questions=10_000)
    assert not await reload_until(peer.answers, reload=peer.reload)
    probes = reloading.PROBES_MAX
    assert (peer.reloaded, peer.asked) == (probes // reloading.RELOAD_AGAIN_PROBES, probes)


async def test_a_configuration_that_the_server_refuses_is_told(
    mesh: Mesh, regions: list[Region], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reloading, "_LOAD_SECONDS_MAX", 0.5)
    region = regions[0]
    mesh.directory.write(mesh_of(region))
    await mesh.start(region)
    mesh.directory.data.region(region.name).nats_conf.write_text("listen: nowhere")
    with pytest.raises(Failure, match="does not take its new configuration"):
        await reload_server(mesh.pid(region.name), monitor_url=mesh.monitor(region.name))


async def test_a_server_that_is_not_there_is_told() -> None:
    with pytest.raises(Failure, match="does not answer"):
        await reload_server(os.getpid(), monitor_url="http://127.0.0.1:1")
