"""What a process tells about itself: traces, metrics and logs, wired by one call.

Spans and the W3C ``traceparent`` (w3.org/TR/trace-context) are put into carriers by hand (gRPC metadata, NATS headers,
an event's envelope), which costs half of what the stock instrumentation does. ``Telemetry.start`` makes the process's own:
the one that log lines go through and that ``span`` speaks for. Without it ``span`` does nothing.
"""

from __future__ import annotations

import os
import socket
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, TextIO

from opentelemetry import trace
from opentelemetry.context import Context, attach, detach
from opentelemetry.exporter.prometheus import PrometheusMetricReader
from opentelemetry.metrics import Meter
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import MetricReader, PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.id_generator import IdGenerator, RandomIdGenerator
from opentelemetry.sdk.trace.sampling import DEFAULT_ON, TraceIdRatioBased
from opentelemetry.trace import NonRecordingSpan, Span, SpanContext, SpanKind, TraceFlags
from opentelemetry.trace.propagation import set_span_in_context
from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest, start_http_server

from services.chassis.clock import Clock
from services.chassis.durations import Durations, ShowsDurations
from services.chassis.logs import install_handler
from services.chassis.settings import CommonSettings, ListenFault, split_listen, variable
from services.chassis.spans import SPANS_WRITTEN_AFTER_SECONDS, SpanFile
from services.chassis.traceparents import parse_traceparent

PROMETHEUS_CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
SHUTDOWN_SECONDS_MAX = 5.0
EXPORT_SECONDS_MAX = 5.0
_SCOPE = "samverka"
_NOT_RECORDED = TraceFlags(TraceFlags.RANDOM_TRACE_ID)

Kind = Literal["internal", "server", "client", "producer", "consumer"]
_KINDS: dict[Kind, SpanKind] = {
    "internal": SpanKind.INTERNAL,
    "server": SpanKind.SERVER,
    "client": SpanKind.CLIENT,
    "producer": SpanKind.PRODUCER,
    "consumer": SpanKind.CONSUMER,
}


class _PrometheusReader(ShowsDurations, PrometheusMetricReader):
    """Shows everything to Prometheus when it asks."""


class _OtlpReader(ShowsDurations, PeriodicExportingMetricReader):
    """Sends everything by OTLP, every minute."""


class Telemetry:
    """The tracer, the meter and the logs of one process."""

    def __init__(
        self,
        *,
        service: str,
        region: str = "",
        trace_ratio: float = 1.0,
        trace_ids: IdGenerator | None = None,
        span_processor: SpanProcessor | None = None,
        metric_readers: tuple[MetricReader, ...] = (),
    ) -> None:
        """Make one that exports nothing but what is given; for a process, use ``start``."""
        resource = _resource(service, region)
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        readers = (_PrometheusReader(scope_info_enabled=False, registry=self._registry), *metric_readers)
        self._durations: list[Durations] = []
        for reader in readers:
            if isinstance(reader, ShowsDurations):
                reader.durations = self._durations
        self._meters = MeterProvider(metric_readers=readers, resource=resource, shutdown_on_exit=False)
        # Whether a trace is recorded is settled in _begin_span, before the SDK is asked for one.
        self._trace_ids = trace_ids or RandomIdGenerator()
        self._traces = TracerProvider(
            sampler=DEFAULT_ON, id_generator=self._trace_ids, resource=resource, shutdown_on_exit=False
        )
        self._trace_ids_below = TraceIdRatioBased(trace_ratio).bound
        if span_processor is not None:
            self._traces.add_span_processor(span_processor)
        self._tracer = self._traces.get_tracer(_SCOPE)
        self.meter: Meter = self._meters.get_meter(_SCOPE)
        self.metrics_port = 0
        self._closers: list[Callable[[], None]] = []
        self._is_shut_down = False

    @classmethod
    def start(cls, settings: CommonSettings, *, service: str, stream: TextIO | None = None) -> Telemetry:
        """Wire traces, metrics and logs as ``settings`` say; ``stream`` is where logs go, stderr by default.

        Raises ListenFault if the address for metrics cannot be had.
        """
        span_processor, metric_readers = _exporters(settings.otlp_endpoint)
        telemetry = cls(
            service=service,
            region=settings.region,
            trace_ratio=settings.trace_ratio,
            span_processor=span_processor,
            metric_readers=metric_readers,
        )
        if settings.spans_file is not None:
            telemetry._keep_spans(settings.spans_file)
        if settings.metrics_listen:
            telemetry._serve_metrics(settings.metrics_listen)
        remove_handler = install_handler(
            stream or sys.stderr,
            form=settings.log_format,
            level=settings.log_level,
            service=service,
            region=settings.region,
        )
        telemetry._closers.append(remove_handler)
        telemetry._become_active()
        return telemetry

    def durations(self, name: str, *, description: str, labels: Sequence[str], clock: Clock) -> Durations:
        """Return a histogram that is shown with the other metrics; for what is measured with every request."""
        made = Durations(name, description=description, labels=labels, clock=clock)
        self._durations.append(made)
        return made

    def span(self, name: str, *, traceparent: str = "", kind: Kind = "internal") -> AbstractContextManager[Span]:
        """Run the block in a span; its parent is ``traceparent`` if that is one, else the current span.

        An exception is noted on the span by its type alone: its text may hold what does not belong into a trace.
        """
        return _Spanning(self._begin_span(name, parse_traceparent(traceparent) if traceparent else None, kind))

    def render_metrics(self) -> bytes:
        """Return all metrics in Prometheus' text format (``PROMETHEUS_CONTENT_TYPE``)."""
        return generate_latest(self._registry)

    def shutdown(self) -> None:
        """Send what is left and stop, within SHUTDOWN_SECONDS_MAX; a second call does nothing."""
        if self._is_shut_down:
            return
        self._is_shut_down = True
        # Traces and metrics each wait for an endpoint that does not answer; together that is longer than it is worth.
        flushing = threading.Thread(target=self._flush, name="telemetry-shutdown", daemon=True)
        flushing.start()
        flushing.join(SHUTDOWN_SECONDS_MAX)
        for close in reversed(self._closers):
            close()

    def _begin_span(self, name: str, remote: SpanContext | None, kind: Kind) -> Span:
        parent = trace.get_current_span() if remote is None else NonRecordingSpan(remote)
        context = parent.get_span_context()
        if not context.is_valid:
            return self._begin_trace(name, kind)
        if not context.trace_flags & TraceFlags.SAMPLED:
            return NonRecordingSpan(context)  # nobody will look for a span of ours: the trace goes on without it
        return self._tracer.start_span(name, context=set_span_in_context(parent, Context()), kind=_KINDS[kind])

    def _begin_trace(self, name: str, kind: Kind) -> Span:
        """Return a span that has no parent; most of these are not recorded, and for them the SDK does four times as much."""
        trace_id = self._trace_ids.generate_trace_id()
        if trace_id & TraceIdRatioBased.TRACE_ID_LIMIT < self._trace_ids_below:
            return self._tracer.start_span(name, context=Context(), kind=_KINDS[kind])
        return NonRecordingSpan(SpanContext(trace_id, self._trace_ids.generate_span_id(), False, _NOT_RECORDED))

    def _become_active(self) -> None:
        global _active
        before, _active = _active, self

        def give_back() -> None:
            global _active
            _active = before

        self._closers.append(give_back)

    def _flush(self) -> None:
        self._traces.shutdown()
        self._meters.shutdown(timeout_millis=SHUTDOWN_SECONDS_MAX * 1000)

    def _keep_spans(self, path: Path) -> None:
        file = SpanFile(path)
        self._traces.add_span_processor(
            BatchSpanProcessor(file, schedule_delay_millis=SPANS_WRITTEN_AFTER_SECONDS * 1000)
        )

    def _serve_metrics(self, address: str) -> None:
        host, port = split_listen(address)
        try:
            server, thread = start_http_server(port, addr=host, registry=self._registry)
        except OSError as error:
            raise ListenFault(variable("metrics_listen"), address) from error
        self.metrics_port = server.server_port

        def stop() -> None:
            server.shutdown()
            server.server_close()
            thread.join()

        self._closers.append(stop)


class _Spanning:
    """A span that is the current one within a block; a class, for a generator takes twice as long, with every request."""

    __slots__ = ("_attached", "_span")

    def __init__(self, span: Span) -> None:
        self._span = span

    def __enter__(self) -> Span:
        self._attached = attach(set_span_in_context(self._span))
        return self._span

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if isinstance(error, Exception):
            self._span.set_attribute("error.type", type(error).__qualname__)
            self._span.set_status(trace.StatusCode.ERROR)
        detach(self._attached)
        self._span.end()


_active: Telemetry | None = None


def span(name: str, *, traceparent: str = "", kind: Kind = "internal") -> AbstractContextManager[Span]:
    """Run the block in a span of the process's telemetry; without one, in none."""
    return (
        nullcontext(trace.INVALID_SPAN) if _active is None else _active.span(name, traceparent=traceparent, kind=kind)
    )


def _resource(service: str, region: str) -> Resource:
    return Resource.create(
        {
            "service.name": service,
            "service.namespace": _SCOPE,
            "service.instance.id": f"{socket.gethostname()}:{os.getpid()}",
            "samverka.region": region,
        }
    )


def _exporters(endpoint: str) -> tuple[SpanProcessor | None, tuple[MetricReader, ...]]:
    if not endpoint:
        return None, ()
    # Imported here: they cost 100 ms at every start, and most processes on a laptop have no endpoint.
    from opentelemetry.exporter.otlp.proto.grpc.metric_exporter import OTLPMetricExporter
    from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter

    options: dict[str, Any] = {
        "endpoint": endpoint,
        "insecure": endpoint.startswith("http://"),
        "timeout": EXPORT_SECONDS_MAX,
    }
    return BatchSpanProcessor(OTLPSpanExporter(**options)), (_OtlpReader(OTLPMetricExporter(**options)),)
