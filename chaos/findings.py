"""What a check finds wrong: its kind, the region where it shows, and what can be said about it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

SHOWN_MAX = 10
"""Findings of one kind that are printed; all of them are kept with the evidence."""


class Kind(StrEnum):
    """What is wrong."""

    LOST = "lost"
    CHANGED = "changed"
    SURPLUS = "surplus"
    TWICE = "twice"
    ORDER = "order"
    LEAK = "leak"
    DISAGREEMENT = "disagreement"
    REBUILD = "rebuild"
    STALLED = "stalled"
    ANSWER = "answer"
    EXCEEDED = "exceeded"
    REMAINS = "remains"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong; ``region`` is where it shows."""

    kind: Kind
    region: str
    text: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.region}: {self.text}"


def shown(findings: Sequence[Finding]) -> Iterable[str]:
    """Yield lines that tell the findings, the first of each kind."""
    told: Counter[Kind] = Counter()
    for finding in findings:
        told[finding.kind] += 1
        if told[finding.kind] <= SHOWN_MAX:
            yield str(finding)
    for kind, count in told.items():
        if count > SHOWN_MAX:
            yield f"{kind}: {count - SHOWN_MAX} more"
