"""What is laid out for the end of a log, from what peers hold of it and what it was written since."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

import pytest

from ops.recovering.held import Numbered
from ops.recovering.tail import Piece, first_difference, lay_out
from samverka.feed.v1.feed_events_pb2 import PostPublished
from services.chassis.envelope import seal
from services.chassis.eventlog.port import Entry
from services.chassis.ids import derive

OSLO = "oslo"
ANNA, EVE = derive(OSLO, "anna"), derive(OSLO, "eve")


def _entry(name: str, number: int, *, actor: str = ANNA, reach: str = "pub", first: int = 0) -> Numbered:
    payload = PostPublished(post_id=derive(OSLO, name), body=name)
    data = seal(payload, event_id=f"{OSLO}_{name}", origin=OSLO, actor=actor, occurred_at=1)
    return Numbered(number, first or number, f"ev.{OSLO}.{reach}.feed.{actor}", f"{OSLO}_{name}", data)


def _names(pieces: Sequence[Piece]) -> list[tuple[str, tuple[str, ...]]]:
    return [(piece.entry_id.removeprefix(f"{OSLO}_"), piece.again.held_by if piece.again else ()) for piece in pieces]


def _laid_out(own: list[Numbered], erased: set[str] | None = None, **held: list[Numbered]) -> list[Piece]:
    return lay_out(own, held, region=OSLO, erased=erased or set())


def test_what_peers_hold_comes_first_and_a_peer_is_named_up_to_what_it_lacks() -> None:
    pieces = _laid_out(
        [_entry("e", 3), _entry("f", 4)],
        bergen=[_entry("c", 3), _entry("d", 4)],
        narvik=[_entry("c", 3), _entry("f", 4)],
    )
    both = ("bergen", "narvik")
    assert _names(pieces) == [("c", both), ("d", ("bergen",)), ("e", ()), ("f", ())]


def test_what_was_done_again_since_stands_where_it_was_lost() -> None:
    assert _names(_laid_out([_entry("c", 5), _entry("e", 6)], bergen=[_entry("c", 3)])) == [
        ("c", ("bergen",)),
        ("e", ()),
    ]


def test_every_piece_keeps_the_first_number_that_it_ever_had() -> None:
    pieces = _laid_out([_entry("e", 30)], bergen=[_entry("c", 29, first=7)])
    assert [piece.again.first_sequence for piece in pieces if piece.again] == [7, 30]


def test_nothing_of_the_erased_is_laid_out() -> None:
    pieces = _laid_out([_entry("e", 4, actor=EVE)], {EVE}, bergen=[_entry("c", 3, actor=EVE), _entry("d", 4)])
    assert _names(pieces) == [("d", ("bergen",))]


@pytest.mark.parametrize(
    "forged",
    [
        _entry("c", 3, reach="local"),
        Numbered(3, 3, f"ev.tokyo.pub.feed.{ANNA}", f"{OSLO}_c", _entry("c", 3).data),
        Numbered(3, 3, f"ev.{OSLO}.pub.feed.{EVE}", f"{OSLO}_c", _entry("c", 3).data),
        Numbered(3, 3, f"ev.{OSLO}.pub.feed.{ANNA}", f"{OSLO}_c", b"\xff"),
    ],
)
def test_what_the_region_cannot_have_written_is_taken_from_nobody(forged: Numbered) -> None:
    assert _laid_out([], bergen=[forged]) == []


@pytest.mark.parametrize(
    ("held", "difference"),
    [
        ([(1, "a"), (3, "c")], None),
        ([(1, "a"), (2, "gone"), (3, "c")], None),
        ([(1, "a"), (3, "other")], 3),
        ([(1, "a"), (4, "d")], 4),
        ([(2, "gone"), (5, "d")], 5),
        ([], None),
    ],
)
async def test_a_log_and_its_copy_part_where_another_entry_stands_or_the_log_ends(
    held: list[tuple[int, str]], difference: int | None
) -> None:
    async def log() -> AsyncIterator[Entry]:
        for number, name in ((1, "a"), (3, "c")):
            entry = _entry(name, number)
            yield Entry(number, entry.subject, entry.data, entry.entry_id)

    assert await first_difference(log(), iter([_entry(name, number) for number, name in held])) == difference
