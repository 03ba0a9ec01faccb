"""The log on JetStream: one stream a region, made if it is missing, checked if it is there.

What the server does not promise by itself is done here. A repeated append with an expectation answers "wrong last sequence"
once the first has come in, so after a lost acknowledgement the first entry behind the expectation is read and its id
compared. With several servers the leader may refuse an expectation because of an entry that is not settled yet (10164,
not 10071): that may be our own, so the append is tried again until it is known. A stream with other settings than ours
is refused at the start: a log that keeps less than it says must not be written to.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from pathlib import Path

from nats.aio.client import Client
from nats.errors import Error as NatsError
from nats.errors import TimeoutError as NatsTimeout
from nats.js import JetStreamContext
from nats.js.api import Header, RawStreamMsg, RetentionPolicy, StorageType, StreamConfig, StreamInfo
from nats.js.errors import APIError, NotFoundError
from nats.js.errors import Error as JetStreamError

from services.chassis import limits, traceparents
from services.chassis.errors import Unavailable
from services.chassis.eventlog.connecting import connect
from services.chassis.eventlog.following import follow
from services.chassis.eventlog.port import Entry, Expectation, LogReplaced, Moved
from services.chassis.eventlog.subjects import (
    AGAIN_HEADER,
    ENTRY_ID_HEADER,
    EPOCH_KEY,
    MESSAGE_ID_HEADER,
    SOURCE_HEADER,
    entry_id_of,
    parse_again,
    parse_source,
    stream_name,
    stream_subjects,
)

_WRONG_LAST_SEQUENCE = 10071
_NAME_IN_USE = 10058
_NO_MESSAGE = 10037
_DUPLICATE_WINDOW_SECONDS = 120
_CONSUMERS_MAX = 1_000
_HEADER_BYTES_MAX = 4 * 1024
"""The server counts an entry's headers with it."""
_ALL_SUBJECTS = "ev.>"
_RETRY_WAIT_SECONDS = 0.1
_TRACE_HEADER = "traceparent"
_SETTINGS_CHECKED = (
    "subjects",
    "storage",
    "retention",
    "max_msgs",
    "max_msgs_per_subject",
    "max_bytes",
    "max_age",
    "max_msg_size",
    "no_ack",
    "sealed",
    "mirror",
    "persist_mode",
)
_EXPECTED_SUBJECT_HEADER = "Nats-Expected-Last-Subject-Sequence-Subject"


class StreamMisconfigured(Exception):
    """The stream is there and is not what a log must be; the text says in what."""


class JetStreamLog:
    """A region's stream; made by ``open_log``."""

    def __init__(self, *, client: Client, jetstream: JetStreamContext, stream: str, epoch: str) -> None:
        self._client = client
        self._jetstream = jetstream
        self._stream = stream
        self._epoch = epoch

    @property
    def epoch(self) -> str:
        return self._epoch

    async def append(self, entry_id: str, subject: str, data: bytes, *, expected: Expectation | None = None) -> int:
        headers = {MESSAGE_ID_HEADER if expected is None else ENTRY_ID_HEADER: entry_id}
        if expected is not None:
            headers[Header.EXPECTED_LAST_SUBJECT_SEQUENCE.value] = str(expected.sequence)
            headers[_EXPECTED_SUBJECT_HEADER] = expected.register
        traceparent = traceparents.current_traceparent(sampled_only=True)
        if traceparent:
            headers[_TRACE_HEADER] = traceparent
        lost: Exception | None = None
        for attempt in range(limits.APPEND_ATTEMPTS_MAX):
            if attempt:
                await asyncio.sleep(_RETRY_WAIT_SECONDS * attempt)
            try:
                ack = await self._jetstream.publish(
                    subject, data, timeout=limits.APPEND_TIMEOUT_SECONDS, stream=self._stream, headers=headers
                )
                return ack.seq
            except APIError as error:
                if error.err_code == _WRONG_LAST_SEQUENCE and expected is not None:
                    return await self._settle(entry_id, expected)
                lost = error
            except (NatsError, JetStreamError, OSError) as error:
                lost = error
        raise _unreachable(lost)

    async def last_sequence(self, register: str = "") -> int:
        try:
            if not register:
                return await self._last_of_all()
            return (await self._jetstream.get_msg(self._stream, subject=register)).seq or 0
        except (NatsError, JetStreamError, OSError) as error:
            if _says_no_message(error):
                return 0
            raise _unreachable(error) from error

    async def read(self, register: str, *, after: int = 0) -> Entry | None:
        try:
            subject = register or _ALL_SUBJECTS
            return _entry(await self._jetstream.get_msg(self._stream, seq=after + 1, subject=subject, next=True))
        except (NatsError, JetStreamError, OSError) as error:
            if _says_no_message(error):
                return None
            raise _unreachable(error) from error

    def follow(self, *, after: int) -> AsyncGenerator[list[Entry], None]:
        return follow(
            client=self._client, jetstream=self._jetstream, stream=self._stream, after=after, check=self._check
        )

    async def close(self) -> None:
        """Close the connection; what waits for an answer fails."""
        with contextlib.suppress(NatsError, OSError):  # the line may be gone already
            await self._client.close()

    async def _last_of_all(self) -> int:
        """Return the sequence of the last entry that is there: the server goes on naming one that was erased."""
        state = (await self._jetstream.stream_info(self._stream)).state
        if state.num_deleted:
            try:
                await self._jetstream.get_msg(self._stream, seq=state.last_seq)
            except NotFoundError:  # only now: the server looks through all subjects for it
                return (await self._jetstream.get_msg(self._stream, subject=_ALL_SUBJECTS)).seq or 0
        return state.last_seq if state.messages else 0

    async def _check(self, sequence: int) -> None:
        info = await self._jetstream.stream_info(self._stream)
        if _epoch(info) != self._epoch:
            raise LogReplaced(f"Stream {self._stream} has the epoch {_epoch(info)!r}; {self._epoch!r} was opened.")
        if info.state.last_seq < sequence:
            raise LogReplaced(f"Stream {self._stream} ends at {info.state.last_seq}; {sequence} was applied.")

    async def _settle(self, entry_id: str, expected: Expectation) -> int:
        """Return the sequence of our own entry if it is what moved the register: an acknowledgement was lost."""
        first = await self.read(expected.register, after=expected.sequence)
        if first is None or first.message_id != entry_id:
            raise Moved
        return first.sequence


async def open_log(
    *, url: str, region: str, new_epoch: str, nkey_seed_file: Path | None = None, replicas: int = 1
) -> JetStreamLog:
    """Connect, and return the region's log; ``new_epoch`` names it if this call makes it, on ``replicas`` servers.

    Raises StreamMisconfigured, and Unavailable if no server answers at ``url`` within ``limits.LOG_OPEN_SECONDS_MAX``.
    """
    client = Client()
    try:
        async with asyncio.timeout(limits.LOG_OPEN_SECONDS_MAX):
            await connect(client, url, region, nkey_seed_file)
            jetstream = client.jetstream(timeout=limits.APPEND_TIMEOUT_SECONDS)
            epoch = await _await_stream(jetstream, _stream_config(region, new_epoch, replicas))
    except (NatsError, JetStreamError, OSError) as error:
        await client.close()
        raise _unreachable(error) from error
    except BaseException:
        await client.close()
        raise
    return JetStreamLog(client=client, jetstream=jetstream, stream=stream_name(region), epoch=epoch)


async def _await_stream(jetstream: JetStreamContext, wanted: StreamConfig) -> str:
    """Return the stream's epoch once a server answers.

    While several agree on who leads, a question may be lost, and what one has made may not be found at another yet.
    """
    while True:
        try:
            return await _ensure_stream(jetstream, wanted)
        except (NatsTimeout, NotFoundError):
            await asyncio.sleep(_RETRY_WAIT_SECONDS)


async def _ensure_stream(jetstream: JetStreamContext, wanted: StreamConfig) -> str:
    name = str(wanted.name)
    try:
        info = await jetstream.stream_info(name)
    except NotFoundError:
        try:
            info = await jetstream.add_stream(wanted)
        except APIError as error:
            if error.err_code != _NAME_IN_USE:
                raise
            info = await jetstream.stream_info(name)  # another replica was first
    faults = _faults(info.config, wanted)
    if faults:
        raise StreamMisconfigured(f"Stream {name} is not a log: {'; '.join(faults)}.")
    return _epoch(info)


def _epoch(info: StreamInfo) -> str:
    return (info.config.metadata or {}).get(EPOCH_KEY, "")


def _stream_config(region: str, epoch: str, replicas: int) -> StreamConfig:
    return StreamConfig(
        name=stream_name(region),
        subjects=stream_subjects(region),
        storage=StorageType.FILE,
        retention=RetentionPolicy.LIMITS,
        max_consumers=_CONSUMERS_MAX,
        max_msg_size=limits.EVENT_BYTES_MAX + _HEADER_BYTES_MAX,
        max_age=0,
        max_msgs=-1,
        max_msgs_per_subject=-1,
        max_bytes=-1,
        num_replicas=replicas,
        duplicate_window=_DUPLICATE_WINDOW_SECONDS,
        allow_direct=True,
        metadata={EPOCH_KEY: epoch},
    )


def _faults(found: StreamConfig, wanted: StreamConfig) -> list[str]:
    faults = [
        f"{name} is {getattr(found, name)!r} and must be {getattr(wanted, name)!r}"
        for name in _SETTINGS_CHECKED
        if getattr(found, name) != getattr(wanted, name)
    ]
    if found.duplicate_window < wanted.duplicate_window:
        faults.append(f"duplicate_window is {found.duplicate_window} s and must be {wanted.duplicate_window} s or more")
    if not (found.metadata or {}).get(EPOCH_KEY):
        faults.append(f"its metadata has no {EPOCH_KEY}")
    return faults


def _entry(message: RawStreamMsg) -> Entry:
    headers = message.headers or {}
    return Entry(
        sequence=message.seq or 0,
        subject=message.subject or "",
        data=message.data or b"",
        message_id=entry_id_of(headers),
        source=parse_source(headers.get(SOURCE_HEADER, "")),
        again=parse_again(headers.get(AGAIN_HEADER, "")),
        arrived_at_ms=round(message.time.timestamp() * 1_000_000) // 1000 if message.time else 0,
    )


def _says_no_message(error: Exception) -> bool:
    """Whether the stream is there and what was asked for is not."""
    return isinstance(error, NotFoundError) and error.err_code == _NO_MESSAGE


def _unreachable(error: Exception | None) -> Unavailable:
    return Unavailable("The region's log does not answer now; try again.", code="log_unavailable", detail=repr(error))
