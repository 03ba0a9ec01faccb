"""The search service over gRPC: requests are parsed here, looked for below, and answered with what their caller may see."""

from __future__ import annotations

from typing import Any

import grpc.aio

from samverka.search.v1 import search_service_pb2 as pb
from samverka.search.v1.search_service_pb2_grpc import SearchServiceServicer
from services.chassis import limits
from services.chassis.auth import current_caller
from services.chassis.clock import Clock
from services.chassis.errors import Unavailable
from services.chassis.eventlog.port import Position
from services.chassis.paging import parse_page_size
from services.chassis.projection import ProjectionRunner
from services.search.domain.cursors import Cursor, read_cursor
from services.search.domain.prefixes import parse_prefix, parse_suggestions
from services.search.domain.query import parse_query
from services.search.domain.subjects import parse_about, parse_experts
from services.search.index.keeping import SearchIndex
from services.search.queries.complete import complete
from services.search.queries.experts import Asked, find_experts
from services.search.queries.list_coverage import list_coverage
from services.search.queries.search import Search, search
from services.search.standing import Viewer

Context = grpc.aio.ServicerContext[Any, Any]


class SearchRpc(SearchServiceServicer):
    """What integrators and the gateway call."""

    def __init__(self, *, region: str, runner: ProjectionRunner, index: SearchIndex, clock: Clock) -> None:
        self._region = region
        self._runner = runner
        self._index = index
        self._clock = clock

    async def Search(self, request: pb.SearchRequest, context: Context) -> pb.SearchResponse:
        query, first = parse_query(request.query), parse_page_size(request.first)
        epoch = self._runner.position.epoch
        after = read_cursor(request.after, request.query, epoch=epoch) if request.after else None
        await self._require_caught_up(after)
        asked, viewer, now_ms = Search(request.query, query, first, after), self._viewer(), self._clock.wall_ms()
        hits, coverage = await self._runner.store.read(
            lambda db: (
                search(db, asked, viewer=viewer, index=self._index, epoch=epoch),
                list_coverage(db, now_ms=now_ms),
            )
        )
        return pb.SearchResponse(hits=hits, coverage=coverage)

    async def Complete(self, request: pb.CompleteRequest, context: Context) -> pb.CompleteResponse:
        beginning, first = parse_prefix(request.prefix), parse_suggestions(request.first)
        await self._require_caught_up(None)
        viewer = self._viewer()
        suggestions = await self._runner.store.read(
            lambda db: complete(db, beginning, first=first, viewer=viewer, index=self._index)
        )
        return pb.CompleteResponse(suggestions=suggestions)

    async def FindExperts(self, request: pb.FindExpertsRequest, context: Context) -> pb.FindExpertsResponse:
        asked = Asked(parse_about(request.about), request.awake_now, parse_experts(request.first))
        await self._require_caught_up(None)
        viewer, now_ms = self._viewer(), self._clock.wall_ms()
        experts, coverage = await self._runner.store.read(
            lambda db: (
                find_experts(db, asked, viewer=viewer, index=self._index, now_ms=now_ms),
                list_coverage(db, now_ms=now_ms),
            )
        )
        return pb.FindExpertsResponse(experts=experts, coverage=coverage)

    def _viewer(self) -> Viewer:
        return Viewer(current_caller().person_id, self._region)

    async def _require_caught_up(self, after: Cursor | None) -> None:
        """Wait for what a cursor has seen. Raises Unavailable if that is not here, or the index is being made anew."""
        seen = Position(after.epoch, after.sequence) if after else self._runner.position
        if self._index.position < self._runner.position.sequence or not await self._runner.wait_applied(
            seen, timeout_seconds=limits.CATCH_UP_SECONDS_MAX
        ):
            raise Unavailable("This replica is behind; try again.", code="behind")
