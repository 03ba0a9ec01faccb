"""The recognition service, put together: the only place where its parts are made."""

from __future__ import annotations

from samverka.recognition.v1.recognition_service_pb2_grpc import add_RecognitionServiceServicer_to_server
from services.chassis.foundation import open_foundation
from services.chassis.telemetry import Telemetry
from services.recognition.projections import recognition_projection
from services.recognition.rpc import RecognitionRpc
from services.recognition.settings import RecognitionSettings
from services.recognition.watching import RecognitionWatch


async def serve(settings: RecognitionSettings) -> None:
    """Serve until the process is told to stop."""
    telemetry = Telemetry.start(settings, service="recognition")
    try:
        async with open_foundation(settings, recognition_projection(), telemetry=telemetry) as base:
            watch = RecognitionWatch(runner=base.runner, clock=base.clock)
            base.runner.listeners.append(watch.note)
            rpc = RecognitionRpc(
                region=settings.region, decider=base.decider, runner=base.runner, watch=watch, clock=base.clock
            )
            server = base.server(
                servicers=[(add_RecognitionServiceServicer_to_server, rpc)],
                service_names=["samverka.recognition.v1.RecognitionService"],
                tasks=[watch.run],
            )
            await server.serve()
    finally:
        telemetry.shutdown()
