"""What a projection's metrics say: what it applied, how long that took, how late it was, and how large its files are.

All of it is counted once a batch, not once an event. ``docs/metrics.md`` lists every metric.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from opentelemetry.metrics import Meter

from services.chassis.clock import Clock
from services.chassis.durations import DURATION_BUCKETS_SECONDS
from services.chassis.instruments import watch, watch_each
from services.chassis.projection import ProjectionRunner
from services.chassis.projection.progress import Progress

_DELAY_BUCKETS_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 60.0, 600.0, 3_600.0, 86_400.0)


def measure_projection(meter: Meter, runner: ProjectionRunner, *, clock: Clock) -> None:
    """Show how the projection does; what it applies from now on is counted."""
    gauges: tuple[tuple[str, str, Callable[[], int]], ...] = (
        ("lag", "Events of the log that are not applied yet", runner.lag_events),
        ("position", "The last sequence of the log that is applied", lambda: runner.position.sequence),
        ("skipped", "Events of a kind that is not known here, so far", lambda: runner.skipped_events),
        ("refused", "Events that broke a rule, so far", lambda: runner.refused_events),
    )
    for name, text, read in gauges:
        watch(meter, f"samverka.projection.{name}.events", text, read)
    watch_each(
        meter,
        "samverka.projection.origin.sequence",
        "The last event of each origin that is applied, by the numbering of its own log",
        lambda: runner.origins,
        label="origin",
    )
    watch_each(
        meter,
        "samverka.store.size",
        "What the projection's files take: database, write-ahead log, and the index beside it",
        runner.store.sizes_bytes,
        label="part",
        unit="By",
    )
    runner.measure = _Batches(meter, clock).note


class _Batches:
    """The instruments that count batches."""

    def __init__(self, meter: Meter, clock: Clock) -> None:
        self._clock = clock
        self._applied = meter.create_counter(
            "samverka.projection.applied.events", description="Events that had an effect, by origin"
        )
        self._duration = meter.create_histogram(
            "samverka.projection.batch.duration",
            unit="s",
            description="Time to apply a batch of the log, with its commit",
            explicit_bucket_boundaries_advisory=DURATION_BUCKETS_SECONDS,
        )
        self._delay = meter.create_histogram(
            "samverka.projection.delay",
            unit="s",
            description="Age of an origin's latest public event when it is applied, once a batch, by the clocks of both",
            explicit_bucket_boundaries_advisory=_DELAY_BUCKETS_SECONDS,
        )

    def note(self, progress: Progress, seconds: float) -> None:
        """Count one batch."""
        self._duration.record(seconds)
        for origin, events in Counter(fact.origin for fact in progress.facts).items():
            self._applied.add(events, {"origin": origin})
        now_ms = self._clock.wall_ms()
        for origin, reached in progress.met.items():
            if reached.at_ms:  # 0: the event could not be read
                self._delay.record(max(0, now_ms - reached.at_ms) / 1000, {"origin": origin})
