"""Whenever the network's file, or silence, says so: make a source, remove one, start one anew.

What it learns on the way about each link is kept for whoever asks. Every replica looks for itself; so that not all of
them kick a source at once, each waits a moment of chance first and looks again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import replace

from services.chassis.clock import Clock
from services.chassis.eventlog.keeping import Keeper, Source
from services.chassis.ids import Entropy
from services.network.domain.alarms import has_lost_tail
from services.network.domain.links import KickTimer, Link, is_stalled
from services.network.membership import Membership
from services.network.policies.repeating import repeat

_log = logging.getLogger(__name__)
LOOK_SECONDS = 0.5
ASK_PEER_SECONDS = 5.0
"""How often a peer that is heard is asked where its log ends."""
_HESITATION_SECONDS_MAX = 0.25

Sleep = Callable[[float], Awaitable[None]]


class SourceKeeping:
    """Keeps the sources of one region's log, and knows its links."""

    def __init__(
        self, *, keeper: Keeper, membership: Membership, clock: Clock, entropy: Entropy, sleep: Sleep = asyncio.sleep
    ) -> None:
        self._keeper = keeper
        self._membership = membership
        self._clock = clock
        self._entropy = entropy
        self._sleep = sleep
        self._links: dict[str, Link] = {}
        self._timers: dict[str, KickTimer] = {}
        self._asked_seconds: dict[str, float] = {}
        self._lost_tails: dict[str, int] = {}

    @property
    def links(self) -> Mapping[str, Link]:
        """What is known of the link to each peer."""
        return self._links

    @property
    def lost_tails(self) -> MutableMapping[str, int]:
        """The peers of which more was held here than they had themselves, and how much.

        It stays until whoever writes it down takes it out: once such a peer has written as much again, nothing shows
        any more that some of it was never taken.
        """
        return self._lost_tails

    async def run(self) -> None:
        """Look for ever."""
        await repeat(self.turn, every_seconds=LOOK_SECONDS)

    async def turn(self) -> None:
        """Look once, and do what follows from it."""
        peers = self._membership.look()
        self._forget_all_but(peers)
        if await self._keeper.keep(peers):
            _log.info("the log's sources are as the network says", extra={"peers": ", ".join(peers)})
            for peer in peers:
                self._timer(peer).wait(self._clock.monotonic_seconds())
        sources = await self._keeper.look()
        async with asyncio.TaskGroup() as tasks:
            for peer in peers:
                if peer in sources:
                    tasks.create_task(self._attend(peer, sources[peer]))

    async def _attend(self, peer: str, source: Source) -> None:
        stalled = is_stalled(source.silent_seconds)
        self._note(peer, source)
        if not stalled:
            self._timer(peer).recovered()
            if not self._is_time_to_ask(peer):
                return
        last = await self._keeper.last_sequence_of(peer)
        self._note_answer(peer, last, stalled=stalled)
        if stalled and last is not None and self._timer(peer).may_kick(self._clock.monotonic_seconds()):
            await self._kick(peer)

    async def _kick(self, peer: str) -> None:
        await self._sleep(_HESITATION_SECONDS_MAX * self._entropy(1)[0] / 256)
        source = (await self._keeper.look()).get(peer)
        if source is None or not is_stalled(source.silent_seconds):  # another replica was first
            self._timer(peer).wait(self._clock.monotonic_seconds())
            return
        _log.info("a source is started anew: its peer answers and it hears nothing", extra={"peer": peer})
        self._timer(peer).kicked(self._clock.monotonic_seconds())
        await self._keeper.kick(peer)

    def _note(self, peer: str, source: Source) -> None:
        link = self._links.get(peer, Link())
        if source.silent_seconds is not None:
            heard_ms = self._clock.wall_ms() - round(source.silent_seconds * 1000)
            link = replace(link, last_contact_ms=max(link.last_contact_ms, heard_ms))
        if not is_stalled(source.silent_seconds):
            link = replace(link, connected=True)
        # A source that was just made knows nothing yet; what is held does not become less.
        self._links[peer] = replace(link, held=max(link.held, source.sequence), behind=source.pending)

    def _note_answer(self, peer: str, last: int | None, *, stalled: bool) -> None:
        link = self._links[peer]
        if last is not None:
            link = replace(link, connected=True, last_contact_ms=self._clock.wall_ms(), peers_last=last)
        elif stalled:
            link = replace(link, connected=False, peers_last=None)
        self._links[peer] = link
        if last is not None and has_lost_tail(link) and peer not in self._lost_tails:
            self._lost_tails[peer] = link.held
            _log.error("a peer lost the end of its log", extra={"peer": peer, "held": link.held, "peers_last": last})

    def _is_time_to_ask(self, peer: str) -> bool:
        now_seconds = self._clock.monotonic_seconds()
        if now_seconds - self._asked_seconds.get(peer, -ASK_PEER_SECONDS) < ASK_PEER_SECONDS:
            return False
        self._asked_seconds[peer] = now_seconds
        return True

    def _timer(self, peer: str) -> KickTimer:
        return self._timers.setdefault(peer, KickTimer())

    def _forget_all_but(self, peers: tuple[str, ...]) -> None:
        for peer in self._links.keys() - set(peers):
            del self._links[peer]
            self._timers.pop(peer, None)
            self._lost_tails.pop(peer, None)
