"""Selectors meet the pods that they are for, and ports those that these pods have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from deploy.checking.resources import Rendered, Resource, Workload


def workloads_select_their_own_pods(rendered: Rendered) -> Iterator[str]:
    """Yield the workloads that would not own what they make, or own another's."""
    for workload in rendered.workloads():
        selector = workload.resource.at("spec", "selector", "matchLabels", default={})
        if rendered.selected(selector) != [workload]:
            yield f"{workload}: its selector {_shown(selector)} does not meet its own pods and nobody else's"
        for spread in workload.pod.get("topologySpreadConstraints", ()):
            if spread["labelSelector"].get("matchLabels") != selector:
                yield f"{workload}: it is spread over {spread['topologyKey']} by other labels than its own"


def services_lead_to_pods(rendered: Rendered) -> Iterator[str]:
    """Yield the Services behind which nobody listens."""
    for service in rendered.of("Service"):
        workload = _one(rendered, service.at("spec", "selector", default={}))
        if workload is None:
            yield f"{service}: its selector does not meet the pods of exactly one workload"
            continue
        for port in service.at("spec", "ports", default=()):
            yield from _port_faults(service, workload, port)


def _port_faults(service: Resource, workload: Workload, port: Mapping[str, Any]) -> Iterator[str]:
    target = str(port.get("targetPort", ""))
    if target not in workload.ports:
        yield f"{service}: {workload} has no port {target!r}"
    elif service.at("spec", "clusterIP") == "None" and port["port"] != workload.ports[target]:
        # Whoever resolves a headless Service comes to the pod itself, and to the port that was asked for.
        yield f"{service}: port {port['port']} is headless, and {workload} listens on {workload.ports[target]}"


def stateful_sets_have_a_headless_service(rendered: Rendered) -> Iterator[str]:
    """Yield the StatefulSets whose pods would have no names in the DNS."""
    for workload in rendered.workloads():
        if workload.resource.kind != "StatefulSet":
            continue
        name = workload.resource.at("spec", "serviceName", default="")
        service = rendered.named("Service", name)
        if service is None or service.at("spec", "clusterIP") != "None":
            yield f"{workload}: there is no headless Service {name!r}"
        elif _one(rendered, service.at("spec", "selector", default={})) != workload:
            yield f"{workload}: {service} leads to other pods"


def _one(rendered: Rendered, labels: Mapping[str, str]) -> Workload | None:
    found = rendered.selected(labels) if labels else []
    return found[0] if len(found) == 1 else None


def _shown(labels: Mapping[str, str]) -> str:
    return ", ".join(f"{key}={value}" for key, value in labels.items()) or "(none)"
