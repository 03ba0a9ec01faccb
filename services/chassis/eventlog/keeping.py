"""What only the keeper of a region's log may do: say which peers it is sourced from, start a source anew, purge.

A source of a peer Y is the stream of Y, filtered to what may leave Y. Its requests travel under the prefix
``FED.Y.API``, its entries under ``fed.Y.<region>``; the server's configuration lets these through the link to Y and
nothing else.

The client library drops the sequence of a source, and ``lag`` says nothing while a link is cut, so the server's own
answer is read. Whether a peer can be reached, and where its log ends, is asked with the one request that a peer may
make: for a consumer that begins with what is new. It is never read, and the peer forgets it after
_PROBE_KEPT_SECONDS.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from nats.aio.client import Client
from nats.errors import Error as NatsError

from services.chassis import limits
from services.chassis.errors import Unavailable
from services.chassis.eventlog.connecting import connect
from services.chassis.eventlog.port import Again
from services.chassis.eventlog.subjects import AGAIN_HEADER, ENTRY_ID_HEADER, EPOCH_KEY, stream_name, write_again
from services.chassis.ids import Entropy

_PROBE_SECONDS_MAX = 1.0
_PROBE_KEPT_SECONDS = 2
_NANOSECONDS = 1_000_000_000
_NO_MESSAGE = 10037
_NO_SEQUENCE = 10043


@dataclass(frozen=True, slots=True)
class Source:
    """What the server knows of a source.

    ``sequence`` is the last entry that is held, by the numbering of the peer's log; ``pending`` how many were to come
    when the peer was last heard, ``silent_seconds`` ago (None: it has not been heard since the source was made).
    """

    peer: str
    sequence: int
    pending: int
    silent_seconds: float | None


class Keeper(Protocol):
    """Keeps the log of one region. All of it raises Unavailable if the server does not answer, or refuses."""

    async def keep(self, peers: Collection[str]) -> bool:
        """See that the log has a source for each of ``peers`` and no other, and all its replicas; True if it had not."""
        ...

    async def look(self) -> dict[str, Source]:
        """Return the sources, by peer."""
        ...

    async def kick(self, peer: str) -> None:
        """Start the source anew: the server's own next attempt may be half a minute away."""
        ...

    async def last_sequence_of(self, peer: str) -> int | None:
        """Ask ``peer`` where its log ends; None if it cannot be reached, or has no log yet."""
        ...

    async def purge(self, register: str) -> int:
        """Overwrite and remove all entries that a register has now, one after the other, and return how many they were."""
        ...


class StreamKeeper:
    """Keeps a JetStream stream; made by ``open_keeper``."""

    def __init__(self, *, client: Client, region: str, entropy: Entropy, replicas: int = 1) -> None:
        self._client = client
        self._replicas = replicas
        self._region = region
        self._stream = stream_name(region)
        self._entropy = entropy

    async def keep(self, peers: Collection[str]) -> bool:
        config = (await self._info())["config"]
        wanted = [self._source(peer) for peer in sorted(peers)]
        sourced = _essence(config.get("sources") or ()) == _essence(wanted)
        if sourced and config["num_replicas"] == self._replicas:
            return False
        await self._update({**config, "num_replicas": self._replicas}, wanted)
        return True

    async def look(self) -> dict[str, Source]:
        found = (_parse_source(source) for source in (await self._info()).get("sources") or ())
        return {source.peer: source for source in found if source is not None}

    async def kick(self, peer: str) -> None:
        config = (await self._info())["config"]
        sources = config.get("sources") or []
        others = [source for source in sources if source.get("name") != stream_name(peer)]
        await self._update(config, others)
        await self._update(config, [*others, self._source(peer)])

    async def last_sequence_of(self, peer: str) -> int | None:
        name = f"probe_{self._entropy(8).hex()}"
        consumer = {
            "name": name,
            "deliver_policy": "new",
            "ack_policy": "none",
            "filter_subject": f"ev.{peer}.pub.>",
            "inactive_threshold": _PROBE_KEPT_SECONDS * _NANOSECONDS,
            "mem_storage": True,
            "num_replicas": 1,
        }
        subject = f"FED.{peer}.API.CONSUMER.CREATE.{stream_name(peer)}.{name}.ev.{peer}.pub.>"
        body = {"stream_name": stream_name(peer), "config": consumer, "action": "create"}
        with contextlib.suppress(Unavailable):
            answer = await self._request(subject, body, timeout_seconds=_PROBE_SECONDS_MAX)
            return int(answer["delivered"]["stream_seq"])
        return None

    async def purge(self, register: str) -> int:
        last = int((await self._info())["state"]["last_seq"])  # whoever goes on writing there does not hold us up
        removed, sequence = 0, await self._next(register, 1)
        while 0 < sequence <= last:
            removed += await self._remove(sequence)
            sequence = await self._next(register, sequence + 1)
        return removed

    async def append_again(self, entry_id: str, subject: str, data: bytes, again: Again | None) -> None:
        """Append what the log lost, or must hold at another place; None: something that was nowhere yet."""
        headers = {ENTRY_ID_HEADER: entry_id, **({AGAIN_HEADER: write_again(again)} if again else {})}
        _good(await self._exchange(subject, data, headers=headers))

    async def fill(self, subject: str, entries: int) -> None:
        """Use up sequences by empty entries; only the last is acknowledged, so that it does not take a write's time each."""
        try:
            for _ in range(entries - 1):
                await self._client.publish(subject)
        except (NatsError, OSError) as error:
            raise _unavailable(repr(error)) from error
        _good(await self._exchange(subject, b""))

    async def remove(self, sequence: int) -> None:
        """Remove an entry, if it is still there."""
        await self._remove(sequence)

    async def begin_epoch(self, epoch: str) -> None:
        """Let the log go on under another epoch: whoever applied it so far begins anew."""
        config = (await self._info())["config"]
        metadata = {**(config.get("metadata") or {}), EPOCH_KEY: epoch}
        await self._request(f"$JS.API.STREAM.UPDATE.{self._stream}", {**config, "metadata": metadata})

    async def close(self) -> None:
        """Close the connection."""
        with contextlib.suppress(NatsError, OSError):  # the line may be gone already
            await self._client.close()

    async def _next(self, register: str, sequence: int) -> int:
        """Return the first sequence of a register from one on; 0 if there is none."""
        body = {"seq": sequence, "next_by_subj": register}
        answer = await self._ask(f"$JS.API.STREAM.MSG.GET.{self._stream}", body)
        if _code(answer) == _NO_MESSAGE:
            return 0
        return int(_good(answer)["message"]["seq"])

    async def _remove(self, sequence: int) -> bool:
        """Remove an entry; False if another replica was first.

        A purge would leave its bytes in the file until the block around them is compacted, which may be never.
        """
        answer = await self._ask(f"$JS.API.STREAM.MSG.DELETE.{self._stream}", {"seq": sequence, "no_erase": False})
        if _code(answer) == _NO_SEQUENCE:
            return False
        return bool(_good(answer))

    def _source(self, peer: str) -> dict[str, Any]:
        return {
            "name": stream_name(peer),
            "filter_subject": f"ev.{peer}.pub.>",
            "external": {"api": f"FED.{peer}.API", "deliver": f"fed.{peer}.{self._region}"},
        }

    async def _info(self) -> dict[str, Any]:
        return await self._request(f"$JS.API.STREAM.INFO.{self._stream}", {})

    async def _update(self, config: Mapping[str, Any], sources: list[Any]) -> None:
        await self._request(f"$JS.API.STREAM.UPDATE.{self._stream}", {**config, "sources": sources})

    async def _request(
        self, subject: str, body: Mapping[str, Any], *, timeout_seconds: float = limits.APPEND_TIMEOUT_SECONDS
    ) -> dict[str, Any]:
        return _good(await self._ask(subject, body, timeout_seconds=timeout_seconds))

    async def _ask(
        self, subject: str, body: Mapping[str, Any], *, timeout_seconds: float = limits.APPEND_TIMEOUT_SECONDS
    ) -> dict[str, Any]:
        """Return the server's answer, be it an error."""
        return await self._exchange(subject, json.dumps(body).encode(), timeout_seconds=timeout_seconds)

    async def _exchange(
        self,
        subject: str,
        data: bytes,
        *,
        timeout_seconds: float = limits.APPEND_TIMEOUT_SECONDS,
        headers: dict[str, str] | None = None,
    ) -> dict[str, Any]:
        try:
            message = await self._client.request(subject, data, timeout=timeout_seconds, headers=headers)
            answer: dict[str, Any] = json.loads(message.data)
        except (NatsError, OSError, ValueError) as error:
            raise _unavailable(repr(error)) from error
        return answer


async def open_keeper(
    *, url: str, region: str, entropy: Entropy, nkey_seed_file: Path | None = None, replicas: int = 1
) -> StreamKeeper:
    """Connect as the keeper of ``region``'s log; Unavailable if no server answers at ``url``."""
    client = Client()
    try:
        await connect(client, url, region, nkey_seed_file)
    except (NatsError, OSError) as error:
        await client.close()
        raise _unavailable(repr(error)) from error
    return StreamKeeper(client=client, region=region, entropy=entropy, replicas=replicas)


def _parse_source(source: Mapping[str, Any]) -> Source | None:
    """Return a source as the server tells it; None for one that is not of our making."""
    api = str((source.get("external") or {}).get("api", ""))
    if not api.startswith("FED.") or not api.endswith(".API"):
        return None
    active = int(source.get("active", -1))
    return Source(
        peer=api.removeprefix("FED.").removesuffix(".API"),
        sequence=int(source.get("seq", 0)),
        pending=int(source.get("lag", 0)),
        silent_seconds=None if active < 0 else active / _NANOSECONDS,
    )


def _essence(sources: Collection[Mapping[str, Any]]) -> set[tuple[str, str, str, str]]:
    """Return what makes sources the same, without what the server adds to them."""
    return {
        (
            str(source.get("name", "")),
            str(source.get("filter_subject", "")),
            str((source.get("external") or {}).get("api", "")),
            str((source.get("external") or {}).get("deliver", "")),
        )
        for source in sources
    }


def _good(answer: dict[str, Any]) -> dict[str, Any]:
    if "error" in answer:
        raise _unavailable(str(answer["error"]))
    return answer


def _code(answer: Mapping[str, Any]) -> int:
    return int((answer.get("error") or {}).get("err_code", 0))


def _unavailable(detail: str) -> Unavailable:
    return Unavailable("The region's log does not answer now; try again.", code="log_unavailable", detail=detail)
