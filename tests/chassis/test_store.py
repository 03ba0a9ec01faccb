"""A store keeps what was committed, shows nothing else, and can be lost."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Collection, Mapping
from pathlib import Path

import apsw
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.chassis.store import Connection, Store, TableDigest, digest_tables, one_row, open_store, remove_store
from tests.support.chance import CHANCE

SCHEMA = """
create table if not exists pair (one text not null, two blob, primary key (two, one)) without rowid;
create table if not exists bag (a, b);
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "made" / "feed.sqlite"


@pytest.fixture
async def store(path: Path) -> AsyncIterator[Store]:
    store = open_store(path, SCHEMA)
    yield store
    await store.close()


def count(db: Connection) -> int:
    number: int = one_row(db, "select count(*) from bag")[0]
    return number


def digests(db: Connection) -> dict[str, TableDigest]:
    return {digest.table: digest for digest in digest_tables(db)}


async def test_what_is_committed_is_read_and_outlives_the_process(store: Store, path: Path) -> None:
    assert await store.transaction(lambda db: db.execute("insert into bag values (1, 2)").fetchall()) == []
    assert await store.read(count) == 1

    await store.close()
    again = open_store(path, SCHEMA)
    assert await again.read(count) == 1
    await again.close()


async def test_the_file_is_open_as_it_is_meant_to_be(store: Store) -> None:
    settings = {"journal_mode": "wal", "synchronous": 1, "secure_delete": 1, "wal_autocheckpoint": 16384}

    found = await store.transaction(lambda db: {name: db.pragma(name) for name in settings})

    assert found == settings


@pytest.mark.parametrize("now", [False, True])
async def test_readers_look_into_the_file_without_copying_it_and_write_nothing(store: Store, now: bool) -> None:
    settings = {"query_only": 1, "temp_store": 2, "mmap_size": 1 << 30, "cache_size": -16384}

    def read(db: Connection) -> dict[str, object]:
        return {name: db.pragma(name) for name in settings}

    assert (store.read_now(read) if now else await store.read(read)) == settings


async def test_a_statement_is_planned_once_whatever_its_values(store: Store) -> None:
    def plans(db: Connection) -> list[bool]:
        planned: list[int] = []

        def note(operation: int, *_: object) -> int:
            planned.append(operation)
            return apsw.SQLITE_OK

        db.authorizer = note  # asked when a statement is planned
        found = []
        for value in range(4):
            planned.clear()
            db.execute("select a from bag where b = ? and a = ?", (1, value)).fetchall()
            found.append(bool(planned))
        db.authorizer = None
        return found

    await store.transaction(lambda db: db.execute("create index bag_chosen on bag (a) where b = 1"))
    assert await store.transaction(plans) == [True, False, False, False]
    assert await store.read(plans) == [True, False, False, False]


async def test_a_transaction_that_fails_leaves_nothing(store: Store) -> None:
    def fail(db: Connection) -> None:
        db.execute("insert into bag values (1, 2)")
        assert count(db) == 1
        raise LookupError

    with pytest.raises(LookupError):
        await store.transaction(fail)
    assert await store.read(count) == 0
    await store.transaction(lambda db: db.execute("insert into bag values (1, 2)"))
    assert await store.read(count) == 1


async def test_readers_see_what_is_committed_and_nothing_before(store: Store) -> None:
    written, seen = threading.Event(), threading.Event()

    def write(db: Connection) -> None:
        db.execute("insert into bag values (1, 2)")
        written.set()
        assert seen.wait(60)

    writing = asyncio.create_task(store.transaction(write))
    await asyncio.to_thread(written.wait, 60)
    assert await store.read(count) == 0
    seen.set()
    await writing
    assert await store.read(count) == 1


async def test_a_reader_stays_on_one_snapshot(store: Store) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def look_twice(db: Connection) -> tuple[int, int]:
        first = count(db)
        begun.set()
        assert go_on.wait(60)
        return first, count(db)

    reading = asyncio.create_task(store.read(look_twice))
    await asyncio.to_thread(begun.wait, 60)
    await store.transaction(lambda db: db.execute("insert into bag values (1, 2)"))
    go_on.set()

    assert await reading == (0, 0)
    assert await store.read(count) == 1


async def test_readers_work_side_by_side(store: Store) -> None:
    together = threading.Barrier(4, timeout=60)

    assert sorted(await asyncio.gather(*(store.read(lambda db: together.wait()) for _ in range(4)))) == [0, 1, 2, 3]


@pytest.mark.parametrize("statement", ["insert into bag values (1, 2)", "delete from bag", "create table more (a)"])
async def test_a_reader_cannot_write(store: Store, statement: str) -> None:
    with pytest.raises(apsw.ReadOnlyError):
        await store.read(lambda db: db.execute(statement))


async def test_a_close_lets_running_work_end(path: Path) -> None:
    store = open_store(path, SCHEMA)
    begun = threading.Event()

    def write(db: Connection) -> None:
        begun.set()
        db.execute("insert into bag values (1, 2)")

    writing = asyncio.create_task(store.transaction(write))
    await asyncio.to_thread(begun.wait, 60)
    await store.close()
    await writing

    again = open_store(path, SCHEMA)
    assert await again.read(count) == 1
    await again.close()


async def test_a_row_that_is_always_there_and_is_not_is_an_error(store: Store) -> None:
    with pytest.raises(LookupError):
        await store.read(lambda db: one_row(db, "select 1 from bag"))


@pytest.mark.parametrize("content", [b"not a database, by far" * 100, b"SQLite format 3\x00" + b"\xff" * 4_000])
async def test_a_file_that_is_no_database_is_made_again(path: Path, content: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(content)

    store = open_store(path, SCHEMA)

    assert await store.read(count) == 0
    await store.transaction(lambda db: db.execute("insert into bag values (1, 2)"))
    await store.close()


async def test_an_empty_file_is_an_empty_store(path: Path) -> None:
    path.parent.mkdir()
    path.touch()
    store = open_store(path, SCHEMA)

    assert await store.read(count) == 0
    await store.close()


@pytest.mark.parametrize("where", ["reader", "writer"])
async def test_a_file_that_proves_damaged_in_use_is_made_again_at_the_next_start(path: Path, where: str) -> None:
    store = open_store(path, SCHEMA)
    await store.transaction(
        lambda db: db.executemany("insert into bag values (?, ?)", [(n, "x" * 500) for n in range(999)])
    )
    await store.close()
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(size // 4 // 4096 * 4096)
        file.write(b"\xff" * (size // 2))

    damaged = open_store(path, SCHEMA)
    use = damaged.read if where == "reader" else damaged.transaction
    with pytest.raises(apsw.CorruptError):
        await use(lambda db: db.execute("select sum(length(b)) from bag").fetchall())
    await damaged.close()
    again = open_store(path, SCHEMA)
    assert await again.read(count) == 0
    await again.close()
    again = open_store(path, SCHEMA)
    await again.close()
    assert [file.name for file in path.parent.iterdir()] == [path.name]


async def test_what_is_removed_is_gone_with_all_that_stands_beside_it(store: Store, path: Path) -> None:
    await store.transaction(lambda db: db.execute("insert into bag values (1, 2)"))
    index, another = path.with_name(f"{path.name}-index.v1"), path.with_name(f"other-{path.name}-index.v1")
    for directory in (index, another):
        directory.mkdir()
        (directory / "segment").touch()
    remove_store(path)

    assert list(path.parent.iterdir()) == [another]
    remove_store(path)


VALUES = st.none() | st.integers(-(2**63), 2**63 - 1) | st.text(st.characters(codec="utf-8")) | st.binary()
ROWS = st.lists(st.tuples(VALUES, VALUES), max_size=5)


def digest_of(rows: list[tuple[object, object]]) -> TableDigest:
    db = Connection(":memory:")
    db.execute(SCHEMA)
    db.executemany("insert into bag values (?, ?)", rows)
    return digests(db)["bag"]


@given(ROWS, ROWS)
def test_a_digest_is_the_same_only_for_the_same_rows(
    one: list[tuple[object, object]], other: list[tuple[object, object]]
) -> None:
    same = sorted(map(repr, one)) == sorted(map(repr, other))

    assert (digest_of(one) == digest_of(other)) == same


@given(ROWS, CHANCE)
def test_a_digest_does_not_depend_on_the_order_of_the_writes(rows: list[tuple[object, object]], chance: object) -> None:
    shuffled = rows[:]
    chance.shuffle(shuffled)  # type: ignore[attr-defined]

    assert digest_of(rows) == digest_of(shuffled)


def test_a_digest_tells_bytes_from_the_text_that_spells_them() -> None:
    assert digest_of([(b"\x01", 1)]) != digest_of([("01", 1)])
    assert digest_of([("a", "b")]) != digest_of([("a,b", "")])
    assert digest_of([(1, 2)]) != digest_of([("1", 2)])


def test_columns_and_tables_that_are_left_out_of_a_digest_do_not_matter() -> None:
    def digested(marked: int, seen: int, *, but: Mapping[str, Collection[str]]) -> list[TableDigest]:
        db = apsw.Connection(":memory:")
        db.execute("create table bag (a primary key, b, c); create table marks (a primary key)")
        db.execute("insert into bag values (?, ?, ?)", (marked, 1, seen))
        db.execute("insert into marks values (?)", (seen,))
        return digest_tables(db, but=but)

    but = {"bag": ("c",), "marks": ("a",)}
    assert digested(1, 1, but=but) == digested(1, 2, but=but)
    assert digested(1, 1, but=but) != digested(2, 1, but=but)
    assert digested(1, 1, but={"bag": ("c",)}) != digested(1, 2, but={"bag": ("c",)})
    assert [digest.table for digest in digested(1, 1, but=but)] == ["bag"]


async def test_every_table_has_a_digest_that_changes_with_each_of_its_rows(store: Store) -> None:
    seen = [await store.read(digests)]
    for statement in (
        "insert into pair values ('a', x'01')",
        "insert into pair values ('a', x'02')",
        "update pair set one = 'b' where two = x'02'",
        "update pair set two = x'03' where two = x'02'",
        "delete from pair where one = 'a'",
    ):
        await store.transaction(lambda db, statement=statement: db.execute(statement))  # type: ignore[misc]
        seen.append(await store.read(digests))

    assert len({state["pair"].sha256 for state in seen}) == len(seen)
    assert [state["pair"].rows for state in seen] == [0, 1, 2, 2, 2, 1]
    assert len({state["bag"].sha256 for state in seen}) == 1
    assert all(list(state) == ["bag", "pair"] for state in seen)


async def test_a_read_on_the_loop_sees_what_is_committed_and_writes_nothing(store: Store) -> None:
    assert store.read_now(count) == 0
    await store.transaction(lambda db: db.execute("insert into bag values (1, 2)"))
    assert store.read_now(count) == 1

    with pytest.raises(apsw.ReadOnlyError):
        store.read_now(lambda db: db.execute("insert into bag values (3, 4)"))


async def test_a_read_on_the_loop_stands_on_one_snapshot(store: Store) -> None:
    def look_twice(db: Connection) -> tuple[int, int]:
        before = count(db)
        store._write(lambda writer: writer.execute("insert into bag values (1, 2)"))  # as the writer's thread may do
        return before, count(db)

    assert store.read_now(look_twice) == (0, 0)
    assert store.read_now(count) == 1
