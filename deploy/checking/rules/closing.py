"""Whoever must talk can, and nobody else: the network policies against what the workloads say of themselves."""

from __future__ import annotations

from collections.abc import Iterator

from deploy.checking.reaching import Stranger, connects, lets_in, lets_out
from deploy.checking.resources import NAME_LABEL, Rendered, Resource, Workload
from deploy.checking.rules.running import environment, processes

HTTPS_PORT, DNS_PORT = 443, 53
_ANYWHERE = Stranger({}, {})
_DNS = Stranger({"kubernetes.io/metadata.name": "kube-system"}, {"k8s-app": "kube-dns"})
_INGRESS, _INTEGRATOR, _PROMETHEUS = (
    Stranger({label: "allowed"}, {NAME_LABEL: "any"})
    for label in ("samverka-gateway", "samverka-grpc", "samverka-metrics")
)
_NEIGHBOUR = Stranger({"kubernetes.io/metadata.name": "other"}, {NAME_LABEL: "gateway"})


def connections_within_are_those_that_are_needed(rendered: Rendered) -> Iterator[str]:
    """Yield the connections between workloads that are needed and closed, or open and not needed."""
    needed = set(_needed(rendered))
    for source in rendered.workloads():
        for target in rendered.workloads():
            for name, port in target.ports.items():
                is_open = connects(rendered, source, target, port)
                is_needed = (source.name, target.name, name) in needed
                if is_open != is_needed:
                    yield f"{source.name} → {target.name}, {name}: it is {_said(is_open)}, and must not be"


def whoever_is_not_named_is_closed(rendered: Rendered) -> Iterator[str]:
    """Yield what a pod could do of which no policy speaks."""
    nobody = Workload(Resource({"kind": "Pod", "metadata": {"name": "any"}}))
    if lets_in(rendered, nobody, _NEIGHBOUR, HTTPS_PORT):
        yield "a pod that no policy names takes connections from everywhere"
    if lets_out(rendered, nobody, _ANYWHERE, HTTPS_PORT):
        yield "a pod that no policy names connects to anywhere"


def strangers_come_in_where_they_may(rendered: Rendered) -> Iterator[str]:
    """Yield the ports that are open to whom they should be closed, or the other way round."""
    has_monitors = any(rendered.of("PodMonitor"))
    for target in rendered.workloads():
        service = target.module.startswith("services.")
        for name, port in target.ports.items():
            anybody = name == "leaf"  # another region comes from wherever it is, and proves who it is
            expected = {
                "the ingress controller": (_INGRESS, anybody or (target.name, name) == ("gateway", "http")),
                "an integrator": (_INTEGRATOR, anybody or (service and name == "grpc")),
                "Prometheus": (_PROMETHEUS, anybody or (has_monitors and name == "metrics")),
                "another namespace": (_NEIGHBOUR, anybody),
                "another region": (_ANYWHERE, anybody),
            }
            for who, (stranger, may) in expected.items():
                if lets_in(rendered, target, stranger, port) != may:
                    yield f"{who} → {target.name}, {name}: it is {_said(not may)}, and must not be"


def pods_get_out_where_they_must(rendered: Rendered) -> Iterator[str]:
    """Yield what is closed to pods that need it, or open to those that do not: names, the issuer, other regions."""
    nats = rendered.workload("nats")
    leaf_port = nats.ports["leaf"] if nats else 0
    for source in rendered.workloads():
        ours = source is not nats and source.name != "nats"
        expected = {
            "the cluster's DNS": (_DNS, DNS_PORT, True),
            "the issuer": (_ANYWHERE, HTTPS_PORT, ours),
            "another region": (_ANYWHERE, leaf_port, not ours),
            "anywhere": (_ANYWHERE, 80, False),
        }
        for what, (where, port, may) in expected.items():
            if lets_out(rendered, source, where, port) != may:
                yield f"{source.name} → {what}: it is {_said(not may)}, and must not be"


def _needed(rendered: Rendered) -> Iterator[tuple[str, str, str]]:
    """Yield who connects to whom and to which port, as the settings and the log's servers have it."""
    yield "nats", "nats", "route"
    yield "nats", "nats", "leaf"  # other regions may be anywhere, and so here
    for workload, settings in processes(rendered):
        if "nats_url" in settings.model_fields:
            yield workload.name, "nats", "client"
        yield from ((workload.name, target, "grpc") for target in _targets(rendered, workload))


def _targets(rendered: Rendered, workload: Workload) -> Iterator[str]:
    for name, value in environment(rendered, workload).items():
        if name.endswith("_TARGET"):
            yield value.removeprefix("dns:///").partition(":")[0]


def _said(is_open: bool) -> str:
    return "open" if is_open else "closed"
