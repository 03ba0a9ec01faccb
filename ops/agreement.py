"""``samverka agree``: whether the regions that run here hold the same of each origin and, if not, in whose registers.

A projection's digest over an origin's registers depends on how far it has come with that origin's events and on nothing
else. So two regions agree if their digests are equal, differ if they are not although both have come as far, and cannot
say yet if one has come further than the other.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations

import grpc
import orjson

from ops.digest import ANSWER_SECONDS_MAX
from ops.dirs import DataDir
from ops.failure import Failure
from ops.node_client import node_stub, why
from ops.plan import SERVICES
from ops.state import ProcessRecord, read_run
from samverka.node.v1 import node_service_pb2 as pb

OWNERS_NAMED_MAX = 20


class Verdict(StrEnum):
    """What can be said of what the replicas of all regions hold of one origin."""

    AGREE = "agree"
    DIFFER = "differ"
    NOT_AS_FAR = "not as far"


_WORST_FIRST = (Verdict.DIFFER, Verdict.NOT_AS_FAR, Verdict.AGREE)


@dataclass(frozen=True, slots=True)
class Held:
    """What one replica holds of an origin after the event ``sequence`` of that origin."""

    replica: str
    sequence: int
    sha256: str

    @property
    def region(self) -> str:
        return self.replica.partition("/")[0]


@dataclass(frozen=True, slots=True)
class Agreement:
    """One service's word about one origin; ``owners`` are those in whose registers two replicas differ, the first ones."""

    service: str
    origin: str
    verdict: Verdict
    held: list[Held]
    owners: list[str]


async def agreements(data: DataDir) -> list[Agreement]:
    """Ask every replica of every region. Raises Failure if nothing runs or a replica is silent."""
    run = read_run(data)
    if run is None or run.supervisor.find() is None:
        raise Failure(f"Nothing runs on {data.root}.")
    found = []
    for service in SERVICES:
        replicas = {record.name: record for record in run.processes if record.service == service}
        answers = dict(zip(replicas, await asyncio.gather(*map(_digest, replicas.values())), strict=True))
        held = _by_origin(answers)
        for origin in sorted(held):
            verdict = verdict_of(held[origin])
            owners = await _owners(replicas, held[origin], origin) if verdict is Verdict.DIFFER else []
            found.append(Agreement(service, origin, verdict, held[origin], owners))
    return found


async def between_regions(data: DataDir) -> dict[frozenset[str], str]:
    """Return for each two regions whether they hold the same, of every origin and in every service. Raises Failure."""
    return worst_between(await agreements(data))


def worst_between(found: Sequence[Agreement]) -> dict[frozenset[str], str]:
    """Return for each two regions the worst that can be said of what their replicas hold."""
    said: dict[frozenset[str], set[Verdict]] = {}
    for one in found:
        regions = sorted({held.region for held in one.held})
        for pair in map(frozenset, combinations(regions, 2)):
            said.setdefault(pair, set()).add(verdict_of([held for held in one.held if held.region in pair]))
    return {pair: next(verdict for verdict in _WORST_FIRST if verdict in verdicts) for pair, verdicts in said.items()}


def verdict_of(held: Sequence[Held]) -> Verdict:
    """Return what the digests say: equal at whatever position is agreement, unequal at one position is none."""
    if len({one.sha256 for one in held}) == 1:
        return Verdict.AGREE
    at: dict[int, set[str]] = {}
    for one in held:
        at.setdefault(one.sequence, set()).add(one.sha256)
    return Verdict.DIFFER if any(len(digests) > 1 for digests in at.values()) else Verdict.NOT_AS_FAR


def as_json(found: list[Agreement]) -> str:
    """Return the agreements as a JSON array."""
    return orjson.dumps(found, option=orjson.OPT_INDENT_2).decode()


def as_text(found: list[Agreement]) -> str:
    """Return a line for each service and origin, and one for each replica where they do not agree."""
    lines = []
    for one in found:
        lines.append(f"{one.service} of {one.origin}: {one.verdict}")
        if one.verdict is not Verdict.AGREE:
            lines += [f"  {held.replica}  {held.sequence}  {held.sha256}" for held in one.held]
            lines += [f"  differs: {owner}" for owner in one.owners]
    return "\n".join(lines)


def _by_origin(answers: dict[str, pb.GetDigestResponse]) -> dict[str, list[Held]]:
    origins = {digest.origin for answer in answers.values() for digest in answer.origins}
    held: dict[str, list[Held]] = {origin: [] for origin in origins}
    for name, answer in answers.items():
        known = {digest.origin: digest for digest in answer.origins}
        for origin in origins:
            digest = known.get(origin)
            held[origin].append(Held(name, digest.sequence, digest.sha256.hex()) if digest else Held(name, 0, ""))
    return held


async def _owners(replicas: dict[str, ProcessRecord], held: Sequence[Held], origin: str) -> list[str]:
    """Return the owners of whom two replicas that have come as far hold different things."""
    at: dict[int, list[Held]] = {}
    for one in held:
        at.setdefault(one.sequence, []).append(one)
    disputed = next(group for group in at.values() if len({one.sha256 for one in group}) > 1)
    answers = await asyncio.gather(*(_digest(replicas[one.replica], owners_of=origin) for one in disputed))
    told = [{owned.owner: owned.sha256 for owned in answer.owners} for answer in answers]
    owners = sorted({owner for registers in told for owner in registers})
    return [owner for owner in owners if len({registers.get(owner) for registers in told}) > 1][:OWNERS_NAMED_MAX]


async def _digest(record: ProcessRecord, *, owners_of: str = "") -> pb.GetDigestResponse:
    try:
        async with node_stub(record.addresses["admin"]) as node:
            return await node.GetDigest(pb.GetDigestRequest(owners_of=owners_of), timeout=ANSWER_SECONDS_MAX)
    except grpc.aio.AioRpcError as error:
        raise Failure(f"{record.name} gives no digest: {why(error)}.") from error
