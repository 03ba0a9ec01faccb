"""Whenever a peer was found to have less than is held of it: write that down."""

from __future__ import annotations

from collections.abc import MutableMapping

from services.chassis.deciding import Decider, region_intent
from services.network.commands.note_lost_tail import NoteLostTail, note_lost_tail
from services.network.policies.repeating import repeat

_LOOK_SECONDS = 0.5


class TailTelling:
    """Tells of lost tails for one region; what is written down is taken out of ``found`` (how much is held, by peer)."""

    def __init__(self, *, region: str, found: MutableMapping[str, int], decider: Decider) -> None:
        self._region = region
        self._found = found
        self._decider = decider

    async def run(self) -> None:
        """Look for ever."""
        await repeat(self.turn, every_seconds=_LOOK_SECONDS)

    async def turn(self) -> None:
        """Write down what was found; what the log does not take now stays."""
        for peer, held in sorted(self._found.items()):
            command = NoteLostTail(region_intent(self._region), self._region, peer, held)
            await note_lost_tail(command, decider=self._decider)
            self._found.pop(peer, None)
