"""A projection says what it applied, how late, and how large its files have become."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from google.protobuf.wrappers_pb2 import BoolValue

from services.chassis.clock import ManualClock
from services.chassis.eventlog.memory import MemoryLog
from services.chassis.eventlog.port import Source
from services.chassis.eventlog.subjects import stream_name
from services.chassis.measuring import measure_projection
from services.chassis.telemetry import Telemetry
from tests.support.metrics import value
from tests.support.tally import Replica, Writer, open_replica

REGION, PEER = "stockholm", "tokyo"


@pytest.fixture
def log() -> MemoryLog:
    return MemoryLog()


@pytest.fixture
def telemetry() -> Iterator[Telemetry]:
    telemetry = Telemetry(service="tally")
    yield telemetry
    telemetry.shutdown()


async def caught_up(log: MemoryLog, replica: Replica, telemetry: Telemetry) -> str:
    """Return the metrics once the replica has applied the log."""
    await replica.caught_up(await log.last_sequence())
    return telemetry.render_metrics().decode()


async def test_what_is_applied_is_counted_by_the_origin_and_what_is_not_is_not(
    log: MemoryLog, telemetry: Telemetry, clock: ManualClock, tmp_path: Path
) -> None:
    here, there = Writer(log, REGION, clock), Writer(log, PEER, clock)
    async with open_replica(log, REGION, tmp_path, clock=clock) as replica:
        measure_projection(telemetry.meter, replica.runner, clock=clock)
        await here.write("one")
        await here.write(BoolValue(value=False))
        for number in range(2):
            source = Source(stream_name(PEER), number + 1)
            await log.receive(there.ids.new(), there.subject(), there.sealed(f"there {number}"), source=source)
        metrics = await caught_up(log, replica, telemetry)
    assert value(metrics, "samverka_projection_applied_events_total", origin=REGION) == 1
    assert value(metrics, "samverka_projection_applied_events_total", origin=PEER) == 2
    assert value(metrics, "samverka_projection_origin_sequence", origin=PEER) == 2
    assert value(metrics, "samverka_projection_lag_events") == 0
    assert value(metrics, "samverka_projection_batch_duration_seconds_count") >= 1


async def test_how_late_an_event_is_applied_is_told_for_its_origin(
    log: MemoryLog, telemetry: Telemetry, clock: ManualClock, tmp_path: Path
) -> None:
    await Writer(log, REGION, clock).write("one")
    clock.advance(45)
    async with open_replica(log, REGION, tmp_path, clock=clock, follows=False) as replica:
        measure_projection(telemetry.meter, replica.runner, clock=clock)
        replica.go_on()
        metrics = await caught_up(log, replica, telemetry)
    assert value(metrics, "samverka_projection_delay_seconds_sum", origin=REGION) == pytest.approx(45, abs=0.01)


async def test_the_files_of_a_projection_have_sizes_also_those_beside_it(
    log: MemoryLog, telemetry: Telemetry, clock: ManualClock, tmp_path: Path
) -> None:
    async with open_replica(log, REGION, tmp_path, clock=clock) as replica:
        measure_projection(telemetry.meter, replica.runner, clock=clock)
        store = replica.runner.store
        index = store.path.with_name(f"{store.path.name}-index") / "segments"
        index.mkdir(parents=True)
        (index / "one").write_bytes(b"x" * 1000)
        metrics = telemetry.render_metrics().decode()
        assert value(metrics, "samverka_store_size_bytes", part="database") == store.path.stat().st_size > 0
        assert value(metrics, "samverka_store_size_bytes", part="beside") == 1000
