"""The W3C ``traceparent`` (w3.org/TR/trace-context): of the current span, and read from a carrier."""

from __future__ import annotations

import re

from opentelemetry import trace
from opentelemetry.trace import SpanContext, TraceFlags

_TRACEPARENT = re.compile(r"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?")
_TRACEPARENT_CHARACTERS_MAX = 512


def current_traceparent(*, sampled_only: bool = False) -> str:
    """Return the W3C traceparent of the current span; empty if there is none.

    ``sampled_only`` is for what is kept (an event): a trace that nobody recorded is not worth its bytes.
    """
    context = trace.get_current_span().get_span_context()
    if not context.is_valid or (sampled_only and not context.trace_flags & TraceFlags.SAMPLED):
        return ""
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags:02x}"


def is_sampled(traceparent: str) -> bool:
    """Whether ``traceparent`` names a trace that is recorded."""
    remote = parse_traceparent(traceparent) if traceparent else None
    return remote is not None and bool(remote.trace_flags & TraceFlags.SAMPLED)


def parse_traceparent(text: str) -> SpanContext | None:
    """Return the remote span that ``text`` names; None if it names none, as the standard wants it."""
    match = _TRACEPARENT.fullmatch(text) if len(text) <= _TRACEPARENT_CHARACTERS_MAX else None
    if match is None or match[1] == "ff" or (match[1] == "00" and match[5]):
        return None
    context = SpanContext(int(match[2], 16), int(match[3], 16), True, TraceFlags(int(match[4], 16)))
    return context if context.is_valid else None
