"""What a network on one machine consists of: the command, environment and readiness of each process.

The order is the order of starting: the logs and the issuer, then the services that follow the logs, then the gateways
in front of the services.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping

from ops.plan import NETWORK, SERVICES, NetworkPlan, RegionPlan
from ops.ports import LOOPBACK
from ops.probes import GrpcHealthProbe, HttpProbe
from ops.supervisor import Spec

NATS, ISSUER, GATEWAY = "nats", "issuer", "gateway"
_PREFIX = "SAMVERKA_"
_OPERATORS_OWN = ("LOG_LEVEL", "LOG_FORMAT", "OTLP_ENDPOINT", "TRACE_RATIO")
"""What the operator's environment may say to every process; all else that begins with the prefix is ours to say."""


def stages(plan: NetworkPlan, *, nats_program: str, environment: Mapping[str, str]) -> list[list[Spec]]:
    """Return the processes, stage by stage; ``environment`` is the operator's."""
    inherited = _inherited(environment)
    return [
        [_issuer(plan, inherited), *(_nats(plan, region, nats_program, inherited) for region in plan.regions)],
        [
            _service(plan, region, service, number, inherited)
            for region in plan.regions
            for service in SERVICES
            for number in range(1, len(region.replicas[service]) + 1)
        ],
        [_gateway(plan, region, inherited) for region in plan.regions],
    ]


def _issuer(plan: NetworkPlan, inherited: Mapping[str, str]) -> Spec:
    listen = f"{LOOPBACK}:{plan.issuer_port}"
    return Spec(
        name=ISSUER,
        region="",
        service=ISSUER,
        command=_module("services.chassis.auth.issuer"),
        environment={
            **inherited,
            "SAMVERKA_ISSUER_LISTEN": listen,
            "SAMVERKA_ISSUER_KEY_FILE": str(plan.data.issuer_key),
            "SAMVERKA_AUTH_ISSUER": plan.issuer_url,
        },
        probe=HttpProbe(url=f"{plan.issuer_url}/.well-known/openid-configuration"),
        addresses={"http": listen},
    )


def _nats(plan: NetworkPlan, region: RegionPlan, program: str, inherited: Mapping[str, str]) -> Spec:
    monitor = f"{LOOPBACK}:{region.nats_monitor_port}"
    return Spec(
        name=f"{region.region}/{NATS}",
        region=region.region,
        service=NATS,
        command=(program, "-c", str(plan.data.region(region.region).nats_conf)),
        environment=inherited,
        probe=HttpProbe(url=f"{region.nats_monitor_url}/healthz"),
        addresses={"nats": f"{LOOPBACK}:{region.nats_client_port}", "monitor": monitor},
    )


def _service(plan: NetworkPlan, region: RegionPlan, service: str, number: int, inherited: Mapping[str, str]) -> Spec:
    home = plan.data.region(region.region)
    addresses = region.replicas[service][number - 1]
    seed = home.keeper_seed if service == NETWORK else home.services_seed
    own = {"SAMVERKA_NETWORK_FILE": str(home.peers)} if service == NETWORK else {}
    return Spec(
        name=f"{region.region}/{service}-{number}",
        region=region.region,
        service=service,
        command=_module(f"services.{service}"),
        environment={
            **inherited,
            **own,
            "SAMVERKA_REGION": region.region,
            "SAMVERKA_NATS_URL": region.nats_url,
            "SAMVERKA_NATS_NKEY_SEED_FILE": str(seed),
            "SAMVERKA_DATA_DIR": str(home.replica(service, number)),
            "SAMVERKA_GRPC_LISTEN": addresses["grpc"],
            "SAMVERKA_HEALTH_LISTEN": addresses["health"],
            "SAMVERKA_ADMIN_LISTEN": addresses["admin"],
            "SAMVERKA_METRICS_LISTEN": addresses["metrics"],
            "SAMVERKA_SPANS_FILE": str(home.traces / f"{service}-{number}.jsonl"),
            "SAMVERKA_AUTH_ISSUER": plan.issuer_url,
        },
        probe=GrpcHealthProbe(address=addresses["health"]),
        addresses=addresses,
    )


def _gateway(plan: NetworkPlan, region: RegionPlan, inherited: Mapping[str, str]) -> Spec:
    targets = {
        f"SAMVERKA_{service.upper()}_TARGET": "ipv4:" + ",".join(replica["grpc"] for replica in replicas)
        for service, replicas in region.replicas.items()
    }
    return Spec(
        name=f"{region.region}/{GATEWAY}",
        region=region.region,
        service=GATEWAY,
        command=_module("gateway"),
        environment={
            **inherited,
            **targets,
            "SAMVERKA_REGION": region.region,
            "SAMVERKA_HTTP_LISTEN": region.gateway,
            "SAMVERKA_SPANS_FILE": str(plan.data.region(region.region).traces / f"{GATEWAY}.jsonl"),
            "SAMVERKA_AUTH_ISSUER": plan.issuer_url,
        },
        probe=HttpProbe(url=f"{region.url}/readyz"),
        addresses={"http": region.gateway},
    )


def _module(name: str) -> tuple[str, ...]:
    # -P: a directory called "gateway" where the operator happens to stand must not be taken for ours.
    return (sys.executable, "-P", "-m", name)


def _inherited(environment: Mapping[str, str]) -> dict[str, str]:
    """Return what every process gets of the operator's environment, and what is the same for all of them."""
    allowed = {_PREFIX + name for name in _OPERATORS_OWN}
    kept = {name: value for name, value in environment.items() if not name.startswith(_PREFIX) or name in allowed}
    kept.setdefault("SAMVERKA_LOG_FORMAT", "text")
    kept.setdefault("SAMVERKA_TRACE_RATIO", "1")
    kept["SAMVERKA_ENV"] = "dev"
    kept["PYTHONUNBUFFERED"] = "1"
    for name in ("no_proxy", "NO_PROXY"):  # gRPC too would ask a proxy for 127.0.0.1
        kept[name] = ",".join(filter(None, (environment.get(name, ""), LOOPBACK, "localhost")))
    return kept
