"""What a run has met, in figures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class CatchUp:
    """How a backlog arrived: in the logs of all others, and shown by all of them; seconds since the link was healed."""

    region: str
    events: int
    cut_off_seconds: float
    logged_seconds: float
    shown_seconds: float


@dataclass(slots=True)
class Report:
    """The figures of a run; ``equal_seconds`` is from the last heal until all regions agreed."""

    seed: int
    regions: Sequence[str]
    acknowledged: int = 0
    repeated: int = 0
    refused: int = 0
    faults: int = 0
    erased: int = 0
    seconds: float = 0.0
    events: dict[str, int] = field(default_factory=dict)
    catch_ups: list[CatchUp] = field(default_factory=list)
    equal_seconds: float = 0.0
    codes: dict[str, int] = field(default_factory=dict)

    def lines(self) -> Iterator[str]:
        """Yield lines that a person can read."""
        yield f"seed {self.seed}, regions {', '.join(self.regions)}, {self.seconds:.0f} s"
        yield f"{self.acknowledged:,} writes acknowledged, {self.repeated:,} after a repeat; {self.refused:,} refused"
        yield f"{sum(self.events.values()):,} events: " + ", ".join(f"{name} {n:,}" for name, n in self.events.items())
        yield f"{self.faults} faults, {self.erased} people erased"
        for back in self.catch_ups:
            yield (
                f"{back.region} cut off for {back.cut_off_seconds:.0f} s: {back.events:,} events of its own;"
                f" in all logs {back.logged_seconds:.1f} s after the heal ({back.events / back.logged_seconds:,.0f}/s),"
                f" shown {back.shown_seconds:.1f} s after it ({back.events / back.shown_seconds:,.0f}/s)"
            )
        yield f"all regions equal {self.equal_seconds:.1f} s after the last heal"
        if self.codes:
            yield "answers that were none: " + ", ".join(f"{code} {n:,}" for code, n in sorted(self.codes.items()))
