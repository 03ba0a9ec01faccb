"""When a source is kicked."""

from __future__ import annotations

import pytest

from services.network.domain.links import KICK_AGAIN_SECONDS_MAX, KickTimer, is_stalled


@pytest.mark.parametrize(("silent_seconds", "stalled"), [(0.0, False), (2.5, False), (2.6, True), (None, True)])
def test_a_source_is_stalled_when_its_heartbeats_are_missed(silent_seconds: float | None, stalled: bool) -> None:
    assert is_stalled(silent_seconds) is stalled


def test_the_first_kick_comes_at_once_and_the_next_after_growing_pauses() -> None:
    timer, now, pauses = KickTimer(), 100.0, []
    for _ in range(6):
        began = now
        while not timer.may_kick(now):
            now += 0.5
        pauses.append(now - began)
        timer.kicked(now)

    assert pauses == [0, 2, 4, 8, KICK_AGAIN_SECONDS_MAX, KICK_AGAIN_SECONDS_MAX]


def test_a_source_that_recovered_is_kicked_at_once_again() -> None:
    timer = KickTimer()
    for _ in range(5):
        timer.kicked(100.0)

    timer.recovered()

    assert timer.may_kick(100.0)
    timer.kicked(100.0)
    assert timer.may_kick(102.0)


def test_a_source_that_somebody_just_made_is_given_time() -> None:
    timer = KickTimer()
    timer.wait(100.0)

    assert not timer.may_kick(101.9)
    assert timer.may_kick(102.0)
