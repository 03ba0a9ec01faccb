"""What was rendered, and the questions that rules ask of it."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

Json = Any
"""What YAML holds: mappings, lists and scalars, as deep as a manifest goes."""
NAME_LABEL = "app.kubernetes.io/name"
WORKLOADS = ("StatefulSet", "Deployment")
CLUSTER_WIDE = frozenset({"Namespace"})


class Unreadable(Exception):
    """The text is no list of resources; the text says why."""


@dataclass(frozen=True, slots=True)
class Resource:
    """One object for a cluster."""

    body: Mapping[str, Json]

    @property
    def api_version(self) -> str:
        return str(self.body.get("apiVersion", ""))

    @property
    def kind(self) -> str:
        return str(self.body.get("kind", ""))

    @property
    def name(self) -> str:
        return str(self.at("metadata", "name", default=""))

    @property
    def namespace(self) -> str:
        return str(self.at("metadata", "namespace", default=""))

    def at(self, *path: str, default: Json = None) -> Json:
        """Return what stands at a path of keys, or ``default``."""
        found: Json = self.body
        for key in path:
            if not isinstance(found, Mapping) or key not in found:
                return default
            found = found[key]
        return found

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


@dataclass(frozen=True, slots=True)
class Workload:
    """A StatefulSet or a Deployment, and the pods that it makes."""

    resource: Resource

    @property
    def name(self) -> str:
        return self.resource.name

    @property
    def labels(self) -> Mapping[str, str]:
        """Those of its pods."""
        labels: Mapping[str, str] = self.resource.at("spec", "template", "metadata", "labels", default={})
        return labels

    @property
    def pod(self) -> Mapping[str, Json]:
        pod: Mapping[str, Json] = self.resource.at("spec", "template", "spec", default={})
        return pod

    @property
    def container(self) -> Mapping[str, Json]:
        """Its one container; a rule sees to it that there is one."""
        return next(iter(self.pod.get("containers", ())), {})

    @property
    def ports(self) -> Mapping[str, int]:
        """The container's ports by name."""
        return {port.get("name", ""): port["containerPort"] for port in self.container.get("ports", ())}

    @property
    def volumes(self) -> Mapping[str, Mapping[str, Json]]:
        """All that can be mounted, by name; what a claim makes has the key ``claim``."""
        claims = self.resource.at("spec", "volumeClaimTemplates", default=())
        volumes = {volume["name"]: volume for volume in self.pod.get("volumes", ())}
        return {**volumes, **{claim["metadata"]["name"]: {"claim": claim} for claim in claims}}

    @property
    def mounts(self) -> Sequence[Mapping[str, Json]]:
        mounts: Sequence[Mapping[str, Json]] = self.container.get("volumeMounts", ())
        return mounts

    @property
    def module(self) -> str:
        """What the image is told to run; empty for another image."""
        arguments = self.container.get("args", ())
        return str(arguments[0]) if len(arguments) == 1 else ""

    def __str__(self) -> str:
        return str(self.resource)


@dataclass(frozen=True, slots=True)
class Rendered:
    """An overlay as a cluster gets it; ``given`` is what `samverka network write` makes for its region."""

    overlay: str
    resources: tuple[Resource, ...]
    given: tuple[Resource, ...] = ()

    def of(self, *kinds: str) -> Iterator[Resource]:
        return (resource for resource in self.resources if resource.kind in kinds)

    def named(self, kind: str, name: str) -> Resource | None:
        return next((resource for resource in self.of(kind) if resource.name == name), None)

    def workloads(self) -> list[Workload]:
        return [Workload(resource) for resource in self.of(*WORKLOADS)]

    def workload(self, name: str) -> Workload | None:
        return next((workload for workload in self.workloads() if workload.name == name), None)

    def selected(self, labels: Mapping[str, str]) -> list[Workload]:
        """Return the workloads whose pods have all of ``labels``."""
        return [workload for workload in self.workloads() if labels.items() <= workload.labels.items()]


class _StrictLoader(yaml.SafeLoader):
    """Refuses a key that stands twice: all but the last would be lost in silence."""


def read_resources(text: str) -> tuple[Resource, ...]:
    """Return the resources of a rendered text; Unreadable."""
    try:
        bodies = [body for body in yaml.load_all(text, Loader=_StrictLoader) if body is not None]
    except yaml.YAMLError as error:
        raise Unreadable(str(error)) from error
    if not all(isinstance(body, Mapping) for body in bodies):
        raise Unreadable("a document is no mapping")
    return tuple(map(Resource, bodies))


def _mapping(loader: _StrictLoader, node: yaml.MappingNode) -> dict[Hashable, Json]:
    keys = [loader.construct_object(key) for key, _ in node.value]
    for key in keys:
        if keys.count(key) > 1:
            raise yaml.constructor.ConstructorError(None, None, f"{key!r} stands twice", node.start_mark)
    loader.flatten_mapping(node)
    return loader.construct_mapping(node, deep=True)


_StrictLoader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)
