"""Overlays, rendered, each with what `samverka network write` gives its region.

Keys and certificates are made for the occasion in a directory that is gone afterwards.
"""

from __future__ import annotations

import secrets
import tempfile
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


def render_overlays(root: Path) -> list[Overlay]:
    """Return every overlay of a repository; NotRendered, Unreadable, Failure."""
    overlays = []
    for folder in sorted((root / MANIFESTS / "regions").iterdir()):
        own = folder / _DESCRIPTION
        description = own if own.exists() else root / MANIFESTS / _DESCRIPTION
        overlays.append(render_overlay(folder, description, region=folder.name))
    return overlays


def render_overlay(folder: Path, description: Path, *, region: str) -> Overlay:
    """Return an overlay and what ``description`` says of its region; NotRendered, Unreadable, Failure."""
    kubectl = find_kubectl()
    _, network = read_network(description)
    described = next((one for one in network.regions if one.name == region and one.on_kubernetes), None)
    if described is None:
        raise NotRendered(f"{description} has no region {region} that is on Kubernetes.")
    with tempfile.TemporaryDirectory(prefix="samverka-k8s-") as aside:
        home = _written(network, Path(aside)).region(region)
        rendered = Rendered(region, resources=_resources(kubectl, folder), given=_resources(kubectl, home.root))
    return Overlay(rendered, described)


def _resources(kubectl: str, folder: Path) -> tuple[Resource, ...]:
    try:
        return read_resources(render(kubectl, folder))
    except Unreadable as error:
        raise Unreadable(f"{folder}: {error}") from error


def _written(network: Network, directory: Path) -> DataDir:
    """Return a directory with all that the network's regions are given."""
    data = DataDir.at(directory)
    keyring = Keyring(data, secrets.token_bytes)
    prepared = prepare(network, keyring, data, now_ms=SystemClock().wall_ms())
    write(prepared, compare(prepared), nats_program=find_program())
    return data
