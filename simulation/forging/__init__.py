"""A region that lies: what its operator could put into its log by hand, and who must refuse it. One file a topic."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Final

from services.chassis.ids import region_of
from simulation.forging import admission, envelopes, feed, groups, network, people, recognition
from simulation.forging.forgery import EVERYBODY, Forge, Forgery, Workshop
from simulation.lines import FORGED
from simulation.reference import Reference
from simulation.regions import Region
from simulation.trace import Trace

__all__ = ["EVERYBODY", "FORGERIES", "Forge", "Forgery", "Liar", "Workshop"]

FORGERIES: Final[tuple[Forge, ...]] = (
    *envelopes.FORGERIES,
    *people.FORGERIES,
    *feed.FORGERIES,
    *groups.FORGERIES,
    *admission.FORGERIES,
    *network.FORGERIES,
    *recognition.FORGERIES,
)


@dataclass(slots=True)
class Liar:
    """Writes what no command would into the log of one region."""

    region: Region
    reference: Reference
    trace: Trace
    chance: Random
    sent: list[Forgery]
    _number: int = 0

    async def lie(self, forge: Forge | None = None) -> None:
        """Put one forgery into the log, of that kind or of any, once there is somebody to lie about."""
        people = [person for person in self.reference.people if person not in self.reference.erased]
        mine = [person for person in people if region_of(person) == self.region.name]
        others = [person for person in people if region_of(person) != self.region.name]
        if not mine or not others:
            return
        self._number += 1
        workshop = Workshop(self.region, self.reference, self.chance, self._number)
        forge = forge or self.chance.choice(FORGERIES)
        forgery = forge(workshop, self.chance.choice(mine), self.chance.choice(others))
        self.sent.append(forgery)
        mark = FORGED if forgery.refused_by else "_said-"
        await self.region.log.append(f"{self.region.name}{mark}{self._number}", forgery.subject, forgery.data)
        self.trace.note(self.region.name, f"forged {forgery.kind}: {forgery.subject}")
