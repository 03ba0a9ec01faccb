"""Facts about the search for what is left of the erased: whatever a path, a log or a file still has of them is found."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from chaos.client import Client
from chaos.comparing import compare
from chaos.comparing_erased import CARRIED_OUT, check_files, check_receipts, check_registers, check_shown
from chaos.erased import remains
from chaos.findings import Kind
from chaos.reading import ShownPerson
from chaos.rules import expect
from chaos.shown_erased import (
    COMPLETE,
    EXPERTS,
    GIFTS,
    GROUP_FEED,
    HOME,
    MEMBERS,
    PERSON,
    SEARCH,
    Leaver,
    read_at_home,
    read_erased,
)
from chaos.streams import Entry
from chaos.wire import Fact
from tests.chaos.content import ANNA, JOURNAL, KENJI, PEOPLE, noted
from tests.chaos.content import shown as shown_of

ERASURE = "tokyo_E1"
HELD = expect([*JOURNAL, noted(KENJI, "requestErasure", ERASURE, personId=KENJI)])
LEFT = "tokyo_A1"
"""An answer of Kenji's."""
LEAVER = Leaver(KENJI, "kenji", "kenji of tokyo")
REGIONS = ("stockholm", "tokyo")


def connection(name: str, *nodes: object) -> dict[str, object]:
    page = {"hasNextPage": False, "endCursor": None}
    return {name: {"edges": [{"node": node} for node in nodes], "pageInfo": page}}


NOTHING: dict[str, dict[str, object]] = {
    PERSON: {},
    GIFTS: {"recognitions": None},
    SEARCH: connection("search", {"id": "stockholm_P1", "author": {"id": ANNA}}),
    COMPLETE: {"complete": [{"id": "stockholm_Q1"}, {"id": None}]},
    EXPERTS: {"experts": {"experts": [{"person": {"id": ANNA}, "recognitions": []}]}},
    GROUP_FEED: connection("groupFeed", {"id": "stockholm_Q1", "author": {"id": ANNA}, "acceptedAnswer": None}),
    MEMBERS: connection("groupMembers", {"person": {"id": ANNA}}),
    HOME: connection("homeFeed", {"id": "stockholm_P1", "author": {"id": ANNA}, "recognition": None}),
}
"""What is answered where nothing is left."""


class Region(Client):
    """Answers each question with the same; what it is not prepared for, that there is no such thing."""

    def __init__(self, **answers: dict[str, Any]) -> None:
        self._answers = {**NOTHING, **answers}

    async def ask(self, document: str, **variables: Any) -> dict[str, Any]:
        return dict(self._answers.get(document, {"node": None}))


async def left(region: Region) -> set[Kind]:
    shown = (
        await read_erased("stockholm", region, [LEAVER], contents=[LEFT], groups=["stockholm_G"]),
        await read_at_home("stockholm", ANNA, region, contents=[]),
    )
    return {finding.kind for each in shown for finding in check_shown(each, remains(HELD))}


async def test_what_others_wrote_is_nothing_that_is_left() -> None:
    assert await left(Region()) == set()


@pytest.mark.parametrize(
    ("document", "answer"),
    [
        (PERSON, {"person": None, "node": {"id": KENJI}}),
        (PERSON, {"person": {"id": KENJI, "posts": None}, "node": None}),
        (
            GIFTS,
            connection("recognitions", {"id": "stockholm_T1", "giver": {"id": ANNA}, "receivers": [{"id": KENJI}]}),
        ),
        (SEARCH, connection("search", {"id": KENJI, "author": {"id": KENJI}})),
        (SEARCH, connection("search", {"id": "tokyo_C1", "author": {"id": ANNA}})),
        (COMPLETE, {"complete": [{"id": KENJI}]}),
        (EXPERTS, {"experts": {"experts": [{"person": {"id": KENJI}}]}}),
        (EXPERTS, {"experts": {"experts": [{"person": {"id": ANNA}, "answers": {"bestId": LEFT}}]}}),
        (GROUP_FEED, connection("groupFeed", {"id": "stockholm_Q1", "acceptedAnswer": {"id": "tokyo_A1"}})),
        (GROUP_FEED, connection("groupFeed", {"id": "tokyo_P4", "author": {"id": KENJI}})),
        (MEMBERS, connection("groupMembers", {"person": {"id": KENJI}})),
        (HOME, connection("homeFeed", {"id": "tokyo_P4", "author": {"id": KENJI}})),
    ],
)
async def test_whatever_is_left_is_found_on_the_path_that_shows_it(document: str, answer: dict[str, Any]) -> None:
    assert await left(Region(**{document: answer})) == {Kind.REMAINS}


async def test_what_is_shown_by_its_id_is_found() -> None:
    class Remembers(Region):
        async def ask(self, document: str, **variables: Any) -> dict[str, Any]:
            known = variables.get("id") == LEFT
            return {"node": {"id": LEFT}} if known else await super().ask(document, **variables)

    assert await left(Remembers()) == {Kind.REMAINS}


def test_somebody_erased_among_the_people_is_found_and_that_they_are_not_there_is_right() -> None:
    region = shown_of()
    region.posts, region.comments, region.groups, region.questions = [], [], [], {}
    nothing = replace(HELD, posts={}, comments={}, groups={}, follows=set())
    region.people = [ShownPerson(ANNA, "Engineer", 0, 0)]

    assert list(compare(region, nothing, PEOPLE)) == []
    region.people.append(ShownPerson(KENJI, "", 0, 0))
    assert [finding.kind for finding in compare(region, nothing, PEOPLE)] == [Kind.SURPLUS]


def receipt(region: str, sequence: int) -> Entry:
    fact = Fact(CARRIED_OUT, region, {1: ERASURE.encode(), 2: region.encode()})
    return Entry(sequence, f"ev.{region}.pub.network.{region}", f"{region}_{sequence}", "", 0, "", fact)


def logs() -> dict[str, list[Entry]]:
    others = Entry(1, f"ev.stockholm.pub.feed.{ANNA}", "stockholm_1", "", 0, "")
    return {region: [others, receipt("stockholm", 2), receipt("tokyo", 3)] for region in REGIONS}


def test_logs_that_hold_each_regions_receipt_and_nothing_in_their_registers_are_right() -> None:
    assert list(check_receipts(logs(), [ERASURE])) == []
    assert list(check_registers(logs(), {KENJI})) == []


@pytest.mark.parametrize("reach", ["pub", "local"])
def test_an_entry_that_is_left_in_the_register_of_somebody_erased_is_found(reach: str) -> None:
    held = logs()
    held["stockholm"].append(Entry(4, f"ev.tokyo.{reach}.recognition.{KENJI}", "tokyo_4", "EV_TOKYO", 4, ""))

    assert [(each.kind, each.region) for each in check_registers(held, {KENJI})] == [(Kind.REMAINS, "stockholm")]


def test_a_receipt_that_a_log_lacks_or_holds_twice_is_found() -> None:
    lacking, doubled = logs(), logs()
    del lacking["stockholm"][2]
    doubled["tokyo"].append(receipt("stockholm", 5))

    assert [(each.kind, each.region) for each in check_receipts(lacking, [ERASURE])] == [(Kind.LOST, "stockholm")]
    assert [(each.kind, each.region) for each in check_receipts(doubled, [ERASURE])] == [(Kind.TWICE, "tokyo")]


def test_a_byte_string_of_theirs_in_a_file_is_found(tmp_path: Path) -> None:
    for region in REGIONS:
        (tmp_path / region / "feed-1").mkdir(parents=True)
        (tmp_path / region / "feed-1" / "feed.sqlite").write_bytes(b"\0anna of stockholm writes 1\0")
    assert list(check_files(tmp_path, REGIONS, [LEAVER.says], killed=Counter())) == []

    (tmp_path / "stockholm" / "feed-1" / "feed.sqlite-wal").write_bytes(b"\0kenji of tokyo writes 1\0")
    assert [(each.kind, each.region) for each in check_files(tmp_path, REGIONS, [LEAVER.says], killed=Counter())] == [
        (Kind.REMAINS, "stockholm")
    ]


@pytest.mark.parametrize(("killed", "right"), [(0, False), (1, False), (2, True)])
def test_a_block_of_a_log_holds_one_entry_of_theirs_for_each_time_that_its_server_was_killed(
    tmp_path: Path, killed: int, right: bool
) -> None:
    entries = (
        b"Samverka-Entry-Id: tokyo_%d\r\n\r\nkenji of tokyo writes, kenji of tokyo asks\0" % each for each in (1, 2)
    )
    (tmp_path / "tokyo" / "nats").mkdir(parents=True)
    (tmp_path / "tokyo" / "nats" / "1.blk").write_bytes(b"".join(entries))

    found = list(check_files(tmp_path, ["tokyo"], [LEAVER.says], killed={"tokyo": killed}))

    assert [each.kind for each in found] == ([] if right else [Kind.REMAINS])
