"""Traces go on across carriers, metrics are served, and an end leaves nothing behind."""

from __future__ import annotations

import io
import json
import logging
import socket
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.id_generator import IdGenerator

from services.chassis import telemetry as module
from services.chassis.settings import ListenFault, ServiceSettings
from services.chassis.telemetry import Telemetry
from services.chassis.traceparents import current_traceparent, is_sampled

SAMPLED = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
UNSAMPLED = SAMPLED[:-2] + "00"


def make_settings(**changes: Any) -> ServiceSettings:
    values: dict[str, Any] = {
        "env": "dev",
        "region": "stockholm",
        "auth_issuer": "http://127.0.0.1:9",
        "nats_url": "nats://127.0.0.1:4222",
        "data_dir": Path("/nowhere"),
    }
    return ServiceSettings(**values | changes)


@pytest.fixture
def spans() -> InMemorySpanExporter:
    return InMemorySpanExporter()


@pytest.fixture
def telemetry(spans: InMemorySpanExporter) -> Iterator[Telemetry]:
    made = Telemetry(service="feed", region="stockholm", span_processor=SimpleSpanProcessor(spans))
    yield made
    made.shutdown()


def test_outside_a_span_there_is_no_traceparent() -> None:
    assert current_traceparent() == ""


def test_a_span_goes_on_from_its_traceparent(telemetry: Telemetry, spans: InMemorySpanExporter) -> None:
    with telemetry.span("answer", traceparent=SAMPLED, kind="server"):
        inner = current_traceparent()
    assert inner.split("-")[1] == SAMPLED.split("-")[1]
    assert inner.split("-")[2] != SAMPLED.split("-")[2]
    (span,) = spans.get_finished_spans()
    assert span.parent is not None
    assert f"{span.parent.span_id:016x}" == SAMPLED.split("-")[2]
    assert span.resource.attributes["samverka.region"] == "stockholm"


def test_spans_nest(telemetry: Telemetry) -> None:
    with telemetry.span("outer"):
        outer = current_traceparent()
        with telemetry.span("inner"):
            assert current_traceparent().split("-")[1] == outer.split("-")[1]
        assert current_traceparent() == outer
    assert current_traceparent() == ""


def test_a_trace_that_its_caller_does_not_record_is_not_recorded(
    telemetry: Telemetry, spans: InMemorySpanExporter
) -> None:
    with telemetry.span("answer", traceparent=UNSAMPLED):
        assert current_traceparent().split("-")[1] == UNSAMPLED.split("-")[1]
        assert not is_sampled(current_traceparent())
        assert current_traceparent(sampled_only=True) == ""
    assert spans.get_finished_spans() == ()


def test_the_ratio_decides_where_a_trace_begins() -> None:
    never, always = Telemetry(service="a", trace_ratio=0), Telemetry(service="b", trace_ratio=1)
    with never.span("root"):
        assert current_traceparent()
        assert not is_sampled(current_traceparent())
    with always.span("root"):
        assert is_sampled(current_traceparent())


class SpreadIds(IdGenerator):
    """Spreads traces evenly over the 64 bits that decide which ones are recorded: multiples of the golden section."""

    def __init__(self) -> None:
        self._begun = 0

    def generate_trace_id(self) -> int:
        self._begun += 1
        return (1 << 64) + self._begun * 0x9E3779B97F4A7C15 % 2**64

    def generate_span_id(self) -> int:
        return self._begun


def test_of_the_traces_that_begin_as_many_are_recorded_as_the_ratio_says(spans: InMemorySpanExporter) -> None:
    telemetry = Telemetry(
        service="a", trace_ratio=0.05, trace_ids=SpreadIds(), span_processor=SimpleSpanProcessor(spans)
    )
    said = []
    for _ in range(1000):
        with telemetry.span("root"):
            said.append(is_sampled(current_traceparent()))
    assert len(spans.get_finished_spans()) == said.count(True)
    assert 47 <= said.count(True) <= 53


def test_below_a_trace_that_is_not_recorded_nothing_is(spans: InMemorySpanExporter) -> None:
    telemetry = Telemetry(service="a", trace_ratio=0, span_processor=SimpleSpanProcessor(spans))
    with telemetry.span("outer"):
        outer = current_traceparent()
        with telemetry.span("inner"):
            assert current_traceparent().split("-")[1] == outer.split("-")[1]
    assert not spans.get_finished_spans()


@pytest.mark.parametrize(
    "text",
    [
        "nonsense",
        SAMPLED.upper(),
        "ff" + SAMPLED[2:],
        SAMPLED + "-more",
        "00-" + "0" * 32 + "-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-" + "0" * 16 + "-01",
        SAMPLED + "\n",
        "01" + SAMPLED[2:] + "-" + "x" * 600,
    ],
)
def test_a_malformed_traceparent_begins_a_trace_of_its_own(telemetry: Telemetry, text: str) -> None:
    with telemetry.span("answer", traceparent=text):
        assert current_traceparent().split("-")[1] != SAMPLED.split("-")[1]


def test_a_later_version_of_the_standard_is_understood(telemetry: Telemetry) -> None:
    with telemetry.span("answer", traceparent="01" + SAMPLED[2:] + "-more"):
        assert current_traceparent().split("-")[1] == SAMPLED.split("-")[1]


def test_an_exception_is_noted_by_its_type_alone(telemetry: Telemetry, spans: InMemorySpanExporter) -> None:
    with pytest.raises(RuntimeError), telemetry.span("answer"):
        raise RuntimeError("secret")
    (span,) = spans.get_finished_spans()
    assert span.attributes == {"error.type": "RuntimeError"}
    assert not span.status.is_ok
    assert "secret" not in span.to_json()


def test_without_a_start_the_functions_do_nothing() -> None:
    with module.span("nothing", traceparent=SAMPLED):
        assert current_traceparent() == ""


def test_after_a_start_they_speak_for_the_process_until_the_end() -> None:
    telemetry = Telemetry.start(make_settings(trace_ratio=1.0), service="feed", stream=io.StringIO())
    try:
        with module.span("apply", traceparent=SAMPLED, kind="consumer"):
            assert current_traceparent().split("-")[1] == SAMPLED.split("-")[1]
    finally:
        telemetry.shutdown()
    with module.span("apply"):
        assert current_traceparent() == ""


def test_log_lines_carry_the_trace() -> None:
    stream = io.StringIO()
    telemetry = Telemetry.start(make_settings(), service="feed", stream=stream)
    try:
        with telemetry.span("answer", traceparent=SAMPLED):
            logging.getLogger("samverka.test").info("inside")
    finally:
        telemetry.shutdown()
    line = json.loads(stream.getvalue())
    assert line["trace_id"] == SAMPLED.split("-")[1]
    assert len(line["span_id"]) == 16


def fetch_metrics(port: int) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=60) as answer:
        return str(answer.read().decode())


def test_metrics_are_served_until_the_end() -> None:
    telemetry = Telemetry.start(make_settings(metrics_listen="127.0.0.1:0"), service="feed", stream=io.StringIO())
    try:
        telemetry.meter.create_counter("samverka.posts", unit="1").add(3, {"kind": "post"})
        assert 'samverka_posts_total{kind="post"} 3.0' in fetch_metrics(telemetry.metrics_port)
    finally:
        telemetry.shutdown()
    with pytest.raises(urllib.error.URLError):
        fetch_metrics(telemetry.metrics_port)


def test_each_has_metrics_of_its_own(telemetry: Telemetry) -> None:
    other = Telemetry(service="profile")
    telemetry.meter.create_counter("samverka.posts").add(1)
    assert b"samverka_posts" in telemetry.render_metrics()
    assert b"samverka_posts" not in other.render_metrics()


def test_a_busy_address_for_metrics_is_a_clear_fault() -> None:
    handlers_before = logging.getLogger().handlers[:]
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(ListenFault, match="SAMVERKA_METRICS_LISTEN"):
            Telemetry.start(make_settings(metrics_listen=address), service="feed")
    assert logging.getLogger().handlers == handlers_before


def test_an_end_twice_is_one() -> None:
    telemetry = Telemetry(service="feed")
    telemetry.shutdown()
    telemetry.shutdown()


def test_an_endpoint_that_does_not_answer_holds_no_process_up(monkeypatch: pytest.MonkeyPatch) -> None:
    before = set(threading.enumerate())
    monkeypatch.setattr(module, "SHUTDOWN_SECONDS_MAX", 0.2)
    monkeypatch.setattr(module, "EXPORT_SECONDS_MAX", 60.0)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        endpoint = f"http://127.0.0.1:{silent.getsockname()[1]}"
        settings = make_settings(otlp_endpoint=endpoint, trace_ratio=1.0)
        telemetry = Telemetry.start(settings, service="feed", stream=io.StringIO())
        with telemetry.span("lost"):
            pass
        began_seconds = time.monotonic()
        telemetry.shutdown()
        assert time.monotonic() - began_seconds < module.EXPORT_SECONDS_MAX / 2
    assert not [thread for thread in set(threading.enumerate()) - before if not thread.daemon]
