"""The index that is searched is the latest whole one; it is made anew beside it when something has to be forgotten."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from services.chassis.projection import ProjectionRunner
from services.search.index import keeping
from services.search.index.directory import Directory
from services.search.index.fields import INDEX_VERSION
from services.search.index.keeping import open_index
from tests.search.index.churn import caught_up
from tests.search.index.contents import contents
from tests.support.logs import wait_until

OURS, NEXT = f"-index.v{INDEX_VERSION}", f"-index.v{INDEX_VERSION + 1}"


def names(runner: ProjectionRunner) -> list[str]:
    beside = runner.store.path.parent.glob(f"{runner.store.path.name}-index*")
    return sorted(path.name.removeprefix(runner.store.path.name) for path in beside)


async def test_it_is_made_anew_beside_the_old_one_which_is_searched_until_then(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "RENEWAL_AWAITED_SECONDS_MAX", 0.01)
    async with caught_up(tmp_path) as (runner, index):
        before, old = contents(index), index.path
        assert not await index.scrub(runner.position.sequence)
        assert contents(index) == before

        renewing = asyncio.create_task(index.run())
        await wait_until(lambda: names(runner) == [f"{OURS}.2"])
        assert index.path != old
        assert contents(index) == before
        assert await index.scrub(runner.position.sequence)
        renewing.cancel()

    async with caught_up(tmp_path) as (runner, index):
        assert index.path.name.endswith(f"{OURS}.2")
        assert await index.scrub(runner.position.sequence)


async def test_a_directory_that_was_never_whole_is_passed_over(tmp_path: Path) -> None:
    async with caught_up(tmp_path) as (runner, index):
        before = contents(index)
        begun = index.path.with_name(f"{index.path.name[:-1]}2")
        Directory(begun).close()

    async with caught_up(tmp_path) as (runner, index):
        assert contents(index) == before
        assert names(runner) == [f"{OURS}.1"]


async def test_a_damaged_one_is_made_again(tmp_path: Path) -> None:
    async with caught_up(tmp_path) as (_, index):
        before = contents(index)
        (index.path / "meta.json").write_bytes(b"{")

    async with caught_up(tmp_path) as (_, index):
        assert contents(index) == before


async def test_another_version_is_made_beside_the_old_one_which_goes_when_it_has_caught_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with caught_up(tmp_path) as (runner, index):
        before = contents(index)
        monkeypatch.setattr(keeping, "INDEX_VERSION", INDEX_VERSION + 1)
        with open_index(runner.store) as newer:
            assert names(runner) == [f"{OURS}.1", f"{NEXT}.1"]
            await newer.follow()
            assert contents(newer) == before
            assert names(runner) == [f"{NEXT}.1"]


async def test_a_process_leaves_the_index_of_another_alone(tmp_path: Path) -> None:
    async with caught_up(tmp_path) as (runner, index):
        with pytest.raises(ValueError, match="Lock"), open_index(runner.store):
            pass
        assert index.path.exists()
