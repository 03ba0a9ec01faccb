"""What the end of the log tells a replica that starts: only the region's own word counts."""

from __future__ import annotations

from google.protobuf.wrappers_pb2 import StringValue

from services.chassis.clock import hybrid
from services.chassis.envelope import seal
from services.chassis.eventlog.memory import MemoryLog
from services.chassis.eventlog.port import Source
from services.chassis.receipts import last_own_timestamp
from tests.support.logs import subject

REGION = "stockholm"


def event(event_id: str, at_ms: int) -> bytes:
    actor = f"{REGION}_anna"
    return seal(StringValue(), event_id=event_id, origin=REGION, actor=actor, occurred_at=hybrid(at_ms))


async def test_the_last_own_event_tells_the_time() -> None:
    log = MemoryLog()
    await log.append("stockholm_1", subject(REGION), event("stockholm_1", 1_000))
    await log.append("stockholm_2", subject(REGION, "bo"), event("stockholm_2", 2_000))

    assert await last_own_timestamp(log, REGION) == hybrid(2_000)


async def test_a_peer_that_writes_under_our_subjects_does_not_tell_us_the_time() -> None:
    log = MemoryLog()
    await log.append("stockholm_1", subject(REGION), event("stockholm_1", 1_000))
    forged = event("stockholm_2", 250_000_000_000_000)
    await log.receive("tokyo_1", subject(REGION), forged, source=Source("EV_TOKYO", 1))

    assert await last_own_timestamp(log, REGION) <= hybrid(1_000)


async def test_an_empty_log_tells_no_time() -> None:
    assert await last_own_timestamp(MemoryLog(), REGION) == 0
