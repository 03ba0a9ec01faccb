"""The services in this process, all but the gateway: behind the real interceptor, over one log in memory.

A test speaks to them as an integrator does, over gRPC. Any number of replicas of a service stand over the one log.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import grpc
import orjson
from google.protobuf.message import Message

from samverka.event.v1.event_pb2 import CommandContext, Event
from samverka.feed.v1.feed_service_pb2_grpc import FeedServiceStub, add_FeedServiceServicer_to_server
from samverka.network.v1.network_service_pb2_grpc import NetworkServiceStub, add_NetworkServiceServicer_to_server
from samverka.profile.v1 import profile_service_pb2 as profile_pb
from samverka.profile.v1.profile_service_pb2_grpc import ProfileServiceStub, add_ProfileServiceServicer_to_server
from samverka.profile.v1.profile_views_pb2 import Person
from samverka.recognition.v1.recognition_service_pb2_grpc import (
    RecognitionServiceStub,
    add_RecognitionServiceServicer_to_server,
)
from samverka.search.v1.search_service_pb2_grpc import SearchServiceStub, add_SearchServiceServicer_to_server
from services.chassis import limits
from services.chassis.auth import Caller
from services.chassis.channels import open_channel
from services.chassis.clock import HybridClock, ManualClock, SystemClock, hybrid
from services.chassis.deciding import Decider
from services.chassis.envelope import open_event, payload_name, seal
from services.chassis.errors import SamverkaError, from_status
from services.chassis.eventlog.memory import MemoryLog
from services.chassis.eventlog.port import Position, Source
from services.chassis.eventlog.subjects import Subject, stream_name
from services.chassis.forgetting import forgetting_policy
from services.chassis.ids import Ids, derive
from services.chassis.interceptors import CallInterceptor, call_metadata
from services.chassis.policies import PolicyRunner
from services.chassis.projection import Projection, ProjectionRunner, digest_projection
from services.chassis.server import server_options
from services.chassis.store import TableDigest
from services.chassis.telemetry import Telemetry
from services.feed.policies import moderation_policy
from services.feed.projections import feed_projection
from services.feed.rpc import FeedRpc
from services.feed.watching import FeedWatch
from services.network.membership import Membership
from services.network.policies.compare_tails import TailComparing
from services.network.policies.confirm_erasures import confirming_policy
from services.network.policies.keep_sources import SourceKeeping
from services.network.policies.purge_erased import Purging
from services.network.policies.report_progress import Reporting
from services.network.policies.tell_lost_tails import TailTelling
from services.network.projections import network_projection
from services.network.rpc import NetworkRpc
from services.network.watching import NetworkWatch
from services.profile.projections import profile_projection
from services.profile.rpc import ProfileRpc
from services.recognition.projections import recognition_projection
from services.recognition.rpc import RecognitionRpc
from services.recognition.watching import RecognitionWatch
from services.search.index.keeping import SearchIndex, open_index
from services.search.projections import search_projection
from services.search.rpc import SearchRpc
from tests.support.keepers import ManualKeeper
from tests.support.logs import put, wait_until

REGION = "stockholm"
ISSUER = "https://login.example.test"
_LOOK_SECONDS = 0.001
CALL_SECONDS_MAX = 60.0
WAIT_SECONDS_MAX = 60.0


def person_id(handle: str, *, region: str = REGION) -> str:
    """Return the id of the person who signs in as ``handle``."""
    return derive(region, "person", ISSUER, handle)


def key(text: str) -> CommandContext:
    """Return the context of a command that is sent under an idempotency key."""
    return CommandContext(idempotency_key=text)


class TrustingVerifier:
    """A token is ``subject``, ``subject/handle`` or ``subject/handle/role``."""

    def __init__(self, region: str = REGION) -> None:
        self._region = region

    async def verify(self, token: str) -> Caller:
        subject, handle, role = (*token.split("/"), "", "")[:3]
        return Caller(
            person_id=person_id(subject, region=self._region),
            issuer=ISSUER,
            subject=subject,
            handle=handle or subject,
            name=(handle or subject).capitalize(),
            roles=frozenset({role} if role else ()),
            expires_at=2_000_000_000,
            token=token,
        )


_LOOKS_MAX = 20


@dataclass(frozen=True, slots=True)
class NetworkParts:
    """What a replica of the network service does by itself; a test takes its turns."""

    keeper: ManualKeeper
    sources: SourceKeeping
    reporting: Reporting
    telling: TailTelling
    comparing: TailComparing
    purging: Purging
    confirming: PolicyRunner
    watch: NetworkWatch


@dataclass(slots=True)
class Replica:
    """One replica of a service: its projection, its server, and a channel to it."""

    runner: ProjectionRunner
    decider: Decider
    channel: grpc.aio.Channel
    forgetting: PolicyRunner
    home: FeedWatch | None = None
    parts: NetworkParts | None = None
    policy: PolicyRunner | None = None
    recognitions: RecognitionWatch | None = None
    search_index: SearchIndex | None = None
    _running: asyncio.Task[None] | None = None

    @property
    def feed(self) -> Any:
        return FeedServiceStub(self.channel)

    @property
    def profile(self) -> Any:
        return ProfileServiceStub(self.channel)

    @property
    def network(self) -> Any:
        return NetworkServiceStub(self.channel)

    @property
    def recognition(self) -> Any:
        return RecognitionServiceStub(self.channel)

    @property
    def search(self) -> Any:
        return SearchServiceStub(self.channel)

    @property
    def index(self) -> SearchIndex:
        assert self.search_index is not None
        return self.search_index

    @property
    def watch(self) -> FeedWatch:
        assert self.home is not None
        return self.home

    def go_on(self) -> None:
        """Follow the log."""
        self._running = asyncio.create_task(self.runner.run())

    async def caught_up(self) -> None:
        """Wait until it is ready, as what it does by itself does; raises what the projection failed with, if it has."""
        assert self._running is not None
        while not self.runner.ready():
            await asyncio.wait((self._running,), timeout=_LOOK_SECONDS)
            if self._running.done():
                await self._running

    async def fall_behind(self) -> None:
        """Apply nothing more until told to go on."""
        if self._running is not None:
            await _end(self._running)

    async def reach(self, position: Position) -> None:
        """Wait until a position is applied; raises what the projection failed with, if it has."""
        assert self._running is not None
        applied = asyncio.create_task(self.runner.wait_applied(position, timeout_seconds=WAIT_SECONDS_MAX))
        await asyncio.wait((applied, self._running), return_when=asyncio.FIRST_COMPLETED)
        if not applied.done():
            applied.cancel()
            await self._running
        assert await applied

    async def digest(self) -> list[TableDigest]:
        return (await self.runner.store.read(digest_projection))[1]


@dataclass
class Region:
    """A region's log and the replicas that stand over it, the first of each service made with it."""

    log: MemoryLog
    data_dir: Path
    stack: AsyncExitStack
    name: str = REGION
    clock: ManualClock = field(default_factory=ManualClock)
    telemetry: Telemetry = field(default_factory=lambda: Telemetry(service="test"))
    replicas: list[Replica] = field(default_factory=list)
    latest: str = ""

    async def add_profile(self) -> Replica:
        runner, decider = await self._below(profile_projection())

        def add(server: grpc.aio.Server) -> None:
            rpc = ProfileRpc(region=self.name, decider=decider, runner=runner)
            add_ProfileServiceServicer_to_server(rpc, server)

        return await self._serve(runner, decider, add)

    async def add_feed(self) -> Replica:
        runner, decider = await self._below(feed_projection())
        home = FeedWatch(runner=runner)
        policy = moderation_policy(decider=decider, runner=runner, clock=self.clock, meter=self.telemetry.meter)
        runner.listeners += [home.note, policy.note]

        def add(server: grpc.aio.Server) -> None:
            add_FeedServiceServicer_to_server(
                FeedRpc(region=self.name, decider=decider, runner=runner, watch=home), server
            )

        replica = await self._serve(runner, decider, add)
        replica.home, replica.policy = home, policy
        for task in (home.run, policy.run):
            self.stack.push_async_callback(_end, asyncio.create_task(task()))
        return replica

    async def add_recognition(self) -> Replica:
        runner, decider = await self._below(recognition_projection())
        watch = RecognitionWatch(runner=runner, clock=self.clock)
        runner.listeners.append(watch.note)
        rpc = RecognitionRpc(region=self.name, decider=decider, runner=runner, watch=watch, clock=self.clock)

        def add(server: grpc.aio.Server) -> None:
            add_RecognitionServiceServicer_to_server(rpc, server)

        replica = await self._serve(runner, decider, add)
        replica.recognitions = watch
        self.stack.push_async_callback(_end, asyncio.create_task(watch.run()))
        return replica

    async def add_network(self, *peers: str) -> Replica:
        runner, decider = await self._below(network_projection())
        file = self.data_dir / "peers.json"
        file.write_bytes(orjson.dumps({"region": self.name, "peers": peers}))
        membership = Membership(file, region=self.name)
        keeper = ManualKeeper()
        sources = SourceKeeping(
            keeper=keeper, membership=membership, clock=self.clock, entropy=Random(0).randbytes, sleep=keeper.sleep
        )
        await sources.turn()
        parts = NetworkParts(
            keeper=keeper,
            sources=sources,
            reporting=Reporting(runner=runner, decider=decider, membership=membership, clock=self.clock),
            telling=TailTelling(region=self.name, found=sources.lost_tails, decider=decider),
            comparing=TailComparing(runner=runner, log=self.log, decider=decider),
            purging=Purging(runner=runner, decider=decider, keeper=keeper),
            confirming=confirming_policy(runner=runner, decider=decider, clock=self.clock, meter=self.telemetry.meter),
            watch=NetworkWatch(runner=runner, sources=sources, clock=self.clock),
        )
        runner.listeners.extend((parts.purging.note, parts.confirming.note, parts.watch.note))
        rpc = NetworkRpc(
            region=self.name,
            decider=decider,
            log=self.log,
            store=runner.store,
            membership=membership,
            watch=parts.watch,
        )

        def add(server: grpc.aio.Server) -> None:
            add_NetworkServiceServicer_to_server(rpc, server)

        replica = await self._serve(runner, decider, add)
        replica.parts = parts
        return replica

    async def add_search(self) -> Replica:
        runner, decider = await self._below(search_projection())
        index = self.stack.enter_context(open_index(runner.store))
        runner.beside = index
        rpc = SearchRpc(region=self.name, runner=runner, index=index, clock=self.clock)

        def add(server: grpc.aio.Server) -> None:
            add_SearchServiceServicer_to_server(rpc, server)

        replica = await self._serve(runner, decider, add)
        replica.search_index = index
        self.stack.push_async_callback(_end, asyncio.create_task(index.run()))
        return replica

    @property
    def profile(self) -> Replica:
        return self.replicas[0]

    @property
    def feed(self) -> Replica:
        return self.replicas[1]

    @property
    def recognition(self) -> Replica:
        return next(replica for replica in self.replicas if replica.recognitions is not None)

    async def member(self, handle: str, *, role: str = "") -> Member:
        """Return somebody who has signed in."""
        member = Member(self, f"{handle}/{handle}/{role}", person_id(handle, region=self.name))
        await member.sign_in()
        return member

    async def assert_fact(
        self, payload: Message, *, actor: str, origin: str = REGION, service: str = "feed", owner: str = ""
    ) -> int:
        """Put an event into the log that no command has decided, and wait until every replica has met it."""
        self.clock.advance(0.001)
        event_id = f"{origin}_fact{await self.log.last_sequence()}"
        data = seal(payload, event_id=event_id, origin=origin, actor=actor, occurred_at=hybrid(self.clock.wall_ms()))
        return await self.append(data, subject=str(Subject(origin, "pub", service, owner or actor)), event_id=event_id)

    async def append(self, data: bytes, *, subject: str, event_id: str) -> int:
        """Put bytes into the log, and wait until every replica has met them."""
        sequence = await put(self.log, self.name, event_id, subject, data)
        self.latest = str(Position(self.log.epoch, sequence))
        await self.settle()
        return sequence

    async def settle(self) -> None:
        """Wait until every replica has applied the whole log."""
        position = Position(self.log.epoch, await self.log.last_sequence())
        for replica in self.replicas:
            await replica.reach(position)

    async def forget(self, *services: str) -> None:
        """Let the replicas of ``services``, or all, forget who is erased, as they do by themselves elsewhere."""
        await self.settle()
        for replica in self.replicas:
            if not services or replica.runner.projection.service in services:
                await wait_until(replica.runner.ready)
                await self._carry_out(replica.forgetting)
        await self.settle()

    async def _carry_out(self, policy: PolicyRunner) -> None:
        """Let a policy look until nothing fails: a read that is just going on keeps what was before from being forgotten."""
        for _ in range(_LOOKS_MAX):
            failures = policy.failures
            await policy.look()
            if policy.failures == failures:
                return
            self.clock.advance(limits.POLICY_DELAY_SECONDS_MAX)
        raise AssertionError("a policy fails again and again")

    async def events(self, payload: type[Message]) -> list[Event]:
        """Return the log's events of one kind."""
        return [event for event in await self.all_events() if payload_name(event) == payload.DESCRIPTOR.full_name]

    async def all_events(self) -> list[Event]:
        events, after = [], 0
        while entry := await self.log.read("", after=after):
            after = entry.sequence
            event = open_event(entry.data)
            assert event is not None
            events.append(event)
        return events

    async def rebuilt(self, projection: Projection, name: str) -> list[TableDigest]:
        """Return the digest of a projection made from the log's beginning."""
        runner = _runner(self, projection, self.data_dir / name)
        await runner.load()
        task = asyncio.create_task(runner.run())
        try:
            position = Position(self.log.epoch, await self.log.last_sequence())
            assert await runner.wait_applied(position, timeout_seconds=WAIT_SECONDS_MAX)
            return (await runner.store.read(digest_projection))[1]
        finally:
            await _end(task)
            await runner.store.close()

    async def _below(self, projection: Projection) -> tuple[ProjectionRunner, Decider]:
        runner = _runner(self, projection, self.data_dir / f"replica-{len(self.replicas)}")
        self.stack.push_async_callback(runner.store.close)
        await runner.load()
        decider = Decider(
            service=projection.service,
            region=self.name,
            log=self.log,
            runner=runner,
            ids=Ids(self.name, self.clock, Random(len(self.replicas)).randbytes),
            hlc=HybridClock(self.clock),
        )
        return runner, decider

    async def _serve(
        self, runner: ProjectionRunner, decider: Decider, add: Callable[[grpc.aio.Server], None]
    ) -> Replica:
        async def wait_applied(position: str, timeout_seconds: float) -> bool:
            return await runner.wait_applied(Position.parse(position), timeout_seconds=timeout_seconds)

        interceptor = CallInterceptor(
            telemetry=self.telemetry,
            verifier=TrustingVerifier(self.name),
            clock=SystemClock(),
            wait_applied=wait_applied,
            lag_events=runner.lag_events,
        )
        server = grpc.aio.server(interceptors=(interceptor,), options=server_options())
        add(server)
        port = server.add_insecure_port("127.0.0.1:0")
        await server.start()
        self.stack.push_async_callback(server.stop, None)
        channel = await self.stack.enter_async_context(open_channel(f"127.0.0.1:{port}"))
        forgetting = forgetting_policy(runner=runner, decider=decider, clock=self.clock, meter=self.telemetry.meter)
        replica = Replica(runner, decider, channel, forgetting)
        self.stack.push_async_callback(replica.fall_behind)
        self.replicas.append(replica)
        replica.go_on()
        await replica.caught_up()
        return replica


@asynccontextmanager
async def open_region(data_dir: Path, *, name: str = REGION) -> AsyncIterator[Region]:
    """Open a region with one replica of each service."""
    async with AsyncExitStack() as stack:
        clock = ManualClock()
        region = Region(MemoryLog(clock=clock), data_dir, stack, name, clock)
        stack.callback(region.telemetry.shutdown)
        await region.add_profile()
        await region.add_feed()
        yield region


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who calls; like the gateway, they send along the last position that anybody here was told."""

    region: Region
    token: str
    id: str

    async def ask(self, method: Any, request: Message) -> Any:
        """Return the answer of ``method``; raises the SamverkaError that it ended in."""
        answer, _ = await self.ask_with_trailing(method, request)
        return answer

    async def ask_with_trailing(
        self, method: Any, request: Message, *, after: str | None = None
    ) -> tuple[Any, Sequence[tuple[str, str | bytes]]]:
        metadata = call_metadata(token=self.token, after=self.region.latest if after is None else after)
        call = method(request, metadata=metadata, timeout=CALL_SECONDS_MAX)
        try:
            answer = await call
        except grpc.aio.AioRpcError as error:
            raise from_status(error) from error
        position = getattr(answer, "position", None)
        if position is not None and position.epoch:
            self.region.latest = f"{position.epoch}:{position.sequence}"
        return answer, tuple(await call.trailing_metadata() or ())

    async def sign_in(self, replica: Replica | None = None) -> Person:
        answer = await self.ask((replica or self.region.profile).profile.SignIn, profile_pb.SignInRequest())
        person: Person = answer.person
        return person

    async def follow(self, other: str) -> None:
        await self.ask(self.region.profile.profile.Follow, profile_pb.FollowRequest(person_id=other))

    async def unfollow(self, other: str) -> None:
        await self.ask(self.region.profile.profile.Unfollow, profile_pb.UnfollowRequest(person_id=other))


async def refusal(answer: Awaitable[Any]) -> SamverkaError:
    """Return the error that a call ends in."""
    try:
        got = await answer
    except SamverkaError as error:
        return error
    raise AssertionError(f"it was not refused: {got}")


async def federate(origin: Region, *others: Region) -> None:
    """Bring what may leave ``origin`` to the others, as their streams source it, and wait until they show it."""
    after = 0
    while entry := await origin.log.read(f"ev.{origin.name}.pub.*.*", after=after):
        after = entry.sequence
        for other in others:
            source = Source(stream_name(origin.name), entry.sequence)
            await other.log.receive(entry.message_id, entry.subject, entry.data, source=source)
    for other in others:
        await other.settle()


def _runner(region: Region, projection: Projection, data_dir: Path) -> ProjectionRunner:
    return ProjectionRunner(
        projection=projection,
        region=region.name,
        log=region.log,
        data_dir=data_dir,
        hlc=HybridClock(region.clock),
    )


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
