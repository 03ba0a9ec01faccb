"""Who may connect to whom, by the network policies of an overlay.

networking.k8s.io/v1: policies add up; a pod that a policy selects for a direction is closed in it but for what some
policy opens, and both ends must let a connection through.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from deploy.checking.resources import Rendered, Workload


@dataclass(frozen=True, slots=True)
class Stranger:
    """A pod of another namespace; without labels of its namespace, an address outside the cluster."""

    namespace_labels: Mapping[str, str]
    pod_labels: Mapping[str, str]


Peer = Workload | Stranger


def lets_in(rendered: Rendered, target: Workload, source: Peer, port: int) -> bool:
    """Whether the pods of ``target`` take connections of ``source`` on a port."""
    return _lets(rendered, "Ingress", target, source, port, ports_of=target)


def lets_out(rendered: Rendered, source: Workload, target: Peer, port: int) -> bool:
    """Whether the pods of ``source`` may connect to ``target`` on a port."""
    return _lets(rendered, "Egress", source, target, port, ports_of=target)


def connects(rendered: Rendered, source: Workload, target: Workload, port: int) -> bool:
    """Whether a connection between two workloads comes about."""
    return lets_out(rendered, source, target, port) and lets_in(rendered, target, source, port)


def _lets(rendered: Rendered, direction: str, own: Workload, other: Peer, port: int, *, ports_of: Peer) -> bool:
    policies = list(_policies(rendered, direction, own))
    side = "from" if direction == "Ingress" else "to"
    return not policies or any(
        _is_peer(rule.get(side), other) and _is_port(rule.get("ports"), port, ports_of)
        for policy in policies
        for rule in policy.get(direction.lower(), ())
    )


def _policies(rendered: Rendered, direction: str, own: Workload) -> Iterator[Mapping[str, Any]]:
    for policy in rendered.of("NetworkPolicy"):
        spec = policy.at("spec", default={})
        if direction in spec.get("policyTypes", ()) and _matches(spec.get("podSelector", {}), own.labels):
            yield spec


def _is_peer(allowed: Any, other: Peer) -> bool:
    return not allowed or any(_is_one(one, other) for one in allowed)


def _is_one(allowed: Mapping[str, Any], other: Peer) -> bool:
    namespaces = allowed.get("namespaceSelector")
    if isinstance(other, Workload):
        return namespaces is None and "podSelector" in allowed and _matches(allowed["podSelector"], other.labels)
    if namespaces is None or not other.namespace_labels:
        return False
    return _matches(namespaces, other.namespace_labels) and _matches(allowed.get("podSelector", {}), other.pod_labels)


def _is_port(allowed: Any, port: int, target: Peer) -> bool:
    named = target.ports if isinstance(target, Workload) else {}
    return not allowed or any(one.get("port") in (port, None) or named.get(one["port"]) == port for one in allowed)


def _matches(selector: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    if unknown := selector.keys() - {"matchLabels"}:
        raise NotImplementedError(f"selectors with {unknown} are not read here")
    wanted: Mapping[str, str] = selector.get("matchLabels", {})
    return wanted.items() <= labels.items()
