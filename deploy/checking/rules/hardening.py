"""Pods may do what they must and no more: Pod Security ``restricted``, and what goes beyond it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from deploy.checking.image import USER_ID
from deploy.checking.resources import Rendered

_POD_SECURITY = "pod-security.kubernetes.io/enforce"
_VOLUMES_ALLOWED = frozenset({"name", "configMap", "secret", "emptyDir", "projected", "claim"})
_POD = {
    "automountServiceAccountToken": False,  # nothing here speaks to Kubernetes
    "enableServiceLinks": False,  # a Service's name would set variables
}
_POD_CONTEXT = {
    "runAsNonRoot": True,
    "runAsUser": USER_ID,
    "runAsGroup": USER_ID,
    "seccompProfile": {"type": "RuntimeDefault"},
}
_CONTAINER_CONTEXT = {
    "allowPrivilegeEscalation": False,
    "readOnlyRootFilesystem": True,
    "capabilities": {"drop": ["ALL"]},
}
_NEVER = ("hostNetwork", "hostPID", "hostIPC", "serviceAccountName")


def the_namespace_is_restricted(rendered: Rendered) -> Iterator[str]:
    """Yield a namespace into which any pod would be let."""
    for namespace in rendered.of("Namespace"):
        if namespace.at("metadata", "labels", default={}).get(_POD_SECURITY) != "restricted":
            yield f"{namespace}: {_POD_SECURITY} is not restricted"


def pods_are_restricted(rendered: Rendered) -> Iterator[str]:
    """Yield what a pod is allowed beyond what it needs."""
    for workload in rendered.workloads():
        pod, container = workload.pod, workload.container
        yield from (f"{workload}: {fault}" for fault in _differences(pod, _POD))
        yield from (f"{workload}: {fault}" for fault in _differences(pod.get("securityContext", {}), _POD_CONTEXT))
        yield from (
            f"{workload}: {fault}" for fault in _differences(container.get("securityContext", {}), _CONTAINER_CONTEXT)
        )
        yield from (f"{workload}: it has {key}" for key in _NEVER if key in pod)
        for name, volume in workload.volumes.items():
            yield from (f"{workload}: the volume {name!r} is a {key}" for key in volume.keys() - _VOLUMES_ALLOWED)
        if any("claim" in volume for volume in workload.volumes.values()) and (
            pod.get("securityContext", {}).get("fsGroup") != USER_ID
        ):
            yield f"{workload}: its volumes are not the group's that it runs as"


def resources_are_bounded(rendered: Rendered) -> Iterator[str]:
    """Yield the containers that ask for nothing, or may take everything."""
    for workload in rendered.workloads():
        resources = workload.container.get("resources", {})
        for part in ("requests", "limits"):
            missing = {"cpu", "memory"} - resources.get(part, {}).keys()
            yield from (f"{workload}: it has no {part} of {name}" for name in sorted(missing))


def _differences(found: Mapping[str, Any], wanted: Mapping[str, Any]) -> Iterator[str]:
    for key, value in wanted.items():
        if found.get(key) != value:
            yield f"{key} is {found.get(key)!r} and must be {value!r}"
