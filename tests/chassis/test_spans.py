"""The spans of a process are kept in a file that stays small, whatever ends the process."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import orjson
import pytest
from opentelemetry.sdk.trace.export import SimpleSpanProcessor, SpanExportResult

from services.chassis.spans import SpanFile, before
from services.chassis.telemetry import Telemetry
from tests.chassis.test_telemetry import make_settings

TRACE = "0af7651916cd43dd8448eb211c80319c"
SAMPLED = f"00-{TRACE}-b7ad6b7169203331-01"


def telemetry_into(file: SpanFile) -> Telemetry:
    return Telemetry(service="feed", region="stockholm", span_processor=SimpleSpanProcessor(file))


def read(path: Path) -> list[dict[str, Any]]:
    return [orjson.loads(line) for line in path.read_bytes().splitlines() if line]


def test_a_span_is_a_line_that_says_whose_it_is_and_how_long_it_took(tmp_path: Path) -> None:
    telemetry = telemetry_into(SpanFile(tmp_path / "traces" / "feed.jsonl"))
    with telemetry.span("answer", traceparent=SAMPLED) as span:
        span.set_attribute("error.type", "not_member")
    telemetry.shutdown()

    (line,) = read(tmp_path / "traces" / "feed.jsonl")
    assert line["ended_ns"] >= line["began_ns"] > 0
    assert {key: line[key] for key in ("trace", "parent", "name", "region", "service", "attributes")} == {
        "trace": TRACE,
        "parent": "b7ad6b7169203331",
        "name": "answer",
        "region": "stockholm",
        "service": "feed",
        "attributes": {"error.type": "not_member"},
    }


def test_what_is_kept_is_bounded_and_the_latest_is_there(tmp_path: Path) -> None:
    path, bytes_max = tmp_path / "feed.jsonl", 2_000
    telemetry = telemetry_into(SpanFile(path, bytes_max=bytes_max))
    for number in range(100):
        with telemetry.span(f"span {number}"):
            pass
        largest_line = max(map(len, path.read_bytes().splitlines()))
        assert path.stat().st_size <= bytes_max + largest_line
    telemetry.shutdown()

    assert sorted(tmp_path.iterdir()) == [path, before(path)]
    kept = [line["name"] for line in (*read(before(path)), *read(path))]
    assert kept == [f"span {number}" for number in range(100 - len(kept), 100)]


def test_a_process_that_was_killed_within_a_line_costs_that_line_alone(tmp_path: Path) -> None:
    path = tmp_path / "feed.jsonl"
    path.write_bytes(b'{"trace": "0af765')
    telemetry = telemetry_into(SpanFile(path))
    with telemetry.span("answer"):
        pass
    telemetry.shutdown()
    assert orjson.loads(path.read_bytes().splitlines()[-1])["name"] == "answer"


def test_a_disk_that_fails_costs_the_spans_and_nothing_else(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "traces").write_text("a file where the directory should be")
    file = SpanFile(tmp_path / "traces" / "feed.jsonl")
    telemetry = telemetry_into(file)
    with telemetry.span("answer"):
        pass
    assert file.export([]) is SpanExportResult.FAILURE
    telemetry.shutdown()
    assert "spans cannot be kept" in caplog.text


def test_a_process_that_is_told_where_keeps_what_is_traced_and_no_more(tmp_path: Path) -> None:
    path = tmp_path / "feed.jsonl"
    settings = make_settings(trace_ratio=0.0, spans_file=path)
    telemetry = Telemetry.start(settings, service="feed", stream=io.StringIO())
    with telemetry.span("not traced"):
        pass
    with telemetry.span("traced", traceparent=SAMPLED):
        pass
    telemetry.shutdown()
    assert [line["name"] for line in read(path)] == ["traced"]
