"""What became of every record: read = imported + skipped (by reason) + refused (each with its line)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from ops.importing.limits import REFUSALS_LISTED_MAX

FILE_FAULTS = frozenset({"truncated", "declarations", "not_a_table"})
"""Codes of what is wrong with a file and not with a record of it."""


@dataclass(slots=True)
class Tally:
    """The counts of one kind of record."""

    read: int = 0
    imported: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    refused: int = 0

    @property
    def concluded(self) -> int:
        return self.imported + self.skipped.total() + self.refused


@dataclass(frozen=True, slots=True)
class Refusal:
    """A record that did not come in, where it stands in the source, and why."""

    kind: str
    file: str
    line: int
    key: str
    """The record's key in the source; empty if it has none."""
    code: str
    reason: str


class Balance:
    """Counts records as they are read and, apart from that, as their fate is known."""

    def __init__(self) -> None:
        self.tallies: dict[str, Tally] = {}
        self.refusals: list[Refusal] = []
        self.files_not_whole: list[str] = []
        """What is wrong with a file as a whole: what came after that was not read."""
        self.made: Counter[str] = Counter()
        """People who stand in no row of the source and were made for it, by what for."""

    def read(self, kind: str) -> None:
        self._tally(kind).read += 1

    def imported(self, kind: str) -> None:
        self._tally(kind).imported += 1

    def skip(self, kind: str, reason: str) -> None:
        self._tally(kind).skipped[reason] += 1

    def refuse(self, refusal: Refusal) -> None:
        """Count a refusal and list it; past ``REFUSALS_LISTED_MAX`` it is only counted."""
        self._tally(refusal.kind).refused += 1
        if refusal.code in FILE_FAULTS:
            self.files_not_whole.append(f"{refusal.file}: {refusal.reason}")
        if len(self.refusals) < REFUSALS_LISTED_MAX:
            self.refusals.append(refusal)

    def total(self) -> Tally:
        """Return the sum over all kinds."""
        total = Tally()
        for tally in self.tallies.values():
            total.read += tally.read
            total.imported += tally.imported
            total.skipped.update(tally.skipped)
            total.refused += tally.refused
        return total

    def faults(self) -> list[str]:
        """Return a sentence for each kind whose sides do not agree; empty is good."""
        return [
            f"{kind}: {tally.read} read, but {tally.concluded} imported, skipped or refused"
            for kind, tally in self.tallies.items()
            if tally.read != tally.concluded
        ]

    def _tally(self, kind: str) -> Tally:
        return self.tallies.setdefault(kind, Tally())
