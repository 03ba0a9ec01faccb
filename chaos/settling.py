"""When a network has settled: all regions agree, still do a little later, and nobody has written anything meanwhile.

What one region decides follows from what another one sent, so they may agree for a moment and have something to say yet.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from chaos.findings import Finding, Kind

EQUAL_SECONDS_MAX = 60.0
"""So long after the last heal all regions must hold the same."""
STILL_SECONDS = 2.0
"""So long nothing must move before the network counts as settled."""

Look = Callable[[], Awaitable[tuple[list[Finding], int]]]
"""Returns where regions differ, and how many events there are."""


async def wait_settled(
    look: Look, *, since_seconds: float, clock: Callable[[], float], pause: Callable[[], Awaitable[object]]
) -> tuple[float, list[Finding]]:
    """Look until nothing moves; return how long after ``since_seconds`` that began, or what is wrong where it has not.

    A look takes its time on a busy machine. So what counts is when one was begun: too late is one that began after the limit
    and still found something else than the one before.
    """
    equal_since, held = 0.0, -1
    while True:
        begun = clock()
        findings, holding = await look()
        if findings or holding != held:
            if begun - since_seconds > EQUAL_SECONDS_MAX:
                moving = Finding(Kind.STALLED, "", "events go on coming, and nobody writes any")
                return EQUAL_SECONDS_MAX, findings or [moving]
            equal_since, held = clock(), holding
        elif begun - equal_since >= STILL_SECONDS:
            return equal_since - since_seconds, []
        await pause()
