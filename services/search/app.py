"""The search service, put together: the only place where its parts are made."""

from __future__ import annotations

from samverka.search.v1.search_service_pb2_grpc import add_SearchServiceServicer_to_server
from services.chassis.foundation import open_foundation
from services.chassis.telemetry import Telemetry
from services.search.index.keeping import open_index
from services.search.projections import search_projection
from services.search.rpc import SearchRpc
from services.search.settings import SearchSettings


async def serve(settings: SearchSettings) -> None:
    """Serve until the process is told to stop."""
    telemetry = Telemetry.start(settings, service="search")
    try:
        async with open_foundation(settings, search_projection(), telemetry=telemetry) as base:
            with open_index(base.runner.store) as index:
                base.runner.beside = index
                rpc = SearchRpc(region=settings.region, runner=base.runner, index=index, clock=base.clock)
                server = base.server(
                    servicers=[(add_SearchServiceServicer_to_server, rpc)],
                    service_names=["samverka.search.v1.SearchService"],
                    tasks=[index.run],
                )
                await server.serve()
    finally:
        telemetry.shutdown()
