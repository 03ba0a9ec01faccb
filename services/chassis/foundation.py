"""What stands below every service, built in one call: log, projection, decider, verifier, and the server over them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from samverka.node.v1.node_service_pb2_grpc import add_NodeServiceServicer_to_server
from services.chassis.auth import Verifier, open_verifier
from services.chassis.clock import Clock, HybridClock, SystemClock
from services.chassis.deciding import Decider
from services.chassis.eventlog.jetstream import open_log
from services.chassis.eventlog.port import EventLog, Position
from services.chassis.forgetting import forgetting_policy
from services.chassis.ids import Ids
from services.chassis.measuring import measure_projection
from services.chassis.node import NodeRpc
from services.chassis.projection import Projection, ProjectionRunner
from services.chassis.server import AddServicer, Server, Task
from services.chassis.settings import ServiceSettings
from services.chassis.telemetry import Telemetry


@dataclass(frozen=True, slots=True)
class Foundation:
    """The parts that a service's ``app`` joins its own to."""

    settings: ServiceSettings
    telemetry: Telemetry
    clock: Clock
    log: EventLog
    runner: ProjectionRunner
    decider: Decider
    verifier: Verifier

    def server(
        self,
        *,
        servicers: Sequence[tuple[AddServicer, object]],
        service_names: Sequence[str],
        tasks: Sequence[Task] = (),
    ) -> Server:
        """Return the server of this process."""

        async def wait_applied(position: str, timeout_seconds: float) -> bool:
            return await self.runner.wait_applied(Position.parse(position), timeout_seconds=timeout_seconds)

        forgetting = forgetting_policy(
            runner=self.runner, decider=self.decider, clock=self.clock, meter=self.telemetry.meter
        )
        self.runner.listeners.append(forgetting.note)
        return Server(
            settings=self.settings,
            telemetry=self.telemetry,
            servicers=servicers,
            service_names=[*service_names, "samverka.node.v1.NodeService"],
            verifier=self.verifier,
            ready=self.runner.ready,
            tasks=[self.runner.run, forgetting.run, *tasks],
            admin_servicers=[(add_NodeServiceServicer_to_server, NodeRpc(runner=self.runner))],
            wait_applied=wait_applied,
            lag_events=self.runner.lag_events,
            clock=self.clock,
        )


@asynccontextmanager
async def open_foundation(
    settings: ServiceSettings, projection: Projection, *, telemetry: Telemetry
) -> AsyncIterator[Foundation]:
    """Open what a service stands on, and close it in the opposite order."""
    clock = SystemClock()
    ids, hlc = Ids(settings.region, clock), HybridClock(clock)
    async with AsyncExitStack() as stack:
        log = await open_log(
            url=settings.nats_url,
            region=settings.region,
            new_epoch=ids.new().rpartition("_")[2],
            nkey_seed_file=settings.nats_nkey_seed_file,
            replicas=settings.log_replicas,
        )
        stack.push_async_callback(log.close)
        runner = ProjectionRunner(
            projection=projection, region=settings.region, log=log, data_dir=settings.data_dir, hlc=hlc
        )
        stack.push_async_callback(runner.store.close)
        await runner.load()
        verifier = open_verifier(settings, clock=clock)
        stack.push_async_callback(verifier.close)
        measure_projection(telemetry.meter, runner, clock=clock)
        decider = Decider(service=projection.service, region=settings.region, log=log, runner=runner, ids=ids, hlc=hlc)
        yield Foundation(settings, telemetry, clock, log, runner, decider, verifier)
