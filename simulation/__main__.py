"""Run the simulation: ``python -m simulation``, or one seed again with ``--seed 123``."""

from __future__ import annotations

import logging
from typing import Annotated

import typer

from services.chassis.clock import SystemClock
from simulation.network import Verdict, simulate
from simulation.running import Tally, run_seeds

SEEDS = 1_000
PROCESSES = 2
SECONDS_MAX = 600.0
_TOLD_EVERY_SEEDS = 100
_STEPS_TOLD_MAX = 60
_ALL_STEPS = 100_000


def main(
    seed: Annotated[int | None, typer.Option(help="Run this one again, and print every step.")] = None,
    seeds: Annotated[int, typer.Option(min=1, help="How many.")] = SEEDS,
    first: Annotated[int, typer.Option(min=0, help="The first of them.")] = 0,
    processes: Annotated[int, typer.Option(min=1)] = PROCESSES,
    seconds_max: Annotated[float, typer.Option(help="Begin no more seeds after this time.")] = SECONDS_MAX,
) -> None:
    """Simulate whole networks from seeds; ends with 1 if something that is promised did not hold."""
    passed = _replay(seed) if seed is not None else _run(range(first, first + seeds), processes, seconds_max)
    raise SystemExit(0 if passed else 1)


def _replay(seed: int) -> bool:
    logging.disable(logging.CRITICAL)
    verdict = simulate(seed, trace_steps=_ALL_STEPS)
    print("\n".join(verdict.trace))
    if verdict.failure:
        print(f"\nseed {seed} failed: {verdict.failure}")
    else:
        print(f"\nseed {seed} passed: {verdict.regions} regions, {verdict.events:,} entries in their logs")
    return not verdict.failure


def _run(seeds: range, processes: int, seconds_max: float) -> bool:
    clock, tally = SystemClock(), Tally()
    started = clock.monotonic_seconds()
    for verdict in run_seeds(seeds, processes=processes, seconds_max=seconds_max, clock=clock):
        tally.count(verdict)
        if verdict.failure:
            _tell(verdict)
        if tally.seeds % _TOLD_EVERY_SEEDS == 0:
            print(f"{tally.seeds:,} seeds", flush=True)
    seconds = clock.monotonic_seconds() - started
    print(
        f"{tally.seeds:,} seeds in {seconds:.0f} s ({tally.seeds / seconds:.0f} seeds/s in {processes} processes): "
        f"{tally.events:,} entries in logs, {tally.applied:,} events applied, {tally.failed} seeds failed"
    )
    if tally.seeds < len(seeds):
        print(f"{len(seeds) - tally.seeds:,} seeds were not run: the time was over, or too many had failed")
    return tally.seeds == len(seeds) and not tally.failed


def _tell(verdict: Verdict) -> None:
    print("\n".join(verdict.trace[-_STEPS_TOLD_MAX:]))
    print(f"seed {verdict.seed} failed: {verdict.failure}")
    print(f"replay it: make simulate SEED={verdict.seed}\n", flush=True)


if __name__ == "__main__":
    typer.run(main)
