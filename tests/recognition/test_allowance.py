"""A thousand gifts at once, at three replicas over a real log."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from random import Random
from typing import NamedTuple

import pytest

from samverka.profile.v1.profile_events_pb2 import PersonRegistered
from samverka.recognition.v1.recognition_events_pb2 import BADGE_KIND_PEER, VISIBILITY_PUBLIC
from services.chassis.clock import HybridClock, ManualClock, hybrid
from services.chassis.deciding import Decider, Intent
from services.chassis.envelope import seal
from services.chassis.errors import SamverkaError
from services.chassis.eventlog.jetstream import JetStreamLog
from services.chassis.eventlog.port import Position
from services.chassis.eventlog.subjects import Subject
from services.chassis.ids import Ids, derive
from services.chassis.projection import ProjectionRunner
from services.recognition.commands.award_badge import AwardBadge, award_badge
from services.recognition.commands.define_badge import DefineBadge, define_badge
from services.recognition.projections import recognition_projection
from tests.support.logs import EPOCH, WAIT_SECONDS_MAX, new_region, opened
from tests.support.nats import NatsServer

GIFTS, GIVERS, ALLOWANCE, REPLICAS = 1_000, 20, 7, 3

HELD = "select count(*), sum(counts) from recognitions group by giver"


class Replica(NamedTuple):
    """A replica without its server."""

    runner: ProjectionRunner
    decider: Decider


@asynccontextmanager
async def open_replica(url: str, region: str, data_dir: Path, clock: ManualClock) -> AsyncIterator[Replica]:
    """Open a replica with a connection and a file of its own."""
    async with opened(url, region) as log:
        hlc = HybridClock(clock)
        runner = ProjectionRunner(
            projection=recognition_projection(), region=region, log=log, data_dir=data_dir, hlc=hlc
        )
        await runner.load()
        following = asyncio.create_task(runner.run())
        ids = Ids(region, clock, Random(str(data_dir)).randbytes)
        try:
            decider = Decider(service="recognition", region=region, log=log, runner=runner, ids=ids, hlc=hlc)
            yield Replica(runner, decider)
        finally:
            following.cancel()
            await asyncio.wait((following,))
            await runner.store.close()


async def register(log: JetStreamLog, region: str, person: str, clock: ManualClock) -> None:
    event_id = derive(region, "registered", person)
    payload = PersonRegistered(person_id=person, handle="h", name="N")
    data = seal(payload, event_id=event_id, origin=region, actor=person, occurred_at=hybrid(clock.wall_ms()))
    await log.append(event_id, str(Subject(region, "pub", "directory", person)), data)


def intent(actor: str, key: str = "") -> Intent:
    return Intent(actor=actor, recorded_by="", authored_at_ms=0, key=key, digest=b"")


@pytest.mark.timeout(300)
async def test_a_thousand_gifts_at_once_over_three_replicas_are_as_many_as_the_allowance(
    nats_server: NatsServer, tmp_path: Path, clock: ManualClock
) -> None:
    region = new_region()
    receiver, badge = derive(region, "receiver"), derive(region, "badge")
    givers = [derive(region, "giver", str(number)) for number in range(GIVERS)]
    async with AsyncExitStack() as stack:
        log = await stack.enter_async_context(opened(nats_server.url, region))
        for person in (*givers, receiver):
            await register(log, region, person, clock)
        replicas = [
            await stack.enter_async_context(open_replica(nats_server.url, region, tmp_path / str(n), clock))
            for n in range(REPLICAS)
        ]
        terms = DefineBadge(intent(receiver), badge, "Hand", "Help.", BADGE_KIND_PEER, "", ALLOWANCE, ())
        defined = await define_badge(terms, decider=replicas[0].decider)
        for replica in replicas:
            assert await replica.runner.wait_applied(defined.position, timeout_seconds=WAIT_SECONDS_MAX)

        async def give(number: int) -> str:
            gift = derive(region, "gift", str(number))
            command = AwardBadge(
                intent(givers[number % GIVERS]), gift, badge, receiver, "For help.", VISIBILITY_PUBLIC, ()
            )
            try:
                await award_badge(command, decider=replicas[number % REPLICAS].decider, clock=clock)
            except SamverkaError as error:
                return error.code
            return "given"

        ends = Counter(await asyncio.gather(*(give(number) for number in range(GIFTS))))

        assert ends == {"given": GIVERS * ALLOWANCE, "allowance_spent": GIFTS - GIVERS * ALLOWANCE}
        end = Position(EPOCH, await log.last_sequence())
        for replica in replicas:
            assert await replica.runner.wait_applied(end, timeout_seconds=WAIT_SECONDS_MAX)
            held = replica.runner.store.read_now(lambda db: db.execute(HELD).fetchall())
            assert held == [(ALLOWANCE, ALLOWANCE)] * GIVERS
