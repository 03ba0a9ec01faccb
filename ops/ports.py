"""Ports on the loopback interface: which are free, and where the issuer stands for good.

Free ports are taken from below the range that the system hands out to outgoing connections (32768 and up on Linux,
49152 and up elsewhere), so that no passing connection sits on one while its process is started again.

Between the choice of a port and its process' listening pass seconds, in which another network may choose on the same
machine. So who chose a port holds it, by a UDP socket of the same number: that is in nobody's way, is gone with the process,
and can be had by one alone.
"""

from __future__ import annotations

import errno
import random
import socket
import weakref
from collections.abc import Collection
from pathlib import Path

from ops.dirs import create_private
from ops.failure import Failure

LOOPBACK = "127.0.0.1"
PORT_MAX = 65_535
_CHOSEN_FROM = range(20_000, 32_000)


def is_free(port: int) -> bool:
    """Whether a server could listen on ``port`` now; connections that linger after a stop do not count."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return False
            raise Failure(f"Port {port} of {LOOPBACK} cannot be used: {error.strerror}.") from error
    return True


class FreePorts:
    """Gives each port once, and as long as it lives no other gives it; ``avoid`` are promised to somebody else."""

    def __init__(self, *, chance: random.Random, avoid: Collection[int] = ()) -> None:
        self._candidates = chance.sample(_CHOSEN_FROM, k=len(_CHOSEN_FROM))
        self._avoid = frozenset(avoid)
        self._held: dict[int, socket.socket] = {}
        weakref.finalize(self, _let_go, self._held)

    def take(self) -> int:
        while self._candidates:
            port = self._candidates.pop()
            if port not in self._avoid and self.hold(port):
                return port
        raise Failure(f"No port between {_CHOSEN_FROM.start} and {_CHOSEN_FROM.stop} is free.")

    def hold(self, port: int) -> bool:
        """Keep a port from being given to anybody else; False if it is taken, or held by another."""
        if port in self._held:
            return True
        holder = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            holder.bind((LOOPBACK, port))
        except OSError:
            holder.close()
            return False
        self._held[port] = holder
        return is_free(port)


def _let_go(held: dict[int, socket.socket]) -> None:
    for holder in held.values():
        holder.close()


def issuer_port(file: Path, ports: FreePorts) -> int:
    """Return the port kept in ``file``, choosing one the first time.

    Tokens name their issuer by its URL, and people are known by it: were the port another after each start, everybody
    would be a stranger again.
    """
    if not file.exists():
        create_private(file, f"{ports.take()}\n".encode())
    text = file.read_text().strip()
    if not text.isascii() or not text.isdigit() or not 0 < int(text) <= PORT_MAX:
        raise Failure(f"{file} holds no port. Delete it to have one chosen (people will be strangers then).")
    return int(text)
