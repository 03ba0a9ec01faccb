"""What somebody finds, held against what they may see of what was acknowledged."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from chaos.comparing import compare_ids
from chaos.findable import Findable
from chaos.findings import Finding, Kind
from chaos.shown_found import ShownFound


def compare_found(shown: ShownFound, findable: Findable, suggested: Findable) -> Iterator[Finding]:
    """Yield what is not found by its word, what is found and should not be, and counts that tell of more or less."""
    who = shown.person or "somebody"
    yield from _compare(f"what {who} finds by", shown.region, shown.found, findable)
    yield from _compare(f"what {who} may go on to by", shown.region, shown.suggested, suggested)
    for word, count in shown.counts.items():
        there = len(findable.get(word, ()))
        if count != there:
            yield Finding(Kind.CHANGED, shown.region, f"{who} is told of {count} by {word}, and there are {there}")


def _compare(what: str, region: str, found: Mapping[str, list[str]], findable: Findable) -> Iterator[Finding]:
    for word, ids in found.items():
        yield from compare_ids(f"{what} {word}", region, ids, findable.get(word, set()))
