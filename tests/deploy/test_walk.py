"""Facts about a region that runs as its manifests say: with their modules, variables, ports and probes, on this machine."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import grpc
import httpx
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from nats.errors import Error as NatsError
from nats.js.errors import Error as JetStreamError

from deploy.checking.rendering import Overlay
from deploy.checking.resources import Workload
from deploy.checking.rules.running import ROOT, environment, processes
from ops.dirs import RegionDir
from ops.ports import FreePorts
from services.chassis.clock import SystemClock
from tests.ops.network.clusters import Three, place_three
from tests.ops.network.directories import Directory
from tests.ops.network.meshes import mesh_of, wait_until
from tests.support.loopbacks import needs_loopbacks
from tests.support.names import Names, name_server

SHOWN_FROM_THE_START = {"samverka_projection_lag_events", "samverka_network_alarms"}
"""Of what alerts are made of; the rest is shown when it has first happened."""
PROBES = ("startupProbe", "readinessProbe", "livenessProbe")
START_SECONDS_MAX = 120.0
"""All processes start at once, which on a busy machine takes long; one that ends is told at once."""


@dataclass
class Pod:
    """One process as a workload's container would run it, on a loopback address of its own."""

    workload: Workload
    address: str
    process: subprocess.Popen[bytes]

    async def answers(self, probe: str) -> bool:
        """Whether a probe of the manifests succeeds."""
        asked = self.workload.container[probe]
        if "grpc" in asked:
            return await self._is_serving(asked["grpc"])
        port = self.workload.ports[asked["httpGet"]["port"]]
        async with httpx.AsyncClient(trust_env=False) as client:
            try:
                answer = await client.get(f"http://{self.address}:{port}{asked['httpGet']['path']}")
            except httpx.TransportError:
                return False
            return answer.is_success

    async def metrics(self) -> set[str]:
        """Return the names of what is shown where the manifests have it scraped."""
        async with httpx.AsyncClient(trust_env=False, timeout=START_SECONDS_MAX) as client:
            answer = await client.get(f"http://{self.address}:{self.workload.ports['metrics']}/metrics")
        return {line.split()[2] for line in answer.raise_for_status().text.splitlines() if line.startswith("# TYPE")}

    async def answers_all(self) -> bool:
        assert self.process.poll() is None, f"{self.workload} ended with {self.process.returncode}"
        return all([await self.answers(probe) for probe in PROBES])

    async def _is_serving(self, asked: dict[str, object]) -> bool:
        async with grpc.aio.insecure_channel(f"{self.address}:{asked['port']}") as channel:
            stub = health_pb2_grpc.HealthStub(channel)
            try:
                answer = await stub.Check(health_pb2.HealthCheckRequest(service=asked["service"]), timeout=5)
            except grpc.aio.AioRpcError:
                return False
            return bool(answer.status == health_pb2.HealthCheckResponse.SERVING)


@pytest.fixture
async def log(tmp_path: Path, free_ports: FreePorts) -> AsyncIterator[Three]:
    directory = Directory(tmp_path / "network")
    directory.now_ms = SystemClock().wall_ms()
    region = place_three("single", free_ports)
    directory.write(mesh_of(region))
    three = Three(directory, region)
    try:
        await three.start()
        await wait_until(partial(_has_leader, three), seconds=START_SECONDS_MAX)
        yield three
    finally:
        await three.stop()


@needs_loopbacks
@pytest.mark.timeout(5 * START_SECONDS_MAX)
async def test_every_process_becomes_ready_by_its_own_probes_and_ends_within_its_time(
    overlays: dict[str, Overlay], log: Three, tmp_path: Path
) -> None:
    rendered = overlays["single"].rendered
    async with AsyncExitStack() as stack:
        names = await stack.enter_async_context(name_server())
        pods = []
        for number, (workload, _) in enumerate(processes(rendered), start=1):
            address = f"127.{os.getpid() % 200 + 20}.{os.getpid() // 200 % 250}.{number}"
            names.addresses[workload.name] = [address]
            told = _told(environment(rendered, workload), address, names, log, tmp_path / workload.name)
            pods.append(Pod(workload, address, _run(workload.module, told)))
            stack.callback(_end, pods[-1].process)
        for pod in pods:
            await wait_until(pod.answers_all, seconds=START_SECONDS_MAX)
        shown = set[str]().union(*[await pod.metrics() for pod in pods])
        for pod in pods:
            await _ends(pod)
    assert shown >= SHOWN_FROM_THE_START


async def _has_leader(three: Three) -> bool:
    """Whether the log takes requests: a service waits for that, and then ends, for a cluster to start it again."""
    try:
        await (await three.client()).jetstream().account_info()
    except (NatsError, JetStreamError):
        return False
    return True


def _told(variables: Mapping[str, str], address: str, names: Names, log: Three, data: Path) -> dict[str, str]:
    """Return what a container is told, with what only a cluster has replaced: addresses, mounts, names and the log."""
    home = RegionDir(log.home)
    of_a_cluster = {
        "SAMVERKA_NATS_URL": log.url(),
        "SAMVERKA_NATS_NKEY_SEED_FILE": str(home.root / Path(variables.get("SAMVERKA_NATS_NKEY_SEED_FILE", "")).name),
        "SAMVERKA_DATA_DIR": str(data),
        "SAMVERKA_NETWORK_FILE": str(home.peers),
    }
    told = {
        name: value.replace("0.0.0.0:", f"{address}:").replace("dns:///", f"dns://127.0.0.1:{names.port}/")
        for name, value in variables.items()
    }
    # The one listener that the manifests leave on the pod's own loopback interface, which all share here.
    told["SAMVERKA_ADMIN_LISTEN"] = f"{address}:50053"
    return told | {name: value for name, value in of_a_cluster.items() if name in variables}


def _run(module: str, told: dict[str, str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", module],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": f"{ROOT}:{ROOT}/proto/gen", **told},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )


async def _ends(pod: Pod) -> None:
    """Do what a cluster does to end a pod, and see that it has not to kill it."""
    pod.process.send_signal(signal.SIGTERM)
    async with asyncio.timeout(pod.workload.pod["terminationGracePeriodSeconds"]):
        assert await asyncio.to_thread(pod.process.wait) == 0


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()
