"""Every workload has as many replicas as somebody says, and keeps most of them when nodes are emptied."""

from __future__ import annotations

from collections.abc import Iterator

from deploy.checking.resources import Rendered, Resource, Workload


def every_workload_has_one_budget(rendered: Rendered) -> Iterator[str]:
    """Yield the workloads that an emptied node could end as a whole, and the budgets for nobody."""
    met: list[str] = []
    for budget in rendered.of("PodDisruptionBudget"):
        found = rendered.selected(budget.at("spec", "selector", "matchLabels", default={}) or {"": ""})
        met += [str(workload) for workload in found]
        if len(found) != 1:
            yield f"{budget} is for {len(found)} workloads, and must be for one"
        if budget.at("spec", "maxUnavailable") != 1:
            yield f"{budget} allows more than one pod to be missing, or none"
    for workload in rendered.workloads():
        if met.count(str(workload)) != 1:
            yield f"{workload} has {met.count(str(workload))} PodDisruptionBudgets, and must have one"


def replicas_are_said_by_one(rendered: Rendered) -> Iterator[str]:
    """Yield the workloads whose number nobody says, or two: an autoscaler would be set back by every apply."""
    scalers = list(rendered.of("HorizontalPodAutoscaler"))
    for workload in rendered.workloads():
        own = [scaler for scaler in scalers if _scales(scaler, workload)]
        said = workload.resource.at("spec", "replicas") is not None
        if said + len(own) != 1:
            yield f"{workload}: its replicas are said {said + len(own)} times, and must be said once"
        if own and "cpu" not in workload.container.get("resources", {}).get("requests", {}):
            yield f"{workload} is scaled by its CPU and requests none"
    for scaler in scalers:
        if not any(_scales(scaler, workload) for workload in rendered.workloads()):
            yield f"{scaler} scales what is not there"
        if scaler.at("spec", "minReplicas", default=1) < 2:
            yield f"{scaler} lets a single replica be all there is"


def replicas_are_spread(rendered: Rendered) -> Iterator[str]:
    """Yield the workloads whose pods may all be on one node."""
    for workload in rendered.workloads():
        keys = {spread["topologyKey"] for spread in workload.pod.get("topologySpreadConstraints", ())}
        if keys != {"kubernetes.io/hostname", "topology.kubernetes.io/zone"}:
            yield f"{workload} is not spread over nodes and zones"


def _scales(scaler: Resource, workload: Workload) -> bool:
    target = scaler.at("spec", "scaleTargetRef", default={})
    resource = workload.resource
    named = (target.get("apiVersion"), target.get("kind"), target.get("name"))
    return named == (resource.api_version, resource.kind, resource.name)
