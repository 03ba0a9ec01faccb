"""Probes ask what is answered: the names of the health service, the paths of the gateway, ports that are there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from deploy.checking.resources import Rendered, Workload
from gateway.health import LIVE_PATH, READY_PATH
from services.chassis.health import LIVENESS, READINESS

_PROBES = ("startupProbe", "readinessProbe", "livenessProbe")
_ASKED_OF_SERVICES = {"startupProbe": READINESS, "readinessProbe": READINESS, "livenessProbe": LIVENESS}
"""A replica has started when it has caught up; until then nothing asks whether it lives."""
_ASKED_OF_GATEWAY = {"startupProbe": LIVE_PATH, "readinessProbe": READY_PATH, "livenessProbe": LIVE_PATH}
_ASKED_OF_NATS = {
    "startupProbe": "/healthz",
    "readinessProbe": "/healthz?js-server-only=true",
    "livenessProbe": "/healthz?js-enabled-only=true",
}
"""docs.nats.io/running-a-nats-service/nats_admin/monitoring: a server lives also while its log is read or has no leader."""
CATCH_UP_SECONDS = 3_600


def every_container_is_probed(rendered: Rendered) -> Iterator[str]:
    """Yield the containers that are not asked all three questions."""
    for workload in rendered.workloads():
        yield from (f"{workload} has no {name}" for name in _PROBES if name not in workload.container)


def probes_ask_what_is_answered(rendered: Rendered) -> Iterator[str]:
    """Yield the probes that would fail, or succeed, whatever the process does."""
    for workload in rendered.workloads():
        for name in _PROBES:
            probe = workload.container.get(name, {})
            yield from (f"{workload}: {name} {fault}" for fault in _faults(workload, name, probe))


def a_replica_may_catch_up(rendered: Rendered) -> Iterator[str]:
    """Yield the services that are killed while they read a long log."""
    for workload in rendered.workloads():
        probe = workload.container.get("startupProbe", {})
        seconds = probe.get("periodSeconds", 10) * probe.get("failureThreshold", 3)
        if workload.module.startswith("services.") and seconds < CATCH_UP_SECONDS:
            yield f"{workload} may take {seconds} s to catch up, and must be allowed {CATCH_UP_SECONDS} s"


def _faults(workload: Workload, name: str, probe: Mapping[str, Any]) -> Iterator[str]:
    if workload.module.startswith("services."):
        asked = probe.get("grpc", {})
        if asked.get("port") != workload.ports.get("health"):
            yield f"asks port {asked.get('port')}, and health is told on {workload.ports.get('health')}"
        if asked.get("service") != _ASKED_OF_SERVICES[name]:
            yield f"asks for {asked.get('service')!r}, not for {_ASKED_OF_SERVICES[name]!r}"
        return
    paths = _ASKED_OF_GATEWAY if workload.module == "gateway" else _ASKED_OF_NATS
    asked = probe.get("httpGet", {})
    if asked.get("path") != paths[name]:
        yield f"asks for {asked.get('path')!r}, not for {paths[name]!r}"
    if asked.get("port") != ("http" if workload.module == "gateway" else "monitor"):
        yield f"asks port {asked.get('port')!r}"
