"""Mending a log by what its peers hold of it: a plan from both, and the plan carried out, as often as it takes.

Nobody else may write meanwhile: the region's services and its gateway are at rest. Its peers may stay linked.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import aclosing

from ops.failure import Failure
from ops.recovering.held import HeldFile, Numbered, entries_of, numbered
from ops.recovering.plan import Plan
from ops.recovering.survey import Survey, survey
from ops.recovering.tail import Piece, first_difference, lay_out
from samverka.network.v1.network_events_pb2 import LogMended
from services.chassis.clock import Clock, HybridClock
from services.chassis.envelope import open_event, seal
from services.chassis.eventlog.keeping import StreamKeeper
from services.chassis.eventlog.port import EventLog
from services.chassis.eventlog.subjects import Subject, parse_subject, register_of
from services.chassis.ids import Ids, region_actor, region_of

_FILL_AT_ONCE = 500


async def make_plan(log: EventLog, held: Sequence[HeldFile], *, ids: Ids, clock: Clock) -> Plan | None:
    """Return how the log of ``ids.region`` is mended; None if nobody of those asked holds what it lacks, or says so."""
    region = ids.region
    said = await survey(entries_of(log), region=region)
    own, tails = await _parted(log, held, behind=said.mended_through)
    own = [entry for entry in own if entry.subject != _filling(region)]
    _heed_lost(said, tails)
    known = [entry.number for entries in tails.values() for entry in entries]
    known += [number for finder, number in said.standing.items() if finder in tails]
    if not known:
        return None
    through = max(known)
    pieces = lay_out(own, tails, region=region, erased=said.erased)
    return Plan(
        region=region,
        epoch=ids.new().rpartition("_")[2],
        floor=max(said.last, through, *said.standing.values()),
        moved=tuple(entry.number for entry in own),
        erased=tuple(sorted(said.erased)),
        pieces=(*pieces, _mended(pieces, through, ids=ids, clock=clock)),
    )


async def carry_out(plan: Plan, log: EventLog, keeper: StreamKeeper) -> int:
    """Carry the plan out, or what is left of it, and return how many pieces were appended by this call.

    Failure if something else was written meanwhile.
    """
    if log.epoch == plan.epoch:  # the last step is done, and the region may have written since
        return 0
    filling = _filling(plan.region)
    while (last := await log.last_sequence()) < plan.floor:
        await keeper.fill(filling, min(plan.floor - last, _FILL_AT_ONCE))
    missing = await _missing(plan, log, filling)
    for piece in missing:
        await keeper.append_again(piece.entry_id, piece.subject, piece.data, piece.again)
    if await _missing(plan, log, filling):
        raise Failure(f"The log of {plan.region} does not keep what is appended to it.")
    for sequence in plan.moved:
        await keeper.remove(sequence)
    for register in (filling, *(register_of(region_of(person), "*", person) for person in plan.erased)):
        await keeper.purge(register)
    await keeper.begin_epoch(plan.epoch)
    return len(missing)


async def _missing(plan: Plan, log: EventLog, filling: str) -> Sequence[Piece]:
    """Return the pieces that do not stand behind the floor yet; Failure if anything else of the region's own does."""
    there = [
        entry.message_id
        async for entry in entries_of(log, after=plan.floor)
        if entry.source is None and entry.subject != filling
    ]
    if there != [piece.entry_id for piece in plan.pieces[: len(there)]]:
        raise Failure(
            f"Somebody has written to the log of {plan.region} since its mending began. End its services and its gateway,"
            " remove recovery/begun.json from its folder, and begin again."
        )
    return plan.pieces[len(there) :]


def _filling(region: str) -> str:
    """Return the subject of entries that only use up sequences."""
    return str(Subject(region, "local", "filling", region))


async def _parted(
    log: EventLog, held: Sequence[HeldFile], *, behind: int
) -> tuple[list[Numbered], dict[str, list[Numbered]]]:
    """Return the log's own entries and what each peer holds, from where one of them parts from the log; none if none does.

    What was mended before ends at ``behind``: there a log and its peers stay apart.
    """
    found = [number for peer in held if (number := await _first_difference(log, peer, behind)) is not None]
    if not found:
        return [], {peer.holder: [] for peer in held}
    since = min(found)
    own = [numbered(entry) async for entry in entries_of(log, after=since - 1) if entry.source is None]
    return own, {peer.holder: await asyncio.to_thread(_behind, peer, since - 1) for peer in held}


async def _first_difference(log: EventLog, peer: HeldFile, behind: int) -> int | None:
    theirs = (entry for entry in peer.entries() if entry.number > behind)
    async with aclosing(entries_of(log, after=behind)) as entries:
        return await first_difference(entries, theirs)


def _behind(peer: HeldFile, number: int) -> list[Numbered]:
    return [entry for entry in peer.entries() if entry.number > number]


def _heed_lost(said: Survey, tails: dict[str, list[Numbered]]) -> None:
    """Heed what the region itself said in the part that it lost."""
    for entry in (entry for entries in tails.values() for entry in entries):
        event, subject = open_event(entry.data), parse_subject(entry.subject)
        if event is not None and subject is not None and subject.owner == subject.origin == said.region:
            said.heed(event, origin=said.region)


def _mended(pieces: Sequence[Piece], through: int, *, ids: Ids, clock: Clock) -> Piece:
    """Return the word that ends the alarm, later than all that it stands behind."""
    region, time = ids.region, HybridClock(clock)
    for piece in pieces:
        event = open_event(piece.data)
        if event is not None:
            time.observe(event.occurred_at)
    entry_id = ids.new()
    data = seal(
        LogMended(region=region, through_sequence=through),
        event_id=entry_id,
        origin=region,
        actor=region_actor(region),
        occurred_at=time.now(),
    )
    return Piece(str(Subject(region, "pub", "network", region)), entry_id, data, None)
