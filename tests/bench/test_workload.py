"""The company that is measured with: the same every time, and a log that every rule of the projections takes."""

from __future__ import annotations

import asyncio
import itertools
from collections import Counter
from pathlib import Path

from bench.workload import REGION, Size, events, person_id
from services.chassis.clock import HybridClock, ManualClock
from services.chassis.envelope import open_event, payload_name
from services.chassis.eventlog.memory import MemoryLog
from services.chassis.eventlog.port import Position
from services.chassis.projection import ProjectionRunner
from services.chassis.store import Connection, one_row
from services.feed.projections import feed_projection

ISSUER = "http://issuer.test"
SIZE = Size(people=12, posts=40, followed=5, reactions=30, comments=20)


def test_the_same_seed_gives_the_same_log_and_another_seed_another() -> None:
    first, again, other = (list(events(SIZE, issuer=ISSUER, seed=seed)) for seed in (1, 1, 2))

    assert first == again
    assert first != other


def test_there_is_as_much_of_each_kind_as_was_asked_for() -> None:
    kinds: Counter[str] = Counter()
    for sealed in events(SIZE, issuer=ISSUER):
        event = open_event(sealed.data)
        assert event is not None
        kinds[payload_name(event).rpartition(".")[2]] += 1

    assert 12 * 4 <= kinds.pop("PersonFollowed") <= 12 * 5  # nobody follows themselves
    assert kinds == {"PersonRegistered": 12, "PostPublished": 40, "Reacted": 30, "CommentAdded": 20}


def test_ids_differ_and_time_does_not_go_back_from_post_to_post() -> None:
    sealed = list(events(SIZE, issuer=ISSUER))
    opened = [event for one in sealed if (event := open_event(one.data)) is not None]
    posted = [event.occurred_at for event in opened if payload_name(event).endswith("PostPublished")]

    assert len({one.entry_id for one in sealed}) == len(sealed)
    assert all(one.entry_id == event.id for one, event in zip(sealed, opened, strict=True))
    assert all(earlier < later for earlier, later in itertools.pairwise(posted))


async def test_the_feed_takes_all_of_it(tmp_path: Path) -> None:
    log = MemoryLog()
    for sealed in events(SIZE, issuer=ISSUER):
        await log.append(sealed.entry_id, sealed.subject, sealed.data)
    runner = ProjectionRunner(
        projection=feed_projection(), region=REGION, log=log, data_dir=tmp_path, hlc=HybridClock(ManualClock())
    )
    await runner.load()
    last = Position(log.epoch, await log.last_sequence())

    following = asyncio.create_task(runner.run())
    try:
        assert await runner.wait_applied(last, timeout_seconds=30)
        counts = await runner.store.read(_counts)
    finally:
        following.cancel()
        await asyncio.wait([following])
        await runner.store.close()

    assert (runner.refused_events, runner.skipped_events) == (0, 0)
    assert counts == {"people": 12, "posts": 40, "comments": 20}


def _counts(db: Connection) -> dict[str, int]:
    return {table: one_row(db, f"select count(*) from {table}")[0] for table in ("people", "posts", "comments")}


def test_a_person_is_who_their_token_says() -> None:
    assert person_id(ISSUER, 3) == person_id(ISSUER, 3)
    assert person_id(ISSUER, 3) != person_id(ISSUER, 4)
    assert person_id(ISSUER, 3).startswith(f"{REGION}_")
