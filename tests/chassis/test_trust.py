"""What a peer sends has an effect only where it is that peer's to write."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from google.protobuf.wrappers_pb2 import BoolValue

from services.chassis import limits, trust
from services.chassis.eventlog.memory import MemoryLog
from services.chassis.eventlog.port import Source
from services.chassis.eventlog.subjects import stream_name
from tests.support.tally import SERVICE, Replica, Writer, open_replica, person

REGION = "stockholm"
TOKYO, LIMA = person("tokyo"), person("lima")
GOOD = {
    "subject": f"ev.tokyo.pub.{SERVICE}.{TOKYO}",
    "stream": "EV_TOKYO",
    "origin": "tokyo",
    "actor": TOKYO,
    "id": "tokyo_1",
}
FORGED = {
    "source": [{"stream": "EV_LIMA"}, {"stream": ""}, {"stream": "EV_STOCKHOLM"}, {"subject": f"ev.lima.pub.x.{LIMA}"}],
    "origin": [{"origin": "lima"}, {"origin": REGION}, {"id": "lima_1"}, {"id": "stockholm_1"}],
    "owner": [{"subject": f"ev.tokyo.pub.{SERVICE}.{LIMA}"}, {"subject": f"ev.tokyo.pub.{SERVICE}.lima"}],
    "actor": [{"actor": LIMA}, {"actor": person("tokyo", "bengt")}, {"actor": ""}, {"actor": "tokyo"}],
    "reach": [{"subject": f"ev.tokyo.local.{SERVICE}.{TOKYO}"}],
    "subject": [{"subject": f"ev.tokyo.pub.{SERVICE}"}, {"subject": f"ev.tokyo.secret.{SERVICE}.{TOKYO}"}],
}


@pytest.fixture
def log() -> MemoryLog:
    return MemoryLog()


@pytest.fixture
async def replica(log: MemoryLog, tmp_path: Path) -> AsyncIterator[Replica]:
    async with open_replica(log, REGION, tmp_path) as replica:
        yield replica


async def send(log: MemoryLog, number: int = 1, **changes: str) -> int:
    """Bring an event into the log as tokyo's stream would, but for ``changes``."""
    sent = GOOD | changes
    data = Writer(log, "tokyo").sealed("hello", event_id=sent["id"], origin=sent["origin"], actor=sent["actor"])
    return await log.receive(f"tokyo_{number}", sent["subject"], data, source=Source(sent["stream"], 70 + number))


async def ledger(replica: Replica) -> list[trust.Refusal]:
    return await replica.runner.store.read(trust.refusals)


async def test_what_a_peer_wrote_of_its_own_is_applied(log: MemoryLog, replica: Replica) -> None:
    await replica.caught_up(await send(log))
    assert await replica.applied() == [(1, "hello")]
    assert replica.runner.origins == {"tokyo": 71}
    assert await ledger(replica) == []


@pytest.mark.parametrize(
    ("reason", "changes"), [(reason, changes) for reason, several in FORGED.items() for changes in several]
)
async def test_what_is_not_its_origin_s_to_write_is_refused_and_stands_in_the_ledger(
    log: MemoryLog, replica: Replica, reason: str, changes: dict[str, str]
) -> None:
    for number in (1, 2):
        await replica.caught_up(await send(log, number, **changes))
    assert await replica.applied() == []
    assert replica.runner.refused_events == 2
    [kind] = await ledger(replica)
    assert (kind.actor, kind.reason, kind.events, kind.last_sequence) == ((GOOD | changes)["actor"], reason, 2, 2)


async def test_a_region_s_own_events_come_from_no_peer(log: MemoryLog, replica: Replica) -> None:
    """A peer that filters its stream as ours would be believed to speak for us."""
    own = Writer(log, REGION)
    source = Source(stream_name(REGION), 1)
    await replica.caught_up(await log.receive("stockholm_1", own.subject(), own.sealed("hello"), source=source))
    assert await replica.applied() == []
    assert [row[2] for row in await ledger(replica)] == ["source"]


async def test_a_kind_of_a_newer_region_is_skipped_whoever_acts(log: MemoryLog, replica: Replica) -> None:
    data = Writer(log, "tokyo").sealed(BoolValue(), event_id="tokyo_1", origin="tokyo", actor=LIMA)
    await replica.caught_up(await log.receive("tokyo_1", GOOD["subject"], data, source=Source("EV_TOKYO", 1)))
    assert (replica.runner.skipped_events, replica.runner.refused_events) == (1, 0)


async def test_the_ledger_is_bounded_and_counts_what_it_cannot_tell_apart(
    log: MemoryLog, replica: Replica, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "REFUSALS_KEPT_MAX", 3)
    for number in range(1, 9):
        await replica.caught_up(await send(log, number, actor=f"forger-{number}" + "x" * 1_000))
    rows = await ledger(replica)
    assert len(rows) == 4
    assert rows[-1][:5] == ("tokyo", "", trust.OTHERS, 5, 8)
    assert all(len(row[1]) < 100 for row in rows)
