"""What was given and acknowledged counts: it was within its giver's allowance, by the order of their own register."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from samverka.recognition.v1.recognition_events_pb2 import BadgeAwarded
from services.chassis.envelope import open_event
from services.chassis.eventlog.port import Entry
from simulation.checking.logs import is_forged
from simulation.reference import Reference
from simulation.trace import Violation


def settle_gifts(logs: Mapping[str, Sequence[Entry]], reference: Reference) -> None:
    """Learn in which order everybody awarded, and look whether anybody could award more than they may."""
    recognition = reference.recognition
    recognition.order.clear()
    for log in logs.values():
        for entry in log:
            event, award = open_event(entry.data), BadgeAwarded()
            if entry.source is None and not is_forged(entry) and event and event.payload.Unpack(award):
                recognition.order[award.recognition_id] = entry.sequence
    lost = recognition.lost(reference.erased)
    if lost:
        raise Violation(f"it was acknowledged and does not count: {lost}")
