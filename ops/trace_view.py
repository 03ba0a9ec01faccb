"""``samverka trace``: one request, from the gateway to each projection that shows what came of it, as a table or as JSON."""

from __future__ import annotations

from dataclasses import asdict

import orjson
from rich.box import SIMPLE
from rich.table import Table
from rich.text import Text

from ops.traces import Trace

_MS_NS = 1_000_000


def as_json(trace: Trace) -> str:
    """Return the spans with their depths, a parent before what hangs on it."""
    spans = [{"depth": depth, **asdict(span)} for depth, span in trace.spans()]
    return orjson.dumps({"trace": trace.id, "spans": spans}, option=orjson.OPT_INDENT_2).decode()


def as_table(trace: Trace) -> Table:
    """Return the trace as a table: when after its beginning, for how long, where, what."""
    spans = list(trace.spans())
    began_ns = min(span.began_ns for _, span in spans)
    table = Table(title=f"Trace {trace.id}", title_justify="left", title_style="bold", box=SIMPLE)
    for name in ("after", "took"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("where", no_wrap=True)
    table.add_column("what", overflow="fold")
    for depth, span in spans:
        table.add_row(
            _milliseconds(span.began_ns - began_ns),
            _milliseconds(span.took_ns),
            f"{span.region}/{span.service}",
            _what(depth, span.name, span.error),
        )
    return table


def _what(depth: int, name: str, error: str) -> Text:
    indent = "  " * (depth - 1) + "└ " if depth else ""
    what = Text(indent + name.rpartition(".")[2])  # of a method its service and its name, without the package
    return what.append(f"  {error}", style="bold red") if error else what


def _milliseconds(ns: int) -> str:
    return f"{ns / _MS_NS:,.1f} ms"
