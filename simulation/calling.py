"""Somebody who calls the services of their region: again and again until there is an answer, as the gateway would."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from random import Random
from typing import Any, TypeVar

from google.protobuf.message import Message

from samverka.event.v1.event_pb2 import CommandContext, Event
from services.chassis.auth import Caller
from services.chassis.envelope import open_event
from services.chassis.errors import Gone, SamverkaError, Unavailable
from services.chassis.eventlog.port import Position
from services.chassis.ids import derive
from simulation.reference import Reference
from simulation.regions import Region
from simulation.replicas import Replica
from simulation.trace import Trace, Violation

_ISSUER = "https://login.example.test"
_AGAIN_SECONDS_MAX = 1.0
_ATTEMPTS_MAX = 100
_BEHIND_SECONDS = 2.0
_SENT_TWICE = 0.1
_NOT_SHOWN = ("not_shown", "behind")
"""The codes of answers to what was done, and cannot be shown. Whoever gets one waits until it is there, and goes on."""

Made = TypeVar("Made", bound=Message)
Thing = TypeVar("Thing")


class Refusal(Exception):
    """A command was refused, for good."""


@dataclass(slots=True)
class Client:
    """Calls as one person, who sees on every replica what they have seen on another."""

    region: Region
    caller: Caller
    reference: Reference
    trace: Trace
    chance: Random
    commands: int = 0
    """How many were sent so far."""
    under_way: int = 0
    _position: Position | None = field(default=None, init=False)

    @property
    def id(self) -> str:
        return self.caller.person_id

    @property
    def erased(self) -> bool:
        return self.id in self.reference.erased

    def some(self, things: list[Thing]) -> Thing | None:
        """Return one of them by chance; None if there is none."""
        return self.chance.choice(things) if things else None

    def sees(self, thing_id: str, *, local: bool) -> bool:
        """Whether the thing may ever be here."""
        return not local or thing_id.startswith(f"{self.region.name}_")

    async def must(self, service: str, method: str, request: Message, *, keyed: bool = True) -> Any:
        """Return the answer to what nothing speaks against: what it stands on was acknowledged to this person."""
        try:
            return await self.may(service, method, request, keyed=keyed)
        except Refusal as refusal:
            if self.erased:
                raise
            raise Violation(f"{self.id} was refused {method} {request}: {refusal}") from refusal

    async def must_not(self, service: str, method: str, request: Message) -> None:
        """Try what nobody may: it is refused, whatever has arrived."""
        await self.may(service, method, request)
        raise Violation(f"{self.id} could {method} {request}")

    async def look(self, service: str, method: str, request: Message) -> Any:
        """Return the answer to a question, which changes nothing; raises Refusal."""
        try:
            return await self._attempt(service, method, request, "")
        except SamverkaError as refusal:
            raise Refusal(str(refusal)) from refusal

    async def may(self, service: str, method: str, request: Any, *, keyed: bool = True) -> Any:
        """Return the answer, or None to what was done without one; raises Refusal."""
        self.commands += 1
        self.under_way += 1
        key = f"{self.caller.subject}-{self.commands}" if keyed else ""
        if keyed:
            request.context.CopyFrom(CommandContext(idempotency_key=key))
        at_once = 2 if keyed and self.chance.random() < _SENT_TWICE else 1
        attempts = [self._attempt(service, method, request, key) for _ in range(at_once)]
        answers = await asyncio.gather(*attempts, return_exceptions=True)
        self.under_way -= 1
        for answer in answers:
            if isinstance(answer, BaseException) and not isinstance(answer, SamverkaError):
                raise answer
        return await self._settle(method, key, answers)

    async def event_of(self, request: Any) -> Event | None:
        """Return what a command led to; None if it changed nothing."""
        return await self._event_under(request.context.idempotency_key)

    async def made_by(self, request: Any, kind: type[Made]) -> Made:
        """Return what a command led to whose answer could not show it."""
        event = await self.event_of(request)
        if event is None:
            raise Violation(f"what {self.id} asked was acknowledged and is not there: {request}")
        return kind.FromString(event.payload.value)

    async def _settle(self, method: str, key: str, answers: list[Any]) -> Any:
        """Return the answer of those that came; raises Refusal if nothing came of the command."""
        if self.erased:  # nobody tells the erased what has become of it: it counts if it stands before the order
            if await self._event_under(key) is None:
                raise Refusal("erased")
            return None
        done = [answer for answer in answers if not isinstance(answer, BaseException)]
        if done:
            return next((answer for answer in done if answer is not None), None)
        if await self._event_under(key) is None:
            raise Refusal(str(answers[0]))
        if not self.region.clock.stepped:
            raise Violation(f"{method} of {self.id} was carried out and then refused: {answers[0]}")
        return None  # between two attempts a day went by on the region's clock

    async def _attempt(self, service: str, method: str, request: Any, key: str) -> Any:
        for _ in range(_ATTEMPTS_MAX):
            replica = self.chance.choice(self.region.of(service))
            try:
                await self._wait_for(replica)
                answer = await replica.call(method, request, self.caller)
            except (Gone, Unavailable) as error:
                if error.code in _NOT_SHOWN and await self._event_under(key):
                    self._see(Position(self.region.log.epoch, await self.region.log.last_sequence()))
                    return None
                if isinstance(error, Gone):
                    raise
                await asyncio.sleep(self.chance.random() * _AGAIN_SECONDS_MAX)
                continue
            if _tells_position(answer):
                self._see(Position(answer.position.epoch, answer.position.sequence))
            return answer
        raise Violation(f"{method} of {self.id} got no answer in {_ATTEMPTS_MAX} attempts")

    def _see(self, position: Position) -> None:
        self._position = max(position, self._position or position, key=lambda seen: seen.sequence)

    async def _wait_for(self, replica: Replica) -> None:
        """Wait until the replica has what this person has seen, as the gateway does."""
        if self._position is None:
            return
        if not await replica.runner.wait_applied(self._position, timeout_seconds=_BEHIND_SECONDS):
            raise Unavailable("The replica is behind.")

    async def _event_under(self, key: str) -> Event | None:
        """Return what stands in the log under an idempotency key of this person's, before their erasure."""
        wanted = key.encode()
        for entry in await self.region.entries():
            if self.region.orders(entry, self.id):
                return None
            event = open_event(entry.data) if key and wanted in entry.data else None
            if event is not None and event.actor == self.id and event.idempotency_key == key:
                return event
        return None


def _tells_position(answer: Message) -> bool:
    return "position" in answer.DESCRIPTOR.fields_by_name and answer.HasField("position")


def caller_of(region: str, subject: str, *, handle: str, role: str = "member") -> Caller:
    """Return who somebody of a region is by their token."""
    return Caller(
        person_id=derive(region, "person", _ISSUER, subject),
        issuer=_ISSUER,
        subject=subject,
        handle=handle,
        name=f"{handle.capitalize()} {personal(subject)}",
        roles=frozenset({role}),
        expires_at=2_000_000_000,
        token="",
    )


def personal(subject: str) -> str:
    """Return what stands in all that a person writes, and in nothing else."""
    return f"[{subject}]"
