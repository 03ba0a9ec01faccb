"""What the gateway counts: requests and root fields, their outcomes and their time, and what subscriptions are sent."""

from __future__ import annotations

from services.chassis.clock import Clock
from services.chassis.instruments import watch_counts
from services.chassis.telemetry import Telemetry


class Meters:
    """The instruments of one gateway. No label has values that a client could choose: fields are those of the schema."""

    def __init__(self, telemetry: Telemetry, *, clock: Clock) -> None:
        meter = telemetry.meter
        self._requests = telemetry.durations(
            "samverka.gateway.request.duration",
            description="Time from the request's first byte to its answer",
            labels=("operation", "outcome"),
            clock=clock,
        )
        watch_counts(
            meter, "samverka.gateway.requests", "GraphQL requests, by operation type and outcome", self._requests
        )
        self._fields = telemetry.durations(
            "samverka.gateway.field.duration",
            description="Time for one root field of a query or mutation, over HTTP or WebSocket",
            labels=("field", "outcome"),
            clock=clock,
        )
        self._errors = meter.create_counter(
            "samverka.gateway.field.errors", description="Root fields that ended in an error, by its code"
        )
        self._updates = meter.create_counter(
            "samverka.gateway.updates", description="What subscriptions were sent, by root field"
        )

    def request(self, *, operation: str, outcome: str, seconds: float) -> None:
        """Count one request: ``operation`` is query, mutation or none, ``outcome`` ok, errors or the code it failed with."""
        self._requests.record(seconds, operation, outcome)

    def field(self, *, name: str, code: str, seconds: float) -> None:
        """Count one root field of a query or a mutation; ``code`` is that of the error it ended in, empty without one."""
        self._fields.record(seconds, name, "error" if code else "ok")
        if code:
            self.failure(name=name, code=code)

    def failure(self, *, name: str, code: str) -> None:
        """Count the error that a root field ended in, a subscription also."""
        self._errors.add(1, {"field": name, "code": code})

    def update(self, *, name: str) -> None:
        """Count what a subscription was sent."""
        self._updates.add(1, {"field": name})
