"""What must stand at the end of a log that lost its own: what the peers hold of it, then what was written since.

From where a peer's copy and the log part, both are laid behind each other, each id once. A peer is named at the entries that
it holds without a gap before them, so that they have no second effect there. The first that it lacks it must take in its
place, and with it all behind, of which it may have some.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ops.recovering.held import Numbered
from services.chassis.envelope import open_event
from services.chassis.eventlog.port import Again, Entry
from services.chassis.eventlog.subjects import parse_subject
from services.chassis.payloads import KNOWN_PAYLOADS
from services.chassis.trust import distrust


@dataclass(frozen=True, slots=True)
class Piece:
    """An entry that is to be appended, again or (None) for the first time."""

    subject: str
    entry_id: str
    data: bytes
    again: Again | None


async def first_difference(log: AsyncIterator[Entry], held: Iterator[Numbered]) -> int | None:
    """Return the first number under which a peer holds something else than stands in the log, None: there is none.

    Where the log has a gap something was erased, unless it ends before.
    """
    mine = await anext(log, None)
    for theirs in held:
        while mine is not None and mine.sequence < theirs.number:
            mine = await anext(log, None)
        if mine is None:
            return theirs.number
        if mine.sequence == theirs.number and (mine.message_id, mine.subject) != (theirs.entry_id, theirs.subject):
            return theirs.number
    return None


def lay_out(
    own: Sequence[Numbered], held: Mapping[str, Sequence[Numbered]], *, region: str, erased: Collection[str]
) -> list[Piece]:
    """Return the pieces in their order; ``own`` and what each peer holds are those from the first difference on.

    What an erased person wrote is left out, and so is what ``region`` cannot have written, whoever holds it.
    """
    theirs = sorted((entry for entries in held.values() for entry in entries), key=lambda entry: entry.number)
    mine = {(entry.number, entry.entry_id) for entry in own}
    lost = [entry for entry in theirs if (entry.number, entry.entry_id) not in mine and _is_of(region, entry)]
    once: dict[str, Numbered] = {}
    for entry in (*lost, *own):
        if _owner(entry) not in erased:
            once.setdefault(entry.entry_id, entry)
    leading = {peer: _leading(once, entries) for peer, entries in held.items()}
    return [
        Piece(
            entry.subject,
            entry.entry_id,
            entry.data,
            Again(entry.first, tuple(peer for peer, count in sorted(leading.items()) if place < count)),
        )
        for place, entry in enumerate(once.values())
    ]


def _leading(ids: Iterable[str], held: Iterable[Numbered]) -> int:
    """Return how many of ``ids`` a peer holds before the first that it lacks."""
    has = {entry.entry_id for entry in held}
    count = 0
    for entry_id in ids:
        if entry_id not in has:
            break
        count += 1
    return count


def _is_of(region: str, entry: Numbered) -> bool:
    event, subject = open_event(entry.data), parse_subject(entry.subject)
    if subject is None or subject.reach != "pub":
        return False
    return not distrust(event, subject, origin=region, region=region, known=KNOWN_PAYLOADS)


def _owner(entry: Numbered) -> str:
    subject = parse_subject(entry.subject)
    return subject.owner if subject else ""
