"""Kubernetes' own schemas: those of the oldest release that is promised and those of the newest that is known."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache

import kubernetes_validate
from pydantic import ValidationError

from deploy.checking.crds import MODELS
from deploy.checking.kubectl import VERSION_MIN
from deploy.checking.resources import Resource

_APIS = frozenset({"v1", "apps/v1", "autoscaling/v2", "networking.k8s.io/v1", "policy/v1"})
"""Those that the manifests use; the schemas are found by an API's name alone, without its domain."""


def versions() -> tuple[str, str]:
    """Return the two releases whose schemas must be kept."""
    return ".".join(map(str, VERSION_MIN)), str(kubernetes_validate.latest_version())


def faults_of(resource: Resource) -> Iterator[str]:
    """Yield what the schemas have against a resource; a kind that nobody knows is a fault."""
    if resource.kind in MODELS:
        yield from (f"{resource}: {fault}" for fault in _against_model(resource))
        return
    # The overlays have most resources in common, but for their namespace.
    text = json.dumps({**resource.body, "metadata": {**resource.at("metadata", default={}), "namespace": "any"}})
    for version in versions():
        yield from (f"{resource}, in Kubernetes {version}: {fault}" for fault in _against_schema(text, version))


def _against_model(resource: Resource) -> Iterator[str]:
    try:
        MODELS[resource.kind].model_validate(dict(resource.body))
    except ValidationError as error:
        for part in error.errors():
            yield f"{'.'.join(map(str, part['loc']))}: {part['msg']}"


@cache
def _against_schema(text: str, version: str) -> tuple[str, ...]:
    body = json.loads(text)
    unknown = f"nothing is known of {body.get('kind')} in {body.get('apiVersion')}"
    if body.get("apiVersion") not in _APIS or not body.get("kind"):
        return (unknown,)
    try:
        kubernetes_validate.validate(body, version, strict=True)
    except kubernetes_validate.ValidationError as error:
        return (f"{'.'.join(map(str, error.path)) or 'the whole'}: {error.message}",)
    except kubernetes_validate.SchemaNotFoundError:
        return (unknown,)
    return ()
