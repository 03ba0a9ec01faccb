"""A log that is not to be relied on."""

from __future__ import annotations

from services.chassis.errors import Unavailable
from services.chassis.eventlog.port import EventLog, Expectation


class Unreliable:
    """A log before and after whose appends something happens, and that goes down, or swallows acknowledgements."""

    def __init__(self, log: EventLog) -> None:
        self._log = log
        self.epoch = log.epoch
        self.follow = log.follow
        self.read = log.read
        self.is_down = False
        self.losses = 0

    async def before_append(self, subject: str) -> None:
        """For a test to set."""

    async def after_append(self, subject: str) -> None:
        """For a test to set."""

    async def last_sequence(self, register: str = "") -> int:
        if self.is_down:
            raise Unavailable("The log does not answer.", code="log_unavailable")
        return await self._log.last_sequence(register)

    async def append(self, entry_id: str, subject: str, data: bytes, *, expected: Expectation | None = None) -> int:
        await self.before_append(subject)
        sequence = await self._log.append(entry_id, subject, data, expected=expected)
        await self.after_append(subject)
        if self.losses:
            self.losses -= 1
            raise Unavailable("The log does not answer.", code="log_unavailable")
        return sequence
