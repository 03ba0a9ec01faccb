"""The description of a network, ``network.toml``: read strictly, every fault told at once with its place.

    name = "acme"

    [[regions]]
    name = "stockholm"
    leaf = "nats.stockholm.example:7422"   # where its peers dial
    # leaf_listen = "0.0.0.0:7422"         # by default the same port on every interface
    # client_listen = "127.0.0.1:4222"
    # monitor_listen = "127.0.0.1:8222"
    # directory = "/etc/samverka"          # where its files will lie; by default where they are written
    # kubernetes = true                    # three servers as deploy/k8s has them, instead of the four lines above

    # links = [["stockholm", "tokyo"]]     # by default everybody shares with everybody

A region has the events of those that it is linked with, and of nobody else: nothing is passed on.
"""

from __future__ import annotations

import itertools
import tomllib
from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from ops.failure import Failure
from ops.network import kubernetes
from ops.network.hosts import port_of, why_no_address
from ops.network.tables import Table
from services.chassis.ids import is_region

REGIONS_IN_MESH_MAX = 32
"""Links grow with the square of the regions; past this, list the links."""
REGIONS_MAX = 256
PEERS_MAX = REGIONS_IN_MESH_MAX - 1
DESCRIPTION_BYTES_MAX = 1024 * 1024
CLIENT_LISTEN_DEFAULT = "127.0.0.1:4222"
MONITOR_LISTEN_DEFAULT = "127.0.0.1:8222"
_PLACES = ("leaf_listen", "client_listen", "monitor_listen", "directory")
_NAME_LENGTH_MAX = 64

T = TypeVar("T", bound=Hashable)


class DescriptionFault(Failure):
    """The description is wrong; the text lists every fault, one a line."""

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__("\n".join(["The network's description is wrong:", *(f"  {fault}" for fault in faults)]))
        self.faults = tuple(faults)


@dataclass(frozen=True, slots=True)
class Region:
    """A region and its addresses, each ``host:port``; ``leaf`` is what its peers dial.

    A region of several servers has ``routes``, by which they reach each other. ``store`` is where the log will lie.
    """

    name: str
    leaf: str
    leaf_listen: str
    client_listen: str = CLIENT_LISTEN_DEFAULT
    monitor_listen: str = MONITOR_LISTEN_DEFAULT
    directory: Path | None = None
    store: Path | None = None
    routes: tuple[str, ...] = ()
    route_listen: str = ""
    on_kubernetes: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """Two regions that share; the later one of the description dials the earlier one."""

    dialler: str
    accepter: str

    def __str__(self) -> str:
        return f"{self.accepter} – {self.dialler}"


@dataclass(frozen=True, slots=True)
class Network:
    """The whole description."""

    name: str
    regions: tuple[Region, ...]
    links: tuple[Link, ...]

    def peers(self, region: str) -> list[str]:
        """Return the regions that ``region`` shares with, in the description's order."""
        linked = {link.accepter for link in self.links if link.dialler == region}
        linked |= {link.dialler for link in self.links if link.accepter == region}
        return [other.name for other in self.regions if other.name in linked]

    def region(self, name: str) -> Region:
        return next(region for region in self.regions if region.name == name)


def full_mesh(names: Sequence[str]) -> tuple[Link, ...]:
    """Return a link for each two of ``names``."""
    return tuple(Link(dialler=later, accepter=earlier) for earlier, later in itertools.combinations(names, 2))


def read_network(file: Path) -> tuple[str, Network]:
    """Return the text of a description and what it says; Failure if it cannot be read, DescriptionFault if it is wrong."""
    try:
        with file.open("rb") as stream:
            content = stream.read(DESCRIPTION_BYTES_MAX + 1)
        text = content.decode()
    except OSError as error:
        raise Failure(f"{file} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise Failure(f"{file} is not UTF-8.") from error
    if len(content) > DESCRIPTION_BYTES_MAX:
        raise Failure(f"{file} is longer than {DESCRIPTION_BYTES_MAX} bytes.")
    return text, parse_network(text)


def parse_network(text: str) -> Network:
    """Return what a description says; DescriptionFault with all that is wrong."""
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise DescriptionFault([f"it is not TOML: {error}"]) from error
    faults: list[str] = []
    top = Table(content, "", faults)
    top.allow_only("name", "regions", "links")
    name = top.text("name", check=_why_no_name)
    regions = [_region(table) for table in top.tables("regions", count_max=REGIONS_MAX)]
    faults += _faults_between(regions)
    links = _links(top, [region.name for region in regions])
    if faults:
        raise DescriptionFault(faults)
    return Network(name, tuple(regions), links)


def _region(table: Table) -> Region:
    table.allow_only("name", "leaf", *_PLACES, "kubernetes")
    name = table.text("name", check=_why_no_region)
    leaf = table.text("leaf", check=why_no_address)
    if table.flag("kubernetes"):
        for key in filter(table.has, _PLACES):
            table.fault(f"{key} is what deploy/k8s says where kubernetes is true")
        return _on_kubernetes(name, leaf)
    directory = table.text("directory", default="", check=_why_no_directory)
    return Region(
        name=name,
        leaf=leaf,
        leaf_listen=table.text("leaf_listen", default=_everywhere(leaf), check=why_no_address),
        client_listen=table.text("client_listen", default=CLIENT_LISTEN_DEFAULT, check=why_no_address),
        monitor_listen=table.text("monitor_listen", default=MONITOR_LISTEN_DEFAULT, check=why_no_address),
        directory=Path(directory) if directory else None,
    )


def _on_kubernetes(name: str, leaf: str) -> Region:
    return Region(
        name=name,
        leaf=leaf,
        leaf_listen=kubernetes.LEAF_LISTEN,
        client_listen=kubernetes.CLIENT_LISTEN,
        monitor_listen=kubernetes.MONITOR_LISTEN,
        directory=kubernetes.DIRECTORY,
        store=kubernetes.STORE,
        routes=kubernetes.ROUTES,
        route_listen=kubernetes.ROUTE_LISTEN,
        on_kubernetes=True,
    )


def _links(top: Table, names: Sequence[str]) -> tuple[Link, ...]:
    if not top.has("links"):
        if len(names) > REGIONS_IN_MESH_MAX:
            top.fault(f"at most {REGIONS_IN_MESH_MAX} regions form a full mesh; list the links of {len(names)}")
            return ()
        return full_mesh(names)
    links = []
    places = {name: index for index, name in enumerate(names)}
    for pair in top.pairs("links"):
        unknown = [name for name in pair if name not in places]
        if unknown:
            top.fault(f"links: {pair[0]} – {pair[1]}: there is no region {unknown[0]}")
        elif pair[0] == pair[1]:
            top.fault(f"links: {pair[0]} – {pair[1]}: a region is not linked with itself")
        else:
            accepter, dialler = sorted(pair, key=places.__getitem__)
            links.append(Link(dialler=dialler, accepter=accepter))
    for link in _twice(links):
        top.fault(f"links: {link} is there twice")
    for name, count in Counter(name for link in links for name in (link.dialler, link.accepter)).items():
        if count > PEERS_MAX:
            top.fault(f"links: {name} has {count} peers; at most {PEERS_MAX} are possible")
    return tuple(links)


def _faults_between(regions: Sequence[Region]) -> list[str]:
    names = [f"regions: {name} is there twice" for name in _twice(region.name for region in regions) if name]
    leaves = [f"regions: {leaf} is the leaf of two regions" for leaf in _twice(r.leaf for r in regions) if leaf]
    return names + leaves


def _twice(items: Iterable[T]) -> list[T]:
    return [item for item, count in Counter(items).items() if count > 1]


def _everywhere(leaf: str) -> str:
    return f"0.0.0.0:{port_of(leaf)}" if leaf else ""  # peers are elsewhere


def _why_no_region(name: str) -> str:
    return "" if is_region(name) else "is no region: lower-case letters, digits and hyphens, at most 32, a letter first"


def _why_no_name(name: str) -> str:
    if not name.strip() or not name.isprintable():
        return "is no name"
    return "" if len(name) <= _NAME_LENGTH_MAX else f"is longer than {_NAME_LENGTH_MAX} characters"


def _why_no_directory(directory: str) -> str:
    return "" if Path(directory).is_absolute() and directory.isprintable() else "is no absolute path"
