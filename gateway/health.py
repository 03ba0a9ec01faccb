"""Whether the gateway lives, and whether queries will be answered."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import grpc
from starlette.requests import Request
from starlette.responses import Response

from gateway.clients import answers
from gateway.wire import dumps
from services.chassis.telemetry import PROMETHEUS_CONTENT_TYPE, Telemetry

LIVE_PATH = "/healthz"
READY_PATH = "/readyz"
METRICS_PATH = "/metrics"
_NEEDED = ("profile", "feed")
"""Without them nearly nothing can be answered; without another one, the rest goes on."""


class HealthEndpoints:
    """Answers /healthz, /readyz and /metrics; ``services`` are the channel to each, with a method to ask it by."""

    def __init__(self, *, services: Mapping[str, tuple[grpc.aio.Channel, str]], telemetry: Telemetry) -> None:
        self._services = services
        self._telemetry = telemetry

    async def live(self, _: Request) -> Response:
        """200: the process answers."""
        return _respond({"status": "ok"}, 200)

    async def ready(self, _: Request) -> Response:
        """200 if the services that most queries need answer, 503 otherwise; the body says of each whether it does."""
        found = await asyncio.gather(*(answers(channel, f"/{method}") for channel, method in self._services.values()))
        services = {name: "ok" if fine else "unavailable" for name, fine in zip(self._services, found, strict=True)}
        ready = all(services[name] == "ok" for name in _NEEDED)
        return _respond({"status": "ready" if ready else "not_ready", "services": services}, 200 if ready else 503)

    async def metrics(self, _: Request) -> Response:
        """All metrics, in Prometheus' text format."""
        return Response(self._telemetry.render_metrics(), media_type=PROMETHEUS_CONTENT_TYPE)


def _respond(body: Mapping[str, object], status: int) -> Response:
    return Response(
        dumps(body), status_code=status, media_type="application/json", headers={"cache-control": "no-store"}
    )
