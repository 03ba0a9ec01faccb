"""Mistakes for the checker to find: an overlay's resources, to be changed in a copy."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any

from deploy.checking.resources import Rendered, Resource


@dataclass
class Bodies:
    """What an overlay and its region's folder hold, by kind and name."""

    resources: list[dict[str, Any]]
    given: list[dict[str, Any]]

    def one(self, kind: str, name: str) -> dict[str, Any]:
        """Return the resource of that kind whose name begins so."""
        (found,) = [
            body
            for body in (*self.resources, *self.given)
            if body["kind"] == kind
            and (body["metadata"]["name"] == name or body["metadata"]["name"].startswith(f"{name}-"))
        ]
        return found

    def pod(self, name: str) -> dict[str, Any]:
        kind = "Deployment" if name == "gateway" else "StatefulSet"
        (found,) = [body for body in self.resources if (body["kind"], body["metadata"]["name"]) == (kind, name)]
        pod: dict[str, Any] = found["spec"]["template"]["spec"]
        return pod

    def container(self, name: str) -> dict[str, Any]:
        container: dict[str, Any] = self.pod(name)["containers"][0]
        return container

    def port(self, name: str, port: str) -> dict[str, Any]:
        return next(one for one in self.container(name)["ports"] if one["name"] == port)

    def tell(self, name: str, variable: str, value: str) -> None:
        """Give a container a variable, in place of the one that it has."""
        env = self.container(name)["env"]
        env[:] = [one for one in env if one["name"] != variable] + [{"name": variable, "value": value}]

    def drop(self, kind: str, *names: str) -> None:
        kept = [body for body in self.resources if body["kind"] != kind or body["metadata"]["name"] not in names]
        assert len(kept) == len(self.resources) - len(names)
        self.resources[:] = kept


Plant = Callable[[Bodies], Any]


def planted(rendered: Rendered, plant: Plant) -> Rendered:
    """Return a copy of an overlay with a mistake in it."""
    bodies = Bodies(*([deepcopy(dict(one.body)) for one in part] for part in (rendered.resources, rendered.given)))
    plant(bodies)
    return replace(rendered, resources=tuple(map(Resource, bodies.resources)), given=tuple(map(Resource, bodies.given)))
