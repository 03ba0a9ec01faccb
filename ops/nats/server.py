"""What the configuration of one region's nats-server says, as values: rendered in ops.nats.rendering."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path, PurePosixPath

SERVER_NAME_VARIABLE = "SERVER_NAME"


@dataclass(frozen=True, slots=True)
class Users:
    """Public keys of the region's own users; a user has two while its key is being changed.

    ``services`` append to the log and read it; ``keeper`` may also change its sources, erase from it, copy it and restore
    it; ``system`` looks at the server itself.
    """

    services: tuple[str, ...]
    keeper: tuple[str, ...] = ()
    system: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """A certificate for both ends of a link, its key, and the authority that the other end's must come from."""

    certificate: Path
    key: Path
    authority: Path


@dataclass(frozen=True, slots=True)
class Dialled:
    """Our end of a link that we open: where to, and the file that proves who we are.

    ``seed_include`` holds ``nkey: "<seed>"``. It is relative to the configuration: a remote takes no path of a seed
    file, and an ``include`` no path from the root.
    """

    urls: tuple[str, ...]
    seed_include: PurePosixPath


@dataclass(frozen=True, slots=True)
class Accepted:
    """Our end of a link that the peer opens; ``keys`` are the public keys that it may prove itself by."""

    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Peer:
    """A region that this one shares with, and our end of the one link to it."""

    region: str
    link: Dialled | Accepted


@dataclass(frozen=True, slots=True)
class Leafnodes:
    """Where peers reach us, and who they are."""

    listen: str
    tls: TlsFiles
    peers: tuple[Peer, ...] = ()


@dataclass(frozen=True, slots=True)
class Cluster:
    """The servers of a region that has several, each reached by the others at one of ``routes``, a ``host:port``.

    All have one configuration, and each takes its name from SERVER_NAME_VARIABLE in its environment.
    """

    listen: str
    routes: tuple[str, ...]
    tls: TlsFiles


@dataclass(frozen=True, slots=True)
class NatsServer:
    """One region's server. Addresses are ``host:port``; without ``leafnodes`` the region stands alone."""

    region: str
    store: Path
    client_listen: str
    users: Users
    monitor_listen: str = ""
    leafnodes: Leafnodes | None = None
    cluster: Cluster | None = None

    @property
    def peers(self) -> tuple[Peer, ...]:
        return self.leafnodes.peers if self.leafnodes else ()
