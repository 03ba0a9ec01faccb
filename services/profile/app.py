"""The profile service, put together: the only place where its parts are made."""

from __future__ import annotations

from samverka.profile.v1.profile_service_pb2_grpc import add_ProfileServiceServicer_to_server
from services.chassis.foundation import open_foundation
from services.chassis.telemetry import Telemetry
from services.profile.projections import profile_projection
from services.profile.rpc import ProfileRpc
from services.profile.settings import ProfileSettings


async def serve(settings: ProfileSettings) -> None:
    """Serve until the process is told to stop."""
    telemetry = Telemetry.start(settings, service="profile")
    try:
        async with open_foundation(settings, profile_projection(), telemetry=telemetry) as base:
            rpc = ProfileRpc(region=settings.region, decider=base.decider, runner=base.runner)
            server = base.server(
                servicers=[(add_ProfileServiceServicer_to_server, rpc)],
                service_names=["samverka.profile.v1.ProfileService"],
            )
            await server.serve()
    finally:
        telemetry.shutdown()
