"""One trace runs from a request to the projection that shows what came of it."""

from __future__ import annotations

import pytest
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from samverka.feed.v1 import feed_service_pb2 as pb
from services.chassis import telemetry
from services.chassis.interceptors import call_metadata
from tests.support.services import Member, Region

TRACE = "0af7651916cd43dd8448eb211c80319c"


@pytest.mark.parametrize(("flag", "expected"), [("01", True), ("00", False)])
async def test_a_sampled_request_is_followed_into_the_projection(
    region: Region, anna: Member, monkeypatch: pytest.MonkeyPatch, flag: str, expected: bool
) -> None:
    spans = InMemorySpanExporter()
    region.telemetry._traces.add_span_processor(SimpleSpanProcessor(spans))
    monkeypatch.setattr(telemetry, "_active", region.telemetry)
    metadata = [pair for pair in call_metadata(token=anna.token, after=region.latest) if pair[0] != "traceparent"]

    await region.feed.feed.PublishPost(
        pb.PublishPostRequest(body="hello"),
        metadata=[*metadata, ("traceparent", f"00-{TRACE}-b7ad6b7169203331-{flag}")],
    )
    await region.settle()

    found = [span for span in spans.get_finished_spans() if format(span.context.trace_id, "032x") == TRACE]
    names = {span.name for span in found}
    wanted = {"samverka.feed.v1.FeedService/PublishPost", "append", "apply PostPublished"}
    assert names == (wanted if expected else set())
