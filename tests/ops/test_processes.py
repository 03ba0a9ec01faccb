"""Facts about what a network on one machine consists of."""

from __future__ import annotations

from pathlib import Path

import pytest

from ops.dirs import DataDir
from ops.plan import NetworkPlan, plan_region
from ops.ports import FreePorts
from ops.processes import stages
from ops.supervisor import Spec


@pytest.fixture
def plan(free_ports: FreePorts, tmp_path: Path) -> NetworkPlan:
    plan = NetworkPlan(data=DataDir.at(tmp_path), issuer_port=20_000)
    for number, region in enumerate(["stockholm", "tokyo"]):
        planned = plan_region(region, gateway_port=8080 + number, replicas=2, ports=free_ports)
        plan = plan.joined_by(planned, ports=free_ports)
    return plan


def _names(specs: list[Spec]) -> list[str]:
    return [spec.name for spec in specs]


def _find(plan: NetworkPlan, name: str, environment: dict[str, str] | None = None) -> Spec:
    found = stages(plan, nats_program="/bin/nats-server", environment=environment or {})
    (spec,) = [spec for stage in found for spec in stage if spec.name == name]
    return spec


def test_logs_and_issuer_come_first_and_gateways_last(plan: NetworkPlan) -> None:
    first, second, last = stages(plan, nats_program="/bin/nats-server", environment={})
    assert _names(first) == ["issuer", "stockholm/nats", "tokyo/nats"]
    assert _names(second)[:4] == [
        "stockholm/profile-1",
        "stockholm/profile-2",
        "stockholm/feed-1",
        "stockholm/feed-2",
    ]
    assert _names(last) == ["stockholm/gateway", "tokyo/gateway"]


def test_a_gateway_knows_every_replica_of_its_region(plan: NetworkPlan) -> None:
    environment = _find(plan, "tokyo/gateway").environment
    one, two = (_find(plan, f"tokyo/feed-{number}").environment["SAMVERKA_GRPC_LISTEN"] for number in (1, 2))
    assert environment["SAMVERKA_FEED_TARGET"] == f"ipv4:{one},{two}"
    assert environment["SAMVERKA_HTTP_LISTEN"] == "127.0.0.1:8081"


def test_replicas_share_a_log_and_nothing_else(plan: NetworkPlan) -> None:
    one, two = (_find(plan, f"stockholm/feed-{number}").environment for number in (1, 2))
    shared = {name for name in one if one[name] == two[name]}
    assert "SAMVERKA_NATS_URL" in shared
    assert shared.isdisjoint({"SAMVERKA_DATA_DIR", "SAMVERKA_GRPC_LISTEN", "SAMVERKA_ADMIN_LISTEN"})


def test_regions_have_logs_of_their_own(plan: NetworkPlan) -> None:
    stockholm, tokyo = (_find(plan, f"{region}/feed-1").environment for region in ("stockholm", "tokyo"))
    for name in ("SAMVERKA_NATS_URL", "SAMVERKA_NATS_NKEY_SEED_FILE", "SAMVERKA_REGION"):
        assert stockholm[name] != tokyo[name]


def test_the_network_service_alone_is_the_logs_keeper_and_knows_the_peers(plan: NetworkPlan) -> None:
    home = plan.data.region("tokyo")
    network, feed = (_find(plan, f"tokyo/{service}-1").environment for service in ("network", "feed"))
    assert network["SAMVERKA_NATS_NKEY_SEED_FILE"] == str(home.keeper_seed)
    assert network["SAMVERKA_NETWORK_FILE"] == str(home.peers)
    assert feed["SAMVERKA_NATS_NKEY_SEED_FILE"] == str(home.services_seed)
    assert "SAMVERKA_NETWORK_FILE" not in feed


def test_every_address_is_taken_once(plan: NetworkPlan) -> None:
    found = stages(plan, nats_program="/bin/nats-server", environment={})
    addresses = [address for stage in found for spec in stage for address in spec.addresses.values()]
    assert len(set(addresses)) == len(addresses)


def test_the_operator_may_say_how_processes_log_and_not_where_they_live(plan: NetworkPlan) -> None:
    said = {"SAMVERKA_LOG_LEVEL": "debug", "SAMVERKA_DATA_DIR": "/elsewhere", "SAMVERKA_ENV": "prod", "HOME": "/home"}
    environment = _find(plan, "stockholm/feed-1", said).environment
    assert environment["SAMVERKA_LOG_LEVEL"] == "debug"
    assert environment["HOME"] == "/home"
    assert environment["SAMVERKA_ENV"] == "dev"
    assert environment["SAMVERKA_DATA_DIR"] != "/elsewhere"
    assert "SAMVERKA_DATA_DIR" not in _find(plan, "issuer", said).environment


def test_no_proxy_is_asked_for_what_is_on_this_machine(plan: NetworkPlan) -> None:
    environment = _find(plan, "stockholm/gateway", {"no_proxy": "example.com"}).environment
    assert environment["no_proxy"] == "example.com,127.0.0.1,localhost"
    assert environment["NO_PROXY"] == "127.0.0.1,localhost"
