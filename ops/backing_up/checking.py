"""Whether a backup can be restored, tried: it is restored beside everything else, and read from end to end."""

from __future__ import annotations

import tempfile
from collections import Counter
from contextlib import AsyncExitStack, aclosing
from dataclasses import dataclass
from pathlib import Path

from nats.aio.client import Client

from ops.backing_up.archive import Archive
from ops.backing_up.scratch import serving, write_configuration
from ops.backing_up.snapshot import put_back
from ops.failure import Failure
from services.chassis.envelope import open_event
from services.chassis.eventlog.jetstream import JetStreamLog, open_log
from services.chassis.eventlog.subjects import parse_subject

_EPOCH = "tried"


@dataclass(frozen=True, slots=True)
class Content:
    """How many entries of each origin a backup has, and how many that are no event."""

    entries: dict[str, int]
    unreadable: int


async def try_out(archive: Archive, *, program: str) -> Content:
    """Restore a backup on a server of its own, and return what is in it. Failure if that cannot be done."""
    async with AsyncExitStack() as stack:
        place = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="samverka-backup-")))
        url = await stack.enter_async_context(serving(program, write_configuration(place)))
        client = Client()
        await client.connect(url)
        stack.push_async_callback(client.close)
        await put_back(client, archive, epoch=_EPOCH, alone=True)
        log = await open_log(url=url, region=archive.region, new_epoch=_EPOCH)
        stack.push_async_callback(log.close)
        content = await _read(log)
    if (found := sum(content.entries.values())) != archive.entries:
        raise Failure(f"{found} entries came out of a backup of {archive.entries}.")
    return content


async def _read(log: JetStreamLog) -> Content:
    entries: Counter[str] = Counter()
    unreadable, last = 0, await log.last_sequence()
    if last:
        async with aclosing(log.follow(after=0)) as batches:
            async for batch in batches:
                for entry in batch:
                    subject = parse_subject(entry.subject)
                    entries[subject.origin if subject else ""] += 1
                    unreadable += open_event(entry.data) is None
                if batch[-1].sequence >= last:
                    break
    return Content(dict(entries), unreadable)
