"""What a log says that its mending must heed: who is erased, who found its tail lost, and how far it was mended before."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from samverka.event.v1.event_pb2 import Event
from samverka.network.v1.network_events_pb2 import ErasureOrdered, LogMended, LostTailFound
from services.chassis.envelope import open_event
from services.chassis.eventlog.port import Entry
from services.chassis.eventlog.subjects import parse_subject
from services.chassis.ids import region_of
from services.chassis.trust import origin_of

_NETWORK = "network"


@dataclass(slots=True)
class Survey:
    """``losses`` say how much whoever found one held, ``last`` where the log ends."""

    region: str
    erased: set[str] = field(default_factory=set)
    losses: dict[str, int] = field(default_factory=dict)
    mended_through: int = 0
    last: int = 0

    @property
    def standing(self) -> dict[str, int]:
        """The losses that were not mended."""
        return {finder: held for finder, held in self.losses.items() if held > self.mended_through}

    def take(self, entry: Entry) -> None:
        """Heed an entry of the log."""
        self.last = entry.sequence
        subject = parse_subject(entry.subject)
        if subject is None or subject.service != _NETWORK:
            return
        event, origin = open_event(entry.data), origin_of(entry, subject, region=self.region)
        if event is not None and origin and subject.owner == origin:
            self.heed(event, origin=origin)

    def heed(self, event: Event, *, origin: str) -> None:
        """Heed what ``origin`` says in its own register."""
        order, loss, mended = ErasureOrdered(), LostTailFound(), LogMended()
        if event.payload.Unpack(order) and region_of(order.person_id) == origin:
            self.erased.add(order.person_id)
        elif event.payload.Unpack(loss) and loss.peer == self.region and loss.region == origin:
            self.losses[origin] = max(self.losses.get(origin, 0), loss.held_sequence)
        elif event.payload.Unpack(mended) and origin == self.region:
            self.mended_through = max(self.mended_through, mended.through_sequence)


async def survey(entries: AsyncIterator[Entry], *, region: str) -> Survey:
    """Return what a log says."""
    found = Survey(region)
    async for entry in entries:
        found.take(entry)
    return found
