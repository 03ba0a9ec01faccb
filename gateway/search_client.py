"""The search service, seen from a request."""

from __future__ import annotations

from typing import Any

import grpc

from gateway.calls import Talk, build, page_items, query, shown
from samverka.search.v1 import search_service_pb2 as pb
from samverka.search.v1 import search_views_pb2 as views
from samverka.search.v1.search_service_pb2_grpc import SearchServiceStub
from services.chassis.errors import Invalid

SEARCH_READS = tuple(f"samverka.search.v1.SearchService/{method}" for method in ("Search", "Complete", "FindExperts"))


class SearchClient:
    """What is found, what words may become, and who knows; errors are those of the other clients."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._stub: Any = SearchServiceStub(channel)

    async def search(self, talk: Talk, *, text: str, first: int, after: str) -> pb.SearchResponse:
        """Return a page of what a query finds for the caller, and of when it is."""
        request = build(pb.SearchRequest, query=text, first=page_items(first), after=after)
        return shown(pb.SearchResponse, await query(talk, self._stub.Search, request))

    async def complete(self, talk: Talk, *, prefix: str, first: int) -> list[views.Suggestion]:
        """Return what has been typed may become."""
        if first < 1:
            raise Invalid("At least one suggestion must be asked for.", code="page_size", field="first")
        request = build(pb.CompleteRequest, prefix=prefix, first=first)
        return list((await query(talk, self._stub.Complete, request)).suggestions)

    async def experts(self, talk: Talk, *, about: str, awake_now: bool, first: int) -> pb.FindExpertsResponse:
        """Return who knows a subject, and of when that is."""
        if first < 1:
            raise Invalid("At least one expert must be asked for.", code="page_size", field="first")
        request = build(pb.FindExpertsRequest, about=about, awake_now=awake_now, first=first)
        return shown(pb.FindExpertsResponse, await query(talk, self._stub.FindExperts, request))
