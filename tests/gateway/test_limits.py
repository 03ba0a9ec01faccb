"""Requests and subscriptions are counted for each person, in tables that stay small."""

from __future__ import annotations

import pytest

from gateway.limits import RateLimiter, Subscriptions
from services.chassis.clock import ManualClock
from services.chassis.errors import Exhausted


def allowed(limiter: RateLimiter, person: str, tries: int) -> int:
    count = 0
    for _ in range(tries):
        try:
            limiter.take(person)
        except Exhausted:
            continue
        count += 1
    return count


def test_a_burst_is_allowed_and_then_so_many_a_second() -> None:
    clock = ManualClock()
    limiter = RateLimiter(clock=clock, per_second=2, burst=5)
    assert allowed(limiter, "ann", 10) == 5
    clock.advance(1.5)
    assert allowed(limiter, "ann", 10) == 3
    clock.advance(3600)
    assert allowed(limiter, "ann", 10) == 5


def test_people_are_counted_apart() -> None:
    limiter = RateLimiter(clock=ManualClock(), per_second=1, burst=1)
    assert (allowed(limiter, "ann", 2), allowed(limiter, "bo", 2)) == (1, 1)


def test_the_table_forgets_who_asked_least_recently() -> None:
    limiter = RateLimiter(clock=ManualClock(), per_second=1, burst=1, people_max=2)
    for person in ("ann", "bo", "cy"):
        limiter.take(person)
    assert allowed(limiter, "cy", 1) == 0
    assert allowed(limiter, "ann", 1) == 1


def test_subscriptions_are_given_back() -> None:
    subscriptions = Subscriptions(per_person_max=2)
    with subscriptions.hold("ann"), subscriptions.hold("ann"), subscriptions.hold("bo"):
        assert subscriptions.open == 3
        with pytest.raises(Exhausted, match="too_many_subscriptions"), subscriptions.hold("ann"):
            pass
    assert subscriptions.open == 0
    with subscriptions.hold("ann"):
        assert subscriptions.open == 1
