"""The overlays of a repository, rendered, each with what `samverka network write` gives its region.

Keys and certificates are made for the occasion in a directory that is gone afterwards.
"""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from deploy.checking.kubectl import NotRendered, find_kubectl, render
from deploy.checking.resources import Rendered, Resource, Unreadable, read_resources
from ops.dirs import DataDir
from ops.nats.program import find_program
from ops.network.changes import compare
from ops.network.description import Network, Region, read_network
from ops.network.keyring import Keyring
from ops.network.preparing import prepare
from ops.network.writing import write
from services.chassis.clock import SystemClock

MANIFESTS = Path("deploy") / "k8s"
_DESCRIPTION = "network.toml"


@dataclass(frozen=True, slots=True)
class Overlay:
    """A region's overlay, rendered, and what the network's description says of that region."""

    rendered: Rendered
    region: Region


@contextmanager
def rendered_overlays(root: Path) -> Iterator[list[Overlay]]:
    """Give every overlay of ``root``; NotRendered, Unreadable, Failure."""
    kubectl = find_kubectl()
    with tempfile.TemporaryDirectory(prefix="samverka-k8s-") as aside:
        yield [_overlay(kubectl, folder, Path(aside)) for folder in sorted((root / MANIFESTS / "regions").iterdir())]


def _overlay(kubectl: str, folder: Path, aside: Path) -> Overlay:
    own = folder / _DESCRIPTION
    description = own if own.exists() else folder.parents[1] / _DESCRIPTION
    _, network = read_network(description)
    region = next((region for region in network.regions if region.name == folder.name), None)
    if region is None:
        raise NotRendered(f"{description} has no region {folder.name}.")
    home = _written(network, aside / description.parent.name).region(region.name)
    rendered = Rendered(
        overlay=folder.name,
        resources=_resources(kubectl, folder),
        given=_resources(kubectl, home.root),
    )
    return Overlay(rendered, region)


def _resources(kubectl: str, folder: Path) -> tuple[Resource, ...]:
    try:
        return read_resources(render(kubectl, folder))
    except Unreadable as error:
        raise Unreadable(f"{folder}: {error}") from error


def _written(network: Network, directory: Path) -> DataDir:
    """Return a directory with all that the network's regions are given, written the first time."""
    data = DataDir.at(directory)
    if not directory.exists():
        keyring = Keyring(data, secrets.token_bytes)
        prepared = prepare(network, keyring, data, now_ms=SystemClock().wall_ms())
        write(prepared, compare(prepared), nats_program=find_program())
    return data
