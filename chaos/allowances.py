"""Whether a badge's allowance was ever exceeded: counted in the logs, where every award stands with its time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime

from chaos.findings import Finding, Kind
from chaos.streams import Entry
from chaos.wire import Fact

DEFINED, AWARDED = "samverka.recognition.v1.BadgeDefined", "samverka.recognition.v1.BadgeAwarded"
_DEFINED_BADGE, _DEFINED_LIMIT = 1, 6
_AWARDED_BADGE, _AWARDED_AT_MS = 2, 6


def check_awards(logs: Mapping[str, Sequence[Entry]]) -> Iterator[Finding]:
    """Yield givers who stand in a log with more awards of one badge in one month than it lets them."""
    for region, entries in logs.items():
        facts = [entry.fact for entry in entries if entry.fact is not None]
        limits = {fact.text(_DEFINED_BADGE): fact.number(_DEFINED_LIMIT) for fact in facts if fact.kind == DEFINED}
        awards = Counter(_award(fact) for fact in facts if fact.kind == AWARDED)
        for (giver, badge, month), count in awards.items():
            limit = limits.get(badge)
            if limit is None:
                yield Finding(Kind.SURPLUS, region, f"{giver} awards {badge}, which the log does not know")
            elif limit and count > limit:
                yield Finding(Kind.EXCEEDED, region, f"{giver} awarded {badge} {count} times of {limit} in {month}")


def _award(fact: Fact) -> tuple[str, str, str]:
    month = datetime.fromtimestamp(fact.number(_AWARDED_AT_MS) / 1000, UTC).strftime("%Y-%m")
    return fact.actor, fact.text(_AWARDED_BADGE), month
