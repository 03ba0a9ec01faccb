"""Whether regions agree: the digests that they give of what each origin's registers hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from chaos.findings import Finding, Kind

Digests = Sequence[Mapping[str, Any]]
"""What ``samverka digest --json`` prints of one region: an object for each replica."""


def check_agreement(digests: Mapping[str, Digests]) -> Iterator[Finding]:
    """Yield where two regions hold different things of one origin; ``digests`` maps each region to its replicas'."""
    first: dict[tuple[str, str], tuple[str, tuple[int, str]]] = {}
    for region, replicas in digests.items():
        for replica in replicas:
            for origin, held in _by_origin(replica).items():
                where, other = first.setdefault((replica["service"], origin), (replica["name"], held))
                if other != held:
                    rows, others = held[0], other[0]
                    text = f"{replica['name']} holds {rows} rows of {origin}, {where} {others}, and they differ"
                    yield Finding(Kind.DISAGREEMENT, region, text)
    yield from _check_complete(digests)


def _check_complete(digests: Mapping[str, Digests]) -> Iterator[Finding]:
    """Yield replicas that know nothing of some region."""
    for region, replicas in digests.items():
        for replica in replicas:
            missing = sorted(digests.keys() - _by_origin(replica).keys())
            if missing:
                yield Finding(Kind.DISAGREEMENT, region, f"{replica['name']} knows nothing of {', '.join(missing)}")


def check_rebuilt(region: str, before: Digests, after: Digests) -> Iterator[Finding]:
    """Yield where projections that were made anew from the log differ from those that had grown."""
    grown = {replica["name"]: _by_origin(replica) for replica in before}
    made = {replica["name"]: _by_origin(replica) for replica in after}
    for name in sorted(grown.keys() | made.keys()):
        if grown.get(name) != made.get(name):
            text = f"{name} made anew holds {made.get(name)}, before it was {grown.get(name)}"
            yield Finding(Kind.REBUILD, region, text)


def _by_origin(replica: Mapping[str, Any]) -> dict[str, tuple[int, str]]:
    return {origin["origin"]: (origin["rows"], origin["sha256"]) for origin in replica["origins"]}
