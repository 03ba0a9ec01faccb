"""Recent spans of one process in a file of its own, for who looks at a single machine: no collector is needed.

One span is one line of JSON. A file that has grown to SPANS_FILE_BYTES_MAX becomes the one before, whose place it takes: two
of them are kept at most (docs/adr/0027). A line is written by a thread in the background, SPANS_WRITTEN_AFTER_SECONDS after
its span has ended.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import IO

import orjson
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

SPANS_FILE_BYTES_MAX = 4 * 1024 * 1024
SPANS_WRITTEN_AFTER_SECONDS = 0.5
_log = logging.getLogger(__name__)


class SpanFile(SpanExporter):
    """Writes spans to ``path``; a fault of the disk costs the spans alone."""

    def __init__(self, path: Path, *, bytes_max: int = SPANS_FILE_BYTES_MAX) -> None:
        self._path = path
        self._bytes_max = bytes_max
        self._file: IO[bytes] | None = None

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Write the spans."""
        try:
            file = self._open()
            file.write(b"".join(map(_line, spans)))
            file.flush()
        except OSError as error:
            _log.warning("spans cannot be kept", extra={"path": str(self._path), "error": repr(error)})
            return SpanExportResult.FAILURE
        return SpanExportResult.SUCCESS

    def shutdown(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _open(self) -> IO[bytes]:
        if self._file is not None and self._file.tell() >= self._bytes_max:
            self.shutdown()
            self._path.replace(before(self._path))
        if self._file is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self._path.open("ab")
            if self._file.tell():  # the last process may have been killed within a line
                self._file.write(b"\n")
        return self._file


def before(path: Path) -> Path:
    """Return where the spans from before those in ``path`` are."""
    return path.with_name(f"{path.name}.1")


def _line(span: ReadableSpan) -> bytes:
    context, resource = span.context, span.resource.attributes
    if context is None:
        return b""
    return orjson.dumps(
        {
            "trace": f"{context.trace_id:032x}",
            "span": f"{context.span_id:016x}",
            "parent": f"{span.parent.span_id:016x}" if span.parent else "",
            "name": span.name,
            "region": resource["samverka.region"],
            "service": resource["service.name"],
            "began_ns": span.start_time,
            "ended_ns": span.end_time,
            "attributes": dict(span.attributes or {}),
        },
        option=orjson.OPT_APPEND_NEWLINE,
    )
