"""What an operator asks of a replica: how far its projection is, and a digest of what it holds."""

from __future__ import annotations

from typing import Any

import grpc.aio

from samverka.node.v1 import node_service_pb2 as pb
from samverka.node.v1.node_service_pb2_grpc import NodeServiceServicer
from services.chassis import trust
from services.chassis.origins import digest_origins, digest_owners
from services.chassis.projection import ProjectionRunner, digest_projection

Context = grpc.aio.ServicerContext[Any, Any]


class NodeRpc(NodeServiceServicer):
    """Served on the admin port, which is for operators alone."""

    def __init__(self, *, runner: ProjectionRunner) -> None:
        self._runner = runner

    async def GetProjection(self, request: pb.GetProjectionRequest, context: Context) -> pb.GetProjectionResponse:
        runner = self._runner
        refused = runner.store.read_now(trust.refusals)
        return pb.GetProjectionResponse(
            service=runner.projection.service,
            region=runner.region,
            position=runner.position.message(),
            lag_events=runner.lag_events(),
            schema_version=runner.projection.version,
            skipped_events=runner.skipped_events,
            refused_events=runner.refused_events,
            ready=runner.ready(),
            origins=[
                pb.OriginPosition(origin=name, sequence=number) for name, number in sorted(runner.origins.items())
            ],
            refusals=[
                pb.Refusal(
                    origin=kind.origin,
                    actor=kind.actor,
                    reason=kind.reason,
                    events=kind.events,
                    last_sequence=kind.last_sequence,
                )
                for kind in refused
            ],
        )

    async def GetDigest(self, request: pb.GetDigestRequest, context: Context) -> pb.GetDigestResponse:
        epoch = self._runner.position.epoch
        projection = self._runner.projection
        registers = projection.registers
        (sequence, tables), origins, owners = await self._runner.store.read(
            lambda db: (
                digest_projection(db, but=projection.undigested),
                digest_origins(db, registers),
                digest_owners(db, registers, request.owners_of) if request.owners_of else [],
            )
        )
        response = pb.GetDigestResponse()
        response.position.epoch, response.position.sequence = epoch, sequence
        for table in tables:
            response.tables.add(table=table.table, rows=table.rows, sha256=table.sha256)
        for held in origins:
            response.origins.add(origin=held.origin, sequence=held.sequence, rows=held.rows, sha256=held.sha256)
        for owned in owners:
            response.owners.add(owner=owned.owner, rows=owned.rows, sha256=owned.sha256)
        return response
