"""Spans that several processes have kept are one trace again, whatever is missing of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest
from rich.console import Console

from ops.dirs import DataDir
from ops.trace_view import as_json, as_table
from ops.traces import find_trace, last_trace

TRACE, OTHER = "a" * 32, "b" * 32


def line(span: str, *, parent: str = "", began_ms: int = 0, trace: str = TRACE, **changes: Any) -> bytes:
    raw = {
        "trace": trace,
        "span": span,
        "parent": parent,
        "name": span,
        "region": "stockholm",
        "service": "feed",
        "began_ns": 10**18 + began_ms * 10**6,
        "ended_ns": 10**18 + (began_ms + 5) * 10**6,
        "attributes": {},
    }
    return orjson.dumps(raw | changes, option=orjson.OPT_APPEND_NEWLINE)


@pytest.fixture
def data(tmp_path: Path) -> DataDir:
    for region in ("stockholm", "tokyo"):
        (tmp_path / region / "nats").mkdir(parents=True)
        (tmp_path / region / "traces").mkdir()
    return DataDir.at(tmp_path)


def keep(data: DataDir, region: str, file: str, *lines: bytes) -> None:
    (data.region(region).traces / file).write_bytes(b"".join(lines))


def request_in_two_regions(data: DataDir) -> None:
    keep(data, "stockholm", "gateway.jsonl", line("graphql", service="gateway"))
    keep(
        data,
        "stockholm",
        "feed-1.jsonl.1",
        line("samverka.feed.v1.FeedService/PublishPost", parent="graphql", began_ms=1),
    )
    method = "samverka.feed.v1.FeedService/PublishPost"
    keep(
        data,
        "stockholm",
        "feed-1.jsonl",
        line("apply here", parent="append", began_ms=4),
        line("append", parent=method, began_ms=3),
    )
    keep(data, "tokyo", "feed-1.jsonl", line("apply there", parent="append", began_ms=40, region="tokyo"))


def test_a_trace_is_grown_from_the_files_of_all_processes_and_regions(data: DataDir) -> None:
    request_in_two_regions(data)
    trace = find_trace(data, TRACE)
    assert trace is not None
    assert [(depth, span.region, span.name) for depth, span in trace.spans()] == [
        (0, "stockholm", "graphql"),
        (1, "stockholm", "samverka.feed.v1.FeedService/PublishPost"),
        (2, "stockholm", "append"),
        (3, "stockholm", "apply here"),
        (3, "tokyo", "apply there"),
    ]


def test_a_span_whose_parent_is_not_known_is_a_root_of_its_own(data: DataDir) -> None:
    keep(data, "tokyo", "feed-1.jsonl", line("apply", parent="lost"), line("below", parent="apply", began_ms=1))
    trace = find_trace(data, TRACE)
    assert trace is not None
    assert [(depth, span.name) for depth, span in trace.spans()] == [(0, "apply"), (1, "below")]


def test_the_last_trace_is_that_of_the_last_request_and_not_of_what_a_region_does_by_itself(data: DataDir) -> None:
    request_in_two_regions(data)
    keep(data, "stockholm", "network-1.jsonl", line("append", trace=OTHER, began_ms=500, service="network"))
    trace = last_trace(data)
    assert trace is not None
    assert trace.id == TRACE


def test_without_spans_there_is_no_trace(data: DataDir) -> None:
    assert last_trace(data) is None
    assert find_trace(data, TRACE) is None


def test_lines_that_cannot_be_read_are_passed_over(data: DataDir) -> None:
    keep(data, "tokyo", "feed-1.jsonl", b'{"trace": "aa\n', b"\n", b"[]\n", b"{}\n", line("apply"))
    trace = find_trace(data, TRACE)
    assert trace is not None
    assert [span.name for _, span in trace.spans()] == ["apply"]


def test_the_table_shows_when_where_and_what_went_wrong(data: DataDir) -> None:
    keep(data, "stockholm", "gateway.jsonl", line("graphql", service="gateway"))
    failed = line("a.b.Service/Do", parent="graphql", began_ms=12, attributes={"error.type": "not_member"})
    keep(data, "stockholm", "feed-1.jsonl", failed)
    trace = find_trace(data, TRACE)
    assert trace is not None
    console = Console(width=100)
    with console.capture() as shown:
        console.print(as_table(trace))
    (row,) = [text.split() for text in shown.get().splitlines() if "Service/Do" in text]
    assert row == ["12.0", "ms", "5.0", "ms", "stockholm/feed", "└", "Service/Do", "not_member"]


def test_as_json_it_is_the_same_spans(data: DataDir) -> None:
    request_in_two_regions(data)
    trace = find_trace(data, TRACE)
    assert trace is not None
    told = orjson.loads(as_json(trace))
    assert (told["trace"], [span["depth"] for span in told["spans"]]) == (TRACE, [0, 1, 2, 3, 3])
