"""Policies: whenever this event, then that command.

What is still to be done stands in the projection: a request without an outcome. Any replica looks there when something has
been asked for, and now and then, and carries it out through the decider. The conditional append, and an id that follows
from the request, make it happen once, however many replicas try and whenever one is killed. So nothing is held, assigned or
acknowledged, and what cannot be done now waits where it stands (docs/adr/0015).
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

from google.protobuf.message import Message
from opentelemetry.metrics import Meter

from services.chassis import limits
from services.chassis.clock import Clock
from services.chassis.envelope import Fact
from services.chassis.projection import ProjectionRunner
from services.chassis.store import Connection

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Pending:
    """Something to be done: where what asks for it stands in the log, and its id."""

    sequence: int
    id: str


FindPending = Callable[[Connection, int, int], Sequence[Pending]]
"""Returns what is pending for this region after a sequence, in the order of the log, at most so many."""

CarryOut = Callable[[Pending], Awaitable[object]]
"""Carries one out; to do so again, or when somebody else has, changes nothing."""


@dataclass(slots=True)
class _Failures:
    count: int = 0
    again_at_seconds: float = 0.0


class PolicyRunner:
    """Carries out one policy of a service, in one replica.

    ``woken_by`` are the events that may leave something pending; what any other did is found when it looks by itself.
    """

    def __init__(
        self,
        *,
        name: str,
        runner: ProjectionRunner,
        woken_by: Collection[type[Message]],
        pending: FindPending,
        carry_out: CarryOut,
        clock: Clock,
        meter: Meter,
    ) -> None:
        self.failures = 0
        self._name = name
        self._runner = runner
        self._woken_by = tuple(woken_by)
        self._pending = pending
        self._carry_out = carry_out
        self._clock = clock
        self._woken = asyncio.Event()
        self._after = 0
        self._failed: OrderedDict[str, _Failures] = OrderedDict()
        self._counter = meter.create_counter(
            "samverka.policy.failures", description="What a policy could not carry out, and tries again, by policy"
        )
        self._counter.add(0, {"policy": name})  # so that a first failure is an increase

    def note(self, facts: Sequence[Fact[Any]]) -> None:
        """Hear what a batch of the projection brought; a listener of the runner."""
        if any(isinstance(fact.payload, self._woken_by) for fact in facts):
            self._woken.set()

    async def run(self) -> None:
        """Carry out what is pending, for ever."""
        while True:
            self._woken.clear()
            if await self.look():
                continue  # there may be more
            try:
                async with asyncio.timeout(self._seconds_to_next()):
                    await self._woken.wait()
            except TimeoutError:
                continue

    async def look(self) -> bool:
        """Carry out one round of what is pending; True if there may be more behind it.

        A round goes on where the last one ended, so that what fails again and again holds nothing up.
        """
        most = limits.POLICY_ROUND_ITEMS_MAX
        found = self._runner.store.read_now(lambda db: self._pending(db, self._after, most))
        more = len(found) >= most
        self._after = found[-1].sequence if more else 0
        async with asyncio.TaskGroup() as tasks:
            for pending in found:
                if self._is_due(pending):
                    tasks.create_task(self._try(pending))
        return more

    async def _try(self, pending: Pending) -> None:
        try:
            async with asyncio.timeout(limits.COMMAND_SECONDS_MAX):
                await self._carry_out(pending)
        except Exception as error:
            self._note_failure(pending, error)
        else:
            self._failed.pop(pending.id, None)

    def _note_failure(self, pending: Pending, error: Exception) -> None:
        failures = self._failed.setdefault(pending.id, _Failures())
        delay = min(limits.POLICY_DELAY_SECONDS * 2.0**failures.count, limits.POLICY_DELAY_SECONDS_MAX)
        failures.count = min(failures.count + 1, 32)  # beyond, only the power would grow
        failures.again_at_seconds = self._clock.monotonic_seconds() + delay
        self._failed.move_to_end(pending.id)
        if len(self._failed) > limits.POLICY_FAILURES_REMEMBERED_MAX:
            self._failed.popitem(last=False)  # it is only tried sooner
        self.failures += 1
        self._counter.add(1, {"policy": self._name})
        _log.warning(
            "a policy could not be carried out and is tried again",
            extra={"policy": self._name, "id": pending.id, "delay_seconds": delay, "error": repr(error)},
        )

    def _is_due(self, pending: Pending) -> bool:
        failures = self._failed.get(pending.id)
        return failures is None or failures.again_at_seconds <= self._clock.monotonic_seconds()

    def _seconds_to_next(self) -> float:
        """Return how long to wait for news: until something that failed is due, and POLICY_LOOK_SECONDS at most."""
        now = self._clock.monotonic_seconds()
        due = (failures.again_at_seconds - now for failures in self._failed.values())
        soonest = min((seconds for seconds in due if seconds > 0), default=limits.POLICY_LOOK_SECONDS)
        return min(soonest, limits.POLICY_LOOK_SECONDS)
