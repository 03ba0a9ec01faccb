"""What only a real server can do to a log: lose acknowledgements, be something else, be gone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import nats
import pytest
from nats.aio.client import Client
from nats.errors import TimeoutError as NatsTimeout
from nats.js import JetStreamContext
from nats.js.api import PersistMode, PubAck, RetentionPolicy, StorageType, StreamConfig, StreamInfo, StreamSource
from nats.js.errors import NotFoundError

from services.chassis import limits
from services.chassis.errors import Unavailable
from services.chassis.eventlog.jetstream import JetStreamLog, StreamMisconfigured, open_log
from services.chassis.eventlog.port import Expectation, Moved
from services.chassis.eventlog.subjects import ENTRY_ID_HEADER, MESSAGE_ID_HEADER, register_of, stream_name
from tests.support.logs import EPOCH, LOOK_SECONDS, WAIT_SECONDS_MAX, collect, fill, ids_of, new_region, opened, subject
from tests.support.nats import NatsServer


class DeafContext(JetStreamContext):
    """Sends what it is told to, and does not hear the next ``losses`` acknowledgements."""

    losses = 0
    sent = 0

    async def publish(self, *args: Any, **kwargs: Any) -> PubAck:
        self.sent += 1
        ack = await super().publish(*args, **kwargs)
        await self.after_publish()
        if self.losses:
            self.losses -= 1
            raise TimeoutError
        return ack

    async def after_publish(self) -> None:
        """For what happens between an acknowledgement and its loss."""


@pytest.fixture
def region() -> str:
    return new_region()


@pytest.fixture
async def client(nats_server: NatsServer) -> AsyncIterator[Client]:
    client = await nats.connect(nats_server.url)
    yield client
    await client.close()


@pytest.fixture
async def deaf(client: Client) -> DeafContext:
    return DeafContext(client)


@pytest.fixture
async def log(nats_server: NatsServer, region: str, client: Client, deaf: DeafContext) -> JetStreamLog:
    async with opened(nats_server.url, region):
        return JetStreamLog(client=client, jetstream=deaf, stream=stream_name(region), epoch=EPOCH)


async def test_a_stream_is_made_when_it_is_missing_and_found_when_it_is_there(
    nats_server: NatsServer, region: str
) -> None:
    async with opened(nats_server.url, region, epoch="first") as log:
        await log.append("id-1", subject(region), b"1")
    async with opened(nats_server.url, region, epoch="second") as log:
        assert log.epoch == "first"
        assert await log.last_sequence() == 1


async def test_regions_whose_names_are_alike_have_logs_of_their_own(nats_server: NatsServer, region: str) -> None:
    async with opened(nats_server.url, f"{region}-a") as log, opened(nats_server.url, f"{region}-a-b") as other:
        await log.append("id-1", subject(f"{region}-a"), b"")

        assert await other.last_sequence() == 0


async def test_all_who_open_at_once_agree_on_the_epoch(nats_server: NatsServer, region: str) -> None:
    asked = [open_log(url=nats_server.url, region=region, new_epoch=f"epoch-{n}") for n in range(6)]
    logs = await asyncio.gather(*asked)

    assert len({log.epoch for log in logs}) == 1
    for log in logs:
        await log.close()


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"storage": StorageType.MEMORY}, "storage is 'memory' and must be"),
        ({"retention": RetentionPolicy.INTEREST}, "retention is 'interest' and must be"),
        ({"max_msgs": 100}, "max_msgs is 100 and must be -1"),
        ({"max_msgs_per_subject": 1}, "max_msgs_per_subject is 1 and must be -1"),
        ({"max_bytes": 1_000_000}, "max_bytes is 1000000 and must be -1"),
        ({"max_age": 3600}, "max_age is 3600.0 and must be 0"),
        ({"max_msg_size": 1000}, "max_msg_size is 1000 and must be"),
        ({"no_ack": True}, "no_ack is True and must be False"),
        ({"duplicate_window": 1}, "duplicate_window is 1.0 s and must be 120 s or more"),
        ({"persist_mode": PersistMode.ASYNC}, "persist_mode is "),
        ({"metadata": {}}, "its metadata has no samverka-epoch"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
async def test_a_stream_that_keeps_less_than_a_log_is_refused_with_the_reason(
    nats_server: NatsServer, region: str, client: Client, change: dict[str, Any], fault: str
) -> None:
    config = await made(nats_server, region, client)
    await client.jetstream().add_stream(config.evolve(**change))

    with pytest.raises(StreamMisconfigured, match=f"Stream {stream_name(region)} is not a log: {fault}"):
        await open_log(url=nats_server.url, region=region, new_epoch=EPOCH)


async def test_a_refusal_names_every_fault(nats_server: NatsServer, region: str, client: Client) -> None:
    config = await made(nats_server, region, client)
    subjects = [f"ev.{region}.>", f"more.{region}"]
    await client.jetstream().add_stream(config.evolve(subjects=subjects, max_age=600, max_bytes=1_000_000))

    with pytest.raises(StreamMisconfigured, match=r"subjects is .*; max_bytes is .*; max_age is "):
        await open_log(url=nats_server.url, region=region, new_epoch=EPOCH)


async def made(server: NatsServer, region: str, client: Client) -> StreamConfig:
    """Return the settings of a good log, whose stream is gone again."""
    async with opened(server.url, region):
        config = (await client.jetstream().stream_info(stream_name(region))).config
    await client.jetstream().delete_stream(stream_name(region))
    return config


@pytest.mark.parametrize("losses", [1, limits.APPEND_ATTEMPTS_MAX - 1])
@pytest.mark.parametrize("expects", [True, False])
async def test_a_lost_acknowledgement_doubles_nothing(
    log: JetStreamLog, deaf: DeafContext, region: str, losses: int, expects: bool
) -> None:
    await log.append("id-1", subject(region), b"1")
    deaf.losses = losses
    expected = Expectation(register_of(region, "feed", "anna"), 1) if expects else None

    assert await log.append("id-2", subject(region), b"2", expected=expected) == 2
    assert deaf.sent > 2
    assert ids_of(await collect(log, 2)) == ["id-1", "id-2"]
    assert await log.last_sequence() == 2


async def test_the_same_append_settles_one_that_was_given_up(log: JetStreamLog, deaf: DeafContext, region: str) -> None:
    expected = Expectation(register_of(region, "feed", "anna"), 0)
    deaf.losses = 1 + limits.APPEND_ATTEMPTS_MAX
    with pytest.raises(Unavailable) as caught:
        await log.append("id-0", subject(region, "bengt"), b"0")
    assert caught.value.code == "log_unavailable"

    assert await log.append("id-0", subject(region, "bengt"), b"0") == 1
    assert await log.append("id-1", subject(region), b"1", expected=expected) == 2
    assert await log.last_sequence() == 2


async def test_an_expectation_settles_a_lost_acknowledgement_after_the_server_has_forgotten_the_id(
    log: JetStreamLog, deaf: DeafContext, region: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = (await deaf.stream_info(stream_name(region))).config
    await deaf.update_stream(config.evolve(duplicate_window=0.1))

    async def forget_ids() -> None:
        """Wait until an id that is younger than the entry is taken anew."""
        headers = {"Nats-Msg-Id": f"probe-{deaf.sent}"}
        await JetStreamContext.publish(deaf, subject(region, "probe"), headers=headers)
        async with asyncio.timeout(WAIT_SECONDS_MAX):
            while (await JetStreamContext.publish(deaf, subject(region, "probe"), headers=headers)).duplicate:
                await asyncio.sleep(LOOK_SECONDS)

    monkeypatch.setattr(deaf, "after_publish", forget_ids)
    deaf.losses = 1
    expected = Expectation(register_of(region, "feed", "anna"), 0)

    sequence = await log.append("id-1", subject(region), b"1", expected=expected)

    register = await log.read(expected.register)
    assert register is not None
    assert sequence == register.sequence == await log.last_sequence(expected.register)


async def test_an_acknowledgement_that_was_lost_to_another_is_a_move(log: JetStreamLog, region: str) -> None:
    register = register_of(region, "feed", "anna")
    await log.append("id-1", subject(region), b"1")
    await log.append("id-2", subject(region), b"2")

    with pytest.raises(Moved):
        await log.append("id-2b", subject(region), b"2", expected=Expectation(register, 1))
    with pytest.raises(Moved):
        await log.append("id-2", subject(region), b"2", expected=Expectation(register, 0))


async def test_the_largest_event_fits_with_its_headers(log: JetStreamLog, region: str) -> None:
    owner = f"{region}_{'0' * 26}"
    expected = Expectation(register_of(region, "directory", owner), 0)
    data = b"\x00" * limits.EVENT_BYTES_MAX

    await log.append("i" * 59, subject(region, owner, reach="local", service="directory"), data, expected=expected)

    assert (await collect(log, 1))[0].data == data


async def test_what_is_erased_is_missed_by_nobody(log: JetStreamLog, deaf: DeafContext, region: str) -> None:
    register = register_of(region, "feed", "anna")
    await fill(log, region, 6)
    for sequence in (2, 6):
        await deaf.delete_msg(stream_name(region), sequence)

    assert [entry.sequence for entry in await collect(log, 4)] == [1, 3, 4, 5]
    assert await log.last_sequence() == 5
    assert await log.last_sequence(register) == 5
    entry = await log.read("", after=1)
    assert entry is not None
    assert entry.sequence == 3
    assert await log.append("new", subject(region), b"", expected=Expectation(register, 5)) == 7
    assert await log.last_sequence() == 7


async def test_a_log_that_is_erased_whole_is_empty_and_goes_on(
    log: JetStreamLog, deaf: DeafContext, region: str
) -> None:
    await fill(log, region, 3)
    await deaf.purge_stream(stream_name(region))

    assert await log.last_sequence() == 0
    assert await log.append("new", subject(region), b"") == 4
    assert [entry.sequence for entry in await collect(log, 1)] == [4]


async def test_without_a_server_a_log_does_not_open_and_says_so(
    own_nats_server: NatsServer, region: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "LOG_OPEN_SECONDS_MAX", 0.3)
    own_nats_server.kill()

    with pytest.raises(Unavailable) as caught:
        await open_log(url=own_nats_server.url, region=region, new_epoch=EPOCH)
    assert caught.value.code == "log_unavailable"


async def test_a_log_opens_as_soon_as_its_server_is_there(own_nats_server: NatsServer, region: str) -> None:
    own_nats_server.kill()
    opening = asyncio.create_task(open_log(url=own_nats_server.url, region=region, new_epoch=EPOCH))
    await asyncio.to_thread(own_nats_server.start)

    log = await asyncio.wait_for(opening, WAIT_SECONDS_MAX)

    assert await log.append("id-1", subject(region), b"") == 1
    await log.close()


@pytest.mark.parametrize("lost", [1, 3])
async def test_a_log_opens_though_questions_about_it_are_lost(
    nats_server: NatsServer, region: str, monkeypatch: pytest.MonkeyPatch, lost: int
) -> None:
    asked = lose_questions(monkeypatch, lost)

    async with opened(nats_server.url, region) as log:
        assert await log.append("id-1", subject(region), b"") == 1
    assert len(asked) > lost


async def test_a_log_that_another_has_made_opens_though_the_servers_do_not_all_know_it_yet(
    nats_server: NatsServer, region: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(nats_server.url, region) as log:
        await log.append("id-1", subject(region), b"")
    asked = lose_questions(monkeypatch, 4, told=NotFoundError())

    later = await open_log(url=nats_server.url, region=region, new_epoch="another")

    assert (later.epoch, await later.last_sequence(), len(asked) > 4) == (log.epoch, 1, True)
    await later.close()


async def test_a_log_about_which_nothing_is_answered_does_not_open(
    nats_server: NatsServer, region: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "LOG_OPEN_SECONDS_MAX", 0.5)
    lose_questions(monkeypatch, 1_000_000)

    with pytest.raises(Unavailable) as caught:
        await open_log(url=nats_server.url, region=region, new_epoch=EPOCH)
    assert caught.value.code == "log_unavailable"


def lose_questions(monkeypatch: pytest.MonkeyPatch, lost: int, *, told: Exception | None = None) -> list[str]:
    """Have the first so many questions about a stream get no answer, or be told so; return what was asked."""
    asked: list[str] = []
    stream_info = JetStreamContext.stream_info

    async def ask(self: JetStreamContext, name: str, *args: Any, **named: Any) -> StreamInfo:
        asked.append(name)
        if len(asked) <= lost:
            raise told or NatsTimeout()
        return await stream_info(self, name, *args, **named)

    monkeypatch.setattr(JetStreamContext, "stream_info", ask)
    return asked


async def test_while_the_server_is_gone_every_question_ends_in_unavailable(
    own_nats_server: NatsServer, region: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "APPEND_TIMEOUT_SECONDS", 0.1)
    monkeypatch.setattr(limits, "APPEND_ATTEMPTS_MAX", 2)
    async with opened(own_nats_server.url, region) as log:
        own_nats_server.kill()
        for question in (
            log.append("id-1", subject(region), b""),
            log.append("id-2", subject(region), b"", expected=Expectation(register_of(region, "feed"), 0)),
            log.last_sequence(),
            log.last_sequence(register_of(region, "feed")),
            log.read(register_of(region, "feed")),
        ):
            with pytest.raises(Unavailable) as caught:
                await asyncio.wait_for(question, WAIT_SECONDS_MAX)
            assert caught.value.code == "log_unavailable"


async def test_what_was_acknowledged_is_there_after_a_kill(own_nats_server: NatsServer, region: str) -> None:
    async with opened(own_nats_server.url, region) as log:
        await fill(log, region, 50)
        before = await collect(log, 50)
        own_nats_server.kill()
        await asyncio.to_thread(own_nats_server.start)

        assert await collect(log, 50) == before
        assert await log.append("anna-50", subject(region), b"50") == before[-1].sequence


async def test_a_stream_that_is_gone_is_no_empty_register(log: JetStreamLog, deaf: DeafContext, region: str) -> None:
    await deaf.delete_stream(stream_name(region))

    for question in log.last_sequence(), log.last_sequence(register_of(region, "feed")), log.read(""):
        with pytest.raises(Unavailable):
            await question


async def test_a_peer_that_uses_anothers_entry_id_first_keeps_nothing_out(nats_server: NatsServer) -> None:
    """Were the id the server's own, the stream would take the honest entry for a duplicate of the forged one."""
    honest, liar, third = new_region(), new_region(), new_region()
    async with opened(nats_server.url, honest) as log, opened(nats_server.url, liar) as lies:
        forged = dict.fromkeys((MESSAGE_ID_HEADER, ENTRY_ID_HEADER), f"{honest}_1")
        await lies._jetstream.publish(subject(liar), b"forged", headers=forged)
        expected = Expectation(register_of(honest, "feed", "anna"), 0)
        await log.append(f"{honest}_1", subject(honest), b"honest", expected=expected)

        sources = [StreamSource(name=stream_name(liar))]
        stream = StreamConfig(name=stream_name(third), sources=sources, duplicate_window=120)
        await log._jetstream.add_stream(stream)
        await stream_holds(log._jetstream, stream_name(third), 1)
        await log._jetstream.update_stream(stream.evolve(sources=[*sources, StreamSource(name=stream_name(honest))]))
        await stream_holds(log._jetstream, stream_name(third), 2)


async def stream_holds(jetstream: JetStreamContext, stream: str, messages: int) -> None:
    """Wait until a stream holds so many messages."""
    async with asyncio.timeout(WAIT_SECONDS_MAX):
        while (await jetstream.stream_info(stream)).state.messages < messages:
            await asyncio.sleep(LOOK_SECONDS)
