"""How a network does: its processes, logs, projections and gateways, as one report.

The record of the run says what should be there; whether it is, each part is asked itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import grpc
import nats
import nats.errors
import nats.js.errors

from ops.dirs import DataDir
from ops.node_client import node_stub, why
from ops.peers import RegionStatus, ask_region
from ops.plan import SERVICES
from ops.probes import HttpProbe
from ops.processes import NATS
from ops.state import LinkState, ProcessRecord, RunRecord, State, read_run
from samverka.node.v1 import node_service_pb2
from services.chassis.clock import Clock
from services.chassis.eventlog.subjects import stream_name

_ANSWER_SECONDS_MAX = 2
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ProcessStatus:
    """One process; ``uptime_seconds`` is None if it does not run."""

    name: str
    region: str
    service: str
    pid: int | None
    state: str
    uptime_seconds: int | None
    restarts: int

    @property
    def well(self) -> bool:
        return self.state == State.READY


@dataclass(frozen=True, slots=True)
class LogStatus:
    """One region's log; ``trouble`` is empty if it answered."""

    region: str
    stream: str
    messages: int = 0
    bytes: int = 0
    last_sequence: int = 0
    trouble: str = ""

    @property
    def well(self) -> bool:
        return not self.trouble


@dataclass(frozen=True, slots=True)
class ProjectionStatus:
    """One replica's projection; ``position`` is ``<epoch>:<sequence>``."""

    name: str
    region: str
    service: str
    position: str = ""
    lag_events: int = 0
    skipped_events: int = 0
    refused_events: int = 0
    schema_version: int = 0
    ready: bool = False
    trouble: str = ""

    @property
    def well(self) -> bool:
        return self.ready and not self.trouble


@dataclass(frozen=True, slots=True)
class GatewayStatus:
    """One region's gateway: whether it answers queries."""

    region: str
    url: str
    ready: bool

    @property
    def well(self) -> bool:
        return self.ready


@dataclass(frozen=True, slots=True)
class LinkStatus:
    """The link between two regions of this machine."""

    regions: list[str]
    state: str

    @property
    def well(self) -> bool:
        return self.state == LinkState.OPEN


Part = ProcessStatus | LogStatus | ProjectionStatus | GatewayStatus | LinkStatus | RegionStatus


@dataclass(frozen=True, slots=True)
class Status:
    """All of it; ``well`` only if everything runs and is ready."""

    data: str
    running: bool
    well: bool
    supervisor_pid: int | None = None
    issuer_url: str = ""
    processes: list[ProcessStatus] = field(default_factory=list)
    logs: list[LogStatus] = field(default_factory=list)
    projections: list[ProjectionStatus] = field(default_factory=list)
    gateways: list[GatewayStatus] = field(default_factory=list)
    links: list[LinkStatus] = field(default_factory=list)
    regions: list[RegionStatus] = field(default_factory=list)


async def collect(data: DataDir, *, clock: Clock) -> Status:
    """Ask every part of the network on ``data`` how it does; whatever does not answer is told of, not raised."""
    run = read_run(data)
    if run is None or run.supervisor.find() is None:
        return Status(data=str(data.root), running=False, well=False)
    processes = [_process(record, clock) for record in run.processes]
    logs, projections, gateways, told = await asyncio.gather(
        _all(_log(data, region, run) for region in run.urls),
        _all(_projection(record) for record in run.processes if record.service in SERVICES),
        _all(_gateway(region, url) for region, url in run.urls.items()),
        _all(ask_region(data, run, region, clock=clock) for region in run.urls),
    )
    regions = [region for region in told if region is not None]
    links = [LinkStatus(link.regions, str(link.state)) for link in run.links]
    parts: list[Part] = [*processes, *logs, *projections, *gateways, *links, *regions]
    return Status(
        data=str(data.root),
        running=True,
        well=bool(processes) and all(part.well for part in parts),
        supervisor_pid=run.supervisor.pid,
        issuer_url=run.issuer_url,
        processes=processes,
        logs=logs,
        projections=projections,
        gateways=gateways,
        links=links,
        regions=regions,
    )


async def _all(questions: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
    return list(await asyncio.gather(*questions))


def _process(record: ProcessRecord, clock: Clock) -> ProcessStatus:
    alive = record.identity is not None and record.identity.find() is not None
    identity = record.identity if alive else None
    state = record.state if alive or record.state in (State.WAITING, State.RESTARTING) else State.STOPPED
    return ProcessStatus(
        name=record.name,
        region=record.region,
        service=record.service,
        pid=identity.pid if identity else None,
        state=str(state),
        uptime_seconds=max(0, round(clock.wall_ms() / 1000 - identity.started_at)) if identity else None,
        restarts=record.restarts,
    )


async def _log(data: DataDir, region: str, run: RunRecord) -> LogStatus:
    stream = stream_name(region)
    address = next(record.addresses["nats"] for record in run.of_region(region) if record.service == NATS)
    try:
        client = await nats.connect(
            f"nats://{address}",
            nkeys_seed=str(data.region(region).services_seed),
            allow_reconnect=False,
            connect_timeout=_ANSWER_SECONDS_MAX,
            error_cb=_unheard,
        )
    except (nats.errors.Error, OSError, TimeoutError):
        return LogStatus(region=region, stream=stream, trouble="no answer")
    try:
        info = await client.jetstream(timeout=_ANSWER_SECONDS_MAX).stream_info(stream)
    except nats.js.errors.NotFoundError:
        return LogStatus(region=region, stream=stream, trouble="no such stream")
    except (nats.errors.Error, TimeoutError):
        return LogStatus(region=region, stream=stream, trouble="no answer")
    finally:
        await client.close()
    return LogStatus(
        region=region,
        stream=stream,
        messages=info.state.messages,
        bytes=info.state.bytes,
        last_sequence=info.state.last_seq,
    )


async def _unheard(_: Exception) -> None:
    """What goes wrong is told by the call that it goes wrong in."""


async def _projection(record: ProcessRecord) -> ProjectionStatus:
    silent = ProjectionStatus(name=record.name, region=record.region, service=record.service)
    try:
        async with node_stub(record.addresses["admin"]) as node:
            answer = await node.GetProjection(node_service_pb2.GetProjectionRequest(), timeout=_ANSWER_SECONDS_MAX)
    except grpc.aio.AioRpcError as error:
        return replace(silent, trouble=why(error))
    return replace(
        silent,
        position=f"{answer.position.epoch}:{answer.position.sequence}",
        lag_events=answer.lag_events,
        skipped_events=answer.skipped_events,
        refused_events=answer.refused_events,
        schema_version=answer.schema_version,
        ready=answer.ready,
    )


async def _gateway(region: str, url: str) -> GatewayStatus:
    return GatewayStatus(region=region, url=url, ready=await HttpProbe(url=f"{url}/readyz").is_ready())
