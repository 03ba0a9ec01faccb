"""The connection to a region's nats-server, which outlives restarts of the server and cuts of the line."""

from __future__ import annotations

import logging
from pathlib import Path

from nats.aio.client import Client

_log = logging.getLogger(__name__)
_RECONNECT_WAIT_SECONDS = 0.2
_PING_SECONDS = 10
"""A line that is cut without a word is noticed after three of these."""


async def connect(client: Client, url: str, region: str, nkey_seed_file: Path | None) -> None:
    """Connect ``client`` to one of the servers at ``url``, which commas part; from then on it comes back by itself."""

    async def note_disconnect() -> None:
        if not client.is_closed:
            _log.warning("the connection to the log is lost")

    await client.connect(
        url.split(","),
        nkeys_seed=str(nkey_seed_file) if nkey_seed_file else None,
        max_reconnect_attempts=-1,
        reconnect_time_wait=_RECONNECT_WAIT_SECONDS,  # type: ignore[arg-type]  # parts of a second will do
        allow_reconnect=True,
        connect_timeout=5,
        ping_interval=_PING_SECONDS,
        max_outstanding_pings=2,
        name=f"samverka-{region}",
        error_cb=_note_error,
        disconnected_cb=note_disconnect,
        reconnected_cb=_note_reconnect,
    )


async def _note_error(error: Exception) -> None:
    _log.warning("the connection to the log has an error", extra={"error": repr(error)})


async def _note_reconnect() -> None:
    _log.info("the connection to the log is back")
