"""A small service for tests of the chassis: people give kudos out of an allowance, and a table keeps the tally.

Its replicas stand over any log, a runner and a decider each.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from google.protobuf.message import Message
from google.protobuf.wrappers_pb2 import Int32Value, StringValue

from samverka.event.v1.event_pb2 import CommandContext
from samverka.feed.v1.feed_service_pb2 import PublishPostRequest
from services.chassis import limits
from services.chassis.auth import Caller
from services.chassis.clock import Clock, HybridClock, ManualClock, hybrid
from services.chassis.deciding import Decide, Decider, Intent, Outcome, parse_intent
from services.chassis.envelope import Fact, seal
from services.chassis.errors import Exhausted
from services.chassis.eventlog.port import EventLog, Position
from services.chassis.ids import Ids, derive
from services.chassis.projection import Handler, Projection, ProjectionRunner, Refused, digest_projection
from services.chassis.store import Connection, TableDigest, one_row
from tests.support.logs import WAIT_SECONDS_MAX, subject

SERVICE = "tally"
ALLOWANCE = 10
SCHEMA = """
create table if not exists applied (
    sequence integer primary key, event_id text not null, actor text not null, at_ms integer not null, what text not null
);
create table if not exists spent (actor text primary key, kudos integer not null) without rowid;
"""


class Broken(Exception):
    """What a handler that fails raises."""


def note(db: Connection, fact: Fact[StringValue]) -> None:
    if fact.payload.value == "no right":
        raise Refused
    _keep(db, fact, fact.payload.value)


def give(db: Connection, fact: Fact[Int32Value]) -> None:
    _keep(db, fact, str(fact.payload.value))
    add = "insert into spent values (?, ?) on conflict do update set kudos = kudos + excluded.kudos"
    db.execute(add, (fact.actor, fact.payload.value))


def _keep(db: Connection, fact: Fact[Any], what: str) -> None:
    values = (fact.sequence, fact.id, fact.actor, fact.at_ms, what)
    db.execute("insert into applied values (?, ?, ?, ?, ?)", values)  # fails if it is applied twice


HANDLERS: Mapping[type[Message], Handler] = {StringValue: note, Int32Value: give}


def tally_projection(*, version: int = 1, handlers: Mapping[type[Message], Handler] = HANDLERS) -> Projection:
    return Projection(service=SERVICE, version=version, schema=SCHEMA, handlers=handlers)


def applied(db: Connection) -> list[tuple[int, str]]:
    """Return the sequence and the content of everything that was applied."""
    return [(row[0], row[1]) for row in db.execute("select sequence, what from applied order by sequence")]


def spent(db: Connection, actor: str) -> int:
    total: int = one_row(db, "select coalesce(sum(kudos), 0) from spent where actor = ?", (actor,))[0]
    return total


def spend(actor: str, kudos: int = 1) -> Decide:
    """Return the decision to give, within the allowance."""

    def decide(db: Connection) -> Message:
        if spent(db, actor) + kudos > ALLOWANCE:
            raise Exhausted("The allowance is used up.", code="allowance")
        return Int32Value(value=kudos)

    return decide


def say(text: str) -> Decide:
    return lambda db: StringValue(value=text)


def person(region: str, name: str = "anna") -> str:
    return derive(region, "person", name)


def caller(region: str, name: str = "anna", *, roles: Sequence[str] = ("member",)) -> Caller:
    return Caller(
        person_id=person(region, name),
        issuer="https://login.example.test",
        subject=name,
        handle=name,
        name=name.capitalize(),
        roles=frozenset(roles),
        expires_at=2_000_000_000,
        token="token",
    )


def intent(region: str, name: str = "anna", *, key: str = "", body: str = "") -> Intent:
    """Return what ``name`` wants with a request; ``body`` tells one request from another."""
    context = CommandContext(idempotency_key=key)
    return parse_intent(PublishPostRequest(context=context, body=body), context, caller(region, name), region)


@dataclass(slots=True)
class Writer:
    """Puts events into a log that no command has decided, one second after another."""

    log: EventLog
    region: str
    clock: ManualClock = field(default_factory=ManualClock)
    ids: Ids = field(init=False)

    def __post_init__(self) -> None:
        self.ids = Ids(self.region, self.clock, Random("writer").randbytes)

    async def write(self, payload: Message | str, *, name: str = "anna", key: str = "") -> int:
        return await self.log.append(self.ids.new(), self.subject(name), self.sealed(payload, name=name, key=key))

    def sealed(self, payload: Message | str, *, name: str = "anna", key: str = "", **changes: Any) -> bytes:
        self.clock.advance(1)
        envelope: dict[str, Any] = {
            "event_id": self.ids.new(),
            "origin": self.region,
            "actor": person(self.region, name),
            "occurred_at": hybrid(self.clock.wall_ms()),
            "idempotency_key": key,
            "command_digest": b"digest",
        }
        message = StringValue(value=payload) if isinstance(payload, str) else payload
        return seal(message, **envelope | changes)

    def subject(self, name: str = "anna") -> str:
        return subject(self.region, person(self.region, name), service=SERVICE)


@dataclass(slots=True)
class Replica:
    """A runner and a decider over a log."""

    runner: ProjectionRunner
    decider: Decider
    hlc: HybridClock
    running: asyncio.Task[None] | None = None

    async def carry_out(self, intent: Intent, decide: Decide) -> Outcome:
        return await self.decider.carry_out(intent, decide, owner=intent.actor)

    async def applied(self) -> list[tuple[int, str]]:
        return await self.runner.store.read(applied)

    async def digest(self) -> list[TableDigest]:
        return (await self.runner.store.read(digest_projection))[1]

    async def caught_up(self, sequence: int) -> None:
        position = Position(self.runner.position.epoch, sequence)
        assert await self.runner.wait_applied(position, timeout_seconds=WAIT_SECONDS_MAX)

    def go_on(self) -> None:
        self.running = asyncio.create_task(self.runner.run())

    async def pause(self) -> None:
        if self.running is not None:
            self.running.cancel()
            with suppress(asyncio.CancelledError):
                await self.running
            self.running = None


@asynccontextmanager
async def open_replica(
    log: EventLog,
    region: str,
    data_dir: Path,
    *,
    clock: Clock | None = None,
    seed: int = 0,
    projection: Projection | None = None,
    events_per_transaction_max: int = limits.APPLY_EVENTS_MAX,
    follows: bool = True,
) -> AsyncIterator[Replica]:
    """Open a replica; unless told otherwise it follows the log."""
    clock = clock or ManualClock()
    hlc = HybridClock(clock)
    runner = ProjectionRunner(
        projection=projection or tally_projection(),
        region=region,
        log=log,
        data_dir=data_dir,
        hlc=hlc,
        events_per_transaction_max=events_per_transaction_max,
    )
    decider = Decider(
        service=SERVICE, region=region, log=log, runner=runner, ids=Ids(region, clock, Random(seed).randbytes), hlc=hlc
    )
    replica = Replica(runner, decider, hlc)
    try:
        await runner.load()
        if follows:
            replica.go_on()
        yield replica
    finally:
        await replica.pause()
        await runner.store.close()
