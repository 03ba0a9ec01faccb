"""What every stand-in is: it keeps the calls, and fails, waits or answers as it is told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from google.protobuf.message import Message

from samverka.event.v1 import event_pb2
from services.chassis.errors import SamverkaError, Unauthenticated, to_status

REGION = "stockholm"
EPOCH = "E1"


@dataclass
class Call:
    """One call that a fake has answered."""

    method: str
    request: Any
    metadata: dict[str, str]


@dataclass
class Fake:
    """Keeps the calls, and fails, waits or answers as it is told; a method's own answer otherwise."""

    calls: list[Call] = field(default_factory=list)
    errors: dict[str, SamverkaError | Exception] = field(default_factory=dict)
    answers: dict[str, Callable[[Any], Message]] = field(default_factory=dict)
    gates: dict[str, asyncio.Event] = field(default_factory=dict)
    trailing: tuple[tuple[str, str], ...] = ()
    sequence: int = 10
    region: str = REGION

    def named(self, method: str) -> list[Call]:
        return [call for call in self.calls if call.method == method]

    def position(self) -> event_pb2.Position:
        self.sequence += 1
        return event_pb2.Position(epoch=EPOCH, sequence=self.sequence)

    async def answer(self, method: str, request: Any, context: Any, usual: Callable[[Any], Any]) -> Any:
        await self.begin(method, request, context)
        if self.trailing:
            context.set_trailing_metadata(self.trailing)
        try:
            answer: Callable[[Any], Any] = self.answers.get(method, usual)
            return answer(request)
        except SamverkaError as error:
            await refuse(context, error)

    async def begin(self, method: str, request: Any, context: Any) -> None:
        """Keep the call, and let it wait or fail as the fake is told."""
        metadata = {key: value for key, value in context.invocation_metadata() or () if isinstance(value, str)}
        self.calls.append(Call(method, request, metadata))
        if method in self.gates:
            await self.gates[method].wait()
        if "authorization" not in metadata:
            await refuse(context, Unauthenticated("Sign in first.", code="token_missing"))
        if method in self.errors:
            error = self.errors[method]
            if not isinstance(error, SamverkaError):
                raise error
            await refuse(context, error)


async def refuse(context: Any, error: SamverkaError) -> None:
    status, message, trailing = to_status(error)
    await context.abort(status, message, trailing)


def answers_with(name: str, usual: Callable[[Any, Any], Any]) -> Any:
    """Return the method of that name: what it is given to answer, or ``usual`` of the fake and the request."""

    async def method(self: Any, request: Any, context: Any) -> Any:
        return await self.answer(name, request, context, lambda asked: usual(self, asked))

    return method
