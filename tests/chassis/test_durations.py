"""Durations say what the SDK's own histograms would, to whoever reads them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from opentelemetry.sdk.metrics.export import Histogram, HistogramDataPoint, InMemoryMetricReader

from services.chassis.clock import SystemClock
from services.chassis.durations import DURATION_BUCKETS_SECONDS, Durations, ShowsDurations
from services.chassis.instruments import watch, watch_counts
from services.chassis.telemetry import Telemetry

LABELS = ("field", "outcome")
Measured = list[tuple[float, str, str]]
MEASURED = st.lists(
    st.tuples(
        st.sampled_from(DURATION_BUCKETS_SECONDS) | st.floats(0, 100),
        st.sampled_from("ab"),
        st.sampled_from(("", "ok")),
    ),
    min_size=1,
)


class Reader(ShowsDurations, InMemoryMetricReader):
    """Keeps what a collector would be sent."""


@pytest.fixture
def telemetry() -> Iterator[Telemetry]:
    made = Telemetry(service="feed")
    watch(made.meter, "samverka.one", "A gauge", lambda: 1)
    yield made
    made.shutdown()


def begin(telemetry: Telemetry) -> Durations:
    return telemetry.durations("samverka.own", description="Times", labels=LABELS, clock=SystemClock())


def record_twice(measured: Measured, telemetry: Telemetry) -> None:
    """Record with the SDK and by ourselves."""
    own = begin(telemetry)
    sdk = telemetry.meter.create_histogram(
        "samverka.sdk", unit="s", description="Times", explicit_bucket_boundaries_advisory=DURATION_BUCKETS_SECONDS
    )
    for seconds, *values in measured:
        own.record(seconds, *values)
        sdk.record(seconds, {label: value for label, value in zip(LABELS, values, strict=True) if value})


def shown(telemetry: Telemetry, name: str) -> list[str]:
    lines = telemetry.render_metrics().decode().splitlines()
    return sorted(line.replace(name, "") for line in lines if name in line)


@settings(max_examples=25)
@given(measured=MEASURED)
def test_prometheus_sees_what_the_sdk_would_show(measured: Measured) -> None:
    telemetry = Telemetry(service="feed")
    record_twice(measured, telemetry)
    assert shown(telemetry, "samverka_own") == shown(telemetry, "samverka_sdk") != []
    telemetry.shutdown()


@settings(max_examples=25)
@given(measured=MEASURED)
def test_a_collector_is_sent_what_the_sdk_would_send(measured: Measured) -> None:
    reader = Reader()
    telemetry = Telemetry(service="feed", metric_readers=(reader,))
    record_twice(measured, telemetry)
    data = reader.get_metrics_data()
    assert data is not None
    (resource,) = data.resource_metrics
    found = {metric.name: metric for scope in resource.scope_metrics for metric in scope.metrics}
    own, sdk = found["samverka.own"], found["samverka.sdk"]
    assert (own.unit, own.description) == (sdk.unit, sdk.description)
    assert isinstance(own.data, Histogram)
    assert isinstance(sdk.data, Histogram)
    assert own.data.aggregation_temporality == sdk.data.aggregation_temporality
    assert set(map(known, own.data.data_points)) == set(map(known, sdk.data.data_points))
    telemetry.shutdown()


def known(point: HistogramDataPoint) -> tuple[object, ...]:
    """Return all of it but its times."""
    assert point.start_time_unix_nano <= point.time_unix_nano
    attributes = frozenset((point.attributes or {}).items())
    counted = (point.count, tuple(point.bucket_counts), tuple(point.explicit_bounds))
    return (attributes, *counted, point.sum, point.min, point.max)


def test_before_the_first_nothing_is_shown(telemetry: Telemetry) -> None:
    begin(telemetry)
    assert "samverka_own" not in telemetry.render_metrics().decode()


def test_how_many_there_were_is_a_counter_of_its_own(telemetry: Telemetry) -> None:
    own = begin(telemetry)
    watch_counts(telemetry.meter, "samverka.requests", "Requests", own)
    for seconds in (0.2, 20.0):
        own.record(seconds, "feed", "ok")
    own.record(0.1, "feed", "")
    text = telemetry.render_metrics().decode()
    assert 'samverka_requests_total{field="feed",outcome="ok"} 2.0' in text
    assert 'samverka_requests_total{field="feed",outcome=""} 1.0' in text
