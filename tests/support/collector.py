"""A collector that speaks OTLP over gRPC and remembers what it was sent, by the names that stand there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import grpc
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2 as metrics_pb
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2_grpc import (
    MetricsServiceServicer,
    add_MetricsServiceServicer_to_server,
)
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2 as trace_pb
from opentelemetry.proto.collector.trace.v1.trace_service_pb2_grpc import (
    TraceServiceServicer,
    add_TraceServiceServicer_to_server,
)

from tests.support.nats import LOOPBACK

_ADDERS: tuple[Callable[[Any, Any], None], ...] = (
    add_MetricsServiceServicer_to_server,
    add_TraceServiceServicer_to_server,
)


class Collector(MetricsServiceServicer, TraceServiceServicer):
    """``metrics`` are names by the process that sent them, ``spans`` names by trace and process; a process is its region
    and its service.
    """

    def __init__(self) -> None:
        self.endpoint = ""
        self.metrics: dict[tuple[str, str], set[str]] = {}
        self.spans: dict[tuple[str, str, str], set[str]] = {}

    def Export(self, request: Any, context: Any) -> Any:
        if isinstance(request, metrics_pb.ExportMetricsServiceRequest):
            for resource in request.resource_metrics:
                names = {metric.name for scope in resource.scope_metrics for metric in scope.metrics}
                self.metrics.setdefault(_process(resource), set()).update(names)
            return metrics_pb.ExportMetricsServiceResponse()
        for resource in request.resource_spans:
            for span in (span for scope in resource.scope_spans for span in scope.spans):
                self.spans.setdefault((span.trace_id.hex(), *_process(resource)), set()).add(span.name)
        return trace_pb.ExportTraceServiceResponse()


@contextmanager
def open_collector() -> Iterator[Collector]:
    """Give a collector on a free port."""
    collector = Collector()
    server = grpc.server(ThreadPoolExecutor(max_workers=2))
    for add in _ADDERS:
        add(collector, server)
    collector.endpoint = f"http://{LOOPBACK}:{server.add_insecure_port(f'{LOOPBACK}:0')}"
    server.start()
    try:
        yield collector
    finally:
        server.stop(None).wait()


def _process(sent: Any) -> tuple[str, str]:
    told = {attribute.key: attribute.value.string_value for attribute in sent.resource.attributes}
    return told["samverka.region"], told["service.name"]
