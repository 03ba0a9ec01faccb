"""Watching home feeds: who waits for new posts, and whom a batch of new posts concerns.

A batch costs one query for all watchers together: which of them read one of its authors or groups. Those alone wake up, and
each reads what arrived since its own cursor. So a watcher that is slow, or was away, misses nothing and holds nothing up.
What was read for a watcher is read again if somebody's membership ended meanwhile: it may have been theirs.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from functools import partial
from typing import Any

import orjson

from samverka.feed.v1.feed_events_pb2 import MemberBanned, MemberLeft, MemberRemoved, PostPublished
from samverka.feed.v1.feed_views_pb2 import PostEdge
from services.chassis import limits
from services.chassis.envelope import Fact
from services.chassis.errors import Exhausted
from services.chassis.projection import ProjectionRunner
from services.chassis.store import Connection
from services.feed.queries.list_home_feed import home_feed_since

_ENDINGS = (MemberLeft, MemberRemoved, MemberBanned)


class HomeFeedWatch:
    """The watchers of one replica."""

    def __init__(self, *, runner: ProjectionRunner) -> None:
        self._runner = runner
        self._watchers: dict[str, set[asyncio.Event]] = {}
        self._count = 0
        self._arrivals: set[tuple[str, str, bool]] = set()
        self._endings = 0
        self._arrived = asyncio.Event()

    @property
    def watchers(self) -> int:
        """How many are watching now."""
        return self._count

    def note(self, facts: Sequence[Fact[Any]]) -> None:
        """Hear what a batch of the projection brought; a listener of the runner."""
        if self._watchers:
            posts = (fact for fact in facts if isinstance(fact.payload, PostPublished))
            arrivals = {(fact.actor, fact.payload.group_id, fact.local) for fact in posts}
            self._endings += any(isinstance(fact.payload, _ENDINGS) for fact in facts)
            if arrivals:
                self._arrivals |= arrivals
                self._arrived.set()

    async def run(self) -> None:
        """Wake the watchers whom new posts concern, for ever."""
        while True:
            await self._arrived.wait()
            self._arrived.clear()
            arrivals, self._arrivals = self._arrivals, set()
            watching = set(self._watchers)
            readers = await self._runner.store.read(partial(_readers, arrivals=arrivals, watching=watching))
            for reader in readers:
                for woken in self._watchers.get(reader, ()):
                    woken.set()

    async def watch(self, reader: str, *, after: int | None) -> AsyncGenerator[PostEdge, None]:
        """Yield posts as they arrive in ``reader``'s home feed after a sequence; None: from now on.

        Raises Exhausted if the replica has as many watchers as it may.
        """
        if self._count >= limits.WATCHERS_MAX:
            raise Exhausted("Too many are watching now; try again.", code="too_many_watchers")
        position = self._runner.position
        after = position.sequence if after is None else after
        woken = asyncio.Event()
        woken.set()
        self._count += 1
        self._watchers.setdefault(reader, set()).add(woken)
        try:
            while True:
                await woken.wait()
                woken.clear()
                applied, endings = self._runner.position.sequence, self._endings
                edges = self._since(reader, after)
                for edge in edges:
                    if self._endings != endings:
                        break
                    yield edge
                    after = int(edge.cursor.rpartition(":")[2])
                if len(edges) == limits.WATCHED_ITEMS_MAX or self._endings != endings:
                    woken.set()  # there may be more
                else:
                    after = max(after, applied)  # all up to there has been looked at
        finally:
            self._count -= 1
            self._watchers[reader].discard(woken)
            if not self._watchers[reader]:
                del self._watchers[reader]

    def _since(self, reader: str, after: int) -> list[PostEdge]:
        most, epoch = limits.WATCHED_ITEMS_MAX, self._runner.position.epoch
        return self._runner.store.read_now(lambda db: home_feed_since(db, after, reader=reader, epoch=epoch, most=most))


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
