"""The command that runs the simulation tells what failed, and how to see it again."""

from __future__ import annotations

import pytest

from services.chassis.clock import ManualClock
from simulation import __main__ as command
from simulation.__main__ import main
from simulation.network import Verdict
from simulation.running import FAILURES_MAX, run_seeds


def verdict(seed: int, failure: str = "") -> Verdict:
    steps = tuple(f"step {number}" for number in range(100))
    return Verdict(seed, failure, regions=2, events=10, applied=20, steps=100, trace=steps, fingerprint="")


def run(monkeypatch: pytest.MonkeyPatch, *verdicts: Verdict, seeds: int) -> int:
    monkeypatch.setattr(command, "run_seeds", lambda *_, **__: iter(verdicts))
    with pytest.raises(SystemExit) as end:
        main(seeds=seeds)
    assert isinstance(end.value.code, int)
    return end.value.code


def test_one_seed_is_told_step_by_step(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(seed=3)

    said = capsys.readouterr().out
    assert end.value.code == 0
    assert "signed in as" in said
    assert "seed 3 passed" in said


def test_a_failing_seed_is_told_with_its_last_steps_and_the_command_that_replays_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, verdict(1), verdict(123, "tokyo and lima differ"), seeds=2) == 1

    said = capsys.readouterr().out
    assert "step 99\nseed 123 failed: tokyo and lima differ\nreplay it: make simulate SEED=123\n" in said
    assert "step 1\n" not in said
    assert "20 entries in logs, 40 events applied, 1 seeds failed" in said


def test_seeds_that_were_not_run_are_no_success(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, verdict(1), seeds=2) == 1
    assert "1 seeds were not run" in capsys.readouterr().out

    assert run(monkeypatch, verdict(1), verdict(2), seeds=2) == 0


def test_seeds_run_in_processes_of_their_own() -> None:
    verdicts = list(run_seeds(range(4), processes=2, seconds_max=600, clock=ManualClock()))

    assert sorted(verdict.seed for verdict in verdicts) == [0, 1, 2, 3]
    assert not any(verdict.failure for verdict in verdicts)
    assert len(verdicts) < FAILURES_MAX


def test_no_more_seeds_are_begun_when_the_time_is_over() -> None:
    verdicts = list(run_seeds(range(1_000), processes=1, seconds_max=0, clock=ManualClock()))

    assert 0 < len(verdicts) < 10
