"""``samverka digest``: a fingerprint of every table and every origin of every replica, to tell whether two hold the same."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass

import grpc
import orjson

from ops.dirs import DataDir
from ops.failure import Failure
from ops.node_client import node_stub, why
from ops.plan import SERVICES
from ops.state import ProcessRecord, read_run
from samverka.node.v1 import node_service_pb2

ANSWER_SECONDS_MAX = 600.0
"""Every row of every table is read."""


@dataclass(frozen=True, slots=True)
class TableDigest:
    """``sha256`` is over the rows in the order of their primary key, in hexadecimal."""

    table: str
    rows: int
    sha256: str


@dataclass(frozen=True, slots=True)
class OriginDigest:
    """What a replica holds of one origin, at ``sequence`` of that origin's log; two regions can compare it."""

    origin: str
    sequence: int
    rows: int
    sha256: str


@dataclass(frozen=True, slots=True)
class ReplicaDigest:
    """The tables of one replica and what it holds of each origin, all at ``position`` (``<epoch>:<sequence>``)."""

    name: str
    service: str
    position: str
    tables: list[TableDigest]
    origins: list[OriginDigest]


async def digests(data: DataDir, region: str) -> list[ReplicaDigest]:
    """Return the digest of each replica of ``region``; Failure if the region does not run or a replica is silent."""
    run = read_run(data)
    if run is None or run.supervisor.find() is None:
        raise Failure(f"Nothing runs on {data.root}.")
    if region not in run.urls:
        raise Failure(f"The region {region} does not run on {data.root}; what does: {', '.join(run.urls)}.")
    replicas = [record for record in run.of_region(region) if record.service in SERVICES]
    return list(await asyncio.gather(*(_digest(record) for record in replicas)))


async def _digest(record: ProcessRecord) -> ReplicaDigest:
    try:
        async with node_stub(record.addresses["admin"]) as node:
            answer = await node.GetDigest(node_service_pb2.GetDigestRequest(), timeout=ANSWER_SECONDS_MAX)
    except grpc.aio.AioRpcError as error:
        raise Failure(f"{record.name} gives no digest: {why(error)}.") from error
    return ReplicaDigest(
        name=record.name,
        service=record.service,
        position=f"{answer.position.epoch}:{answer.position.sequence}",
        tables=[TableDigest(table.table, table.rows, table.sha256.hex()) for table in answer.tables],
        origins=[OriginDigest(of.origin, of.sequence, of.rows, of.sha256.hex()) for of in answer.origins],
    )


def as_json(digests: list[ReplicaDigest]) -> str:
    """Return the digests as a JSON array of one object for each replica."""
    return orjson.dumps(digests, option=orjson.OPT_INDENT_2).decode()


def as_text(digests: list[ReplicaDigest]) -> str:
    """Return the digests in lines: replica, position, table or origin, rows, SHA-256."""
    return "\n".join(line for digest in digests for line in _lines(digest))


def _lines(digest: ReplicaDigest) -> Iterator[str]:
    for table in digest.tables:
        yield f"{digest.name}  {digest.position}  {table.table}  {table.rows}  {table.sha256}"
    for of in digest.origins:
        yield f"{digest.name}  {of.origin}:{of.sequence}  all of {of.origin}  {of.rows}  {of.sha256}"
