"""Who is in the network: a file names the peers, and is looked at again and again, so that a new one restarts nobody.

It is JSON: ``{"region": "stockholm", "peers": ["tokyo", "austin"]}``.
"""

from __future__ import annotations

import logging
from pathlib import Path

import orjson

from services.chassis.ids import is_region

PEERS_MAX = 64
_log = logging.getLogger(__name__)


class BadNetworkFile(Exception):
    """The file cannot be used; the text says why."""


class Membership:
    """The peers of ``region``, as the file says; while the file is wrong, as it last said."""

    def __init__(self, file: Path, *, region: str) -> None:
        self._file = file
        self._region = region
        self._peers: tuple[str, ...] = ()
        self._said = b""
        self._fault = ""

    @property
    def peers(self) -> tuple[str, ...]:
        """The other regions, by name."""
        return self._peers

    def look(self) -> tuple[str, ...]:
        """Read the file again and return the peers; what is wrong with it is told once."""
        try:
            said = self._file.read_bytes()
            if said != self._said:
                self._said = said
                self._peers = parse_peers(said, region=self._region)
                self._fault = ""
        except (OSError, BadNetworkFile) as error:
            if str(error) != self._fault:
                self._fault = str(error)
                _log.warning("the network file cannot be used", extra={"error": self._fault})
        return self._peers


def parse_peers(text: bytes, *, region: str) -> tuple[str, ...]:
    """Return the peers that ``text`` names, by name. Raises BadNetworkFile."""
    try:
        said = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise BadNetworkFile(f"it is not JSON: {error}") from error
    if not isinstance(said, dict) or said.get("region") != region:
        raise BadNetworkFile(f"it is not about the region {region}")
    peers = said.get("peers")
    if not isinstance(peers, list) or not all(isinstance(peer, str) and is_region(peer) for peer in peers):
        raise BadNetworkFile("its peers must be a list of regions")
    if region in peers or len(set(peers)) < len(peers) or len(peers) > PEERS_MAX:
        raise BadNetworkFile(f"its peers must be others, each named once, {PEERS_MAX} at most")
    return tuple(sorted(peers))
