"""A keeper of a log for tests: its sources are what a test says of them, and a purge is noted, not done."""

from __future__ import annotations

from collections.abc import Callable, Collection

from services.chassis.errors import Unavailable
from services.chassis.eventlog.keeping import Source


class ManualKeeper:
    """Keeps what it was told; ``ends`` is where the logs of the peers end that can be reached."""

    def __init__(self) -> None:
        self.sources: dict[str, Source] = {}
        self.ends: dict[str, int] = {}
        self.kicked: list[str] = []
        self.asked: list[str] = []
        self.purged: list[str] = []
        self.meanwhile: Callable[[], None] | None = None
        self.changes = 0
        self.fails = False

    def hears(self, peer: str, *, sequence: int = 0, pending: int = 0, silent_seconds: float | None = 0.5) -> None:
        """Let a source be in this state from now on."""
        self.sources[peer] = Source(peer, sequence, pending, silent_seconds)

    async def sleep(self, seconds: float) -> None:
        """Wait no time, in which something may happen all the same."""
        if self.meanwhile is not None:
            self.meanwhile()

    async def keep(self, peers: Collection[str]) -> bool:
        self._require()
        if set(peers) == self.sources.keys():
            return False
        self.sources = {peer: self.sources.get(peer, Source(peer, 0, 0, None)) for peer in peers}
        self.changes += 1
        return True

    async def look(self) -> dict[str, Source]:
        self._require()
        return dict(self.sources)

    async def kick(self, peer: str) -> None:
        self.kicked.append(peer)

    async def last_sequence_of(self, peer: str) -> int | None:
        self.asked.append(peer)
        return self.ends.get(peer)

    async def purge(self, register: str) -> int:
        self._require()
        self.purged.append(register)
        return 1

    def _require(self) -> None:
        if self.fails:
            raise Unavailable("The log does not answer.", code="log_unavailable")
