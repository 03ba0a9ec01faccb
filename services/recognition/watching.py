"""Watching what concerns oneself: what one gave, and what oneself or somebody whom one leads got.

A batch costs one query for all watchers together: whom it concerns. Those alone wake up.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from functools import partial
from typing import Any

from samverka.profile.v1.profile_events_pb2 import ProfileEdited
from samverka.recognition.v1.recognition_events_pb2 import BadgeAwarded, RecognitionWithdrawn, ThanksGiven
from samverka.recognition.v1.recognition_views_pb2 import RecognitionUpdate
from services.chassis import limits
from services.chassis.awards import month_of
from services.chassis.clock import Clock
from services.chassis.envelope import Fact
from services.chassis.projection import ProjectionRunner
from services.chassis.watching import Watchers
from services.recognition.queries.recognitions_since import concerned, recognitions_since

_ENDINGS = (RecognitionWithdrawn, ProfileEdited)
"""What may end that somebody sees something: it was taken back, or they lead its receiver no longer."""
_NEWS = (ThanksGiven, BadgeAwarded, RecognitionWithdrawn)


class RecognitionWatch:
    """The watchers of one replica."""

    def __init__(self, *, runner: ProjectionRunner, clock: Clock) -> None:
        self._runner = runner
        self._clock = clock
        self._watchers = Watchers(runner=runner)
        self._sequences: set[int] = set()
        self._arrived = asyncio.Event()

    @property
    def watchers(self) -> int:
        """How many are watching now."""
        return self._watchers.count

    def note(self, facts: Sequence[Fact[Any]]) -> None:
        """Hear what a batch of the projection brought; a listener of the runner."""
        if self._watchers.count:
            if any(isinstance(fact.payload, _ENDINGS) for fact in facts):
                self._watchers.outdate()
            sequences = {fact.sequence for fact in facts if isinstance(fact.payload, _NEWS)}
            if sequences:
                self._sequences |= sequences
                self._arrived.set()

    async def run(self) -> None:
        """Wake the watchers whom something concerns, for ever."""
        while True:
            await self._arrived.wait()
            self._arrived.clear()
            sequences, self._sequences = self._sequences, set()
            self._watchers.wake(await self._runner.store.read(partial(concerned, sequences=sequences)))

    def watch(self, viewer: str, *, after: int | None) -> AsyncGenerator[RecognitionUpdate, None]:
        """Yield what concerns ``viewer`` as it arrives after a sequence; None: from now on.

        Raises Exhausted if the replica has as many watchers as it may.
        """
        return self._watchers.watch(viewer, after=after, since=partial(self._since, viewer))

    def _since(self, viewer: str, after: int) -> list[RecognitionUpdate]:
        most, epoch = limits.WATCHED_ITEMS_MAX, self._runner.position.epoch
        month = month_of(self._clock.wall_ms())
        return self._runner.store.read_now(
            lambda db: recognitions_since(db, after, viewer=viewer, month=month, epoch=epoch, most=most)
        )
