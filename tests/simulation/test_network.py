"""Whole networks from seeds: what is promised holds, and where a part is broken on purpose it is seen not to."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import replace

import pytest

from services.chassis import trust
from services.chassis.eventlog.port import Entry
from simulation.lines import Line
from simulation.network import simulate
from simulation.parts import Parts
from tests.simulation.planting import first_failure

SEEDS = 50


@pytest.mark.parametrize("seed", range(SEEDS))
def test_a_network_keeps_what_it_promises(seed: int) -> None:
    verdict = simulate(seed)

    assert not verdict.failure, "\n".join((*verdict.trace, f"make simulate SEED={seed}"))
    assert verdict.events > verdict.regions


def test_a_seed_always_goes_the_same_way() -> None:
    here = simulate(7)
    environment = {**os.environ, "PYTHONHASHSEED": "4711", "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}

    script = "from simulation.network import simulate; print(simulate(7).fingerprint)"
    there = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True)

    assert here.fingerprint == simulate(7).fingerprint == there.stdout.strip()
    assert here.fingerprint != simulate(8).fingerprint


class LosesOne(Line):
    async def hand_over(self, entry: Entry) -> None:
        if self._chance.random() > 0.02:
            await super().hand_over(entry)


class ChangesTheOrder(Line):
    _held: Entry | None = None

    async def hand_over(self, entry: Entry) -> None:
        if self._held is None and self._chance.random() < 0.05:
            self._held = entry
            return
        await super().hand_over(entry)
        if self._held is not None:
            held, self._held = self._held, None
            await super().hand_over(held)


class DoublesWhatComesAgain(Line):
    _carried = 0

    async def hand_over(self, entry: Entry) -> None:
        again = entry.sequence <= self._carried
        self._carried = max(self._carried, entry.sequence)
        await super().hand_over(replace(entry, sequence=entry.sequence + 1_000_000) if again else entry)


class LetsLocalOut(Line):
    def crosses(self, entry: Entry) -> bool:
        return entry.source is None


@pytest.mark.parametrize(
    ("line", "found"),
    [
        (LetsLocalOut, "holds other entries of .*: missing none, too many"),
        (LosesOne, "holds other entries of .*: missing [1-9]"),
        (ChangesTheOrder, "holds other entries of .*: in another order"),
        (DoublesWhatComesAgain, "holds more than one event of a command"),
    ],
)
def test_a_line_that_does_not_carry_every_event_once_and_in_order_is_found(line: type[Line], found: str) -> None:
    assert re.search(found, first_failure(Parts(line=line)))


def test_a_network_that_trusts_whoever_sends_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trust, "distrust", lambda event, *_, **__: "" if event else "malformed")

    assert re.search("is not what was acknowledged|refused .* events, not|was refused", first_failure(Parts()))
