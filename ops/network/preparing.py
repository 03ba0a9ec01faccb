"""All files that a description asks for: those that are there already, and what is new."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

import orjson

from ops.dirs import DataDir, RegionDir
from ops.failure import Failure
from ops.nats.rendering import render
from ops.nats.server import Accepted, Cluster, Dialled, Leafnodes, NatsServer, Peer, TlsFiles, Users
from ops.network.certificates import Credential, make_authority, make_certificate, why_renew
from ops.network.description import Link, Network, Region
from ops.network.hosts import host_of
from ops.network.keyring import Keyring
from ops.network.kubernetes import kustomization

Dial = Callable[[Link], str]
"""Returns the URL that the dialler of a link is to dial."""


@dataclass(frozen=True, slots=True)
class RegionFiles:
    """What one region is to have. ``server`` has the paths that hold where its files will lie."""

    region: str
    server: NatsServer
    files: Mapping[Path, bytes]
    """All that the server's configuration refers to, and the region's seeds."""

    def configuration(self) -> str:
        return render(self.server)

    def configuration_at(self, home: Path) -> str:
        """Return the configuration as it would be if the region's files lay in ``home``."""
        return render(_moved(self.server, RegionDir(home), RegionDir(home).nats_store))


@dataclass(slots=True)
class Prepared:
    """What a directory is to hold for a network."""

    network: Network
    data: DataDir
    regions: list[RegionFiles] = field(default_factory=list)
    common: dict[Path, bytes] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    """Why something was made anew, in words."""

    def files(self) -> Iterator[tuple[Path, bytes]]:
        """Yield every file, a region's configuration after all that it refers to."""
        yield from self.common.items()
        for region in self.regions:
            yield from region.files.items()
            yield self.data.region(region.region).nats_conf, region.configuration().encode()


def dial_leaf(network: Network) -> Dial:
    """Return how links are dialled when nothing stands between the regions."""
    return lambda link: f"nats-leaf://{network.region(link.accepter).leaf}"


def prepare(network: Network, keyring: Keyring, data: DataDir, *, now_ms: int, dial: Dial | None = None) -> Prepared:
    """Return what ``data`` is to hold; nothing is written. Failure if what is there cannot be read."""
    prepared = Prepared(network, data)
    authority = _authority(prepared, now_ms)
    for region in network.regions:
        files = dict(_seeds(network, region, keyring, data))
        files |= _tls(prepared, region, authority, now_ms)
        peers = {"region": region.name, "peers": network.peers(region.name)}
        files[data.region(region.name).peers] = orjson.dumps(peers, option=orjson.OPT_INDENT_2) + b"\n"
        if region.on_kubernetes:
            dialled = [link.accepter for link in network.links if link.dialler == region.name]
            files[data.region(region.name).kustomization] = kustomization(dialled).encode()
        server = _server(network, region, keyring, data, dial or dial_leaf(network))
        prepared.regions.append(RegionFiles(region.name, server, files))
    keyring.keep_only(all_seeds(network, data))
    prepared.common[data.retired_keys] = keyring.retired_text()
    return prepared


def user_seeds(home: RegionDir) -> tuple[Path, Path, Path]:
    """Return the files of the seeds of services, keeper and system."""
    return home.services_seed, home.keeper_seed, home.system_seed


def all_seeds(network: Network, data: DataDir, region: str = "") -> set[Path]:
    """Return the files of all seeds; of ``region``, those of its users and of all its links, at whichever end."""
    users = {seed for one in network.regions if region in ("", one.name) for seed in user_seeds(data.region(one.name))}
    links = {
        data.region(link.dialler).link_seed(link.accepter)
        for link in network.links
        if region in ("", link.dialler, link.accepter)
    }
    return users | links


def _seeds(network: Network, region: Region, keyring: Keyring, data: DataDir) -> Iterator[tuple[Path, bytes]]:
    home = data.region(region.name)
    for file in user_seeds(home):
        yield file, keyring.seed(file)
    for link in network.links:
        if link.dialler == region.name:
            seed = keyring.seed(home.link_seed(link.accepter))
            yield home.link_seed(link.accepter), seed
            yield home.link_include(link.accepter), b'nkey: "' + seed + b'"\n'


def _server(network: Network, region: Region, keyring: Keyring, data: DataDir, dial: Dial) -> NatsServer:
    home = data.region(region.name)
    services, keeper, system = (keyring.accepted(file) for file in user_seeds(home))
    server = NatsServer(
        region=region.name,
        store=home.nats_store,
        client_listen=region.client_listen,
        monitor_listen=region.monitor_listen,
        users=Users(services=services, keeper=keeper, system=system),
        leafnodes=Leafnodes(
            listen=region.leaf_listen, tls=_tls_files(home), peers=tuple(_peers(network, region, keyring, data, dial))
        ),
        cluster=Cluster(region.route_listen, region.routes, _tls_files(home)) if region.routes else None,
    )
    there = RegionDir(region.directory) if region.directory else home
    return _moved(server, there, region.store or there.nats_store)


def _peers(network: Network, region: Region, keyring: Keyring, data: DataDir, dial: Dial) -> Iterator[Peer]:
    home = data.region(region.name)
    links = {
        (link.accepter if link.dialler == region.name else link.dialler): link
        for link in network.links
        if region.name in (link.dialler, link.accepter)
    }
    for peer in network.peers(region.name):
        link = links[peer]
        if link.dialler == region.name:
            include = PurePosixPath(home.link_include(peer).relative_to(home.root))
            yield Peer(peer, Dialled(urls=(dial(link),), seed_include=include))
        else:
            yield Peer(peer, Accepted(keys=keyring.accepted(data.region(peer).link_seed(region.name))))


def _moved(server: NatsServer, home: RegionDir, store: Path) -> NatsServer:
    leafnodes = server.leafnodes and replace(server.leafnodes, tls=_tls_files(home))
    cluster = server.cluster and replace(server.cluster, tls=_tls_files(home))
    return replace(server, store=store, leafnodes=leafnodes, cluster=cluster)


def _tls_files(home: RegionDir) -> TlsFiles:
    return TlsFiles(certificate=home.certificate, key=home.certificate_key, authority=home.authority)


def _authority(prepared: Prepared, now_ms: int) -> Credential:
    data = prepared.data
    there = [file for file in (data.authority, data.authority_key) if file.exists()]
    if len(there) == 1:
        raise Failure(f"{there[0]} is there without its counterpart. Bring that back; delete both to begin anew.")
    if there:
        authority = Credential(_read(data.authority), _read(data.authority_key))
    else:
        authority = make_authority(prepared.network.name, now_ms=now_ms)
    prepared.common |= {data.authority_key: authority.key, data.authority: authority.certificate}
    return authority


def _tls(prepared: Prepared, region: Region, authority: Credential, now_ms: int) -> dict[Path, bytes]:
    """Return a region's certificate, key and authority: those that are there, if they still serve."""
    home = prepared.data.region(region.name)
    names = (home.certificate, home.certificate_key, home.authority)
    host, servers = host_of(region.leaf), list(map(host_of, region.routes))
    if all(file.exists() for file in names):
        found = {file: _read(file) for file in names}
        if found[home.authority] != authority.certificate:  # the operator's own: not ours to renew
            return found
        credential = Credential(found[home.certificate], found[home.certificate_key])
        why = why_renew(credential, authority.certificate, host, now_ms=now_ms, servers=servers)
        if not why:
            return found
        prepared.notes.append(f"{region.name}: a new certificate, because {why}")
    made = make_certificate(authority, region.name, host, now_ms=now_ms, servers=servers)
    return {home.certificate_key: made.key, home.certificate: made.certificate, home.authority: authority.certificate}


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise Failure(f"{file} cannot be read: {error.strerror}.") from error
