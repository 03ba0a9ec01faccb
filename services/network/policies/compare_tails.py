"""Whenever a peer's report names an entry of this region's log: look whether that one stands there.

A log that lost its end uses its numbers again. Once it has written as much as it lost, its length shows nothing any more;
what its peers hold under its numbers does.
"""

from __future__ import annotations

from dataclasses import dataclass

from services.chassis.deciding import Decider, region_intent
from services.chassis.eventlog.port import EventLog
from services.chassis.projection import ProjectionRunner
from services.chassis.store import Connection
from services.network.commands.note_lost_tail import NoteLostTail, note_lost_tail
from services.network.policies.repeating import repeat

_LOOK_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class _Held:
    """The last entry of this region that a peer has reported, by this region's numbers."""

    sequence: int
    entry_id: str


class TailComparing:
    """Compares for one region; each report once."""

    def __init__(self, *, runner: ProjectionRunner, log: EventLog, decider: Decider) -> None:
        self._runner = runner
        self._log = log
        self._decider = decider
        self._compared: dict[str, _Held] = {}

    async def run(self) -> None:
        """Look for ever."""
        await repeat(self.turn, every_seconds=_LOOK_SECONDS)

    async def turn(self) -> None:
        """Compare what was reported since; what the log does not answer now is asked again."""
        region = self._runner.region
        if not self._runner.ready():
            return
        for peer, held in self._runner.store.read_now(lambda db: _held_of(db, region)).items():
            if self._compared.get(peer) == held:
                continue
            if await self._is_another(held):
                command = NoteLostTail(region_intent(region), region, region, held.sequence)
                await note_lost_tail(command, decider=self._decider)
            self._compared[peer] = held

    async def _is_another(self, held: _Held) -> bool:
        """Whether another entry stands there; one that was erased or moved is none, and no more can be told."""
        mine = await self._log.read("", after=held.sequence - 1)
        return mine is not None and mine.sequence == held.sequence and mine.message_id != held.entry_id


def _held_of(db: Connection, region: str) -> dict[str, _Held]:
    """Return what the peers have reported to hold of ``region``, where they said which entry that is."""
    rows = db.execute(
        "select region, position, entry_id from report_positions where origin = ?1 and region != ?1 and entry_id != ''",
        (region,),
    )
    return {str(row[0]): _Held(int(str(row[1])), str(row[2])) for row in rows}
