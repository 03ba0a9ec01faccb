"""The bounds of the gateway, named with their units, and the two that count: requests a second and subscriptions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from cachetools import LRUCache

from services.chassis.clock import Clock
from services.chassis.errors import Exhausted

BODY_BYTES_MAX = 256 * 1024
"""A post of 20,000 characters, each written as a pair of JSON escapes, is 240,000 bytes."""
OPERATION_SECONDS_MAX = 15.0

TOKENS_MAX = 2_000
COMMENTS_MAX = 200
DEPTH_MAX = 12
"""homeFeed, edges, node, comments, edges, node, reactions, emoji are eight; introspection has a bound of its own."""
ALIASES_MAX = 30
FIELDS_MAX = 400
"""Fields in an operation after its fragments are put in; validation compares them in pairs."""

REPEATS_MAX = 20
"""Fields with a name that stands in their selection set already: the pairs that validation compares most closely."""

COST_MAX = 5_000
COST_OF_CALL = 10
"""A field costs 1, one that makes a call to a service 10, each times the sizes of the pages around it."""
COST_OF_INTROSPECTION = 500

DOCUMENTS_MAX = 512
"""Parsed and validated documents that are remembered; compiled selection sets have a bound of their own."""

REQUESTS_PER_SECOND_MAX = 50
REQUESTS_BURST_MAX = 100
PEOPLE_COUNTED_MAX = 50_000
PEOPLE_KNOWN_MAX = 50_000
PEOPLE_KNOWN_SECONDS = 3_600
POSITIONS_MAX = 50_000
POSITIONS_SECONDS = 600
PEOPLE_FETCHED_AT_ONCE_MAX = 8
"""Calls to profile that one request has in flight for the authors on a page."""

SUBSCRIPTIONS_PER_CONNECTION_MAX = 10
SUBSCRIPTIONS_PER_PERSON_MAX = 20
CONNECTION_INIT_SECONDS_MAX = 10
RESUMES_WITHOUT_NEWS_MAX = 8
RESUME_DELAY_SECONDS = 0.25
RESUME_DELAY_SECONDS_MAX = 5.0

CONNECTIONS_MAX = 10_000
READY_SECONDS_MAX = 1.0
DRAIN_SECONDS = 10


class RateLimiter:
    """A token bucket for each person: ``burst`` requests at once, ``per_second`` after that.

    The table is bounded: whoever asked least recently is forgotten, and has a full bucket when they return.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        per_second: float = REQUESTS_PER_SECOND_MAX,
        burst: float = REQUESTS_BURST_MAX,
        people_max: int = PEOPLE_COUNTED_MAX,
    ) -> None:
        self._clock = clock
        self._per_second = per_second
        self._burst = burst
        self._buckets: LRUCache[str, tuple[float, float]] = LRUCache(people_max)

    def take(self, person_id: str) -> None:
        """Count one request; Exhausted if the person has none left."""
        now = self._clock.monotonic_seconds()
        left, at = self._buckets.get(person_id, (self._burst, now))
        left = min(self._burst, left + (now - at) * self._per_second)
        allowed = left >= 1
        self._buckets[person_id] = (left - 1 if allowed else left, now)
        if not allowed:
            raise Exhausted("Too many requests; wait a moment.", code="too_many_requests")


class Subscriptions:
    """Counts the subscriptions that each person has open."""

    def __init__(self, *, per_person_max: int = SUBSCRIPTIONS_PER_PERSON_MAX) -> None:
        self._per_person_max = per_person_max
        self._open: Counter[str] = Counter()

    @property
    def open(self) -> int:
        """How many there are, of all people."""
        return self._open.total()

    @contextmanager
    def hold(self, person_id: str) -> Iterator[None]:
        """Count one for as long as the block runs; Exhausted if the person has as many as they may."""
        if self._open[person_id] >= self._per_person_max:
            raise too_many_subscriptions(self._per_person_max)
        self._open[person_id] += 1
        try:
            yield
        finally:
            self._open[person_id] -= 1
            if not self._open[person_id]:
                del self._open[person_id]


def too_many_subscriptions(number_max: int) -> Exhausted:
    """Return the error for one subscription more than ``number_max``."""
    return Exhausted(f"At most {number_max} subscriptions at a time.", code="too_many_subscriptions")
