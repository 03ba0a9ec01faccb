"""Every resource is there once, in the overlay's one namespace, and says that it is of Samverka."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from deploy.checking.resources import CLUSTER_WIDE, Rendered

_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
_PART_OF = ("app.kubernetes.io/part-of", "samverka")


def everything_is_named(rendered: Rendered) -> Iterator[str]:
    """Yield what has no good name, or the name of another."""
    for (kind, name), count in Counter((one.kind, one.name) for one in rendered.resources).items():
        if count > 1:
            yield f"{kind} {name} is there {count} times"
    for resource in rendered.resources:
        if not _LABEL.fullmatch(resource.name):
            yield f"{resource}: the name is no DNS label"


def everything_is_in_one_namespace(rendered: Rendered) -> Iterator[str]:
    """Yield what would land elsewhere; the namespace itself is made by the overlay."""
    namespaces = [one.name for one in rendered.of("Namespace")]
    if len(namespaces) != 1:
        yield f"there are {len(namespaces)} namespaces, and must be one"
        return
    for resource in rendered.resources:
        if resource.kind not in CLUSTER_WIDE and resource.namespace != namespaces[0]:
            yield f"{resource} is in the namespace {resource.namespace!r}, not in {namespaces[0]!r}"


def pods_say_what_they_are_of(rendered: Rendered) -> Iterator[str]:
    """Yield the workloads whose pods a monitor or a policy for all of Samverka would miss."""
    for workload in rendered.workloads():
        if _PART_OF not in workload.labels.items():
            yield f"{workload}: its pods lack the label {': '.join(_PART_OF)}"


def no_secret_is_committed(rendered: Rendered) -> Iterator[str]:
    """Yield the secrets of an overlay: they come from the region's folder alone."""
    yield from (f"{secret} stands in the overlay; secrets are only referred to" for secret in rendered.of("Secret"))
