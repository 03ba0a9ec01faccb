"""Facts about the delay before a process that died is started again."""

from __future__ import annotations

from ops.backoff import DELAY_SECONDS_MAX, SETTLED_SECONDS, Backoff


def test_the_delay_doubles_up_to_a_bound() -> None:
    backoff = Backoff()
    delays = [backoff.delay_seconds(ran_seconds=0) for _ in range(8)]
    assert delays == [0.2, 0.4, 0.8, 1.6, 3.2, DELAY_SECONDS_MAX, DELAY_SECONDS_MAX, DELAY_SECONDS_MAX]


def test_a_process_that_had_settled_is_started_again_soon() -> None:
    backoff = Backoff()
    for _ in range(8):
        backoff.delay_seconds(ran_seconds=0)
    assert backoff.delay_seconds(ran_seconds=SETTLED_SECONDS) == 0.2
