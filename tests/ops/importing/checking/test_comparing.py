"""What regions show is equal to the dump, and a difference of any kind is found: read from real services and gateways."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from ops.importing.checking.asking import Ask
from ops.importing.checking.comparing import shown_by
from ops.importing.checking.contents import Contents, differences
from ops.importing.checking.reading import read
from ops.importing.limits import ARRIVES_SECONDS_MAX
from ops.importing.stackexchange.counting import count
from services.chassis.clock import ManualClock
from tests.ops.importing.dumps import COMMENTS, POSTS, USERS, VOTES, Fields, write_dump
from tests.ops.importing.regions import asking, import_into, two_regions
from tests.ops.importing.runs import SOURCE, Patience
from tests.support.services import Region, federate

HOME = "stockholm"
WHOLE = [post for post in POSTS if post["Id"] != "7"]
"""Without the answer to a question that is not there."""


@dataclass
class Network:
    """Two regions, and how to ask each."""

    home: Region
    other: Region
    asks: dict[str, Ask]


@pytest.fixture
async def network(tmp_path: Path) -> AsyncIterator[Network]:
    async with (
        two_regions(tmp_path) as (home, other),
        asking(home) as ask_home,
        asking(other) as ask_other,
    ):
        yield Network(home, other, {home.name: ask_home, other.name: ask_other})


def expected(dump: Path) -> Contents:
    return count(dump, region=HOME, source=SOURCE)


def more(fields: Sequence[Fields], **row: str) -> Sequence[Fields]:
    return [*fields, row]


def changed(fields: Sequence[Fields], key: str, **change: str) -> Sequence[Fields]:
    return [{**row, **change} if row["Id"] == key else row for row in fields]


LATER = "2020-01-01T00:00:00.000"
MISTAKES: dict[str, dict[str, Sequence[Fields]]] = {
    "a person is not there": {"users": more(USERS, Id="10", DisplayName="Late")},
    "a person is called otherwise": {"users": changed(USERS, "7", DisplayName="Asa Oberg")},
    "a question is not there": {"posts": more(WHOLE, Id="9", PostTypeId="1", Title="Late?", Body="<p>?</p>")},
    "a question is called otherwise": {"posts": changed(WHOLE, "3", Title="Why no foam?")},
    "a question was asked at another time": {"posts": changed(WHOLE, "3", CreationDate=LATER)},
    "a question has another topic": {"posts": changed(WHOLE, "3", Tags="<ale>")},
    "an answer is not there": {"posts": more(WHOLE, Id="9", PostTypeId="2", ParentId="1", Body="<p>Late.</p>")},
    "an answer was given at another time": {"posts": changed(WHOLE, "4", CreationDate=LATER)},
    "another answer is accepted": {"posts": changed(WHOLE, "3", AcceptedAnswerId="5")},
    "none is accepted": {"posts": changed(WHOLE, "3", AcceptedAnswerId="")},
    "a comment is not there": {
        "comments": more(COMMENTS, Id="9", PostId="1", UserId="7", Text="Late.", CreationDate=LATER)
    },
    "a vote for a question is not there": {"votes": more(VOTES, Id="9", PostId="3", VoteTypeId="2")},
    "a vote for an answer is not there": {"votes": more(VOTES, Id="9", PostId="4", VoteTypeId="2")},
    "a vote against a question is not there": {"votes": more(VOTES, Id="9", PostId="3", VoteTypeId="3")},
    "a vote is for another answer": {"votes": changed(VOTES, "3", PostId="2")},
}


async def test_every_region_shows_what_the_dump_holds_and_a_mistake_of_any_kind_is_found(
    network: Network, tmp_path: Path
) -> None:
    source = expected(write_dump(tmp_path / "ale", posts=WHOLE))
    await import_into(network.home, tmp_path / "ale")
    await federate(network.home, network.other)
    for ask in network.asks.values():
        shown = await read(ask, home=HOME, wanted=source)
        assert list(differences(source, shown)) == []
        assert shown == source
    for mistake, tables in MISTAKES.items():
        mistaken = expected(write_dump(tmp_path / mistake, **{"posts": WHOLE, **tables}))
        shown = await read(network.asks["tokyo"], home=HOME, wanted=mistaken)
        assert list(differences(mistaken, shown)), mistake


async def test_what_needs_many_pages_and_many_parts_is_read_whole(network: Network, tmp_path: Path) -> None:
    paragraphs = "".join(f"<p>{sign * 7_000}</p>" for sign in "abcdef")
    dump = write_dump(
        tmp_path / "ale",
        users=[{"Id": str(number), "DisplayName": f"User {number}"} for number in range(1, 36)],
        posts=[
            *({**POSTS[1], "Id": str(number), "Title": f"Question {number}?"} for number in range(100, 117)),
            {**POSTS[0], "ParentId": "100", "Body": paragraphs},
        ],
        comments=[
            {**COMMENTS[0], "Id": str(number), "PostId": "100", "Text": f"Comment {number}."} for number in range(25)
        ],
        votes=[],
    )
    source = expected(dump)
    balance = await import_into(network.home, dump)
    assert balance.faults() == []
    assert await read(network.asks[HOME], home=HOME, wanted=source) == source
    assert (source.figures()["comments"], source.figures()["people"]) == (25, 35)


async def test_what_comes_late_is_waited_for_and_what_does_not_come_is_not_for_ever(
    network: Network, tmp_path: Path
) -> None:
    dump = write_dump(tmp_path / "ale", posts=WHOLE)
    source = expected(dump)
    await import_into(network.home, dump)
    patience = Patience()
    shown = await shown_by(network.asks, home=HOME, source=source, clock=patience.clock, sleep=patience.sleep)
    assert shown["stockholm"] == source
    assert shown["tokyo"].figures()["questions"] == 0
    assert sum(patience.slept) == ARRIVES_SECONDS_MAX

    async def comes(_: float) -> None:
        await federate(network.home, network.other)

    shown = await shown_by(network.asks, home=HOME, source=source, clock=ManualClock(), sleep=comes)
    assert shown == {"stockholm": source, "tokyo": source}
