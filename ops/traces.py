"""Traces of a local network, put together again from the spans that its processes keep in files (services.chassis.spans)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from ops.dirs import DataDir

REQUESTS_OF = "gateway"
"""The service whose spans are requests of clients."""


@dataclass(frozen=True, slots=True)
class Span:
    """One thing that one process did; ``error`` is empty if it went well. Times are nanoseconds, the first since 1970."""

    trace: str
    id: str
    parent: str
    region: str
    service: str
    name: str
    began_ns: int
    took_ns: int
    error: str


@dataclass(slots=True)
class Branch:
    """A span and what was done on its behalf, in the order in which that began."""

    span: Span
    branches: list[Branch] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Trace:
    """All that is kept of one trace: usually one root, more if some of it was done by nobody who is known here."""

    id: str
    roots: list[Branch]

    def spans(self) -> Iterator[tuple[int, Span]]:
        """Yield each span with its depth, a parent before what hangs on it."""
        waiting = [(0, root) for root in reversed(self.roots)]
        while waiting:
            depth, branch = waiting.pop()
            yield depth, branch.span
            waiting += [(depth + 1, below) for below in reversed(branch.branches)]


def find_trace(data: DataDir, trace_id: str) -> Trace | None:
    """Return what is kept of that trace; None if nothing is."""
    spans = [span for span in read_spans(data) if span.trace == trace_id]
    return Trace(trace_id, _grow(spans)) if spans else None


def last_trace(data: DataDir) -> Trace | None:
    """Return the trace of the request that began last; None if no request is kept."""
    requests = [span for span in read_spans(data) if span.service == REQUESTS_OF]
    if not requests:
        return None
    return find_trace(data, max(requests, key=lambda span: span.began_ns).trace)


def read_spans(data: DataDir) -> Iterator[Span]:
    """Yield every span that is kept; a line that was cut short is passed over."""
    for region in data.regions():
        for file in sorted(data.region(region).traces.glob("*.jsonl*")):
            yield from _read_file(file)


def _read_file(file: Path) -> Iterator[Span]:
    try:
        lines = file.read_bytes().splitlines()
    except OSError:  # it has just become the one before
        return
    for line in lines:
        try:
            yield _parse(orjson.loads(line))
        except (orjson.JSONDecodeError, KeyError, TypeError):
            continue


def _parse(raw: dict[str, Any]) -> Span:
    return Span(
        trace=raw["trace"],
        id=raw["span"],
        parent=raw["parent"],
        region=raw["region"],
        service=raw["service"],
        name=raw["name"],
        began_ns=raw["began_ns"],
        took_ns=raw["ended_ns"] - raw["began_ns"],
        error=raw["attributes"].get("error.type", ""),
    )


def _grow(spans: Iterable[Span]) -> list[Branch]:
    """Return the roots of the spans' trees: those whose parent is not known here."""
    branches = {span.id: Branch(span) for span in sorted(spans, key=lambda span: span.began_ns)}
    below: defaultdict[str, list[Branch]] = defaultdict(list)
    for branch in branches.values():
        below[branch.span.parent if branch.span.parent in branches else ""].append(branch)
    for span_id, branch in branches.items():
        branch.branches = below[span_id]
    return below[""]
