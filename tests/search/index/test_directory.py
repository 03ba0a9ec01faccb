"""A directory is brought to where its store is, and holds what one made anew would."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.chassis.projection import ProjectionRunner
from services.chassis.store import Connection
from services.search.index.directory import Damaged, Directory
from services.search.index.keeping import SearchIndex
from tests.search.index.churn import caught_up
from tests.search.index.contents import contents, made_anew


@pytest.fixture
async def followed(tmp_path: Path) -> AsyncIterator[tuple[ProjectionRunner, SearchIndex]]:
    async with caught_up(tmp_path / "data") as followed:
        yield followed


def move(db: Connection, sequence: int) -> None:
    db.execute("update position set sequence = ?", (sequence,))


async def test_what_came_bit_by_bit_is_what_is_made_at_once(
    followed: tuple[ProjectionRunner, SearchIndex], tmp_path: Path
) -> None:
    runner, index = followed
    held = contents(index)
    assert held[""][""], "the test proves nothing"
    assert held == await made_anew(runner.store, tmp_path / "anew")


async def test_one_that_is_ahead_of_a_store_that_lost_its_end_is_made_again(
    followed: tuple[ProjectionRunner, SearchIndex], tmp_path: Path
) -> None:
    runner, index = followed
    before, position = contents(index), index.position
    await runner.store.transaction(
        lambda db: db.execute("update documents set deleted = 1, changed = 2 where kind = 3")
    )
    await runner.store.transaction(lambda db: move(db, position - 1))
    await index.follow()

    assert index.position == position - 1
    assert before["kind"]["3"]
    assert "3" not in contents(index)["kind"]
    assert contents(index) == await made_anew(runner.store, tmp_path / "anew")


async def test_where_nothing_that_is_found_has_changed_nothing_is_written(
    followed: tuple[ProjectionRunner, SearchIndex],
) -> None:
    runner, index = followed
    files = sorted(file.name for file in index.path.iterdir())
    await runner.store.transaction(lambda db: move(db, index.position + 10))
    await index.follow()

    assert index.position == 10 + runner.position.sequence
    assert sorted(file.name for file in index.path.iterdir()) == files


@pytest.mark.parametrize("name", ["meta.json", "*.term"])
async def test_what_is_no_index_is_told_from_one(
    followed: tuple[ProjectionRunner, SearchIndex], tmp_path: Path, name: str
) -> None:
    runner, _ = followed
    await made_anew(runner.store, tmp_path / "anew")
    for file in (tmp_path / "anew").glob(name):
        file.write_bytes(b"{")
    with pytest.raises(Damaged):
        Directory(tmp_path / "anew")
