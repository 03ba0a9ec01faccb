"""A projection applies every event once, and the same log always gives the same rows."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.timestamp_pb2 import Timestamp
from google.protobuf.wrappers_pb2 import BoolValue, Int32Value, StringValue
from hypothesis import given, settings
from hypothesis import strategies as st

from samverka.event.v1.event_pb2 import Event
from services.chassis import limits
from services.chassis.clock import ManualClock, hybrid
from services.chassis.envelope import Fact
from services.chassis.eventlog.memory import MemoryLog
from services.chassis.eventlog.port import Again, Entry, EventLog, Position, Source
from services.chassis.origins import Reached, read_reached
from services.chassis.receipts import find_receipt
from services.chassis.store import Connection, TableDigest
from tests.chassis.projection.recorded import REGION, Recorded, entries_of, failing_on
from tests.support.logs import put
from tests.support.tally import (
    Broken,
    Replica,
    Writer,
    open_replica,
    person,
    tally_projection,
)

HOURS = 3_600


async def test_what_is_in_the_log_is_applied_in_its_order(writer: Writer, replica: Replica) -> None:
    for number in range(1, 6):
        await writer.write(f"text {number}")
    await replica.caught_up(5)

    assert await replica.applied() == [(number, f"text {number}") for number in range(1, 6)]
    assert replica.runner.position == Position("memory", 5)


async def test_a_handler_is_given_the_fact_as_its_author_sealed_it(
    writer: Writer, log: MemoryLog, replica: Replica
) -> None:
    data = writer.sealed("imported", event_id="stockholm_x", authored_at_ms=1_234)
    await log.append("id", writer.subject(), data)
    facts: list[Fact[Any]] = []
    replica.runner.listeners.append(facts.extend)
    await replica.caught_up(1)

    (fact,) = facts
    assert (fact.sequence, fact.id, fact.origin, fact.actor) == (1, "stockholm_x", REGION, person(REGION))
    assert (fact.at_ms, fact.payload) == (1_234, StringValue(value="imported"))


@pytest.mark.parametrize("position", range(1, 8))
async def test_a_failure_in_a_batch_rolls_all_of_it_back(
    log: MemoryLog, writer: Writer, tmp_path: Path, position: int
) -> None:
    for number in range(1, 8):
        await writer.write("bad" if number == position else f"text {number}", key=f"key {number}")
    projection = tally_projection(handlers=failing_on("bad"))

    async with open_replica(log, REGION, tmp_path, projection=projection, follows=False) as replica:
        with pytest.raises(ExceptionGroup) as caught:
            await replica.runner.run()
        assert caught.group_contains(Broken)
        assert await replica.applied() == []
        assert await replica.runner.store.read(lambda db: db.execute("select * from receipts").fetchall()) == []
        await replica.runner.load()
        assert replica.runner.position.sequence == 0

    async with open_replica(log, REGION, tmp_path) as replica:
        await replica.caught_up(7)
        assert [sequence for sequence, _ in await replica.applied()] == list(range(1, 8))


async def test_the_batches_before_a_failure_stay(log: MemoryLog, writer: Writer, tmp_path: Path) -> None:
    for number in range(1, 10):
        await writer.write("bad" if number == 8 else f"text {number}")
    projection = tally_projection(handlers=failing_on("bad"))

    async with open_replica(
        log, REGION, tmp_path, projection=projection, events_per_transaction_max=3, follows=False
    ) as replica:
        with pytest.raises(ExceptionGroup):
            await replica.runner.run()
        assert [sequence for sequence, _ in await replica.applied()] == list(range(1, 7))
        assert replica.runner.position.sequence == 6


async def test_what_is_delivered_again_is_skipped(writer: Writer, log: MemoryLog, tmp_path: Path) -> None:
    for number in range(1, 7):
        await writer.write(Int32Value(value=number))
    one, two, three, four, five, six = await entries_of(log)
    again = Recorded([one, two], [one, two, three], [two], [three, three, four, one, five], [six, six])

    async with open_replica(again, REGION, tmp_path) as replica:
        await replica.caught_up(6)
        assert [sequence for sequence, _ in await replica.applied()] == [1, 2, 3, 4, 5, 6]
        assert (replica.runner.skipped_events, replica.runner.refused_events) == (0, 0)


async def test_a_gap_where_something_was_erased_is_no_obstacle(writer: Writer, log: MemoryLog, tmp_path: Path) -> None:
    for number in range(1, 7):
        await writer.write(f"text {number}")
    entries = await entries_of(log)

    async with open_replica(Recorded(entries[1:3], entries[5:]), REGION, tmp_path) as replica:
        await replica.caught_up(6)
        assert [sequence for sequence, _ in await replica.applied()] == [2, 3, 6]


async def test_a_payload_that_nobody_here_knows_is_skipped_and_counted(writer: Writer, replica: Replica) -> None:
    await writer.write(BoolValue(value=True))
    await writer.write("text")
    await writer.write(Timestamp(seconds=1))
    await replica.caught_up(3)

    assert (replica.runner.skipped_events, replica.runner.refused_events) == (2, 0)
    assert await replica.applied() == [(2, "text")]


TOKYO = person("tokyo")


FORGED: dict[str, tuple[str, dict[str, Any]]] = {
    "origin of another region": ("", {"origin": "tokyo"}),
    "actor of another region": ("", {"actor": TOKYO}),
    "origin and actor of another region": ("", {"origin": "tokyo", "actor": TOKYO}),
    "actor that is no id": ("", {"actor": "stockholm"}),
    "no actor": ("", {"actor": ""}),
    "no origin": ("", {"origin": ""}),
    "no id": ("", {"event_id": ""}),
    "subject of another region": (f"ev.tokyo.pub.tally.{TOKYO}", {}),
    "subject without an owner": ("ev.stockholm.pub.tally", {}),
    "subject of another reach": ("ev.stockholm.secret.tally.anna", {}),
    "time after all calendars": ("", {"authored_at_ms": 2**62 // 1000 * 1000}),
}


@pytest.mark.parametrize("name", FORGED)
async def test_what_does_not_belong_to_its_origin_is_refused_and_counted(
    log: MemoryLog, writer: Writer, replica: Replica, name: str
) -> None:
    forged_subject, changes = FORGED[name]
    data = writer.sealed("text", key="key", **changes)
    await log.append("forged", forged_subject or writer.subject(), data)
    await writer.write("good")
    await replica.caught_up(2)

    assert (replica.runner.refused_events, replica.runner.skipped_events) == (1, 0)
    assert await replica.applied() == [(2, "good")]
    assert await replica.runner.store.read(lambda db: find_receipt(db, person(REGION), "key")) is None


async def test_what_another_region_did_is_applied_and_leaves_no_receipt(
    log: MemoryLog, writer: Writer, replica: Replica
) -> None:
    data = writer.sealed("konnichiwa", event_id="tokyo_1", origin="tokyo", actor=TOKYO, key="key")
    await put(log, REGION, "theirs", f"ev.tokyo.pub.tally.{TOKYO}", data)
    await replica.caught_up(1)

    assert await replica.applied() == [(1, "konnichiwa")]
    assert await replica.runner.store.read(read_reached) == {"tokyo": Reached(1, writer.clock.wall_ms(), "theirs")}
    assert await replica.runner.store.read(lambda db: find_receipt(db, TOKYO, "key")) is None


GARBAGE = {
    "nothing": b"",
    "no message": b"\xff\xff\xff",
    "text": b"garbage",
    "half an event": Event(id="a", origin=REGION, actor="b" * 50).SerializeToString()[:-9],
    "too many bytes": Event(id="a", origin=REGION, traceparent="x" * limits.EVENT_BYTES_MAX).SerializeToString(),
    "a payload that is none": Event(
        id="a",
        origin=REGION,
        actor=person(REGION),
        payload=AnyMessage(type_url="type.googleapis.com/google.protobuf.StringValue", value=b"\x0a\xff"),
    ).SerializeToString(),
    "text that is no text": Event(
        id="a",
        origin=REGION,
        actor=person(REGION),
        payload=AnyMessage(type_url="type.googleapis.com/google.protobuf.StringValue", value=b"\x0a\x02\xc3\x28"),
    ).SerializeToString(),
}


@pytest.mark.parametrize("name", GARBAGE)
async def test_garbage_is_refused_and_counted(log: MemoryLog, writer: Writer, replica: Replica, name: str) -> None:
    await log.append("garbage", writer.subject(), GARBAGE[name])
    await writer.write("good")
    await replica.caught_up(2)

    assert (replica.runner.refused_events, replica.runner.skipped_events) == (1, 0)
    assert await replica.applied() == [(2, "good")]


@settings(max_examples=30)
@given(st.lists(st.binary(max_size=200), max_size=20))
async def test_any_bytes_are_passed(contents: list[bytes]) -> None:
    log = MemoryLog()
    writer = Writer(log, REGION)
    for number, content in enumerate(contents):
        await log.append(f"id-{number}", writer.subject(), content)
    last = await writer.write("good")
    with TemporaryDirectory() as directory:
        async with open_replica(log, REGION, Path(directory)) as replica:
            await replica.caught_up(last)
            assert (await replica.applied())[-1] == (last, "good")


async def test_what_a_handler_refuses_is_counted_and_not_told(writer: Writer, replica: Replica) -> None:
    told: list[int] = []
    replica.runner.listeners.append(lambda facts: told.extend(fact.sequence for fact in facts))
    await writer.write("no right")
    await writer.write("text")
    await replica.caught_up(2)

    assert (replica.runner.refused_events, replica.runner.skipped_events) == (1, 0)
    assert told == [2]


async def test_what_is_seen_moves_the_hybrid_clock(log: MemoryLog, writer: Writer, tmp_path: Path) -> None:
    seen = hybrid(writer.clock.wall_ms() + 5_000, 7)
    await log.append("id", writer.subject(), writer.sealed("text", occurred_at=seen))
    clock = ManualClock()
    async with open_replica(log, REGION, tmp_path, clock=clock) as replica:
        await replica.caught_up(1)
        assert replica.hlc.now() == seen + 1


async def test_a_clock_that_was_set_back_does_not_take_the_log_s_time_with_it(
    log: MemoryLog, writer: Writer, tmp_path: Path
) -> None:
    clock = ManualClock()
    async with open_replica(log, REGION, tmp_path, clock=clock) as replica:
        await replica.caught_up(await writer.write("text"))
        before = hybrid(clock.wall_ms() + 32 * HOURS * 1000)
        await log.append("id", writer.subject(), writer.sealed("text", occurred_at=before))
        await replica.caught_up(2)
        assert replica.hlc.now() == before + 1


async def receipts(replica: Replica) -> list[str]:
    def keys(db: Connection) -> list[str]:
        return [str(row[0]) for row in db.execute("select key from receipts order by key")]

    return await replica.runner.store.read(keys)


async def test_receipts_are_kept_for_a_day_of_the_log_s_own_time(writer: Writer, replica: Replica) -> None:
    await writer.write("first", key="first")
    writer.clock.advance((limits.RECEIPT_KEPT_HOURS - 1) * HOURS)
    await replica.caught_up(await writer.write("second", key="second"))
    assert await receipts(replica) == ["first", "second"]
    assert await replica.runner.store.read(lambda db: find_receipt(db, person(REGION), "first")) is not None

    writer.clock.advance(2 * HOURS)
    await replica.caught_up(await writer.write("third", key="third"))
    assert await receipts(replica) == ["second", "third"]


async def test_a_key_is_one_person_s_and_the_first_event_under_it_counts(
    log: MemoryLog, writer: Writer, replica: Replica
) -> None:
    for event_id, name in (("stockholm_1", "anna"), ("stockholm_2", "anna"), ("stockholm_3", "bengt")):
        data = writer.sealed("text", name=name, key="key", event_id=event_id, command_digest=event_id.encode())
        await log.append(event_id, writer.subject(name), data)
    await replica.caught_up(3)

    for name, event_id in (("anna", "stockholm_1"), ("bengt", "stockholm_3")):
        found = await replica.runner.store.read(lambda db, name=name: find_receipt(db, person(REGION, name), "key"))  # type: ignore[misc]
        assert found == (event_id.encode(), event_id)


STEP = st.one_of(
    st.tuples(st.just("give"), st.integers(-5, 5)),
    st.tuples(st.just("say"), st.sampled_from(["a", "b", "no right"])),
    st.tuples(st.just("keyed"), st.integers(0, 5)),
    st.tuples(st.just("wait"), st.sampled_from([-3, 0.5, 12, 25, 26, 60])),
    st.tuples(st.sampled_from(["garbage", "unknown", "forged"]), st.just(0)),
)


async def play(log: MemoryLog, steps: list[tuple[str, Any]]) -> None:
    writer = Writer(log, REGION)
    for number, (what, value) in enumerate(steps):
        name = "anna" if number % 3 else "bengt"
        if what == "give":
            await writer.write(Int32Value(value=value), name=name)
        elif what == "say":
            await writer.write(value, name=name)
        elif what == "keyed":
            await writer.write("keyed", name=name, key=f"key {value}")
        elif what == "wait":
            writer.clock.advance(value * HOURS)
        elif what == "unknown":
            await writer.write(BoolValue(), name=name)
        else:
            data = b"\xff" if what == "garbage" else writer.sealed("x", name=name, origin="tokyo", key="k")
            await log.append(f"{what} {number}", writer.subject(name), data)


async def built(log: EventLog, directory: Path, cuts: list[int]) -> tuple[list[TableDigest], int, int, int]:
    """Return what a projection comes to that is restarted for each cut and applies so many events a transaction then."""
    entries = await entries_of(log)
    for most in cuts:
        source = Recorded(entries[:most], entries)
        source.epoch = "one"
        async with open_replica(source, REGION, directory, events_per_transaction_max=most) as replica:
            await replica.caught_up(entries[most - 1].sequence if most <= len(entries) else 0)
    final = Recorded(entries)
    final.epoch = "one"
    async with open_replica(final, REGION, directory, events_per_transaction_max=cuts[-1]) as replica:
        await replica.caught_up(entries[-1].sequence if entries else 0)
        runner = replica.runner
        return await replica.digest(), runner.position.sequence, runner.skipped_events, runner.refused_events


@settings(max_examples=25)
@given(st.lists(STEP, min_size=25, max_size=50), st.lists(st.integers(1, 12), min_size=1, max_size=3))
async def test_the_same_log_gives_the_same_rows_however_it_is_cut(
    steps: list[tuple[str, Any]], cuts: list[int]
) -> None:
    log = MemoryLog()
    await play(log, steps)
    with TemporaryDirectory() as one, TemporaryDirectory() as other:
        assert await built(log, Path(one), cuts) == await built(log, Path(other), [1_000])


async def test_what_a_peer_appended_again_has_no_second_effect_where_it_is_held_and_keeps_its_first_number(
    tmp_path: Path,
) -> None:
    def sent(sequence: int, text: str, again: Again | None, *, theirs: int, origin: str = "tokyo") -> Entry:
        event_id = f"{origin}_{text}"
        writer = Writer(MemoryLog(), origin, ManualClock())
        source = Source(f"EV_{origin.upper()}", theirs) if origin != REGION else None
        return Entry(sequence, writer.subject(), writer.sealed(text, event_id=event_id), event_id, source, again)

    facts: list[Fact[Any]] = []
    here = Again(3, (REGION,))
    log = Recorded(
        [
            sent(1, "a", None, theirs=3),
            sent(2, "a", here, theirs=9),
            sent(3, "b", Again(4, ("austin",)), theirs=10),
            sent(4, "our own", here, theirs=4, origin=REGION),
        ]
    )
    async with open_replica(log, REGION, tmp_path, follows=False) as replica:
        replica.runner.listeners.append(facts.extend)
        replica.go_on()
        await replica.caught_up(4)

    assert [(fact.payload.value, fact.origin_sequence) for fact in facts] == [("a", 3), ("b", 4), ("our own", 3)]
    assert replica.runner.origins == {"tokyo": 10, REGION: 4}
