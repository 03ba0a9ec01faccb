"""A process that follows a log of its own making with a search projection and its index, until somebody kills it.

The log is the same every time, as far as it goes, so that a process that was killed can be followed by another.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from itertools import islice
from pathlib import Path
from random import Random

from google.protobuf.message import Message

from samverka.feed.v1.feed_events_pb2 import CommentAdded, GroupCreated, PostDeleted, PostEdited, PostPublished
from samverka.network.v1.network_events_pb2 import ErasureOrdered
from samverka.profile.v1.profile_events_pb2 import PersonRegistered, ProfileEdited
from services.chassis.clock import HybridClock, ManualClock, hybrid
from services.chassis.envelope import seal
from services.chassis.eventlog.memory import MemoryLog
from services.chassis.eventlog.subjects import Subject
from services.chassis.ids import derive, region_actor
from services.chassis.projection import ProjectionRunner
from services.search.index.keeping import SearchIndex, open_index
from services.search.projections import search_projection
from tests.support.logs import wait_until

REGION = "stockholm"
PEOPLE = [derive(REGION, "person", name) for name in ("anna", "bengt", "cilla")]
GROUP = derive(REGION, "group")
POSTS = [derive(REGION, "post", str(number)) for number in range(40)]
WORDS = ("budget", "meetings", "möten", "vpn", "#topic", "the", "och", "naïve")
FACTS = 160
BATCH = 4


def facts() -> Iterator[tuple[str, str, Message]]:
    """Yield who acts, in whose register, and what they did."""
    chance = Random(7)
    for person in PEOPLE:
        yield person, person, PersonRegistered(person_id=person, handle=f"h-{person[-4:].lower()}", name="Anna Öberg")
    yield PEOPLE[0], GROUP, GroupCreated(group_id=GROUP, name="Chess", about="On Thursdays")
    for number in range(FACTS):
        person, post_id = chance.choice(PEOPLE), chance.choice(POSTS)
        text = " ".join(chance.choices(WORDS, k=5))
        comment_id = derive(REGION, "comment", str(number))
        said = (
            PostPublished(post_id=post_id, body=text),
            PostPublished(post_id=post_id, body=text),
            PostEdited(post_id=post_id, body=text),
            PostDeleted(post_id=post_id),
            CommentAdded(comment_id=comment_id, post_id=post_id, body=text),
            ProfileEdited(person_id=person, name=text),
        )
        yield person, person, chance.choice(said)
    erased = PEOPLE[-1]
    yield region_actor(REGION), REGION, ErasureOrdered(erasure_id=derive(REGION, "erasure"), person_id=erased)


async def written(most: int | None = None) -> MemoryLog:
    """Return the log, or its first ``most`` entries."""
    log, clock = MemoryLog(), ManualClock()
    for number, (actor, owner, payload) in enumerate(islice(facts(), most)):
        clock.advance(1)
        event_id, at = f"{REGION}_{number}", hybrid(clock.wall_ms())
        data = seal(payload, event_id=event_id, origin=REGION, actor=actor, occurred_at=at)
        await log.append(event_id, str(Subject(REGION, "pub", "feed", owner)), data)
    return log


@asynccontextmanager
async def following(
    directory: Path, *, batch: int = BATCH, most: int | None = None
) -> AsyncIterator[tuple[ProjectionRunner, SearchIndex, int]]:
    """Follow the log, or its beginning; yield the runner, the index and where the log ends."""
    log = await written(most)
    runner = ProjectionRunner(
        projection=search_projection(),
        region=REGION,
        log=log,
        data_dir=directory,
        hlc=HybridClock(ManualClock()),
        events_per_transaction_max=batch,
    )
    await runner.load()
    with open_index(runner.store) as index:
        runner.beside = index
        task = asyncio.create_task(runner.run())
        try:
            yield runner, index, await log.last_sequence()
        finally:
            task.cancel()
            await asyncio.wait((task,))
    await runner.store.close()


@asynccontextmanager
async def caught_up(directory: Path, *, batch: int = FACTS) -> AsyncIterator[tuple[ProjectionRunner, SearchIndex]]:
    """Follow the log, and yield when the index is at its end."""
    async with following(directory, batch=batch) as (runner, index, last):
        await wait_until(lambda: min(runner.position.sequence, index.position) >= last)
        yield runner, index


async def main(directory: Path, most: int) -> None:
    """Print every position of the log's beginning as it is shown, and where the index is then."""
    async with following(directory, most=most) as (runner, index, _):
        shown = runner.position.sequence
        while True:
            await asyncio.sleep(0)
            if runner.position.sequence != shown:
                shown = runner.position.sequence
                print(shown, index.position, flush=True)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
