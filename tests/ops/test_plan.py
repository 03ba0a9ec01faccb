"""Facts about who stands where on one machine."""

from __future__ import annotations

import socket
from itertools import combinations
from pathlib import Path

import pytest

from ops.dirs import DataDir
from ops.failure import Failure
from ops.plan import NetworkPlan, check_gateway_port, plan_region
from ops.ports import LOOPBACK, FreePorts

REGIONS = ["stockholm", "tokyo", "austin", "accra"]


@pytest.fixture
def plan(free_ports: FreePorts, tmp_path: Path) -> NetworkPlan:
    plan = NetworkPlan(data=DataDir.at(tmp_path), issuer_port=20_000)
    for number, name in enumerate(REGIONS):
        region = plan_region(name, gateway_port=8080 + number, replicas=1, ports=free_ports)
        plan = plan.joined_by(region, ports=free_ports)
    return plan


def test_each_two_regions_have_a_link_and_the_later_one_dials(plan: NetworkPlan) -> None:
    assert {(link.listener, link.dialler) for link in plan.links} == set(combinations(REGIONS, 2))


def test_who_joins_changes_nothing_for_those_who_are_there(plan: NetworkPlan, free_ports: FreePorts) -> None:
    joined = plan.joined_by(plan_region("oslo", gateway_port=8084, replicas=1, ports=free_ports), ports=free_ports)
    assert joined.regions[:-1] == plan.regions
    assert joined.links[: len(plan.links)] == plan.links
    assert {link.dialler for link in joined.links[len(plan.links) :]} == {"oslo"}


def test_a_link_leads_to_the_leaf_listener_of_who_is_dialled(plan: NetworkPlan) -> None:
    leaves = {region.region: region.nats_leaf_port for region in plan.regions}
    assert all(link.target == (LOOPBACK, leaves[link.listener]) for link in plan.links)


def test_every_port_is_given_once(plan: NetworkPlan) -> None:
    ports = [link.port for link in plan.links]
    for region in plan.regions:
        ports += [region.gateway_port, region.nats_client_port, region.nats_monitor_port, region.nats_leaf_port]
    assert len(set(ports)) == len(ports)


def test_a_gateways_port_that_is_taken_is_told() -> None:
    with socket.create_server((LOOPBACK, 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(Failure, match=f"Port {port}, where the gateway of tokyo should listen, is taken"):
            check_gateway_port("tokyo", port)
