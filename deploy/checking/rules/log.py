"""The log's servers find what their configuration names, and nats-server takes it as it will lie there."""

from __future__ import annotations

import base64
import re
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from deploy.checking.resources import Rendered, Workload
from deploy.checking.rules.mounting import keys_of, placed
from ops.nats.program import check_configuration, find_program
from ops.nats.server import SERVER_NAME_VARIABLE
from ops.network.description import Region
from ops.network.hosts import host_of, port_of

_CONFIGURATION = "/etc/samverka/nats.conf"
_PATH = re.compile(r'"(/[^"]+)"')


def nats_server_takes_its_configuration(rendered: Rendered, region: Region) -> Iterator[str]:
    """Yield what nats-server has against the files of its container, laid out as its mounts say."""
    nats = rendered.workload("nats")
    if nats is None:
        yield "there is no workload nats"
        return
    if list(nats.container.get("args", ())) != ["--config", _CONFIGURATION]:
        yield f"{nats} is not told to read {_CONFIGURATION}"
    if {"name": SERVER_NAME_VARIABLE, "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}} not in list(
        nats.container.get("env", ())
    ):
        yield f"{nats}: {SERVER_NAME_VARIABLE} is not the pod's name"
    with tempfile.TemporaryDirectory(prefix="samverka-nats-") as directory:
        yield from (f"{nats}: {fault}" for fault in _configuration_faults(rendered, nats, Path(directory)))


def addresses_are_those_of_the_description(rendered: Rendered, region: Region) -> Iterator[str]:
    """Yield ports and names that differ between the manifests and the network's description."""
    nats = rendered.workload("nats")
    if nats is None:
        return
    listening = {
        "client": region.client_listen,
        "route": region.route_listen,
        "leaf": region.leaf_listen,
        "monitor": region.monitor_listen,
    }
    for name, address in listening.items():
        if nats.ports.get(name) != port_of(address):
            yield f"{nats}: its port {name} is {nats.ports.get(name)}, and it listens on {address}"
    names = [f"{nats.name}-{number}.{nats.resource.at('spec', 'serviceName')}" for number in range(_replicas(nats))]
    if [host_of(route) for route in region.routes] != names:
        yield f"{nats}: its servers are called {', '.join(names)}, and look for {', '.join(region.routes)}"
    leaf = rendered.named("Service", "nats-leaf")
    if leaf is None or [port["port"] for port in leaf.at("spec", "ports")] != [port_of(region.leaf)]:
        yield f"peers dial {region.leaf}, where no Service nats-leaf is"
    config = {name: value for one in rendered.of("ConfigMap") for name, value in one.at("data", default={}).items()}
    if config.get("SAMVERKA_REGION") != region.name:
        yield f"SAMVERKA_REGION is {config.get('SAMVERKA_REGION')!r}, and the description calls it {region.name!r}"


def certificates_are_for_what_is_dialled(rendered: Rendered, region: Region) -> Iterator[str]:
    """Yield the names by which a server is dialled and that its certificate lacks."""
    wanted = {host_of(region.leaf), *map(host_of, region.routes)}
    for certificate in rendered.of("Certificate"):
        for name in sorted(wanted - set(certificate.at("spec", "dnsNames", default=()))):
            yield f"{certificate} is not for {name}"
        if not {"server auth", "client auth"} <= set(certificate.at("spec", "usages", default=())):
            yield f"{certificate} is not good for both ends of a link"


def _configuration_faults(rendered: Rendered, nats: Workload, root: Path) -> Iterator[str]:
    for path, content in _files(rendered, nats).items():
        (root / path.lstrip("/")).parent.mkdir(parents=True, exist_ok=True)
        (root / path.lstrip("/")).write_bytes(content)
    file = root / _CONFIGURATION.lstrip("/")
    if not file.is_file():
        yield f"no mount puts a file at {_CONFIGURATION}"
        return
    text = file.read_text()
    if "sync_interval: always" not in text:
        yield "an acknowledged event would not be on the disk: sync_interval is not always"
    claims = [mount["mountPath"] for mount in nats.mounts if "claim" in nats.volumes.get(mount["name"], {})]
    if not any(f'store_dir: "{claim}"' in text for claim in claims):
        yield f"the log would not lie on a claim: {', '.join(claims) or 'none is mounted'}"
    file.write_text(_PATH.sub(lambda path: f'"{root}{path[1]}"', text))
    if fault := check_configuration(find_program(), file):
        yield fault.replace(str(root), "")


def _files(rendered: Rendered, nats: Workload) -> Mapping[str, bytes]:
    """Return every file that the mounts put into the container."""
    files: dict[str, bytes] = {}
    for mount in nats.mounts:
        volume = nats.volumes.get(mount["name"], {})
        for kind, source in (("ConfigMap", volume.get("configMap")), ("Secret", volume.get("secret"))):
            if source:
                name = source.get("name", source.get("secretName", ""))
                keys = keys_of(rendered, kind, name) or frozenset()
                files |= {
                    path: _content(rendered, kind, name, key)
                    for path, key in placed(mount, source, keys).items()
                    if key in keys
                }
    return files


def _content(rendered: Rendered, kind: str, name: str, key: str) -> bytes:
    """Return what a key holds; what cert-manager would make is taken from the region's folder."""
    by_name = {(one.kind, one.name): one for one in (*rendered.resources, *rendered.given)}
    found = by_name.get((kind, name)) or by_name[kind, "nats-tls"]
    text = str(found.at("data", key))
    return base64.b64decode(text) if kind == "Secret" else text.encode()


def _replicas(nats: Workload) -> int:
    return int(nats.resource.at("spec", "replicas", default=0))
