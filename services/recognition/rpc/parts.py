"""What every part of the servicer has, and does the same way: intents, pages, the month, and what a command led to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, TypeVar, cast

import grpc.aio
from google.protobuf.message import Message

from samverka.event.v1.event_pb2 import CommandContext
from services.chassis.auth import current_caller
from services.chassis.awards import month_of
from services.chassis.clock import Clock
from services.chassis.deciding import Decider, Intent, parse_intent
from services.chassis.paging import PageRequest, parse_page
from services.chassis.projection import ProjectionRunner
from services.chassis.store import Connection
from services.recognition.watching import RecognitionWatch

Context = grpc.aio.ServicerContext[Any, Any]
Shown = TypeVar("Shown")


class Command(Protocol):
    """A request that carries a command."""

    @property
    def context(self) -> CommandContext: ...


class RpcPart:
    """A part of the servicer."""

    def __init__(
        self, *, region: str, decider: Decider, runner: ProjectionRunner, watch: RecognitionWatch, clock: Clock
    ) -> None:
        self._region = region
        self._decider = decider
        self._runner = runner
        self._watch = watch
        self._clock = clock

    @property
    def _month(self) -> int:
        return month_of(self._clock.wall_ms())

    def _intent(self, request: Command) -> Intent:
        return parse_intent(cast("Message", request), request.context, current_caller(), self._region)

    def _page(self, first: int, after: str) -> PageRequest:
        return parse_page(first=first, after=after, epoch=self._runner.position.epoch)

    def _shown(self, find: Callable[[Connection], Shown | None]) -> Shown:
        """Return what a command led to, as a reader sees it now."""
        shown = self._runner.store.read_now(find)
        if shown is None:
            raise self._decider.not_shown()
        return shown
