"""Where things lie in the data directory: nothing is kept anywhere else.

DATA/lock               held by the running ``up``
DATA/run.json           what runs now: pids, ports, URLs; gone when nothing runs
DATA/issuer/            the development issuer's key and port
DATA/_network/          the development authority, and keys that retire: with no region, they are for nobody's hands
DATA/<region>/nats/     the region's log
DATA/<region>/nats.conf, peers.json, and kustomization.yaml if the region is on Kubernetes
DATA/<region>/services.nk, keeper.nk, system.nk   seeds of the region's own users
DATA/<region>/links/<peer>.nk, <peer>.conf        seed of a link that the region dials, and the same for nats.conf
DATA/<region>/tls/      the region's certificate, its key, and the authority's certificate
DATA/<region>/recovery/ what the recovery of a lost tail keeps
DATA/<region>/<service>-<n>/   one replica's projection
DATA/<region>/traces/   recent spans of each process, bounded
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from ops.failure import Failure
from services.chassis.ids import is_region

_PRIVATE_DIRECTORY = 0o700


@dataclass(frozen=True, slots=True)
class RegionDir:
    """The part of the data directory that belongs to one region."""

    root: Path

    @property
    def nats_store(self) -> Path:
        return self.root / "nats"

    @property
    def nats_conf(self) -> Path:
        return self.root / "nats.conf"

    @property
    def peers(self) -> Path:
        """What the network service reads: the region and those it shares with."""
        return self.root / "peers.json"

    @property
    def kustomization(self) -> Path:
        """What makes of the other files the ConfigMaps and Secrets that ``deploy/k8s`` refers to."""
        return self.root / "kustomization.yaml"

    @property
    def services_seed(self) -> Path:
        return self.root / "services.nk"

    @property
    def keeper_seed(self) -> Path:
        return self.root / "keeper.nk"

    @property
    def system_seed(self) -> Path:
        return self.root / "system.nk"

    @property
    def links(self) -> Path:
        return self.root / "links"

    def link_seed(self, peer: str) -> Path:
        return self.links / f"{peer}.nk"

    def link_include(self, peer: str) -> Path:
        return self.links / f"{peer}.conf"

    @property
    def certificate(self) -> Path:
        return self.root / "tls" / "certificate.pem"

    @property
    def certificate_key(self) -> Path:
        return self.root / "tls" / "key.pem"

    @property
    def authority(self) -> Path:
        return self.root / "tls" / "authority.pem"

    @property
    def recovery(self) -> Path:
        """What the recovery of a lost tail keeps."""
        return self.root / "recovery"

    @property
    def traces(self) -> Path:
        return self.root / "traces"

    def replica(self, service: str, number: int) -> Path:
        return self.root / f"{service}-{number}"


@dataclass(frozen=True, slots=True)
class DataDir:
    """The data directory of one local network; ``root`` is absolute."""

    root: Path

    @classmethod
    def at(cls, path: Path) -> DataDir:
        return cls(root=path.expanduser().resolve())

    @property
    def lock(self) -> Path:
        return self.root / "lock"

    @property
    def run(self) -> Path:
        return self.root / "run.json"

    @property
    def issuer_key(self) -> Path:
        return self.root / "issuer" / "key.json"

    @property
    def issuer_port(self) -> Path:
        return self.root / "issuer" / "port"

    @property
    def network(self) -> Path:
        return self.root / "_network"

    @property
    def authority(self) -> Path:
        return self.network / "authority.pem"

    @property
    def authority_key(self) -> Path:
        return self.network / "authority-key.pem"

    @property
    def retired_keys(self) -> Path:
        return self.network / "retired-keys.json"

    def region(self, region: str) -> RegionDir:
        return RegionDir(root=self.root / region)

    def regions(self) -> list[str]:
        """Return the regions that have a log here."""
        return sorted(store.parent.name for store in self.root.glob("*/nats") if is_region(store.parent.name))


def make_private(directory: Path) -> Path:
    """Make ``directory`` (and its parents) for this user alone; Failure if it cannot be made."""
    try:
        directory.mkdir(mode=_PRIVATE_DIRECTORY, parents=True, exist_ok=True)
    except OSError as error:
        raise Failure(f"{directory} cannot be made: {error.strerror}.") from error
    return directory


def write_private(file: Path, content: bytes) -> None:
    """Write ``file`` for this user alone, as a whole or not at all; a reader never sees half of it."""
    with private_writer(file) as stream:
        stream.write(content)


@contextmanager
def private_writer(file: Path) -> Iterator[BinaryIO]:
    """Give a stream whose content becomes ``file``, for this user alone, at the end; if that is not reached, none does."""
    with _draft(file) as (draft, stream):
        yield stream
        stream.close()
        draft.replace(file)


def create_private(file: Path, content: bytes) -> None:
    """Write ``file`` for this user alone unless it is there already: of several at once, the first one's holds."""
    with _draft(file) as (draft, stream), suppress(FileExistsError):
        stream.write(content)
        stream.close()
        file.hardlink_to(draft)


@contextmanager
def _draft(file: Path) -> Iterator[tuple[Path, BinaryIO]]:
    """Give a file beside ``file``, open to be written; it is gone afterwards, unless it has become ``file``."""
    make_private(file.parent)
    try:
        descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")  # made with mode 0600
    except OSError as error:
        raise Failure(f"{file} cannot be written: {error.strerror}.") from error
    draft = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            yield draft, stream
    except OSError as error:
        raise Failure(f"{file} cannot be written: {error.strerror}.") from error
    finally:
        draft.unlink(missing_ok=True)
