"""A search service in this process, over a log of what is to be found, and asked as integrators ask it: over gRPC.

Nothing else of it differs from the process that a node runs: its projection, its index, its interceptor and its server.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path

import grpc.aio

from bench.workload import REGION, Sealed
from samverka.search.v1 import search_service_pb2 as pb
from samverka.search.v1.search_service_pb2_grpc import SearchServiceStub, add_SearchServiceServicer_to_server
from services.chassis.auth import Caller
from services.chassis.channels import open_channel
from services.chassis.clock import Clock, HybridClock, SystemClock
from services.chassis.eventlog.memory import MemoryLog
from services.chassis.eventlog.port import Position
from services.chassis.ids import derive
from services.chassis.interceptors import CallInterceptor, call_metadata
from services.chassis.projection import ProjectionRunner
from services.chassis.server import server_options
from services.chassis.telemetry import Telemetry
from services.search.domain.query import QUERY_CHARACTERS_MAX, TERMS_MAX
from services.search.index.keeping import open_index
from services.search.projections import search_projection
from services.search.rpc import SearchRpc

APPLY_SECONDS_MAX = 300.0
ANSWER_SECONDS_MAX = 30.0
_WORD = re.compile(r"[^\W_]+(?:[-'’][^\W_]+)*")
_METADATA = call_metadata(token="evaluation")


class Asking:
    """Asks the service; what it is asked are sentences, of which its syntax is taken out."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._service = SearchServiceStub(channel)

    async def search(self, text: str, *, kind: str, first: int) -> list[str]:
        """Return the ids of what is found, the best first; nothing if there is no word in ``text``."""
        query = as_query(text, room=len(kind) + 6)
        if not query:
            return []
        request = pb.SearchRequest(query=f"{query} kind:{kind}", first=first)
        answer = await self._service.Search(request, metadata=_METADATA, timeout=ANSWER_SECONDS_MAX)
        return [edge.node.id for edge in answer.hits.edges]

    async def experts(self, about: str, *, first: int) -> list[str]:
        """Return the ids of who is said to know it, the best first."""
        request = pb.FindExpertsRequest(about=about, first=first)
        answer = await self._service.FindExperts(request, metadata=_METADATA, timeout=ANSWER_SECONDS_MAX)
        return [expert.person.id for expert in answer.experts]


def as_query(text: str, *, room: int) -> str:
    """Return the words of a sentence, as many as a query may have beside one filter of ``room`` characters."""
    words = _WORD.findall(text)[: TERMS_MAX - 1]
    while len(" ".join(words)) + room > QUERY_CHARACTERS_MAX:
        words.pop()
    return " ".join(words)


class _Everybody:
    """Believes any token: of somebody who is in no group."""

    async def verify(self, token: str) -> Caller:
        return Caller(
            person_id=derive(REGION, "person", token),
            issuer="evaluation",
            subject=token,
            handle=token,
            name=token,
            roles=frozenset(),
            expires_at=2**40,
            token=token,
        )


@asynccontextmanager
async def serving(folder: Path, events: Iterable[Sealed], *, clock: Clock) -> AsyncIterator[Asking]:
    """Serve what ``events`` bring, once all of them have been applied; ``clock`` says what time it is."""
    log = MemoryLog()
    for event in events:
        await log.append(event.entry_id, event.subject, event.data)
    runner = ProjectionRunner(
        projection=search_projection(), region=REGION, log=log, data_dir=folder, hlc=HybridClock(clock)
    )
    async with AsyncExitStack() as stack:
        stack.push_async_callback(runner.store.close)
        await runner.load()
        index = stack.enter_context(open_index(runner.store))
        runner.beside = index
        stack.push_async_callback(_end, asyncio.create_task(runner.run()))
        last = Position(log.epoch, await log.last_sequence())
        if not await runner.wait_applied(last, timeout_seconds=APPLY_SECONDS_MAX):
            raise RuntimeError(f"only {runner.position} of {last} was applied in {APPLY_SECONDS_MAX} s")
        telemetry = Telemetry(service="evaluation")
        stack.callback(telemetry.shutdown)
        server = grpc.aio.server(
            interceptors=(CallInterceptor(telemetry=telemetry, verifier=_Everybody(), clock=SystemClock()),),
            options=server_options(),
        )
        rpc = SearchRpc(region=REGION, runner=runner, index=index, clock=clock)
        add_SearchServiceServicer_to_server(rpc, server)
        port = server.add_insecure_port("127.0.0.1:0")
        await server.start()
        stack.push_async_callback(server.stop, None)
        yield Asking(await stack.enter_async_context(open_channel(f"127.0.0.1:{port}")))


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
