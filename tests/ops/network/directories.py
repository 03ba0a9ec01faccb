"""Networks written into a directory of a test."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from random import Random

from ops.dirs import DataDir
from ops.nats.program import find_program
from ops.network.changes import Changes, compare
from ops.network.description import Link, Network, Region, full_mesh
from ops.network.keyring import Keyring
from ops.network.preparing import Prepared, prepare
from ops.network.writing import write

NOW_MS = 1_700_000_000_000


def network(*names: str, links: tuple[Link, ...] | None = None) -> Network:
    """Return a network of regions, each on ports of its own."""
    regions = tuple(_region(name, 20_000 + 10 * index) for index, name in enumerate(names))
    return Network("acme", regions, full_mesh(names) if links is None else links)


def _region(name: str, port: int) -> Region:
    leaf, client, monitor = (f"127.0.0.1:{port + offset}" for offset in range(3))
    return Region(name, leaf=leaf, leaf_listen=leaf, client_listen=client, monitor_listen=monitor)


class Directory:
    """A directory that networks are written into, with chance and time of its own."""

    def __init__(self, root: Path, seed: int = 0) -> None:
        self.data = DataDir.at(root)
        self.now_ms = NOW_MS
        self._entropy = Random(seed).randbytes

    def keyring(self) -> Keyring:
        return Keyring(self.data, self._entropy)

    def prepare(self, described: Network, keyring: Keyring | None = None) -> Prepared:
        return prepare(described, keyring or self.keyring(), self.data, now_ms=self.now_ms)

    def compare(self, described: Network) -> Changes:
        return compare(self.prepare(described))

    def write(self, described: Network, turn: Callable[[Keyring], None] = lambda keyring: None) -> Changes:
        """Write ``described``, after ``turn`` has done something to the keys."""
        keyring = self.keyring()
        turn(keyring)
        prepared = self.prepare(described, keyring)
        changes = compare(prepared)
        write(prepared, changes, nats_program=find_program())
        return changes

    def contents(self) -> dict[str, bytes]:
        """Return every file by its path."""
        files = [file for file in self.data.root.rglob("*") if file.is_file()]
        return {file.relative_to(self.data.root).as_posix(): file.read_bytes() for file in files}

    def secrets(self) -> list[bytes]:
        """Return every seed and every line of a private key."""
        found = []
        for name, content in self.contents().items():
            if name.endswith(".nk"):
                found.append(content.strip())
            if name.endswith("key.pem"):
                found += [line for line in content.splitlines() if b"-----" not in line]
        return found
