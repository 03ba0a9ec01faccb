"""What a peer holds of a region, as a file: a line of JSON about it, then one for each entry, in the origin's order."""

from __future__ import annotations

import base64
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path

import orjson

from ops.dirs import private_writer
from ops.failure import Failure
from services.chassis.eventlog.port import Entry, EventLog
from services.chassis.eventlog.subjects import stream_name

_FORMAT = 1


@dataclass(frozen=True, slots=True)
class Numbered:
    """An entry, the number that it has or had in its origin's log, and the first one that it ever had there."""

    number: int
    first: int
    subject: str
    entry_id: str
    data: bytes


@dataclass(frozen=True, slots=True)
class HeldFile:
    """A file that says what the region ``holder`` holds of the region ``origin``."""

    file: Path
    holder: str
    origin: str

    def entries(self) -> Iterator[Numbered]:
        """Return the entries. Raises Failure for a file that was cut off or changed."""
        try:
            with self.file.open("rb") as lines:
                next(lines)
                yield from map(_parse, lines)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise Failure(f"{self.file} cannot be read: {error}.") from error


async def write_held(log: EventLog, *, holder: str, origin: str, file: Path) -> HeldFile:
    """Write what ``log``, that of ``holder``, holds of ``origin``; the file is there as a whole or not at all."""
    with private_writer(file) as out:
        out.write(orjson.dumps({"format": _FORMAT, "holder": holder, "origin": origin}) + b"\n")
        async for entry in entries_of(log):
            if entry.source is not None and entry.source.stream == stream_name(origin):
                out.write(_written(numbered(entry)) + b"\n")
    return HeldFile(file, holder, origin)


def open_held(file: Path) -> HeldFile:
    """Return the file with what it says of itself; Failure if it is none of ours."""
    try:
        with file.open("rb") as lines:
            head = orjson.loads(next(lines, b""))
        if head["format"] == _FORMAT:
            return HeldFile(file, str(head["holder"]), str(head["origin"]))
    except (OSError, ValueError, KeyError, TypeError):
        pass
    raise Failure(f"{file} does not say what a region holds of another: `samverka recover held` writes such files.")


async def entries_of(log: EventLog, *, after: int = 0) -> AsyncGenerator[Entry, None]:
    """Return what stands in the log now behind ``after``."""
    last = await log.last_sequence()
    if last <= after:
        return
    async with aclosing(log.follow(after=after)) as batches:
        async for batch in batches:
            for entry in batch:
                if entry.sequence <= last:
                    yield entry
            if batch[-1].sequence >= last:
                return


def numbered(entry: Entry) -> Numbered:
    """Return an entry by its origin's numbers."""
    return Numbered(entry.origin_sequence, entry.first_sequence, entry.subject, entry.message_id, entry.data)


def _written(entry: Numbered) -> bytes:
    data = base64.b64encode(entry.data).decode()
    return orjson.dumps([entry.number, entry.first, entry.subject, entry.entry_id, data])


def _parse(line: bytes) -> Numbered:
    number, first, subject, entry_id, data = orjson.loads(line)
    return Numbered(int(number), int(first), str(subject), str(entry_id), base64.b64decode(data, validate=True))
