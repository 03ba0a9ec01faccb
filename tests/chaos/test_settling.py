"""Facts about when a network counts as settled, also where looking takes long."""

from __future__ import annotations

from collections.abc import Callable

from chaos.findings import Finding, Kind
from chaos.settling import EQUAL_SECONDS_MAX, wait_settled

DIFFERENT = [Finding(Kind.DISAGREEMENT, "tokyo", "it holds less")]
Seen = Callable[[float], tuple[list[Finding], int]]


async def settled(seen: Seen, *, look_seconds: float = 0.5) -> tuple[float, list[Finding]]:
    """Wait for a network of which ``seen`` tells what is seen of it at a time; a look takes ``look_seconds``."""
    now = 100.0

    async def look() -> tuple[list[Finding], int]:
        nonlocal now
        begun = now
        now += look_seconds
        return seen(begun - 100.0)

    async def pause() -> None:
        nonlocal now
        now += 0.1

    return await wait_settled(look, since_seconds=100.0, clock=lambda: now, pause=pause)


async def test_regions_are_equal_when_they_agree_and_nothing_moves() -> None:
    seconds, findings = await settled(lambda at: (DIFFERENT, 5) if at < 7 else ([], 5 if at < 9 else 6))

    assert findings == []
    assert 9 <= seconds < 11


async def test_that_looking_takes_long_is_no_fault_of_the_network() -> None:
    seconds, findings = await settled(lambda at: ([], 5 if at < 20 else 6), look_seconds=25.0)

    assert findings == []
    assert seconds <= EQUAL_SECONDS_MAX + 25


async def test_regions_that_differ_for_too_long_are_found() -> None:
    assert await settled(lambda at: (DIFFERENT, 5)) == (EQUAL_SECONDS_MAX, DIFFERENT)


async def test_events_that_go_on_coming_are_found() -> None:
    _, findings = await settled(lambda at: ([], int(at)))

    assert [finding.kind for finding in findings] == [Kind.STALLED]
