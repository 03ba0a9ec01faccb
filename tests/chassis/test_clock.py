"""Hybrid time grows with every answer and every event seen, and follows nobody into the far future."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.chassis.clock import COUNTER_BITS, HybridClock, ManualClock, SystemClock, hybrid, physical_ms

NOW_MS = 1_700_000_000_000
DRIFT_MS = 60_000

STEPS = st.lists(
    st.one_of(
        st.just(None),
        st.floats(-100, 100),
        st.tuples(st.integers(NOW_MS - 200_000, NOW_MS + 200_000), st.integers(0, 2**COUNTER_BITS - 1)),
    ),
    max_size=40,
)
"""None asks for the time, a number turns the wall clock by seconds, a pair is a timestamp that is seen."""


@given(STEPS)
def test_time_only_grows_whatever_the_wall_clock_does(steps: list[float | tuple[int, int] | None]) -> None:
    clock = ManualClock(NOW_MS)
    hlc = HybridClock(clock, drift_ms_max=DRIFT_MS)
    bound = 0
    for step in [*steps, None]:
        if isinstance(step, tuple):
            seen = hybrid(*step)
            followed = hlc.observe(seen)
            assert followed == (seen <= bound or step[0] <= clock.wall_ms() + DRIFT_MS)
            bound = max(bound, seen) if followed else bound
        elif step is not None:
            clock.advance(step)
        else:
            told = hlc.now()
            assert told > bound
            assert physical_ms(told) >= clock.wall_ms()
            bound = told


def test_time_is_the_wall_clock_s_where_nothing_is_ahead_of_it(clock: ManualClock) -> None:
    hlc = HybridClock(clock)

    assert hlc.now() == hybrid(NOW_MS)
    assert hlc.now() == hybrid(NOW_MS, 1)
    clock.advance(0.005)
    assert hlc.now() == hybrid(NOW_MS + 5)


def test_an_answer_is_never_older_than_what_was_seen(clock: ManualClock) -> None:
    hlc = HybridClock(clock, drift_ms_max=DRIFT_MS)

    assert hlc.observe(hybrid(NOW_MS + DRIFT_MS, 7))
    assert hlc.now() == hybrid(NOW_MS + DRIFT_MS, 8)


def test_a_clock_far_ahead_drags_nobody_along(clock: ManualClock) -> None:
    hlc = HybridClock(clock, drift_ms_max=DRIFT_MS)

    assert not hlc.observe(hybrid(NOW_MS + DRIFT_MS + 1))
    assert hlc.now() == hybrid(NOW_MS)


def test_a_full_counter_runs_over_into_the_next_millisecond(clock: ManualClock) -> None:
    hlc = HybridClock(clock)
    hlc.observe(hybrid(NOW_MS, 2**COUNTER_BITS - 1))

    assert hlc.now() == hybrid(NOW_MS + 1)


@pytest.fixture
def restless_threads() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("restless_threads")
def test_threads_that_share_it_are_never_told_the_same_time(clock: ManualClock) -> None:
    hlc = HybridClock(clock)
    told: list[list[int]] = [[], []]
    past = hybrid(NOW_MS - 1)

    def ask(answers: list[int]) -> None:
        for _ in range(20_000):
            answers.append(hlc.now())
            hlc.observe(past)

    threads = [threading.Thread(target=ask, args=(answers,)) for answers in told]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(set(told[0]) | set(told[1])) == 40_000
    assert all(answers == sorted(answers) for answers in told)


def test_the_system_s_clock_tells_milliseconds_and_seconds() -> None:
    system = SystemClock()

    before, wall_ms, after = time.time_ns(), system.wall_ms(), time.time_ns()
    assert before // 1_000_000 <= wall_ms <= after // 1_000_000
    earlier, seconds, later = time.monotonic(), system.monotonic_seconds(), time.monotonic()
    assert earlier <= seconds <= later


def test_a_manual_clock_stands_still_until_it_is_turned(clock: ManualClock) -> None:
    assert (clock.wall_ms(), clock.monotonic_seconds()) == (NOW_MS, 0)
    clock.advance(1.5)
    assert (clock.wall_ms(), clock.monotonic_seconds()) == (NOW_MS + 1_500, 1.5)
