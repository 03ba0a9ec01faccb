"""A pod has the time that its process takes to end."""

from __future__ import annotations

from collections.abc import Iterator

from deploy.checking.resources import Rendered, Workload
from gateway import limits as gateway_limits
from ops.nats.rendering import LAME_DUCK_SECONDS
from services.chassis import limits
from services.chassis.telemetry import SHUTDOWN_SECONDS_MAX

_MARGIN_SECONDS = 5
_KUBERNETES_DEFAULT_SECONDS = 30


def a_process_ends_in_its_own_time(rendered: Rendered) -> Iterator[str]:
    """Yield the pods that would be killed while they drain, and those that end before nobody is sent to them any more."""
    for workload in rendered.workloads():
        before = workload.container.get("lifecycle", {}).get("preStop", {})
        sleep = before.get("sleep", {}).get("seconds", 0)
        needed = sleep + _ends_within_seconds(workload) + _MARGIN_SECONDS
        given = workload.pod.get("terminationGracePeriodSeconds", _KUBERNETES_DEFAULT_SECONDS)
        if given < needed:
            yield f"{workload} is given {given} s to end, and may take {needed:.0f} s"
        if not before:
            yield f"{workload} ends while calls are still sent to it: it has no preStop"


def _ends_within_seconds(workload: Workload) -> float:
    if workload.module == "gateway":
        return gateway_limits.DRAIN_SECONDS + SHUTDOWN_SECONDS_MAX
    if workload.module:
        return limits.DRAIN_SECONDS + SHUTDOWN_SECONDS_MAX
    return LAME_DUCK_SECONDS
