"""A command has one outcome, however often it is sent, to whichever replica, and whatever is lost on the way."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import nats
import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from google.protobuf.wrappers_pb2 import Int32Value, StringValue
from nats.js import JetStreamContext

from samverka.event.v1.event_pb2 import CommandContext, Event
from samverka.feed.v1.feed_service_pb2 import DeletePostRequest, PublishPostRequest
from services.chassis import limits
from services.chassis.clock import ManualClock
from services.chassis.deciding import Outcome, WithReach, parse_intent
from services.chassis.envelope import open_event
from services.chassis.errors import Conflict, Exhausted, Forbidden, Gone, Invalid, SamverkaError, Unavailable
from services.chassis.eventlog.jetstream import JetStreamLog
from services.chassis.eventlog.memory import MemoryLog
from services.chassis.eventlog.port import EventLog, Position
from services.chassis.eventlog.subjects import stream_name
from services.chassis.ids import Entropy, Ids, derive
from services.chassis.store import Connection
from services.chassis.telemetry import Telemetry
from services.chassis.traceparents import is_sampled
from tests.support.logs import EPOCH, WAIT_SECONDS_MAX, new_region, opened, subject
from tests.support.nats import NatsServer
from tests.support.tally import (
    ALLOWANCE,
    Replica,
    Writer,
    caller,
    intent,
    open_replica,
    person,
    say,
    spend,
    spent,
)
from tests.support.unreliable import Unreliable


@pytest.fixture
def region() -> str:
    return new_region()


@pytest.fixture(params=["memory", "jetstream"])
async def log(request: pytest.FixtureRequest, region: str) -> AsyncIterator[EventLog]:
    if request.param == "memory":
        yield MemoryLog()
        return
    server: NatsServer = request.getfixturevalue("nats_server")
    async with opened(server.url, region) as log:
        yield log


@pytest.fixture
async def replicas(log: EventLog, region: str, tmp_path: Path) -> AsyncIterator[list[Replica]]:
    async with AsyncExitStack() as stack:
        yield [
            await stack.enter_async_context(open_replica(log, region, tmp_path / str(number), seed=number))
            for number in range(3)
        ]


@pytest.fixture
def replica(replicas: list[Replica]) -> Replica:
    return replicas[0]


async def events(log: EventLog) -> list[Event]:
    found, after = [], 0
    while entry := await log.read("", after=after):
        after = entry.sequence
        event = open_event(entry.data)
        assert event is not None
        assert event.id == entry.message_id
        found.append(event)
    return found


async def refusal(replica: Replica, *args: Any) -> SamverkaError:
    with pytest.raises(SamverkaError) as caught:
        await replica.carry_out(*args)
    return caught.value


async def test_a_command_leads_to_one_event_and_to_what_a_reader_sees(
    log: EventLog, replica: Replica, region: str
) -> None:
    outcome = await replica.carry_out(intent(region, key="key"), say("hello"))

    (event,) = await events(log)
    assert outcome == Outcome(Position(log.epoch, 1), event.id)
    assert (event.origin, event.actor, event.idempotency_key) == (region, person(region), "key")
    assert StringValue.FromString(event.payload.value).value == "hello"
    assert await replica.applied() == [(1, "hello")]


async def test_a_command_that_has_nothing_to_change_leaves_the_log_alone(
    log: EventLog, replica: Replica, region: str
) -> None:
    await replica.carry_out(intent(region), say("hello"))

    outcome = await replica.carry_out(intent(region), lambda db: None)

    assert outcome == Outcome(Position(log.epoch, 1), "")
    assert await log.last_sequence() == 1


async def test_a_rule_that_forbids_leaves_the_log_alone(log: EventLog, replica: Replica, region: str) -> None:
    anna = person(region)
    error = await refusal(replica, intent(region, key="key"), spend(anna, ALLOWANCE + 1))

    assert error.code == "allowance"
    assert await log.last_sequence() == 0
    assert (await replica.carry_out(intent(region, key="key"), spend(anna))).event_id


async def test_a_repeat_has_the_same_outcome_and_no_effect(log: EventLog, replicas: list[Replica], region: str) -> None:
    first = await replicas[0].carry_out(intent(region, key="key"), spend(person(region)))
    await replicas[0].carry_out(intent(region), say("since"))

    for replica in replicas:
        again = await replica.carry_out(intent(region, key="key"), spend(person(region)))
        assert again.event_id == first.event_id
        assert again.position.sequence >= first.position.sequence
    assert len(await events(log)) == 2


async def test_repeats_at_once_in_one_replica_have_one_effect(log: EventLog, replica: Replica, region: str) -> None:
    asked = [replica.carry_out(intent(region, key="key"), spend(person(region))) for _ in range(20)]

    assert len({outcome.event_id for outcome in await asyncio.gather(*asked)}) == 1
    assert len(await events(log)) == 1


async def test_repeats_at_once_in_several_replicas_have_one_effect(
    log: EventLog, replicas: list[Replica], region: str
) -> None:
    for number in range(8):
        asked = [replica.carry_out(intent(region, key=f"key-{number}"), say("hello")) for replica in replicas * 2]
        assert len({outcome.event_id for outcome in await asyncio.gather(*asked)}) == 1
    assert len(await events(log)) == 8


async def test_without_a_key_every_request_is_carried_out(log: EventLog, replicas: list[Replica], region: str) -> None:
    asked = [replica.carry_out(intent(region), say("hello")) for replica in replicas for _ in range(3)]

    assert len({outcome.event_id for outcome in await asyncio.gather(*asked)}) == 9
    assert len(await events(log)) == 9


async def test_a_key_that_was_used_for_another_request_is_refused(
    log: EventLog, replicas: list[Replica], region: str
) -> None:
    await replicas[0].carry_out(intent(region, key="key", body="one"), say("one"))

    for replica in replicas:
        error = await refusal(replica, intent(region, key="key", body="other"), say("other"))
        assert isinstance(error, Conflict)
        assert (error.code, error.field) == ("idempotency_key_reused", "idempotency_key")
    assert await log.last_sequence() == 1


async def test_of_two_requests_under_one_key_at_once_one_is_carried_out_and_the_other_refused(
    log: EventLog, replicas: list[Replica], region: str
) -> None:
    for number in range(8):
        key = f"key-{number}"
        asked = [
            replica.carry_out(intent(region, key=key, body=f"{place}"), say(f"{number} {place}"))
            for place, replica in enumerate(replicas)
        ]
        ends = await asyncio.gather(*asked, return_exceptions=True)

        refused = [end for end in ends if isinstance(end, Conflict) and end.code == "idempotency_key_reused"]
        assert len(refused) == len(replicas) - 1
        (carried_out,) = [place for place, end in enumerate(ends) if isinstance(end, Outcome)]
        event = (await events(log))[-1]
        assert StringValue.FromString(event.payload.value).value == f"{number} {carried_out}"


async def test_a_key_is_one_person_s(log: EventLog, replica: Replica, region: str) -> None:
    first = await replica.carry_out(intent(region, "anna", key="key"), say("one"))
    second = await replica.carry_out(intent(region, "bengt", key="key"), say("other"))

    assert first.event_id != second.event_id
    assert await log.last_sequence() == 2


async def test_a_key_means_the_same_in_every_service(log: MemoryLog, replica: Replica, region: str) -> None:
    await replica.carry_out(intent(region, key="key", body="one"), say("one"))

    with pytest.raises(Conflict) as caught:
        await replica.decider.carry_out(
            intent(region, key="key", body="other"), say("other"), owner=person(region), directory=True
        )
    assert caught.value.code == "idempotency_key_reused"


async def test_a_decision_is_made_on_all_that_others_have_appended(
    log: EventLog, replica: Replica, region: str
) -> None:
    anna, writer = person(region), Writer(log, region)
    for _ in range(ALLOWANCE):
        await writer.write(Int32Value(value=1))

    error = await refusal(replica, intent(region), spend(anna))

    assert error.code == "allowance"


async def test_who_finds_the_register_moved_decides_again_on_what_is_there_then(
    log: EventLog, region: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unreliable, writer, anna = Unreliable(log), Writer(log, region), person(region)
    seen: list[int] = []

    async def come_first(subject: str) -> None:
        if len(seen) == 1:
            await writer.write(Int32Value(value=4))

    def decide(db: Connection) -> Int32Value:
        seen.append(spent(db, anna))
        return Int32Value(value=1)

    monkeypatch.setattr(unreliable, "before_append", come_first)
    async with open_replica(unreliable, region, tmp_path) as replica:
        await replica.carry_out(intent(region), decide)

        assert seen == [0, 4]
        assert await replica.runner.store.read(lambda db: spent(db, anna)) == 5


async def test_a_register_that_never_stands_still_is_given_up_on(
    log: EventLog, region: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unreliable, writer = Unreliable(log), Writer(log, region)

    async def come_first(subject: str) -> None:
        await writer.write("first")

    monkeypatch.setattr(unreliable, "before_append", come_first)
    async with open_replica(unreliable, region, tmp_path) as replica:
        error = await refusal(replica, intent(region), say("never"))

        assert isinstance(error, Conflict)
        assert error.code == "contended"
        await replica.caught_up(limits.DECIDE_ATTEMPTS_MAX)
        assert await replica.applied() == [(n, "first") for n in range(1, limits.DECIDE_ATTEMPTS_MAX + 1)]


async def test_the_directory_is_one_register_of_all_owners(log: EventLog, replicas: list[Replica], region: str) -> None:
    """Of all who want a handle at once, at whichever replica, one has it."""

    def claim(db: Connection) -> StringValue:
        if db.execute("select 1 from applied where what = 'handle'").fetchone():
            raise Conflict("It is taken.", code="taken")
        return StringValue(value="handle")

    asked = [
        replica.decider.carry_out(intent(region, name), claim, owner=person(region, name), directory=True)
        for replica, name in zip(replicas * 2, "abcdef", strict=True)
    ]
    ends = await asyncio.gather(*asked, return_exceptions=True)

    assert Counter(end.code if isinstance(end, SamverkaError) else "done" for end in ends) == {"done": 1, "taken": 5}
    (event,) = await events(log)
    entry = await log.read("")
    assert entry is not None
    assert entry.subject == subject(region, event.actor, service="directory")


async def test_what_stays_in_the_region_is_appended_there(log: EventLog, replica: Replica, region: str) -> None:
    anna = person(region)
    await replica.decider.carry_out(
        intent(region), lambda db: WithReach(StringValue(value="secret"), "local"), owner=anna
    )

    entry = await log.read("")
    assert entry is not None
    assert entry.subject == subject(region, anna, reach="local", service="tally")


async def test_an_event_that_is_too_large_is_refused(log: EventLog, replica: Replica, region: str) -> None:
    error = await refusal(replica, intent(region), say("a" * limits.EVENT_BYTES_MAX))
    assert isinstance(error, Invalid)
    assert error.code == "too_large"

    room = limits.EVENT_BYTES_MAX - 500
    assert (await replica.carry_out(intent(region, key="k" * 128), say("a" * room))).position.sequence == 1


async def test_a_queue_at_one_register_is_bounded_and_others_are_not_held_up(
    region: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "COMMANDS_WAITING_MAX", 3)
    log, go_on = Unreliable(MemoryLog()), asyncio.Event()

    async def hold_anna_up(subject: str) -> None:
        if subject.endswith(person(region)):
            await go_on.wait()

    monkeypatch.setattr(log, "before_append", hold_anna_up)
    async with open_replica(log, region, tmp_path) as replica:
        waiting = [asyncio.create_task(replica.carry_out(intent(region), say("waited"))) for _ in range(3)]
        await asyncio.sleep(0)
        error = await refusal(replica, intent(region), say("one too many"))
        assert isinstance(error, Exhausted)
        assert error.code == "queue_full"
        await replica.carry_out(intent(region, "bengt"), say("not held up"))

        waiting[2].cancel()
        go_on.set()
        await asyncio.gather(*waiting, return_exceptions=True)
        await replica.carry_out(intent(region), say("free again"))
        assert [what for _, what in await replica.applied()] == ["not held up", "waited", "waited", "free again"]
        assert replica.decider._queues == {}


async def test_a_replica_that_is_behind_says_so(region: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "CATCH_UP_SECONDS_MAX", 0.05)
    log = MemoryLog()
    await Writer(log, region).write("not applied")
    async with open_replica(log, region, tmp_path, follows=False) as replica:
        error = await refusal(replica, intent(region), say("hello"))
    assert isinstance(error, Unavailable)
    assert error.code == "behind"
    assert await log.last_sequence() == 1


async def test_what_is_done_and_not_to_be_seen_is_gone_unless_this_replica_is_behind(
    region: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_replica(MemoryLog(), region, tmp_path) as replica:
        await replica.carry_out(intent(region), say("hello"))
        assert isinstance(replica.decider.not_shown(), Gone)

        monkeypatch.setattr(limits, "CATCH_UP_SECONDS_MAX", 0.05)
        await replica.pause()
        outcome = await replica.carry_out(intent(region), say("not applied here"))
        behind = replica.decider.not_shown()
        assert (type(behind), behind.code) == (Unavailable, "behind")

        replica.go_on()
        await replica.caught_up(outcome.position.sequence)
        assert isinstance(replica.decider.not_shown(), Gone)


async def test_an_outcome_stands_at_the_snapshot_that_it_was_decided_on(region: str, tmp_path: Path) -> None:
    """A reader may see a commit before the runner says so; a reply must not name a position before what it shows."""
    log = MemoryLog()
    async with open_replica(log, region, tmp_path) as replica:
        first = await replica.carry_out(intent(region, key="key"), say("hello"))
        replica.runner._progress.sequence = 0
        log_is_empty_for_her = intent(region, "bengt")
        nothing = await replica.carry_out(log_is_empty_for_her, lambda db: None)

        assert nothing.position == first.position


async def test_a_repeat_after_a_lost_acknowledgement_finds_what_it_led_to(region: str, tmp_path: Path) -> None:
    memory = MemoryLog()
    log = Unreliable(memory)
    async with open_replica(log, region, tmp_path) as replica:
        log.losses = 1
        assert (await refusal(replica, intent(region, key="key"), spend(person(region)))).code == "log_unavailable"

        outcome = await replica.carry_out(intent(region, key="key"), spend(person(region)))

        (event,) = await events(memory)
        assert outcome == Outcome(Position("memory", 1), event.id)


async def test_while_the_log_is_down_a_command_is_unavailable_and_then_goes_on(region: str, tmp_path: Path) -> None:
    log = Unreliable(MemoryLog())
    async with open_replica(log, region, tmp_path) as replica:
        log.is_down = True
        error = await refusal(replica, intent(region, key="key"), say("hello"))
        assert isinstance(error, Unavailable)
        log.is_down = False
        await replica.carry_out(intent(region, key="key"), say("hello"))
        assert replica.decider._queues == {}


async def test_a_killed_server_makes_a_command_unavailable_and_a_repeat_settles_it(
    own_nats_server: NatsServer, region: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with (
        opened(own_nats_server.url, region) as log,
        open_replica(log, region, tmp_path) as replica,
    ):
        await replica.carry_out(intent(region), say("before"))
        monkeypatch.setattr(limits, "APPEND_TIMEOUT_SECONDS", 0.2)
        monkeypatch.setattr(limits, "APPEND_ATTEMPTS_MAX", 2)
        own_nats_server.kill()
        assert isinstance(await refusal(replica, intent(region, key="key"), say("during")), Unavailable)
        await asyncio.to_thread(own_nats_server.start)

        async def settle() -> Outcome:
            while True:
                try:
                    return await replica.carry_out(intent(region, key="key"), say("during"))
                except Unavailable:
                    continue

        await asyncio.wait_for(settle(), WAIT_SECONDS_MAX)
        assert [what for _, what in await replica.applied()] == ["before", "during"]


class LossyContext(JetStreamContext):
    """Loses every third acknowledgement."""

    acknowledged = 0

    async def publish(self, *args: Any, **kwargs: Any) -> Any:
        ack = await super().publish(*args, **kwargs)
        self.acknowledged += 1
        if self.acknowledged % 3 == 0:
            raise TimeoutError
        return ack


async def test_an_allowance_holds_for_200_commands_at_three_replicas_that_lose_acknowledgements(
    nats_server: NatsServer, region: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "APPEND_TIMEOUT_SECONDS", WAIT_SECONDS_MAX)  # those that are lost are so at once
    people = [f"person{n}" for n in range(5)]
    async with AsyncExitStack() as stack:
        shared = await stack.enter_async_context(opened(nats_server.url, region))
        replicas = []
        for number in range(3):
            client = await nats.connect(nats_server.url)
            stack.push_async_callback(client.close)
            jetstream = LossyContext(client, timeout=WAIT_SECONDS_MAX)
            log = JetStreamLog(client=client, jetstream=jetstream, stream=stream_name(region), epoch=EPOCH)
            replicas.append(
                await stack.enter_async_context(open_replica(log, region, tmp_path / str(number), seed=number))
            )

        async def give(number: int) -> str:
            name = people[number % len(people)]
            wanted = intent(region, name, key=f"key-{number // 2}" if number % 2 else "", body=name)
            try:
                await replicas[number % 3].carry_out(wanted, spend(person(region, name), 1 + number % 2))
            except (Exhausted, Conflict) as error:
                return error.code
            return "done"

        ends = Counter(await asyncio.gather(*(give(number) for number in range(200))))
        await replicas[0].caught_up(await shared.last_sequence())
        totals = [await replicas[0].runner.store.read(lambda db, n=n: spent(db, person(region, n))) for n in people]  # type: ignore[misc]

        assert set(ends) <= {"done", "allowance", "contended"}
        assert all(ALLOWANCE - 1 <= total <= ALLOWANCE for total in totals)
        assert len(await events(shared)) == ends["done"]
        for replica in replicas[1:]:
            await replica.caught_up(await shared.last_sequence())
            assert await replica.digest() == await replicas[0].digest()


KEYS_REFUSED = ["a b", "\n", "key\n", "ä", "a" * (limits.IDEMPOTENCY_KEY_CHARACTERS_MAX + 1), "\x7f", " "]


@pytest.mark.parametrize("key", KEYS_REFUSED)
def test_a_malformed_key_is_refused(key: str) -> None:
    with pytest.raises(Invalid) as caught:
        intent("stockholm", key=key)
    assert (caught.value.code, caught.value.field) == ("malformed_idempotency_key", "idempotency_key")


@pytest.mark.parametrize("key", ["", "a", "~!" * 64])
def test_a_printable_key_is_taken(key: str) -> None:
    assert intent("stockholm", key=key).key == key


def parsed(context: CommandContext, *, roles: tuple[str, ...] = ("importer",)) -> Any:
    return parse_intent(
        PublishPostRequest(context=context), context, caller("stockholm", "import", roles=roles), "stockholm"
    )


AUTHORED = Timestamp(seconds=1_234_567_890, nanos=123_456_789)


@pytest.mark.parametrize(
    "context",
    [
        CommandContext(on_behalf_of=person("stockholm")),
        CommandContext(authored_at=AUTHORED),
        CommandContext(authored_at=Timestamp()),
        CommandContext(on_behalf_of="nonsense"),
    ],
)
@pytest.mark.parametrize("roles", [(), ("member",), ("admin", "moderator", "sponsor", "community_manager")])
def test_only_an_importer_writes_for_others_or_at_another_time(context: CommandContext, roles: tuple[str, ...]) -> None:
    with pytest.raises(Forbidden) as caught:
        parsed(context, roles=roles)
    assert caught.value.field == "context"


@pytest.mark.parametrize(
    ("context", "code", "field"),
    [
        (CommandContext(on_behalf_of="nonsense"), "malformed_id", "on_behalf_of"),
        (CommandContext(on_behalf_of=person("tokyo")), "home_elsewhere", "on_behalf_of"),
        (CommandContext(on_behalf_of=person("stockholm-2")), "home_elsewhere", "on_behalf_of"),
        (CommandContext(authored_at=Timestamp()), "out_of_range", "authored_at"),
        (CommandContext(authored_at=Timestamp(seconds=-1)), "out_of_range", "authored_at"),
        (CommandContext(authored_at=Timestamp(seconds=253_402_300_800)), "out_of_range", "authored_at"),
        (CommandContext(authored_at=Timestamp(seconds=2**63 - 1)), "out_of_range", "authored_at"),
    ],
)
def test_an_importer_s_mistakes_are_told(context: CommandContext, code: str, field: str) -> None:
    with pytest.raises(Invalid) as caught:
        parsed(context)
    assert (caught.value.code, caught.value.field) == (code, field)


async def test_an_event_says_who_recorded_it_and_when_it_happened(region: str, tmp_path: Path) -> None:
    log, context = MemoryLog(), CommandContext(on_behalf_of=person(region), authored_at=AUTHORED)
    importer = caller(region, "import", roles=("importer",))
    wanted = parse_intent(PublishPostRequest(context=context), context, importer, region)
    async with open_replica(log, region, tmp_path) as replica:
        await replica.carry_out(wanted, say("from before"))
        await replica.carry_out(intent(region), say("by myself"))

    imported, own = await events(log)
    assert (imported.actor, imported.recorded_by) == (person(region), person(region, "import"))
    assert imported.authored_at.ToMilliseconds() == 1_234_567_890_123
    assert (own.recorded_by, own.HasField("authored_at")) == ("", False)


async def test_an_event_carries_its_trace_only_where_it_is_recorded(region: str, tmp_path: Path) -> None:
    log = MemoryLog()
    always, never = Telemetry(service="test", trace_ratio=1), Telemetry(service="test", trace_ratio=0)
    async with open_replica(log, region, tmp_path) as replica:
        for telemetry in (always, never):
            with telemetry.span("command"):
                await replica.carry_out(intent(region), say("hello"))
            telemetry.shutdown()

    recorded, unrecorded = await events(log)
    assert is_sampled(recorded.traceparent)
    assert unrecorded.traceparent == ""


def test_a_request_s_digest_is_of_what_it_asks_and_of_nothing_else() -> None:
    def digest(request: Any) -> bytes:
        return parse_intent(request, request.context, caller("stockholm", roles=("importer",)), "stockholm").digest

    body = digest(PublishPostRequest(body="one"))
    assert digest(PublishPostRequest(body="one", context=CommandContext(idempotency_key="key"))) == body
    assert digest(PublishPostRequest(body="one", context=CommandContext(authored_at=AUTHORED))) == body
    assert digest(PublishPostRequest(body="other")) != body
    assert digest(PublishPostRequest()) != digest(DeletePostRequest())


def test_what_an_intent_creates_has_one_id_under_one_key(clock: ManualClock, entropy: Entropy) -> None:
    ids = Ids("stockholm", clock, entropy)
    keyed, other, unkeyed = (intent("stockholm", key=key) for key in ("key", "other", ""))

    assert keyed.object_id(ids, "post") == keyed.object_id(ids, "post")
    assert keyed.object_id(ids, "post") == derive("stockholm", person("stockholm"), "post", "key")
    assert len({keyed.object_id(ids, "post"), keyed.object_id(ids, "comment"), other.object_id(ids, "post")}) == 3
    assert unkeyed.object_id(ids, "post") != unkeyed.object_id(ids, "post")
