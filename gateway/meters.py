"""What the gateway counts: requests by operation and outcome, their time, subscriptions, and what ran compiled."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from opentelemetry.metrics import CallbackOptions, Meter, Observation

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Meters:
    """The instruments of one gateway."""

    def __init__(self, meter: Meter) -> None:
        self._meter = meter
        self._requests = meter.create_counter(
            "samverka.gateway.requests", description="GraphQL requests, by operation type and outcome"
        )
        self._duration = meter.create_histogram(
            "samverka.gateway.request.duration",
            unit="s",
            description="Time from the request's first byte to its answer",
            explicit_bucket_boundaries_advisory=_SECONDS,
        )

    def request(self, *, operation: str, outcome: str, seconds: float) -> None:
        """Count one request: ``operation`` is query, mutation or none, ``outcome`` ok, errors or the code it failed with."""
        attributes = {"operation": operation, "outcome": outcome}
        self._requests.add(1, attributes)
        self._duration.record(seconds, attributes)

    def watch(self, name: str, description: str, read: Callable[[], int]) -> None:
        """Show the number that ``read`` returns."""

        def observe(_: CallbackOptions) -> Iterable[Observation]:
            yield Observation(read())

        self._meter.create_observable_gauge(name, callbacks=[observe], description=description)
