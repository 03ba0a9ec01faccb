"""Facts about the configuration of a network on one machine."""

from __future__ import annotations

import os
import re
from pathlib import Path

import orjson
import pytest

from ops.configuring import LocalConfiguration
from ops.dirs import DataDir
from ops.nats.program import find_program
from ops.plan import NetworkPlan, plan_region
from ops.ports import FreePorts
from services.chassis.clock import SystemClock


@pytest.fixture
def configuration() -> LocalConfiguration:
    return LocalConfiguration(nats_program=find_program(), entropy=os.urandom, clock=SystemClock())


@pytest.fixture
def alone(free_ports: FreePorts, tmp_path: Path) -> NetworkPlan:
    plan = NetworkPlan(data=DataDir.at(tmp_path / "data"), issuer_port=20_000)
    return _joined_by("stockholm", plan, free_ports)


def _joined_by(name: str, plan: NetworkPlan, ports: FreePorts) -> NetworkPlan:
    region = plan_region(name, gateway_port=8080 + len(plan.regions), replicas=1, ports=ports)
    return plan.joined_by(region, ports=ports)


def _files(data: DataDir) -> dict[Path, bytes]:
    return {file: file.read_bytes() for file in data.root.rglob("*") if file.is_file()}


def test_who_dials_dials_the_link_and_never_the_other_region(
    configuration: LocalConfiguration, alone: NetworkPlan, free_ports: FreePorts
) -> None:
    plan = _joined_by("tokyo", alone, free_ports)
    configuration.write(plan)
    (link,) = plan.links
    urls = {name: _dialled(plan.data.region(name).nats_conf.read_text()) for name in plan.names}
    assert urls == {"stockholm": [], "tokyo": [f"nats-leaf://127.0.0.1:{link.port}"]}


def _dialled(text: str) -> list[str]:
    return re.findall(r"nats-leaf://[\d.:]+", text)


def test_every_region_is_told_its_peers(
    configuration: LocalConfiguration, alone: NetworkPlan, free_ports: FreePorts
) -> None:
    configuration.write(alone)
    peers = alone.data.region("stockholm").peers
    assert orjson.loads(peers.read_bytes()) == {"region": "stockholm", "peers": []}
    configuration.write(_joined_by("tokyo", alone, free_ports))
    assert orjson.loads(peers.read_bytes()) == {"region": "stockholm", "peers": ["tokyo"]}


def test_writing_again_changes_no_key_and_no_certificate(
    configuration: LocalConfiguration, alone: NetworkPlan, free_ports: FreePorts
) -> None:
    configuration.write(alone)
    before = _files(alone.data)
    configuration.write(alone)
    assert _files(alone.data) == before
    configuration.write(_joined_by("tokyo", alone, free_ports))
    after = _files(alone.data)
    home = alone.data.region("stockholm")
    assert {file for file in before if after[file] != before[file]} == {home.nats_conf, home.peers}


def test_a_region_is_known_by_its_log(configuration: LocalConfiguration, alone: NetworkPlan) -> None:
    assert alone.data.regions() == []
    configuration.write(alone)
    (alone.data.root / "issuer").mkdir()
    assert alone.data.regions() == ["stockholm"]
