"""Whether regions agree: the digests that they give of what each origin's registers hold."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from chaos.findings import Finding, Kind

SERVICES = frozenset({"profile", "feed", "recognition", "search", "network"})
"""Those of each region; each gives a digest."""
Digests = Sequence[Mapping[str, Any]]
"""What ``samverka digest --json`` prints of one region: an object for each replica."""


def check_agreement(digests: Mapping[str, Digests], services: Collection[str] = SERVICES) -> Iterator[Finding]:
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
    yield from _check_complete(digests, services)


def _check_complete(digests: Mapping[str, Digests], services: Collection[str]) -> Iterator[Finding]:
    """Yield services that a region has no replica of, and replicas that know nothing of some region."""
    for region, replicas in digests.items():
        for service in sorted(set(services) - {replica["service"] for replica in replicas}):
            yield Finding(Kind.DISAGREEMENT, region, f"there is no replica of {service}")
        for replica in replicas:
            missing = sorted(digests.keys() - _by_origin(replica).keys())
            if missing:
                yield Finding(Kind.DISAGREEMENT, region, f"{replica['name']} knows nothing of {', '.join(missing)}")


def check_rebuilt(region: str, before: Digests, after: Digests) -> Iterator[Finding]:
    """Yield where projections that were made anew from the log differ from those that had grown.

    An origin that has written more meanwhile (a report, when it started again) holds more than before, and is compared
    between the regions alone.
    """
    grown = {replica["name"]: replica for replica in before}
    made = {replica["name"]: replica for replica in after}
    for name in sorted(grown.keys() | made.keys()):
        if name not in made or name not in grown:
            yield Finding(
                Kind.REBUILD, region, f"{name} is there only {'before' if name in grown else 'after'} it was made anew"
            )
            continue
        moved = _moved_on(grown[name], made[name])
        before_of, after_of = (
            {origin: held for origin, held in _by_origin(replica).items() if origin not in moved}
            for replica in (grown[name], made[name])
        )
        yield from _check_same(region, name, before_of, after_of)
        if grown[name]["position"] == made[name]["position"]:  # a table tells when things arrived, which goes on
            yield from _check_same(region, name, _by_table(grown[name]), _by_table(made[name]))


def _check_same(region: str, name: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Finding]:
    for part in sorted(before.keys() | after.keys()):
        if before.get(part) != after.get(part):
            text = f"{name} made anew holds {after.get(part)} of {part}, before it was {before.get(part)}"
            yield Finding(Kind.REBUILD, region, text)


def _by_origin(replica: Mapping[str, Any]) -> dict[str, tuple[int, str]]:
    return {origin["origin"]: (origin["rows"], origin["sha256"]) for origin in replica["origins"]}


def _moved_on(before: Mapping[str, Any], after: Mapping[str, Any]) -> set[str]:
    """Return the origins of which more has come since."""
    was = {origin["origin"]: origin["sequence"] for origin in before["origins"]}
    return {origin["origin"] for origin in after["origins"] if origin["sequence"] > was.get(origin["origin"], 0)}


def _by_table(replica: Mapping[str, Any]) -> dict[str, tuple[int, str]]:
    return {table["table"]: (table["rows"], table["sha256"]) for table in replica["tables"]}
