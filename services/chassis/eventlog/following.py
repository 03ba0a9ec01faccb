"""Following a JetStream stream from a sequence, through restarts of the server and of the line.

A pull consumer without acknowledgements, asked for the next entries before the last ones are used up: the server never
sends more than was asked for, so nothing is dropped here and memory is bounded. The consumer is a convenience that may
vanish at any time; where the follower stands is its own knowledge. Whatever goes wrong (a silent server, a gap in the
numbering, a consumer that is gone), it makes a new consumer behind the last entry it has, after a look at whether this is
still the same log.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy
from nats.js.errors import Error as JetStreamError

from services.chassis import limits
from services.chassis.cancelling import heed_cancellation
from services.chassis.eventlog.port import Entry
from services.chassis.eventlog.subjects import AGAIN_HEADER, SOURCE_HEADER, entry_id_of, parse_again, parse_source

_log = logging.getLogger(__name__)
_PULL_SECONDS = 30
_HEARTBEAT_SECONDS = 2.0
_LOOK_SECONDS = 0.25
_LOOKS_MAX = round(2.5 * _HEARTBEAT_SECONDS / _LOOK_SECONDS)
_INACTIVE_SECONDS = 60
_RETRY_SECONDS = 0.2
_NANOSECONDS = 1_000_000_000
_NANOSECONDS_A_MS = 1_000_000
_HEARTBEAT = "100"
_PULL_ENDED = ("404", "408")
_REPLY_TOKENS_WITHOUT_DOMAIN = 9


class _Interrupted(Exception):
    """This consumer is of no more use; go on with another."""


Check = Callable[[int], Awaitable[None]]
"""Raises LogReplaced if the log is not the one that had an entry at this sequence."""


async def follow(
    *, client: Client, jetstream: JetStreamContext, stream: str, after: int, check: Check
) -> AsyncGenerator[list[Entry], None]:
    """Yield every entry after a sequence, in order and once each, for ever."""
    while True:
        heed_cancellation()
        pull = _Pull(client=client, jetstream=jetstream, stream=stream, after=after)
        try:
            await check(after)
            await pull.start()
            while True:
                batch = await pull.batch()
                after = batch[-1].sequence
                yield batch
        except (_Interrupted, NatsError, JetStreamError, OSError) as error:
            _log.info("following the log anew", extra={"stream": stream, "after": after, "reason": repr(error)})
            await asyncio.sleep(_RETRY_SECONDS)
        finally:
            await pull.stop()


class _Pull:
    """One consumer, from its making to its end."""

    def __init__(self, *, client: Client, jetstream: JetStreamContext, stream: str, after: int) -> None:
        self._client = client
        self._jetstream = jetstream
        self._stream = stream
        self._after = after
        self._consumer = ""
        self._inbox = client.new_inbox()
        self._reconnects = client.stats["reconnects"]
        self._subscription: Subscription | None = None
        self._delivered = 0
        self._asked = 0
        self._entries: list[Entry] = []
        self._failure = ""
        self._stirred = asyncio.Event()

    async def start(self) -> None:
        self._subscription = await self._client.subscribe(self._inbox, cb=self._receive)
        info = await self._jetstream.add_consumer(
            self._stream,
            ConsumerConfig(
                deliver_policy=DeliverPolicy.BY_START_SEQUENCE,
                opt_start_seq=self._after + 1,
                ack_policy=AckPolicy.NONE,
                inactive_threshold=_INACTIVE_SECONDS,
                mem_storage=True,
                num_replicas=1,
            ),
        )
        self._consumer = info.name
        await self._ask()

    async def batch(self) -> list[Entry]:
        """Return what has come, at least one entry; raises _Interrupted when nothing more will."""
        while not self._entries:
            if self._failure:
                raise _Interrupted(self._failure)
            await self._stir()
            await self._ask()
        batch = self._entries[: limits.APPLY_EVENTS_MAX]
        self._entries = self._entries[limits.APPLY_EVENTS_MAX :]
        await self._ask()
        return batch

    async def stop(self) -> None:
        with contextlib.suppress(NatsError, JetStreamError, OSError):
            if self._subscription is not None and not self._client.is_closed:
                await self._subscription.unsubscribe()
            if self._consumer and self._client.is_connected:
                await self._jetstream.delete_consumer(self._stream, self._consumer)

    async def _stir(self) -> None:
        """Wait for anything from the server; raises _Interrupted after a silence or a reconnection."""
        heed_cancellation()
        for _ in range(_LOOKS_MAX):
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_LOOK_SECONDS):  # wait_for of Python 3.11 may lose a cancellation
                    await self._stirred.wait()
                self._stirred.clear()
                return
            if self._client.stats["reconnects"] != self._reconnects:
                raise _Interrupted("the connection was made anew")
        raise _Interrupted("the server is silent")

    async def _ask(self) -> None:
        """Ask for more as soon as less than half of what may be under way is."""
        under_way = self._asked + len(self._entries)
        if under_way > limits.FOLLOW_EVENTS_MAX // 2:
            return
        more = limits.FOLLOW_EVENTS_MAX - under_way
        request = {
            "batch": more,
            "expires": _PULL_SECONDS * _NANOSECONDS,
            "idle_heartbeat": int(_HEARTBEAT_SECONDS * _NANOSECONDS),
        }
        self._asked += more
        subject = f"$JS.API.CONSUMER.MSG.NEXT.{self._stream}.{self._consumer}"
        await self._client.publish(subject, json.dumps(request).encode(), reply=self._inbox)

    async def _receive(self, message: Msg) -> None:
        headers = message.headers or {}
        status = headers.get("Status")
        if status is None:
            self._take(message)
        elif status in _PULL_ENDED:
            self._asked -= int(headers.get("Nats-Pending-Messages", self._asked))
        elif status != _HEARTBEAT:
            self._failure = f"{status} {headers.get('Description', '')}"
        elif int(headers.get("Nats-Last-Consumer", self._delivered)) != self._delivered:
            self._failure = f"entries up to {headers['Nats-Last-Consumer']} were sent, up to {self._delivered} came"
        self._stirred.set()

    def _take(self, message: Msg) -> None:
        sequence, delivered, arrived_at_ms = _numbers(message.reply)
        if self._failure or sequence <= self._after:
            return
        if delivered != self._delivered + 1:
            self._failure = f"entry {delivered} of the consumer came after {self._delivered}"
            return
        headers = message.headers or {}
        self._asked -= 1
        self._delivered, self._after = delivered, sequence
        source = parse_source(headers.get(SOURCE_HEADER, ""))
        again = parse_again(headers.get(AGAIN_HEADER, ""))
        entry_id = entry_id_of(headers)
        self._entries.append(Entry(sequence, message.subject, message.data, entry_id, source, again, arrived_at_ms))


def _numbers(reply: str) -> tuple[int, int, int]:
    """Return what the reply subject of a delivery says (NATS ADR-15): the stream's and the consumer's sequence, and when
    the stream took the entry, in milliseconds since 1970.
    """
    tokens = reply.split(".")
    first = 5 if len(tokens) == _REPLY_TOKENS_WITHOUT_DOMAIN else 7
    return int(tokens[first]), int(tokens[first + 1]), int(tokens[first + 2]) // _NANOSECONDS_A_MS
