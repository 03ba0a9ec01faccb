"""Regions are compared again and again, and however long that takes, it takes little of the time."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from ops.comparing import AGAIN_SECONDS_MIN, SHARE_OF_TIME_MAX, Comparing
from ops.failure import Failure
from services.chassis.clock import ManualClock

PAIR = frozenset(("stockholm", "tokyo"))


class Enough(Exception):
    """What ends a test's comparing."""


class Compared:
    """A comparison that takes its time; each one's outcome is given."""

    def __init__(self, *outcomes: str, takes_seconds: float) -> None:
        self.clock = ManualClock()
        self.slept: list[float] = []
        self._outcomes = list(outcomes)
        self._takes_seconds = takes_seconds
        self.comparing = Comparing(self._compare, clock=self.clock, sleep=self._sleep)

    async def run(self) -> None:
        with pytest.raises(Enough):
            await self.comparing.run()

    async def _compare(self) -> Mapping[frozenset[str], str]:
        self.clock.advance(self._takes_seconds)
        outcome = self._outcomes.pop(0)
        if outcome == "fails":
            raise Failure("A replica gives no digest.")
        return {PAIR: outcome}

    async def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        if not self._outcomes:
            raise Enough
        self.clock.advance(seconds)


@pytest.mark.parametrize(("takes_seconds", "pause"), [(0.1, AGAIN_SECONDS_MIN), (20, 380)])
async def test_it_takes_no_more_than_its_share_of_the_time(takes_seconds: float, pause: float) -> None:
    compared = Compared("agree", "agree", takes_seconds=takes_seconds)
    await compared.run()
    assert compared.slept == [pytest.approx(pause)] * 2
    assert takes_seconds / (takes_seconds + pause) <= SHARE_OF_TIME_MAX


async def test_what_was_found_is_told_with_its_age_until_it_is_found_anew() -> None:
    compared = Compared("differ", takes_seconds=1)
    assert compared.comparing.said_of("tokyo", "stockholm") == ""
    await compared.run()
    assert compared.comparing.said_of("tokyo", "stockholm") == "differ, 1 s ago"

    later = Compared("agree", "fails", takes_seconds=1)
    await later.run()
    assert later.comparing.said_of("stockholm", "tokyo") == "agree, 32 s ago"
    assert later.comparing.said_of("stockholm", "austin") == ""
