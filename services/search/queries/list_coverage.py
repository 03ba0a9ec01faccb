"""How far an answer reaches in what each region has written."""

from __future__ import annotations

from samverka.search.v1.search_views_pb2 import Coverage
from services.chassis.origins import read_reached
from services.chassis.store import Connection


def list_coverage(db: Connection, *, now_ms: int) -> list[Coverage]:
    """Return the coverage of every region that anything is known of, by name.

    A region's clock may be ahead of ours; nothing is told to be of a time that has not come.
    """
    return [
        Coverage(region=origin, sequence=reached.sequence, as_of_ms=min(reached.at_ms, now_ms))
        for origin, reached in sorted(read_reached(db).items())
    ]
