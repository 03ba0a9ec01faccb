"""A follower is given every entry once and in order, whatever becomes of the server, the line and its consumer."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

import nats
import pytest
from nats.aio.client import Client
from nats.js import JetStreamContext

from services.chassis import limits
from services.chassis.errors import Unavailable
from services.chassis.eventlog import following
from services.chassis.eventlog.following import follow
from services.chassis.eventlog.jetstream import JetStreamLog
from services.chassis.eventlog.port import Expectation, LogReplaced
from services.chassis.eventlog.subjects import register_of, stream_name
from tests.support.logs import WAIT_SECONDS_MAX, Follower, collect, fill, new_region, opened, subject, wait_until
from tests.support.nats import NatsServer


@pytest.fixture
def deaf_to_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a follower never take silence for a reason to go on anew: what it does is then of what it was told."""
    monkeypatch.setattr(following, "_LOOKS_MAX", 1_000_000)


@pytest.fixture
def region() -> str:
    return new_region()


@pytest.fixture
async def log(nats_server: NatsServer, region: str) -> AsyncIterator[JetStreamLog]:
    async with opened(nats_server.url, region) as log:
        yield log


@pytest.fixture
async def operator(nats_server: NatsServer) -> AsyncIterator[JetStreamContext]:
    """Somebody else at the same server."""
    client = await nats.connect(nats_server.url)
    yield client.jetstream()
    await client.close()


async def consumer_of(operator: JetStreamContext, region: str) -> str:
    """Return the one consumer of a region's stream, as soon as there is one."""
    async with asyncio.timeout(WAIT_SECONDS_MAX):
        while not (found := await operator.consumers_info(stream_name(region))):
            await asyncio.sleep(0.01)
    (info,) = found
    return info.name


class Writer:
    """Somebody who appends to a register of their own until told to stop, and again what was not acknowledged."""

    def __init__(self, log: JetStreamLog, region: str, owner: str) -> None:
        self.acknowledged: dict[str, int] = {}
        self._log = log
        self._owner = owner
        self._subject = subject(region, owner)
        self._register = register_of(region, "feed", owner)

    async def write(self, stop: asyncio.Event) -> None:
        last = 0
        for number in itertools.count(1):
            if stop.is_set():
                return
            expected = Expectation(self._register, last) if number % 2 else None
            last = await self.append(f"{self._owner}-{number}", expected)

    async def append(self, entry_id: str, expected: Expectation | None = None) -> int:
        while True:
            try:
                sequence = await self._log.append(entry_id, self._subject, b"", expected=expected)
            except Unavailable:
                continue
            self.acknowledged[entry_id] = sequence
            return sequence


async def test_what_is_acknowledged_around_kills_is_followed_once_and_in_order(
    own_nats_server: NatsServer, region: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "APPEND_TIMEOUT_SECONDS", 0.5)
    async with opened(own_nats_server.url, region) as log, Follower(log).following() as follower:
        stop = asyncio.Event()
        writers = [Writer(log, region, f"owner{n}") for n in range(4)]
        async with asyncio.TaskGroup() as tasks:
            for writer in writers:
                tasks.create_task(writer.write(stop))
            for _ in range(3):
                seen = len(follower.entries)
                await follower.wait_for(seen + 100)
                own_nats_server.kill()
                await asyncio.to_thread(own_nats_server.start)
            await follower.wait_for(len(follower.entries) + 100)
            stop.set()

        acknowledged = {entry_id: at for writer in writers for entry_id, at in writer.acknowledged.items()}
        await wait_until(lambda: follower.sequences[-1] >= max(acknowledged.values()))
        assert follower.sequences == list(range(1, len(follower.entries) + 1))
        assert {entry.message_id: entry.sequence for entry in follower.entries} == acknowledged
        assert len(acknowledged) == len(follower.entries)


@pytest.mark.usefixtures("deaf_to_silence")
async def test_a_follower_is_back_as_soon_as_its_connection_is(own_nats_server: NatsServer, region: str) -> None:
    async with opened(own_nats_server.url, region) as log, Follower(log).following() as follower:
        for round_ in range(1, 4):
            own_nats_server.kill()
            await asyncio.to_thread(own_nats_server.start)
            async with opened(own_nats_server.url, region) as other:
                await other.append(f"id-{round_}", subject(region), b"")
                await follower.wait_for(round_)


async def test_a_follower_outlives_a_long_absence_of_the_server(
    own_nats_server: NatsServer, region: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "_LOOKS_MAX", 2)  # silence is noticed while the server is gone
    monkeypatch.setattr(limits, "APPEND_TIMEOUT_SECONDS", 0.2)
    async with opened(own_nats_server.url, region) as log, Follower(log).following() as follower:
        await Writer(log, region, "anna").append("id-1")
        await follower.wait_for(1)
        own_nats_server.kill()
        with pytest.raises(Unavailable):
            await log.append("id-2", subject(region), b"")
        await asyncio.to_thread(own_nats_server.start)

        await Writer(log, region, "anna").append("id-2")
        await follower.wait_for(2)
        assert follower.sequences == [1, 2]


async def test_a_silent_server_is_noticed_and_followed_when_it_speaks_again(
    own_nats_server: NatsServer, region: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", logger=following.__name__)
    monkeypatch.setattr(following, "_HEARTBEAT_SECONDS", 0.1)
    monkeypatch.setattr(following, "_LOOKS_MAX", 2)
    monkeypatch.setattr(limits, "APPEND_TIMEOUT_SECONDS", 0.3)
    async with opened(own_nats_server.url, region) as log, Follower(log).following() as follower:
        await Writer(log, region, "anna").append("id-1")
        await follower.wait_for(1)
        caplog.clear()
        own_nats_server.freeze()
        await wait_until(lambda: "following the log anew" in caplog.text)
        own_nats_server.thaw()

        await Writer(log, region, "anna").append("id-2")
        await follower.wait_for(2)
        assert follower.sequences == [1, 2]


async def test_a_quiet_log_is_no_silent_server(
    log: JetStreamLog, region: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", logger=following.__name__)
    monkeypatch.setattr(following, "_HEARTBEAT_SECONDS", 0.1)
    monkeypatch.setattr(following, "_PULL_SECONDS", 1)
    monkeypatch.setattr(following, "_LOOKS_MAX", 2)
    heard, receive, now = [], following._Pull._receive, asyncio.get_running_loop().time

    async def note(self: Any, message: Any) -> None:
        heard.append(now())
        await receive(self, message)

    monkeypatch.setattr(following._Pull, "_receive", note)
    async with Follower(log).following() as follower:
        await asyncio.sleep(1.6)  # longer than silence may be, and than a pull lasts
        await log.append("id-1", subject(region), b"")
        await follower.wait_for(1)

    silence = max(later - earlier for earlier, later in itertools.pairwise(heard))
    assert "anew" not in caplog.text or silence > following._LOOK_SECONDS, "the server itself was held up"


@pytest.mark.usefixtures("deaf_to_silence")
async def test_a_consumer_that_is_deleted_under_its_follower_is_made_anew(
    log: JetStreamLog, operator: JetStreamContext, region: str
) -> None:
    await fill(log, region, 10)
    async with Follower(log).following() as follower:
        await follower.wait_for(10)
        await operator.delete_consumer(stream_name(region), await consumer_of(operator, region))
        await log.append("id-11", subject(region), b"")
        await follower.wait_for(11)

        assert follower.sequences == list(range(1, 12))


async def test_a_consumer_that_went_while_nobody_asked_is_made_anew(
    log: JetStreamLog, operator: JetStreamContext, region: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "FOLLOW_EVENTS_MAX", 40)
    monkeypatch.setattr(limits, "APPLY_EVENTS_MAX", 15)
    await fill(log, region, 100)
    seen: list[int] = []
    async with asyncio.timeout(WAIT_SECONDS_MAX), aclosing(log.follow(after=0)) as batches:
        async for batch in batches:
            if not seen:
                await operator.delete_consumer(stream_name(region), await consumer_of(operator, region))
            seen += [entry.sequence for entry in batch]
            if len(seen) == 100:
                break

    assert seen == list(range(1, 101))


async def test_a_follower_that_does_not_read_is_sent_no_more_than_it_may_hold(
    log: JetStreamLog, operator: JetStreamContext, region: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "FOLLOW_EVENTS_MAX", 100)
    monkeypatch.setattr(limits, "APPLY_EVENTS_MAX", 30)
    batches = log.follow(after=0)
    first = asyncio.ensure_future(anext(batches))
    consumer = await consumer_of(operator, region)
    await fill(log, region, 250)
    seen = [entry.sequence for entry in await first]

    async def sent() -> int:
        info = await operator.consumer_info(stream_name(region), consumer)
        return info.delivered.consumer_seq if info.delivered else 0

    async with asyncio.timeout(WAIT_SECONDS_MAX):
        while await sent() < 100:
            await asyncio.sleep(0.01)
        while len(seen) < 250:
            assert await sent() <= 100 + len(seen)
            seen += [entry.sequence for entry in await anext(batches)]
    await batches.aclose()
    assert seen == list(range(1, 251))


async def test_a_follower_that_ends_takes_its_consumer_with_it(
    log: JetStreamLog, operator: JetStreamContext, region: str
) -> None:
    await fill(log, region, 3)

    await collect(log, 3)

    assert await operator.consumers_info(stream_name(region)) == []


class LossyClient:
    """A client that loses the given deliveries of its subscriptions, counted from 1."""

    def __init__(self, client: Client, lost: set[int]) -> None:
        self._client = client
        self._lost = lost
        self._delivered = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    async def subscribe(self, subject: str, *, cb: Any) -> Any:
        async def receive(message: Any) -> None:
            self._delivered += 1
            if self._delivered not in self._lost:
                await cb(message)

        return await self._client.subscribe(subject, cb=receive)


@pytest.mark.parametrize("lost", [{1}, {5}, {50}, {3, 4, 30, 61}])
async def test_what_is_lost_on_the_way_is_asked_for_again(
    log: JetStreamLog, nats_server: NatsServer, region: str, lost: set[int]
) -> None:
    await fill(log, region, 50)
    client: Any = LossyClient(await nats.connect(nats_server.url), lost)

    async def check(sequence: int) -> None:
        assert sequence <= 50

    seen: list[int] = []
    async with (
        asyncio.timeout(WAIT_SECONDS_MAX),
        aclosing(
            follow(client=client, jetstream=client.jetstream(), stream=stream_name(region), after=0, check=check)
        ) as batches,
    ):
        async for batch in batches:
            seen += [entry.sequence for entry in batch]
            if len(seen) >= 50:
                break
    await client.close()

    assert seen == list(range(1, 51))


@pytest.mark.parametrize(("epoch", "entries"), [("another", 20), ("same", 3)])
async def test_a_log_that_was_replaced_is_followed_no_further(
    log: JetStreamLog, operator: JetStreamContext, region: str, epoch: str, entries: int
) -> None:
    await fill(log, region, 10)
    stream = stream_name(region)
    config = (await operator.stream_info(stream)).config
    async with Follower(log).following() as follower:
        await follower.wait_for(10)
        await operator.delete_stream(stream)
        metadata = {"samverka-epoch": epoch} if epoch == "another" else config.metadata
        await operator.add_stream(config.evolve(metadata=metadata))
        for number in range(entries):
            await operator.publish(subject(region), b"%d" % number)

        with pytest.raises(LogReplaced, match=stream):
            await follower.ended()
