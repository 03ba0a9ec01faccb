"""How long things took, counted where they happen: a histogram of OpenTelemetry's that costs a tenth of the SDK's.

A request is measured three times on its way, and the SDK makes an object of each measurement, cleans its labels and hashes
them. Here a measurement adds to a list that is found by the values of its labels. Readers show it beside the SDK's metrics
in the SDK's own form, so that Prometheus and OTLP say the same (docs/adr/0032).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from opentelemetry.sdk.metrics.export import (
    AggregationTemporality,
    Histogram,
    HistogramDataPoint,
    Metric,
    MetricReader,
    MetricsData,
    ScopeMetrics,
)
from opentelemetry.sdk.util.instrumentation import InstrumentationScope

from services.chassis.clock import Clock

DURATION_BUCKETS_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_NANOSECONDS_PER_MS = 1_000_000
_SCOPE = "samverka.durations"
"""Not the SDK's own: OTLP's exporter keeps one of two scopes that are named alike, and drops the other's metrics."""


@dataclass(slots=True)
class _Series:
    """What was measured under one set of labels; the last bucket is for what is beyond all bounds."""

    buckets: list[int]
    sum: float = 0.0
    min: float = float("inf")
    max: float = float("-inf")


class Durations:
    """One histogram of seconds, by ``labels``; recorded on one thread, read on any."""

    def __init__(self, name: str, *, description: str, labels: Sequence[str], clock: Clock) -> None:
        self._name = name
        self._description = description
        self._labels = tuple(labels)
        self._clock = clock
        self._since_ms = clock.wall_ms()
        self._series: dict[tuple[str, ...], _Series] = {}

    def record(self, seconds: float, *values: str) -> None:
        """Count one, under the values of the labels in their order; a label whose value is empty is left out."""
        series = self._series.get(values)
        if series is None:
            series = self._series[values] = _Series([0] * (len(DURATION_BUCKETS_SECONDS) + 1))
        series.buckets[bisect_left(DURATION_BUCKETS_SECONDS, seconds)] += 1
        series.sum += seconds
        series.min = min(series.min, seconds)
        series.max = max(series.max, seconds)

    def counts(self) -> list[tuple[int, Mapping[str, str]]]:
        """Return how many were recorded, with their labels."""
        return [(sum(series.buckets), self._named(values)) for values, series in list(self._series.items())]

    def metric(self) -> Metric | None:
        """Return all of it in the SDK's form; None as long as nothing was recorded."""
        points = [self._point(values, series) for values, series in list(self._series.items())]
        if not points:
            return None
        return Metric(self._name, self._description, "s", Histogram(points, AggregationTemporality.CUMULATIVE))

    def _point(self, values: tuple[str, ...], series: _Series) -> HistogramDataPoint:
        buckets = tuple(series.buckets)  # the count is theirs, whatever is recorded meanwhile
        return HistogramDataPoint(
            attributes=self._named(values),
            start_time_unix_nano=self._since_ms * _NANOSECONDS_PER_MS,
            time_unix_nano=self._clock.wall_ms() * _NANOSECONDS_PER_MS,
            count=sum(buckets),
            sum=series.sum,
            bucket_counts=buckets,
            explicit_bounds=DURATION_BUCKETS_SECONDS,
            min=series.min,
            max=series.max,
        )

    def _named(self, values: tuple[str, ...]) -> dict[str, str]:
        return {label: value for label, value in zip(self._labels, values, strict=True) if value}


class ShowsDurations(MetricReader):
    """A reader that shows ``durations`` beside what the SDK has measured, if that is anything: a gauge always is."""

    durations: Sequence[Durations] = ()

    def _receive_metrics(self, metrics_data: MetricsData, timeout_millis: float = 10_000, **named: Any) -> None:
        shown = _with_durations(metrics_data, self.durations)
        super()._receive_metrics(shown, timeout_millis, **named)  # type: ignore[safe-super]  # the reader's it is mixed into


def _with_durations(data: MetricsData, durations: Sequence[Durations]) -> MetricsData:
    metrics = [metric for each in list(durations) if (metric := each.metric()) is not None]
    if not metrics:
        return data
    (resource,) = data.resource_metrics  # a process is one resource
    scope = ScopeMetrics(InstrumentationScope(_SCOPE), metrics, "")
    return replace(data, resource_metrics=[replace(resource, scope_metrics=[*resource.scope_metrics, scope])])
