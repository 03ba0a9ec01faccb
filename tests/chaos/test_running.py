"""The short form of ``make chaos``: real processes, every kind of fault, and nothing is wrong in the end."""

from __future__ import annotations

from pathlib import Path

import pytest

from chaos.running import QUICK, run

SEED = 1


@pytest.mark.timeout(1800)
async def test_a_network_that_is_broken_in_every_way_holds_what_it_has_acknowledged(tmp_path: Path) -> None:
    told: list[str] = []
    folder = tmp_path / "evidence"
    folder.mkdir()

    report, findings = await run(QUICK, seed=SEED, folder=folder, tell=told.append)

    assert findings == [], "\n".join([*told, *map(str, findings[:20])])
    assert report.faults >= 10
    assert report.erased == len(QUICK.regions) * QUICK.size.leavers
    assert report.acknowledged > QUICK.size.backlog_events
    assert report.repeated > 0, "no answer was ever lost: the faults did not meet the load"
    assert {back.region for back in report.catch_ups} <= set(report.regions)
    assert report.catch_ups[0].events >= QUICK.size.backlog_events
    assert len(report.regions) == 3
