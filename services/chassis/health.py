"""Whether this process lives and whether it should get calls: grpc.health.v1 with services of these names.

``liveness`` is SERVING as long as anybody answers; ``readiness``, and the empty name, follow ``ready()`` and are
NOT_SERVING during a drain.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

LIVENESS = "liveness"
READINESS = "readiness"
WATCH_EVERY_SECONDS = 0.5
_Status = health_pb2.HealthCheckResponse.ServingStatus

_log = logging.getLogger(__name__)


class HealthServicer(health_pb2_grpc.HealthServicer):  # type: ignore[misc]  # the generated class is untyped
    """Answers from ``ready()`` at each question, so that an answer is never old."""

    def __init__(self, *, ready: Callable[[], bool], watch_every_seconds: float = WATCH_EVERY_SECONDS) -> None:
        self._ready = ready
        self._watch_every_seconds = watch_every_seconds
        self._draining = False

    def drain(self) -> None:
        """Be not ready from now on."""
        self._draining = True

    async def Check(self, request: health_pb2.HealthCheckRequest, context: Any) -> health_pb2.HealthCheckResponse:
        """Answer with the status of a service; NOT_FOUND for one that there is not."""
        status = self._status(request.service)
        if status == _Status.SERVICE_UNKNOWN:
            await context.abort(grpc.StatusCode.NOT_FOUND, "There is no such service; ask for liveness or readiness.")
        return health_pb2.HealthCheckResponse(status=status)

    async def Watch(self, request: health_pb2.HealthCheckRequest, context: Any) -> None:
        """Send the status of a service, and again whenever it has changed."""
        last_sent = None
        while True:
            status = self._status(request.service)
            if status != last_sent:
                await context.write(health_pb2.HealthCheckResponse(status=status))
                last_sent = status
            await asyncio.sleep(self._watch_every_seconds)

    def _status(self, service: str) -> int:
        if service not in ("", LIVENESS, READINESS):
            return int(_Status.SERVICE_UNKNOWN)
        serving = service == LIVENESS or (not self._draining and self._is_ready())
        return int(_Status.SERVING if serving else _Status.NOT_SERVING)

    def _is_ready(self) -> bool:
        try:
            return self._ready()
        except Exception:
            _log.exception("whether this process is ready cannot be told")
            return False
