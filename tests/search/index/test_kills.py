"""The index and its position agree, however often the process is killed."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from services.chassis.projection import applied_sequence
from tests.search.index import churn
from tests.search.index.contents import contents, made_anew

ROOT = Path(__file__).parents[3]
KILLS = 5
EACH = churn.FACTS // (KILLS + 1)
"""How far each process may come, so that the log is never at its end however late the kill comes."""
BEHIND_LINES = EACH // churn.BATCH // 2


async def killed(directory: Path, *, most: int) -> None:
    """Let a process follow the log's beginning and kill it half way, in the midst of whatever it does then."""
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'proto' / 'gen'}"}
    process = await asyncio.create_subprocess_exec(
        sys.executable, churn.__file__, str(directory), str(most), env=environment, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    for _ in range(BEHIND_LINES):
        line = await process.stdout.readline()
        assert line, "it ended by itself"
        shown, indexed = map(int, line.split())
        assert indexed >= shown
    process.kill()
    await process.wait()


async def test_after_kills_the_index_is_what_one_made_anew_is(tmp_path: Path) -> None:
    for number in range(KILLS):
        await killed(tmp_path / "data", most=(number + 1) * EACH)

    async with churn.following(tmp_path / "data") as (runner, index, last):
        assert 0 < index.position < last, "the kills prove nothing"
    async with churn.caught_up(tmp_path / "data") as (runner, index):
        assert contents(index) == await made_anew(runner.store, tmp_path / "anew")
        assert index.position == await runner.store.read(applied_sequence) == last
