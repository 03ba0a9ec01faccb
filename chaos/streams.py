"""A region's log as nats-server keeps it, read to its end, and what must hold between the logs of all regions."""

from __future__ import annotations

import asyncio
import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import nats
import nats.errors
import orjson
from nats.aio.client import Client
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy

from chaos.findings import Finding, Kind
from chaos.samverka import Log
from chaos.wire import Fact, read_fact

SOURCE_HEADER = "Nats-Stream-Source"
ID_HEADERS = ("Samverka-Entry-Id", "Nats-Msg-Id")
"""Where an entry's id stands: in one of these, depending on what keeps it from being appended twice."""
_READ = frozenset(
    f"samverka.{name}"
    for name in (
        "recognition.v1.BadgeDefined",
        "recognition.v1.BadgeAwarded",
        "feed.v1.MemberBanned",
        "feed.v1.PostPublished",
        "feed.v1.CommentAdded",
        "network.v1.ErasureCarriedOut",
    )
)
"""The events that rules are held against, which are read; of all others the bytes count, and no more."""
_BATCH = 500
_ANSWER_SECONDS_MAX = 20.0


class LogSilent(Exception):
    """A region's nats-server does not answer now; the text says why."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of a log; ``origin`` and its sequence there are what the server says of a sourced one, empty for an own.

    ``fact`` is what it says, of those services whose rules are held against the log.
    """

    sequence: int
    subject: str
    entry_id: str
    origin: str
    origin_sequence: int
    sha256: str
    fact: Fact | None = field(default=None, repr=False)

    @property
    def region(self) -> str:
        """The region that the subject names."""
        return self.subject.split(".")[1]

    @property
    def reach(self) -> str:
        return self.subject.split(".")[2]

    @property
    def owner(self) -> str:
        """Whose register it stands in."""
        return self.subject.split(".")[4]


def stream_of(region: str) -> str:
    """Return the name of a region's stream."""
    return "EV_" + region.upper().replace("-", "_")


async def read_log(log: Log) -> list[Entry]:
    """Return all that stands in a log."""
    client = await connect(log)
    try:
        stream = stream_of(log.region)
        last = (await client.jetstream().stream_info(stream)).state.last_seq
        config = ConsumerConfig(ack_policy=AckPolicy.NONE, deliver_policy=DeliverPolicy.ALL, inactive_threshold=60.0)
        reader = await client.jetstream().pull_subscribe("", stream=stream, config=config)
        entries: list[Entry] = []
        while not entries or entries[-1].sequence < last:
            entries += [_entry(message) for message in await reader.fetch(_BATCH, timeout=_ANSWER_SECONDS_MAX)]
        return entries
    finally:
        await client.close()


async def count_by_origin(log: Log) -> Counter[str]:
    """Return how many entries of each region that may leave it a log holds; LogSilent if the server does not answer."""
    try:
        client = await connect(log)
        try:
            subject = f"$JS.API.STREAM.INFO.{stream_of(log.region)}"
            answer = await client.request(subject, orjson.dumps({"subjects_filter": "ev.*.pub.>"}), timeout=5)
        finally:
            await client.close()
    except (nats.errors.Error, OSError, TimeoutError) as silence:
        raise LogSilent(f"The log of {log.region} does not answer: {silence!r}") from silence
    told = orjson.loads(answer.data)
    if "error" in told:
        raise LogSilent(f"The log of {log.region} says: {told['error']}")
    counts: Counter[str] = Counter()
    for name, count in (told["state"].get("subjects") or {}).items():
        counts[name.split(".")[1]] += count
    return counts


async def connect(log: Log) -> Client:
    """Connect as the region's services do."""
    return await nats.connect(
        log.url, nkeys_seed=str(log.seed_file), allow_reconnect=False, connect_timeout=5, error_cb=_unheard
    )


async def _unheard(_: Exception) -> None:
    """What goes wrong is told by the call that it goes wrong in."""


def _entry(message: Any) -> Entry:
    headers = message.headers or {}
    stream, _, rest = headers.get(SOURCE_HEADER, "").partition(" ")
    return Entry(
        sequence=message.metadata.sequence.stream,
        subject=message.subject,
        entry_id=next(filter(None, map(headers.get, ID_HEADERS)), ""),
        origin=stream.partition(":")[0],
        origin_sequence=int(rest.partition(" ")[0] or 0),
        sha256=hashlib.sha256(message.data).hexdigest(),
        fact=fact if (fact := read_fact(message.data)).kind in _READ else None,
    )


def check_counts(held: Mapping[str, Counter[str]]) -> Iterator[Finding]:
    """Yield logs that hold more or fewer events of a region than that region itself; what may leave it is counted."""
    for origin, own in held.items():
        for region, counts in held.items():
            if counts[origin] != own[origin]:
                text = f"the log holds {counts[origin]} events of {origin}, which has {own[origin]}"
                yield Finding(Kind.LOST, region, text)


def check_unmoved(logs: Mapping[str, Sequence[Entry]], held: Mapping[str, Counter[str]]) -> Iterator[Finding]:
    """Yield logs that hold more of what may leave a region than was read: nobody has written, only asked again."""
    for region, entries in logs.items():
        read = Counter(entry.region for entry in entries if entry.reach == "pub")
        if read != held[region]:
            text = f"the log held {dict(read)}, and holds {dict(held[region])} after what was asked for was asked again"
            yield Finding(Kind.TWICE, region, text)


def check_logs(logs: Mapping[str, Sequence[Entry]]) -> Iterator[Finding]:
    """Yield what is wrong in the logs or between them; ``logs`` maps each region to all entries of its log."""
    for region, entries in logs.items():
        yield from _check_ids(region, entries)
        yield from _check_sources(region, entries)
        yield from _check_order(region, entries)
    for origin, own in logs.items():
        for region, entries in logs.items():
            if region != origin:
                yield from _check_copies(origin, own, region, entries)


def _check_ids(region: str, entries: Sequence[Entry]) -> Iterator[Finding]:
    for entry_id, count in Counter(entry.entry_id for entry in entries).items():
        if not entry_id:
            yield Finding(Kind.CHANGED, region, f"{count} entries have no id")
        elif count > 1:
            yield Finding(Kind.TWICE, region, f"the entry {entry_id} stands {count} times in the log")


def _check_sources(region: str, entries: Sequence[Entry]) -> Iterator[Finding]:
    for entry in entries:
        expected = "" if entry.region == region else stream_of(entry.region)
        if entry.origin != expected:
            yield Finding(
                Kind.SURPLUS, region, f"{entry.subject} at {entry.sequence} came from {entry.origin or 'here'}"
            )
        if entry.reach != "pub" and entry.region != region:
            yield Finding(Kind.LEAK, region, f"{entry.subject} at {entry.sequence} is local to {entry.region}")


def _check_order(region: str, entries: Sequence[Entry]) -> Iterator[Finding]:
    latest: dict[str, int] = {}
    for entry in entries:
        if entry.origin:
            before = latest.get(entry.origin, 0)
            if entry.origin_sequence <= before:
                text = f"{entry.origin} {entry.origin_sequence} stands after {before}, at {entry.sequence}"
                yield Finding(Kind.ORDER, region, text)
            latest[entry.origin] = entry.origin_sequence


def _check_copies(origin: str, own: Sequence[Entry], region: str, entries: Sequence[Entry]) -> Iterator[Finding]:
    """Yield what ``region`` lacks of what may leave ``origin``, and what it holds that ``origin`` does not."""
    sent = {entry.sequence: entry for entry in own if entry.region == origin and entry.reach == "pub"}
    held = {entry.origin_sequence: entry for entry in entries if entry.origin == stream_of(origin)}
    yield from _name(Kind.LOST, region, f"of {origin} is not in the log", sent.keys() - held.keys())
    yield from _name(Kind.SURPLUS, region, f"of {origin} is not in its own log", held.keys() - sent.keys())
    for sequence in sent.keys() & held.keys():
        mine, theirs = held[sequence], sent[sequence]
        if (mine.entry_id, mine.subject, mine.sha256) != (theirs.entry_id, theirs.subject, theirs.sha256):
            yield Finding(Kind.CHANGED, region, f"{sequence} of {origin} is another entry here: {mine} and {theirs}")


def _name(kind: Kind, region: str, text: str, sequences: Iterable[int]) -> Iterator[Finding]:
    for sequence in sorted(sequences):
        yield Finding(kind, region, f"{sequence} {text}")


async def read_logs(logs: Sequence[Log]) -> dict[str, list[Entry]]:
    """Read several logs at once."""
    read = await asyncio.gather(*(read_log(log) for log in logs))
    return {log.region: entries for log, entries in zip(logs, read, strict=True)}
