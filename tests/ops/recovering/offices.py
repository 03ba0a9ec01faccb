"""Regions on real servers, whose logs hold what people posted: lost, mended, and compared as the feed shows them."""

from __future__ import annotations

import asyncio
import secrets
import shutil
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from google.protobuf.message import Message

from ops.dirs import RegionDir
from ops.recovering.held import HeldFile, write_held
from ops.recovering.mending import carry_out, make_plan
from ops.recovering.plan import Plan
from samverka.feed.v1.feed_events_pb2 import PostEdited, PostPublished
from services.chassis.clock import HybridClock, SystemClock
from services.chassis.envelope import open_event, seal
from services.chassis.eventlog.jetstream import JetStreamLog, open_log
from services.chassis.eventlog.keeping import StreamKeeper, open_keeper
from services.chassis.eventlog.port import Entry, Position
from services.chassis.eventlog.subjects import Reach, Subject
from services.chassis.ids import Ids, derive
from services.chassis.origins import OriginDigest, digest_origins
from services.chassis.projection import ProjectionRunner
from services.feed.projections import feed_projection
from tests.support.linked import LinkedRegions
from tests.support.logs import WAIT_SECONDS_MAX, collect, eventually

CLOCK = SystemClock()
ARRIVES_SECONDS, ARRIVES_ATTEMPTS_MAX = 5.0, 20


class Office:
    """One region: its server, its log, and a place for files."""

    def __init__(self, network: LinkedRegions, region: str, directory: Path) -> None:
        self.region = region
        self.home = RegionDir(directory / "home" / region)
        self.anna = derive(region, "person", "anna")
        self._network = network
        self._store = directory / region / "store"
        self._saved = directory / f"{region}.saved"
        self._ids = Ids(region, CLOCK)
        self._hlc = HybridClock(CLOCK)
        self._replicas = 0
        self.refused = 0

    @asynccontextmanager
    async def log(self) -> AsyncIterator[JetStreamLog]:
        log = await open_log(url=self._network.url(self.region), region=self.region, new_epoch="first")
        try:
            yield log
        finally:
            await log.close()

    @asynccontextmanager
    async def keeper(self) -> AsyncIterator[StreamKeeper]:
        keeper = await open_keeper(url=self._network.url(self.region), region=self.region, entropy=secrets.token_bytes)
        try:
            yield keeper
        finally:
            await keeper.close()

    async def share_with(self, *peers: str) -> None:
        async with self.log(), self.keeper() as keeper:
            await keeper.keep(peers)

    async def post(self, *names: str, reach: Reach = "pub", author: str = "") -> None:
        for name in names:
            payload = PostPublished(post_id=derive(self.region, "post", name), body=name)
            await self.say(payload, reach=reach, author=author)

    async def edit(self, name: str, body: str) -> None:
        await self.say(PostEdited(post_id=derive(self.region, "post", name), body=body))

    async def say(self, payload: Message, *, reach: Reach = "pub", author: str = "", service: str = "feed") -> None:
        actor = author or self.anna
        event_id = self._ids.new()
        now = self._hlc.now()
        data = seal(payload, event_id=event_id, origin=self.region, actor=actor, occurred_at=now)
        owner = self.region if service == "network" else actor
        async with self.log() as log:
            await log.append(event_id, str(Subject(self.region, reach, service, owner)), data)

    def save(self) -> None:
        """Keep a copy of the store as it is now."""
        server = self._network.servers[self.region]
        server.freeze()
        shutil.copytree(self._store, self._saved)
        server.thaw()

    def lose(self) -> None:
        """Put the copy back, as after a power cut."""
        server = self._network.servers[self.region]
        server.kill()
        shutil.rmtree(self._store)
        shutil.copytree(self._saved, self._store)
        server.start()

    async def entries(self) -> list[Entry]:
        async with self.log() as log:
            last = await log.last_sequence()
            return [] if not last else list(await _until(log, last))

    async def own(self) -> list[str]:
        """Return the texts that the region itself wrote, in the order of its log, with the reach of what is local."""
        return [_text(entry) for entry in await self.entries() if entry.source is None and ".feed." in entry.subject]

    async def held_by(self, peer: Office) -> HeldFile:
        async with peer.log() as log:
            file = self.home.recovery / f"{peer.region}.held"
            return await write_held(log, holder=peer.region, origin=self.region, file=file)

    async def plan(self, *peers: Office) -> Plan | None:
        files = [await self.held_by(peer) for peer in peers]
        async with self.log() as log:
            return await make_plan(log, files, ids=Ids(self.region, CLOCK), clock=CLOCK)

    async def carry_out(self, plan: Plan, *, with_keeper: Callable[[StreamKeeper], Any] = lambda keeper: keeper) -> int:
        async with self.log() as log, self.keeper() as keeper:
            return await carry_out(plan, log, with_keeper(keeper))

    async def recover_from(self, *peers: Office) -> Plan:
        plan = await self.plan(*peers)
        assert plan is not None
        await self.carry_out(plan)
        return plan

    async def arrived(self, peer: Office) -> None:
        """Wait until all that ``peer`` may share is here, and start the source anew while it does not come."""
        public = [entry for entry in await peer.entries() if entry.source is None and ".pub." in entry.subject]

        async def all_there() -> bool:
            theirs = [e.origin_sequence for e in await self.entries() if f"ev.{peer.region}." in e.subject]
            return bool(theirs) and theirs[-1] == public[-1].sequence

        async with self.keeper() as keeper:
            for _ in range(ARRIVES_ATTEMPTS_MAX):
                with suppress(TimeoutError):
                    await eventually(all_there, seconds=ARRIVES_SECONDS)
                    return
                await keeper.kick(peer.region)
        raise AssertionError(f"{self.region} does not get what {peer.region} has")

    async def shown(self, directory: Path) -> tuple[dict[str, OriginDigest], list[tuple[str, bool]]]:
        """Return what the feed makes of the log: a digest of each origin, and the texts of posts, local ones marked."""
        self._replicas += 1
        async with self.log() as log:
            runner = ProjectionRunner(
                projection=feed_projection(),
                region=self.region,
                log=log,
                data_dir=directory / f"{self.region}-{self._replicas}",
                hlc=HybridClock(CLOCK),
            )
            await runner.load()
            task = asyncio.create_task(runner.run())
            try:
                position = Position(log.epoch, await log.last_sequence())
                assert await runner.wait_applied(position, timeout_seconds=WAIT_SECONDS_MAX)
                self.refused = runner.refused_events
                digests = await runner.store.read(lambda db: digest_origins(db, feed_projection().registers))
                query = "select body, local from posts order by sequence"
                posts = await runner.store.read(lambda db: [(str(b), bool(local)) for b, local in db.execute(query)])
            finally:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task
                await runner.store.close()
        return {digest.origin: digest for digest in digests}, posts


async def _until(log: JetStreamLog, last: int) -> Sequence[Entry]:
    entries: list[Entry] = []
    while not entries or entries[-1].sequence < last:
        after = entries[-1].sequence if entries else 0
        entries += await collect(log, 1, after=after)
    return entries


def _text(entry: Entry) -> str:
    event = open_event(entry.data)
    assert event is not None
    payload = PostPublished() if event.payload.Is(PostPublished.DESCRIPTOR) else PostEdited()
    event.payload.Unpack(payload)
    return payload.body
