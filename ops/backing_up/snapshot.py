"""What the server does of a backup: it sends a copy of a stream in pieces, and makes a stream of such pieces."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError

from ops.backing_up.archive import Archive, Draft
from ops.failure import Failure
from services.chassis.eventlog.subjects import EPOCH_KEY, stream_name

_ANSWER_SECONDS_MAX = 60.0
"""Before it begins, the server reads the whole log and compares the checksums of all entries."""
_MADE_SECONDS_MAX = 600.0
"""At the end of restoring it makes the log of what it was sent."""
_END = "204"


async def take(client: Client, draft: Draft, *, region: str, now_ms: int) -> Archive:
    """Write a copy of the region's log, as it is when this is asked. Failure if the server cannot give it, or only half."""
    inbox = client.new_inbox()
    wanted = {"deliver_subject": inbox, "no_consumers": True, "jsck": True}
    try:
        pieces = await client.subscribe(inbox)
        answer = await _ask(client, f"$JS.API.STREAM.SNAPSHOT.{stream_name(region)}", wanted)
        while (piece := await pieces.next_msg(timeout=_ANSWER_SECONDS_MAX)).data:
            draft.add(piece.data)
            if piece.reply:
                await piece.respond(b"")
    except (NatsError, OSError) as error:
        raise Failure(f"The server stopped sending the log of {region}: {error!r}.") from error
    _require_end(piece)
    return draft.finish(Archive(draft.folder, region, now_ms, answer["config"], answer["state"]))


async def put_back(client: Client, archive: Archive, *, epoch: str, alone: bool = False) -> None:
    """Make the log of a backup on a server that has none, under a new epoch: whoever applied the old one begins anew.

    ``alone``: on one server, and without its peers. Failure if the server has a log, or the backup is not whole.
    """
    stream = stream_name(archive.region)
    metadata = {**(archive.config.get("metadata") or {}), EPOCH_KEY: epoch}
    config = {**archive.config, "metadata": metadata} | ({"sources": None, "num_replicas": 1} if alone else {})
    begun = await _ask(client, f"$JS.API.STREAM.RESTORE.{stream}", {"config": config, "state": archive.state})
    subject = str(begun["deliver_subject"])
    try:
        for chunk in archive.chunks():
            _good(orjson.loads((await client.request(subject, chunk, timeout=_ANSWER_SECONDS_MAX)).data or b"{}"))
        made = _good(orjson.loads((await client.request(subject, b"", timeout=_MADE_SECONDS_MAX)).data))
    except (NatsError, OSError, ValueError) as error:
        raise Failure(f"The server did not take the whole log of {archive.region}: {error!r}.") from error
    found = made["state"]
    if (found["messages"], found["last_seq"]) != (archive.entries, archive.last_sequence):
        raise Failure(f"The server made {found} of a log that had {archive.state}.")


async def _ask(client: Client, subject: str, body: Mapping[str, Any]) -> dict[str, Any]:
    try:
        message = await client.request(subject, orjson.dumps(body), timeout=_ANSWER_SECONDS_MAX)
        return _good(orjson.loads(message.data))
    except (NatsError, OSError, ValueError) as error:
        raise Failure(f"The server does not answer to {subject}: {error!r}.") from error


def _good(answer: dict[str, Any]) -> dict[str, Any]:
    if "error" in answer:
        raise Failure(f"The server refuses: {answer['error'].get('description', answer['error'])}.")
    return answer


def _require_end(piece: Msg) -> None:
    """See that the last piece ends the copy, and does not break it off."""
    headers = piece.headers or {}
    if headers.get("Status", _END) != _END:
        raise Failure(f"The server broke the copy off: {headers.get('Description', headers['Status'])}.")
