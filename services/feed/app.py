"""The feed service, put together: the only place where its parts are made."""

from __future__ import annotations

from samverka.feed.v1.feed_service_pb2_grpc import add_FeedServiceServicer_to_server
from services.chassis.foundation import open_foundation
from services.chassis.telemetry import Telemetry
from services.feed.policies import moderation_policy
from services.feed.projections import feed_projection
from services.feed.rpc import FeedRpc
from services.feed.settings import FeedSettings
from services.feed.watching import FeedWatch


async def serve(settings: FeedSettings) -> None:
    """Serve until the process is told to stop."""
    telemetry = Telemetry.start(settings, service="feed")
    try:
        async with open_foundation(settings, feed_projection(), telemetry=telemetry) as base:
            watch = FeedWatch(runner=base.runner)
            policy = moderation_policy(
                decider=base.decider, runner=base.runner, clock=base.clock, meter=telemetry.meter
            )
            base.runner.listeners += [watch.note, policy.note]
            rpc = FeedRpc(region=settings.region, decider=base.decider, runner=base.runner, watch=watch)
            server = base.server(
                servicers=[(add_FeedServiceServicer_to_server, rpc)],
                service_names=["samverka.feed.v1.FeedService"],
                tasks=[watch.run, policy.run],
            )
            await server.serve()
    finally:
        telemetry.shutdown()
