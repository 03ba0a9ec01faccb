"""Watching home feeds, groups and threads, and whom a batch of what was written concerns.

For home feeds a batch costs one query for all watchers together: which of them read one of its authors or groups. Those
alone wake up. Whoever watches a group or a thread is found by its id. What was read for a watcher is read again if
anything was hidden, deleted, withdrawn or erased meanwhile, or somebody's membership ended.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterator, Sequence
from functools import partial
from typing import Any

import orjson

from samverka.feed.v1.feed_events_pb2 import (
    CommentAdded,
    CommentDeleted,
    ContentHidden,
    MemberBanned,
    MemberLeft,
    MemberRemoved,
    PostDeleted,
    PostPublished,
)
from samverka.feed.v1.feed_views_pb2 import CommentEdge, PostEdge
from samverka.network.v1.network_events_pb2 import ErasureOrdered
from samverka.recognition.v1.recognition_events_pb2 import BadgeAwarded, RecognitionWithdrawn, ThanksGiven
from services.chassis import limits
from services.chassis.envelope import Fact
from services.chassis.paging import PageRequest
from services.chassis.projection import ProjectionRunner
from services.chassis.store import Connection
from services.chassis.watching import Watchers
from services.feed.domain.rules import require_post
from services.feed.queries.get_thread import get_thread
from services.feed.queries.list_group_posts import group_posts_since
from services.feed.queries.list_home_feed import home_feed_since

_ENDINGS = (MemberLeft, MemberRemoved, MemberBanned, RecognitionWithdrawn, ErasureOrdered)
"""After which there may be less to see in groups and threads that they do not name."""


class FeedWatch:
    """All who watch at one replica: home feeds by their reader, groups and threads by their id."""

    def __init__(self, *, runner: ProjectionRunner) -> None:
        self._runner = runner
        self._homes, self._groups, self._threads = (Watchers(runner=runner) for _ in range(3))
        self._arrivals: set[tuple[str, str, bool]] = set()
        self._arrived = asyncio.Event()

    @property
    def watchers(self) -> int:
        """How many are watching now."""
        return self._homes.count + self._groups.count + self._threads.count

    def note(self, facts: Sequence[Fact[Any]]) -> None:
        """Hear what a batch of the projection brought; a listener of the runner."""
        if not self.watchers:
            return
        gone = {content for fact in facts for content in _gone(fact)}
        ended = any(isinstance(fact.payload, _ENDINGS) for fact in facts)
        if gone or ended:
            for watchers in (self._homes, self._groups, self._threads):
                watchers.outdate()
        if ended:  # they may be told at once
            self._groups.wake(self._groups.names)
            self._threads.wake(self._threads.names)
        self._threads.wake(gone)
        self._groups.wake(fact.payload.group_id for fact in facts if isinstance(fact.payload, PostPublished))
        self._threads.wake(fact.payload.post_id for fact in facts if isinstance(fact.payload, CommentAdded))
        arrivals = {arrival for fact in facts for arrival in _arrivals(fact)} if self._homes.count else set()
        if arrivals:
            self._arrivals |= arrivals
            self._arrived.set()

    async def run(self) -> None:
        """Wake the watchers of home feeds whom new posts concern, for ever."""
        while True:
            await self._arrived.wait()
            self._arrived.clear()
            arrivals, self._arrivals = self._arrivals, set()
            watching = set(self._homes.names)
            self._homes.wake(await self._runner.store.read(partial(_readers, arrivals=arrivals, watching=watching)))

    def watch(self, reader: str, *, after: int | None) -> AsyncGenerator[PostEdge, None]:
        """Yield posts as they arrive in ``reader``'s home feed after a sequence; None: from now on.

        Raises Exhausted if the replica has as many watchers as it may.
        """

        def since(after: int) -> Sequence[PostEdge]:
            return self._runner.store.read_now(partial(home_feed_since, after=after, reader=reader, **self._bounds()))

        return self._homes.watch(reader, after=after, since=since)

    def watch_group(self, group_id: str, *, viewer: str, after: int | None) -> AsyncGenerator[PostEdge, None]:
        """Yield posts as they arrive in a group. Raises NotFound if it is not there for the viewer, or no longer."""

        def since(after: int) -> Sequence[PostEdge]:
            return self._runner.store.read_now(
                partial(group_posts_since, group_id=group_id, after=after, viewer=viewer, **self._bounds())
            )

        return self._groups.watch(group_id, after=after, since=since)

    def watch_thread(self, post_id: str, *, viewer: str, after: int | None) -> AsyncGenerator[CommentEdge, None]:
        """Yield comments as they arrive below a post. Raises NotFound if the viewer does not see it, or no longer."""
        epoch = self._runner.position.epoch

        def since(after: int) -> Sequence[CommentEdge]:
            page = PageRequest(limits.WATCHED_ITEMS_MAX, after)
            thread = self._runner.store.read_now(
                partial(get_thread, post_id=post_id, page=page, viewer=viewer, epoch=epoch)
            )
            return require_post(thread)[1].edges

        return self._threads.watch(post_id, after=after, since=since)

    def _bounds(self) -> dict[str, Any]:
        return {"epoch": self._runner.position.epoch, "most": limits.WATCHED_ITEMS_MAX}


def _gone(fact: Fact[Any]) -> Iterator[str]:
    """Yield the post or the comment that is shown no more."""
    match fact.payload:
        case PostDeleted():
            yield fact.payload.post_id
        case CommentDeleted():
            yield fact.payload.comment_id
        case ContentHidden():
            yield fact.payload.content_id


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
