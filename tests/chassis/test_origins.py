"""Two regions that have come as far with an origin can say whether they hold the same of it."""

from __future__ import annotations

import apsw
import pytest

from services.chassis import origins
from services.chassis.origins import Reached, Register, digest_origins, digest_owners
from tests.support.tally import person

STOCKHOLM, TOKYO = person("stockholm"), person("tokyo")
NOTES = Register("notes", owner="author", key="id", values="body", where="not local")


def table(*rows: tuple[int, str, str, str, int], met: dict[str, int] | None = None) -> apsw.Connection:
    db = apsw.Connection(":memory:")
    db.execute(origins.SCHEMA + "create table notes (sequence integer, id text, author text, body any, local integer)")
    db.executemany("insert into notes values (?, ?, ?, ?, ?)", rows)
    origins.write_origins(db, {origin: Reached(sequence, 0, "") for origin, sequence in (met or {}).items()})
    return db


def digests(db: apsw.Connection) -> dict[str, tuple[int, int, bytes]]:
    return {held.origin: (held.sequence, held.rows, held.sha256) for held in digest_origins(db, [NOTES])}


def test_arrival_and_what_other_origins_wrote_do_not_matter() -> None:
    one = table((1, "a", TOKYO, "x", 0), (2, "b", TOKYO, "y", 0), (3, "c", STOCKHOLM, "z", 0), met={"tokyo": 7})
    other = table((9, "b", TOKYO, "y", 0), (8, "a", TOKYO, "x", 0), met={"tokyo": 7})
    assert digests(one)["tokyo"] == digests(other)["tokyo"]
    assert digests(one)["tokyo"][:2] == (7, 2)
    assert digests(one)["stockholm"][:2] == (0, 1)


@pytest.mark.parametrize(
    "row", [(1, "a", TOKYO, "other", 0), (1, "other", TOKYO, "x", 0), (1, "a", person("tokyo", "bo"), "x", 0)]
)
def test_whatever_a_register_holds_differently_shows(row: tuple[int, str, str, str, int]) -> None:
    assert digests(table((1, "a", TOKYO, "x", 0)))["tokyo"] != digests(table(row))["tokyo"]


def test_bytes_are_told_from_the_text_that_spells_them() -> None:
    db, other = table(), table()
    db.execute("insert into notes values (1, 'a', ?, ?, 0)", (TOKYO, b"\x61"))
    other.execute("insert into notes values (1, 'a', ?, ?, 0)", (TOKYO, "61"))
    assert digests(db) != digests(other)


def test_what_others_may_not_know_is_left_out() -> None:
    assert digests(table((1, "a", TOKYO, "x", 1), met={"tokyo": 1}))["tokyo"][1] == 0


def test_an_origin_that_holds_nothing_is_told_of_too() -> None:
    assert digests(table(met={"lima": 3}))["lima"][:2] == (3, 0)


def test_where_two_differ_their_owners_say_in_whose_registers() -> None:
    bo = person("tokyo", "bo")
    one = table((1, "a", TOKYO, "x", 0), (2, "b", bo, "y", 0), (3, "c", STOCKHOLM, "z", 0))
    other = table((1, "a", TOKYO, "x", 0), (2, "b", bo, "other", 0))
    here, there = ({held.owner: held for held in digest_owners(db, [NOTES], "tokyo")} for db in (one, other))
    assert set(here) == set(there) == {TOKYO, bo}
    assert here[TOKYO] == there[TOKYO]
    assert here[bo] != there[bo]


def test_when_an_origin_wrote_something_stays_known_where_what_follows_cannot_be_read() -> None:
    db = table()
    origins.write_origins(db, {"tokyo": Reached(1, 1_000, "a"), "lima": Reached(5, 0, "b")})
    origins.write_origins(db, {"tokyo": Reached(2, 0, "c")})
    assert origins.read_reached(db) == {"tokyo": Reached(2, 1_000, "c"), "lima": Reached(5, 0, "b")}

    origins.write_origins(db, {"tokyo": Reached(3, 900, "d")})
    assert origins.read_reached(db)["tokyo"] == Reached(3, 900, "d")
