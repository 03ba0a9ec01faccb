"""What is mounted exists, and lies where it can."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

from deploy.checking.resources import Rendered, Resource, Workload

_OF_A_CERTIFICATE = frozenset({"tls.crt", "tls.key", "ca.crt"})


def mounts_and_volumes_are_pairs(rendered: Rendered) -> Iterator[str]:
    """Yield mounts of nothing, volumes for nobody, and mounts that lie in each other."""
    for workload in rendered.workloads():
        mounted = {mount["name"] for mount in workload.mounts}
        yield from (f"{workload}: it mounts {name!r}, which is no volume" for name in mounted - workload.volumes.keys())
        yield from (f"{workload}: nobody mounts the volume {name!r}" for name in workload.volumes.keys() - mounted)
        paths = [PurePosixPath(mount["mountPath"]) for mount in workload.mounts]
        for path in paths:
            # Below a ConfigMap or a Secret, which cannot be written, no place can be made for another mount.
            if any(other in path.parents for other in paths) or paths.count(path) > 1:
                yield f"{workload}: the mount at {path} lies in another"


def references_lead_to_keys(rendered: Rendered) -> Iterator[str]:
    """Yield the ConfigMaps and Secrets, and the keys in them, that neither the overlay nor the region's folder has."""
    for workload in rendered.workloads():
        for name, volume in workload.volumes.items():
            for kind, source in _sources(volume):
                keys = keys_of(rendered, kind, source.get("name", source.get("secretName", "")))
                if keys is None and source.get("optional"):
                    continue
                wanted = {item["key"] for item in source.get("items", ())}
                wanted |= {
                    mount["subPath"] for mount in workload.mounts if mount["name"] == name and "subPath" in mount
                }
                yield from _missing(workload, kind, source, keys, wanted)
        for source in workload.container.get("envFrom", ()):
            if keys_of(rendered, "ConfigMap", source.get("configMapRef", {}).get("name", "")) is None:
                yield f"{workload}: its environment comes from {source}, which is not there"


def keys_of(rendered: Rendered, kind: str, name: str) -> frozenset[str] | None:
    """Return the keys of a ConfigMap or a Secret; None if there is no such thing."""
    for resource in (*rendered.resources, *rendered.given):
        if resource.kind == kind and resource.name == name:
            return frozenset(_keys(resource))
        if kind == "Secret" and resource.kind == "Certificate" and resource.at("spec", "secretName") == name:
            return _OF_A_CERTIFICATE
    return None


def file_at(rendered: Rendered, workload: Workload, path: str) -> bool:
    """Whether a container finds a file at ``path`` that comes from a ConfigMap or a Secret."""
    for mount in workload.mounts:
        for kind, source in _sources(workload.volumes.get(mount["name"], {})):
            keys = keys_of(rendered, kind, source.get("name", source.get("secretName", ""))) or frozenset()
            if path in placed(mount, source, keys):
                return True
    return False


def placed(mount: Mapping[str, Any], source: Mapping[str, Any], keys: frozenset[str]) -> dict[str, str]:
    """Return where a mount puts the keys of its source: paths, and the key of each."""
    named = {item["path"]: item["key"] for item in source.get("items", ())} or {key: key for key in keys}
    if "subPath" in mount:
        return {mount["mountPath"]: named[mount["subPath"]]} if mount["subPath"] in named else {}
    return {f"{mount['mountPath']}/{file}": key for file, key in named.items()}


def _sources(volume: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if "configMap" in volume:
        yield "ConfigMap", volume["configMap"]
    if "secret" in volume:
        yield "Secret", volume["secret"]


def _missing(
    workload: Workload, kind: str, source: Mapping[str, Any], keys: frozenset[str] | None, wanted: set[str]
) -> Iterator[str]:
    name = source.get("name", source.get("secretName"))
    if keys is None:
        yield f"{workload}: there is no {kind} {name!r}"
        return
    yield from (f"{workload}: {kind} {name!r} has no key {key!r}" for key in sorted(wanted - keys))


def _keys(resource: Resource) -> Iterator[str]:
    for part in ("data", "binaryData", "stringData"):
        yield from resource.at(part, default={}) or {}
