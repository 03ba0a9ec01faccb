"""What a log promises, held against both: one in memory and one on a real JetStream."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest

from services.chassis import limits
from services.chassis.clock import SystemClock
from services.chassis.errors import Invalid
from services.chassis.eventlog.memory import MemoryLog
from services.chassis.eventlog.port import EventLog, Expectation, Moved, Position
from services.chassis.eventlog.subjects import register_of
from tests.support.logs import (
    WAIT_SECONDS_MAX,
    Follower,
    collect,
    collect_batches,
    fill,
    ids_of,
    new_region,
    opened,
    subject,
)
from tests.support.nats import NatsServer


@pytest.fixture
def region() -> str:
    return new_region()


@pytest.fixture(params=["memory", "jetstream"])
async def log(request: pytest.FixtureRequest, region: str) -> AsyncIterator[EventLog]:
    if request.param == "memory":
        yield MemoryLog(clock=SystemClock())
        return
    server: NatsServer = request.getfixturevalue("nats_server")
    async with opened(server.url, region) as log:
        yield log


async def test_entries_are_numbered_from_one_in_the_order_of_their_appends(log: EventLog, region: str) -> None:
    sequences = [await log.append(f"id-{n}", subject(region, f"owner{n % 3}"), b"%d" % n) for n in range(1, 8)]

    assert sequences == [1, 2, 3, 4, 5, 6, 7]
    assert [entry.data for entry in await collect(log, 7)] == [b"1", b"2", b"3", b"4", b"5", b"6", b"7"]


async def test_an_entry_comes_back_as_it_was_appended(log: EventLog, region: str) -> None:
    await log.append("id-1", subject(region, reach="local"), b"\x00\xff")
    await log.append("id-2", subject(region, "bengt"), b"")

    for entry in (await collect(log, 2))[0], await log.read(""):
        assert entry is not None
        assert entry.sequence == 1
        assert entry.subject == subject(region, reach="local")
        assert entry.data == b"\x00\xff"
        assert entry.message_id == "id-1"
        assert entry.source is None
    assert (await collect(log, 1, after=1))[0].data == b""


async def test_an_entry_says_when_it_came(log: EventLog, region: str) -> None:
    before_ms = SystemClock().wall_ms()
    await log.append("id-1", subject(region), b"1")
    after_ms = SystemClock().wall_ms()

    for entry in (await collect(log, 1))[0], await log.read(""):
        assert entry is not None
        assert before_ms <= entry.arrived_at_ms <= after_ms


async def test_an_id_is_appended_once(log: EventLog, region: str) -> None:
    first = await log.append("id-1", subject(region), b"1")
    await log.append("id-2", subject(region), b"2")

    assert await log.append("id-1", subject(region), b"1") == first
    assert ids_of(await collect(log, 2)) == ["id-1", "id-2"]
    assert await log.last_sequence() == 2


async def test_an_id_is_appended_once_though_asked_for_at_once(log: EventLog, region: str) -> None:
    expected = Expectation(register_of(region, "feed", "anna"), 0)
    asked = [log.append("id-1", subject(region), b"1", expected=expected) for _ in range(20)]

    assert await asyncio.gather(*asked) == [1] * 20
    assert await log.last_sequence() == 1


async def test_a_repeat_is_told_from_a_move_though_others_came_since(log: EventLog, region: str) -> None:
    expected = Expectation(register_of(region, "feed", "anna"), 0)
    first = await log.append("id-1", subject(region), b"1", expected=expected)
    await log.append("id-2", subject(region), b"2")

    assert await log.append("id-1", subject(region), b"1", expected=expected) == first
    assert await log.last_sequence() == 2


async def test_under_an_expectation_that_holds_the_decision_stands_and_not_the_id(log: EventLog, region: str) -> None:
    register = register_of(region, "feed", "anna")
    await log.append("id-1", subject(region), b"1", expected=Expectation(register, 0))

    assert await log.append("id-1", subject(region), b"1", expected=Expectation(register, 1)) == 2


async def test_a_register_spans_what_is_public_and_what_is_local(log: EventLog, region: str) -> None:
    register = register_of(region, "feed", "anna")
    await log.append("id-1", subject(region), b"1", expected=Expectation(register, 0))
    await log.append("id-2", subject(region, reach="local"), b"2", expected=Expectation(register, 1))

    for reach in ("pub", "local"):
        with pytest.raises(Moved):
            await log.append("id-3", f"ev.{region}.{reach}.feed.anna", b"3", expected=Expectation(register, 1))
    assert await log.append("id-3", subject(region), b"3", expected=Expectation(register, 2)) == 3


async def test_what_others_append_does_not_move_a_register(log: EventLog, region: str) -> None:
    register = register_of(region, "feed", "anna")
    await log.append("id-1", subject(region), b"1")
    await log.append("id-2", subject(region, "bengt"), b"2")
    await log.append("id-3", subject(region, service="profile"), b"3")

    assert await log.last_sequence(register) == 1
    assert await log.append("id-4", subject(region), b"4", expected=Expectation(register, 1)) == 4


async def test_a_register_of_all_owners_is_moved_by_any(log: EventLog, region: str) -> None:
    register = register_of(region, "directory")
    await log.append("id-1", subject(region, "anna", service="directory"), b"", expected=Expectation(register, 0))

    with pytest.raises(Moved):
        await log.append("id-2", subject(region, "bengt", service="directory"), b"", expected=Expectation(register, 0))


@pytest.mark.parametrize("sequence", [1, 7])
async def test_an_empty_register_is_expected_with_zero_and_nothing_else(
    log: EventLog, region: str, sequence: int
) -> None:
    register = register_of(region, "feed", "anna")
    await log.append("id-1", subject(region, "bengt"), b"1")

    with pytest.raises(Moved):
        await log.append("id-2", subject(region), b"2", expected=Expectation(register, sequence))
    assert await log.append("id-2", subject(region), b"2", expected=Expectation(register, 0)) == 2
    with pytest.raises(Moved):
        await log.append("id-3", subject(region), b"3", expected=Expectation(register, 0))


async def test_a_refused_append_leaves_no_trace(log: EventLog, region: str) -> None:
    register = register_of(region, "feed", "anna")
    await log.append("id-1", subject(region), b"1")
    with pytest.raises(Moved):
        await log.append("id-2", subject(region), b"2", expected=Expectation(register, 0))

    assert await log.last_sequence() == 1
    assert await log.append("id-2", subject(region), b"2", expected=Expectation(register, 1)) == 2


async def test_of_many_with_one_expectation_one_comes_first(log: EventLog, region: str) -> None:
    register = register_of(region, "feed", "anna")
    async with AsyncExitStack() as stack:
        followers = [await stack.enter_async_context(Follower(log).following()) for _ in range(5)]
        for last in range(5):
            await asyncio.gather(*(follower.wait_for(last) for follower in followers))
            expected = Expectation(register, last)
            asked = [log.append(f"id-{last}-{n}", subject(region), b"", expected=expected) for n in range(10)]
            ends = await asyncio.gather(*asked, return_exceptions=True)

            assert [end for end in ends if not isinstance(end, Moved)] == [last + 1]


async def test_the_last_sequence_is_of_the_register_or_of_all(log: EventLog, region: str) -> None:
    register = register_of(region, "feed", "anna")
    assert await log.last_sequence() == 0
    assert await log.last_sequence(register) == 0

    await log.append("id-1", subject(region), b"")
    await log.append("id-2", subject(region, reach="local"), b"")
    await log.append("id-3", subject(region, "bengt"), b"")

    assert await log.last_sequence() == 3
    assert await log.last_sequence(register) == 2
    assert await log.last_sequence(register_of(region, "profile", "anna")) == 0


async def test_a_read_gives_the_first_entry_of_the_register_after_a_sequence(log: EventLog, region: str) -> None:
    register = register_of(region, "feed", "anna")
    for number, owner in enumerate(("bengt", "anna", "bengt", "anna"), start=1):
        await log.append(f"id-{number}", subject(region, owner), b"")

    found = [await log.read(register, after=after) for after in range(5)]

    assert [entry and entry.message_id for entry in found] == ["id-2", "id-2", "id-4", "id-4", None]
    everything = [await log.read("", after=after) for after in range(5)]
    assert [entry and entry.sequence for entry in everything] == [1, 2, 3, 4, None]


@pytest.mark.parametrize("after", [0, 1, 5, 9])
async def test_a_follower_begins_where_it_is_told(log: EventLog, region: str, after: int) -> None:
    await fill(log, region, 10)

    assert [entry.sequence for entry in await collect(log, 10 - after, after=after)] == list(range(after + 1, 11))


async def test_a_follower_waits_for_the_first_entry_and_for_each_after_it(log: EventLog, region: str) -> None:
    async with Follower(log).following() as follower:
        await asyncio.sleep(0)
        for number in range(1, 6):
            await log.append(f"id-{number}", subject(region), b"")
            await follower.wait_for(number)

        assert follower.sequences == [1, 2, 3, 4, 5]


async def test_a_follower_at_the_end_is_given_only_what_comes(log: EventLog, region: str) -> None:
    await fill(log, region, 3)
    async with Follower(log, after=3).following() as follower:
        await log.append("id-4", subject(region), b"")
        await follower.wait_for(1)

        assert follower.sequences == [4]


async def test_each_of_several_followers_is_given_all(log: EventLog, region: str) -> None:
    async with AsyncExitStack() as stack:
        followers = [await stack.enter_async_context(Follower(log).following()) for _ in range(4)]
        await fill(log, region, 500)
        for follower in followers:
            await follower.wait_for(500)
            assert follower.sequences == list(range(1, 501))


async def test_a_long_log_comes_in_order_and_once_in_batches_of_bounded_size(log: EventLog, region: str) -> None:
    entries = 2 * limits.FOLLOW_EVENTS_MAX + 1_003
    await fill(log, region, entries)

    batches = await collect_batches(log, entries)

    assert [entry.sequence for batch in batches for entry in batch] == list(range(1, entries + 1))
    assert max(map(len, batches)) <= limits.APPLY_EVENTS_MAX
    assert min(map(len, batches)) >= 1


async def test_a_follower_that_does_not_read_for_a_while_loses_nothing(log: EventLog, region: str) -> None:
    entries = limits.FOLLOW_EVENTS_MAX + 700
    following = log.follow(after=0)
    await log.append("first", subject(region, "bengt"), b"")
    seen = [entry.sequence for entry in await anext(following)]

    await fill(log, region, entries)
    while len(seen) < entries + 1:
        seen += [entry.sequence for entry in await asyncio.wait_for(anext(following), WAIT_SECONDS_MAX)]
    await following.aclose()

    assert seen == list(range(1, entries + 2))


@pytest.mark.parametrize("text", ["a:0", "01JD3:17", "A-b_9:9223372036854775807", "memory:9999999999999999999"])
def test_a_position_is_read_as_it_is_written(text: str) -> None:
    position = Position.parse(text)

    assert str(position) == text
    assert f"{position.message().epoch}:{position.message().sequence}" == text


@pytest.mark.parametrize(
    "text", ["", ":", "a", "a:", ":1", "a:-1", "a:+1", "a: 1", "a:1\n", "a:1:2", "a.b:1", "ä:1", "a:१", "a:" + "9" * 20]
)
def test_what_is_no_position_is_refused_with_its_field(text: str) -> None:
    with pytest.raises(Invalid) as caught:
        Position.parse(text, field="after")
    assert (caught.value.code, caught.value.field) == ("malformed_position", "after")
