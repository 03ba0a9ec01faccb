"""Watching home feeds: whom a batch of new posts concerns.

A batch costs one query for all watchers together: which of them read one of its authors or groups. Those alone wake up.
What was read for a watcher is read again if somebody's membership ended or praise was withdrawn meanwhile.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterator, Sequence
from functools import partial
from typing import Any

import orjson

from samverka.feed.v1.feed_events_pb2 import MemberBanned, MemberLeft, MemberRemoved, PostPublished
from samverka.feed.v1.feed_views_pb2 import PostEdge
from samverka.recognition.v1.recognition_events_pb2 import BadgeAwarded, RecognitionWithdrawn, ThanksGiven
from services.chassis import limits
from services.chassis.envelope import Fact
from services.chassis.projection import ProjectionRunner
from services.chassis.store import Connection
from services.chassis.watching import Watchers
from services.feed.queries.list_home_feed import home_feed_since

_ENDINGS = (MemberLeft, MemberRemoved, MemberBanned, RecognitionWithdrawn)


class HomeFeedWatch:
    """The watchers of one replica."""

    def __init__(self, *, runner: ProjectionRunner) -> None:
        self._runner = runner
        self._watchers = Watchers(runner=runner)
        self._arrivals: set[tuple[str, str, bool]] = set()
        self._arrived = asyncio.Event()

    @property
    def watchers(self) -> int:
        """How many are watching now."""
        return self._watchers.count

    def note(self, facts: Sequence[Fact[Any]]) -> None:
        """Hear what a batch of the projection brought; a listener of the runner."""
        if self._watchers.count:
            arrivals = {arrival for fact in facts for arrival in _arrivals(fact)}
            if any(isinstance(fact.payload, _ENDINGS) for fact in facts):
                self._watchers.outdate()
            if arrivals:
                self._arrivals |= arrivals
                self._arrived.set()

    async def run(self) -> None:
        """Wake the watchers whom new posts concern, for ever."""
        while True:
            await self._arrived.wait()
            self._arrived.clear()
            arrivals, self._arrivals = self._arrivals, set()
            watching = set(self._watchers.names)
            self._watchers.wake(await self._runner.store.read(partial(_readers, arrivals=arrivals, watching=watching)))

    def watch(self, reader: str, *, after: int | None) -> AsyncGenerator[PostEdge, None]:
        """Yield posts as they arrive in ``reader``'s home feed after a sequence; None: from now on.

        Raises Exhausted if the replica has as many watchers as it may.
        """
        return self._watchers.watch(reader, after=after, since=partial(self._since, reader))

    def _since(self, reader: str, after: int) -> list[PostEdge]:
        most, epoch = limits.WATCHED_ITEMS_MAX, self._runner.position.epoch
        return self._runner.store.read_now(lambda db: home_feed_since(db, after, reader=reader, epoch=epoch, most=most))


def _arrivals(fact: Fact[Any]) -> Iterator[tuple[str, str, bool]]:
    """Yield by whom or in praise of whom something new is, in which group, and with what reach."""
    match fact.payload:
        case PostPublished():
            yield fact.actor, fact.payload.group_id, fact.local
        case ThanksGiven():
            yield from ((person, "", False) for person in (fact.actor, *fact.payload.receiver_ids))
        case BadgeAwarded():
            yield from ((person, "", False) for person in (fact.actor, fact.payload.receiver_id))


def _readers(db: Connection, arrivals: set[tuple[str, str, bool]], watching: set[str]) -> set[str]:
    """Return who of the watching reads one of the authors, or is in one of the groups, of what has arrived."""
    readers = db.execute(
        """
        select reader from json_each(:arrivals) post
            cross join home_sources on home_sources.author = post.value ->> 0
            where reader in (select value from json_each(:watching))
        union
        select person from json_each(:arrivals) post
            cross join memberships on group_id = post.value ->> 1 and local = post.value ->> 2 and active = 1
            where person in (select value from json_each(:watching))
        """,
        {"arrivals": orjson.dumps(list(arrivals)).decode(), "watching": orjson.dumps(list(watching)).decode()},
    )
    return {str(row[0]) for row in readers}
