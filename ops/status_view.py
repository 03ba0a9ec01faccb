"""``samverka status``: the report on a network as tables or as JSON, once or again and again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress

import orjson
from rich.box import SIMPLE
from rich.console import Console, Group, RenderableType
from rich.filesize import decimal
from rich.live import Live
from rich.table import Table
from rich.text import Text

from ops.comparing import Compare, Comparing
from ops.dirs import DataDir
from ops.peers import RegionStatus
from ops.status import LinkStatus, LogStatus, ProcessStatus, ProjectionStatus, Status, collect
from services.chassis.clock import SystemClock

_AGAIN_SECONDS = 2.0
_WORD_COLUMNS = 2

SaidOf = Callable[[str, str], str]
"""Tells in some words whether two regions hold the same; empty: not known yet."""


def show(data: DataDir, *, json: bool) -> bool:
    """Print the report once and return whether all is well."""
    status = asyncio.run(collect(data, clock=SystemClock()))
    if json:
        print(orjson.dumps(status, option=orjson.OPT_INDENT_2).decode())
    else:
        Console(highlight=False).print(tables(status))
    return status.well


def watch(data: DataDir, *, compare: Compare) -> None:
    """Show the report again and again, and beside it what ``compare`` finds now and then, until Ctrl-C."""
    with suppress(KeyboardInterrupt):
        asyncio.run(_watch(data, Comparing(compare, clock=SystemClock())))


async def _watch(data: DataDir, comparing: Comparing) -> None:
    clock = SystemClock()
    with Live(console=Console(highlight=False), auto_refresh=False, vertical_overflow="visible") as live:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(comparing.run())
            while True:
                live.update(tables(await collect(data, clock=clock), said_of=comparing.said_of), refresh=True)
                await asyncio.sleep(_AGAIN_SECONDS)


def tables(status: Status, *, said_of: SaidOf | None = None) -> RenderableType:
    """Return ``status`` as something that rich prints; ``said_of`` tells of two regions whether they hold the same."""
    if not status.running:
        return Text(f"Nothing runs on {status.data}.", style="bold red")
    return Group(
        _processes(status.processes),
        _logs(status.logs),
        _projections(status.projections),
        *([_links(status.links)] if status.links else ()),
        *(_peers(region, said_of) for region in status.regions if region.peers or region.trouble),
        *(
            Text(f"{alarm.code}, seen from {alarm.region}: {alarm.message}", style="bold red")
            for region in status.regions
            for alarm in region.alarms
        ),
        *(
            Text.assemble(f"{gateway.region}: {gateway.url}/graphql ", _mark(gateway.ready, "ready", "not ready"))
            for gateway in status.gateways
        ),
    )


def _processes(processes: list[ProcessStatus]) -> Table:
    table = _table("Processes", "process", "state", "pid", "uptime", "restarts")
    for process in processes:
        table.add_row(
            process.name,
            _mark(process.well, process.state, process.state),
            str(process.pid or ""),
            _duration(process.uptime_seconds),
            str(process.restarts),
        )
    return table


def _logs(logs: list[LogStatus]) -> Table:
    table = _table("Logs", "stream", "state", "messages", "size", "last sequence")
    for log in logs:
        table.add_row(
            log.stream,
            _mark(log.well, "answers", log.trouble),
            f"{log.messages:,}",
            decimal(log.bytes),
            f"{log.last_sequence:,}",
        )
    return table


def _projections(projections: list[ProjectionStatus]) -> Table:
    table = _table("Projections", "replica", "state", "applied", "lag", "skipped", "refused")
    for projection in projections:
        table.add_row(
            projection.name,
            _mark(projection.well, "ready", projection.trouble or "not ready"),
            projection.position.rpartition(":")[2],
            f"{projection.lag_events:,}",
            f"{projection.skipped_events:,}",
            f"{projection.refused_events:,}",
        )
    return table


def _links(links: list[LinkStatus]) -> Table:
    table = _table("Links", "between", "state")
    for link in links:
        table.add_row(" and ".join(link.regions), _mark(link.well, link.state, link.state))
    return table


def _peers(region: RegionStatus, said_of: SaidOf | None) -> Table:
    title = f"Peers of {region.region}" + (f": {region.trouble}" if region.trouble else "")
    columns = ("peer", "link", "last contact", "events behind", "holds of ours", "refused")
    table = _table(title, *columns, *(("digests",) if said_of else ()))
    for peer in region.peers:
        table.add_row(
            peer.peer,
            _mark(peer.well, peer.state, peer.state),
            "" if peer.last_contact_seconds is None else f"{peer.last_contact_seconds:.0f} s ago",
            "" if peer.events_behind is None else f"{peer.events_behind:,}",
            f"{peer.holds_of_ours:,}",
            f"{peer.refused_events:,}",
            *((said_of(peer.region, peer.peer) or "comparing",) if said_of else ()),
        )
    return table


def _table(title: str, *columns: str) -> Table:
    """Return an empty table; its first two columns are words, the others numbers."""
    table = Table(title=title, title_justify="left", title_style="bold", box=SIMPLE)
    for index, column in enumerate(columns):
        table.add_column(column, justify="left" if index < _WORD_COLUMNS else "right", overflow="fold")
    return table


def _mark(good: bool, yes: str, no: str) -> Text:
    return Text(yes, style="green") if good else Text(no, style="bold red")


def _duration(seconds: int | None) -> str:
    if seconds is None:
        return ""
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}"
