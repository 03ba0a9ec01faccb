"""An import brings in what there is, once, however often it is broken off and run again."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from services.chassis.errors import SamverkaError, Unavailable
from tests.ops.importing.dumps import POSTS, USERS, VOTES, table, write_dump
from tests.ops.importing.fakes import Fault, Region, serving
from tests.ops.importing.runs import SOURCE, Patience, run_import

AT_MS = 1_390_335_965_383  # 2014-01-21T20:26:05.383Z
COMMANDS = 21
"""What the small dump leads to: 4 people, 2 former ones, 3 voters; 2 questions, 3 answers, 3 comments, 4 votes."""


@pytest.fixture
def dump(tmp_path: Path) -> Path:
    return write_dump(tmp_path / "ale")


def person(region: Region, name: str) -> list[str]:
    return [person_id for person_id, known in region.people.items() if known[3] == name]


async def test_users_become_people_known_by_their_source(dump: Path) -> None:
    region = Region()
    async with serving(region) as target:
        await run_import(dump, target)
    by_key = {known[1]: known for known in region.people.values()}
    assert by_key["7"] == (SOURCE, "7", "asa-oberg", "Åsa Öberg", "I brew **ale**.")
    assert by_key["9"][2] == "user9"
    assert by_key["-1"][3] == "Community"


async def test_a_question_becomes_a_post_of_its_owner_at_its_time(dump: Path) -> None:
    region = Region()
    async with serving(region) as target:
        await run_import(dump, target)
    _, (author, at_ms, body) = region.post_by("# What is a citra hop?")
    assert region.people[author][1] == "7"
    assert at_ms == AT_MS
    assert body == "# What is a citra hop?\n\nIs it *bitter*?\n\n#hops #dry-hopping"


async def test_an_answer_that_stands_before_its_question_becomes_a_comment_on_it(dump: Path) -> None:
    region = Region()
    async with serving(region) as target:
        await run_import(dump, target)
    post_id, _ = region.post_by("# What is a citra hop?")
    [answer] = [comment for comment in region.comments.values() if comment[3] == "An early answer."]
    assert answer[2] == post_id


async def test_a_comment_on_an_answer_goes_to_the_question_s_post(dump: Path) -> None:
    region = Region()
    async with serving(region) as target:
        await run_import(dump, target)
    post_id, _ = region.post_by("# Why foam?")
    [comment] = [comment for comment in region.comments.values() if comment[3] == "Indeed."]
    assert comment[2] == post_id


async def test_what_an_owner_who_left_wrote_has_one_author_for_each_name(dump: Path) -> None:
    region = Region()
    async with serving(region) as target:
        balance = await run_import(dump, target)
    [gone] = person(region, "Gone")
    [former] = person(region, "Former member")
    assert region.post_by("# Why foam?")[1][0] == gone
    assert [comment[0] for comment in region.comments.values() if comment[3] == "Hm."] == [gone]
    assert [comment[0] for comment in region.comments.values() if comment[3] == "From nobody known."] == [former]
    assert balance.made == {"former_members": 2, "voters": 3}


async def test_votes_are_cast_by_one_voter_after_another(dump: Path) -> None:
    region = Region()
    async with serving(region) as target:
        await run_import(dump, target)
    post_id, _ = region.post_by("# What is a citra hop?")
    cast = {(region.people[who][3], emoji) for who, target_id, emoji in region.reactions if target_id == post_id}
    assert cast == {("Voter 1", "👍"), ("Voter 2", "👍"), ("Voter 3", "👎")}
    [answer_id] = [comment_id for comment_id, comment in region.comments.items() if comment[3] == "Protein."]
    assert [target_id for _, target_id, _ in region.reactions].count(answer_id) == 1
    assert len(region.reactions) == 4


async def test_every_record_is_in_the_balance(dump: Path) -> None:
    region = Region()
    async with serving(region) as target:
        balance = await run_import(dump, target)
    assert balance.faults() == []
    counts = {kind: (t.read, t.imported, dict(t.skipped), t.refused) for kind, t in balance.tallies.items()}
    assert counts == {
        "users": (4, 4, {}, 0),
        "questions": (2, 2, {}, 0),
        "answers": (4, 3, {}, 1),
        "other posts": (1, 0, {"tag_wiki_excerpt": 1}, 0),
        "comments": (4, 3, {"on_skipped_post": 1}, 0),
        "votes": (6, 4, {"acceptance": 1}, 1),
        "badges": (1, 0, {"no_counterpart_yet": 1}, 0),
    }
    refused = {(refusal.file, refusal.line, refusal.key, refusal.code) for refusal in balance.refusals}
    assert refused == {("Posts.xml", 9, "7", "unknown_parent"), ("Votes.xml", 8, "6", "unknown_parent")}
    assert region.commands == COMMANDS


async def test_a_second_run_changes_nothing(dump: Path) -> None:
    region = Region()
    async with serving(region) as target:
        first = await run_import(dump, target)
        state = region.state()
        second = await run_import(dump, target)
    assert region.state() == state
    assert region.effects == COMMANDS
    assert second.tallies == first.tallies


async def complete_state(dump: Path) -> dict[str, Any]:
    region = Region()
    async with serving(region) as target:
        await run_import(dump, target)
    return region.state()


@pytest.mark.parametrize("fault", [Fault.LOST, Fault.UNACKNOWLEDGED])
async def test_a_run_broken_off_at_any_command_is_completed_by_the_next(dump: Path, fault: Fault) -> None:
    expected = await complete_state(dump)
    for broken_at in range(COMMANDS):
        region = Region(fault_at=lambda number, at=broken_at: fault if number == at else None)  # type: ignore[misc]
        async with serving(region) as target:
            with pytest.raises(ExceptionGroup) as caught:
                await run_import(dump, target)
            assert caught.group_contains(SamverkaError, match="went wrong")
            balance = await run_import(dump, target)
        assert region.state() == expected
        assert region.effects == COMMANDS
        assert balance.faults() == []


async def test_a_run_cancelled_at_any_command_is_completed_by_the_next(dump: Path) -> None:
    expected = await complete_state(dump)
    for stopped_at in range(COMMANDS):
        reached = asyncio.Event()
        region = Region(fault_at=stop_at(stopped_at, reached))
        async with serving(region) as target:
            run = asyncio.create_task(run_import(dump, target))
            await asyncio.wait_for(reached.wait(), 10)
            run.cancel()
            with pytest.raises(asyncio.CancelledError):
                await run
            await run_import(dump, target)
        assert region.state() == expected
        assert region.effects == COMMANDS


def stop_at(stopped_at: int, reached: asyncio.Event) -> Callable[[int], Fault | None]:
    def look(number: int) -> None:
        if number == stopped_at:
            reached.set()

    return look


async def test_a_service_that_is_away_for_a_while_does_not_fail_the_import(dump: Path) -> None:
    region = Region(fault_at=lambda number: Fault.AWAY if 5 <= number < 20 else None)
    patience = Patience()
    async with serving(region) as target:
        balance = await run_import(dump, target, patience=patience)
    assert balance.faults() == []
    assert region.state() == await complete_state(dump)
    assert max(patience.slept) <= 5.0


async def test_a_service_that_stays_away_ends_the_import(dump: Path) -> None:
    region = Region(fault_at=lambda number: Fault.AWAY)
    async with serving(region) as target:
        with pytest.raises(ExceptionGroup) as caught:
            await run_import(dump, target)
    assert caught.group_contains(Unavailable)


async def test_what_the_service_refuses_is_listed_and_its_children_with_it(tmp_path: Path) -> None:
    long = {"Id": "1", "PostTypeId": "1", "OwnerUserId": "7", "Title": "Long", "Body": f"<p>{'x' * 20_001}</p>"}
    dump = write_dump(tmp_path / "ale", posts=[long, *[post for post in POSTS if post["Id"] != "1"]])
    region = Region()
    async with serving(region) as target:
        balance = await run_import(dump, target)
    codes = {(refusal.file, refusal.key): refusal.code for refusal in balance.refusals}
    assert codes["Posts.xml", "1"] == "too_long"
    assert codes["Posts.xml", "2"] == codes["Comments.xml", "1"] == codes["Votes.xml", "1"] == "parent_not_imported"
    assert balance.faults() == []
    assert len(region.posts) == 1


async def test_broken_rows_cost_themselves_and_are_counted(dump: Path) -> None:
    users = table("users", USERS).replace("</users>", '  <row Id="10" DisplayName="a & b" />\n  <row Id="7" />\n')
    (dump / "Users.xml").write_text(users, encoding="utf-8")
    votes = table("votes", [*VOTES, {"PostId": "1", "VoteTypeId": "2"}])
    (dump / "Votes.xml").write_text(votes, encoding="utf-8")
    region = Region()
    async with serving(region) as target:
        balance = await run_import(dump, target)
    assert balance.faults() == []
    refused = Counter((refusal.file, refusal.line, refusal.code) for refusal in balance.refusals)
    assert refused == {
        ("Users.xml", 7, "malformed_xml"): 1,
        ("Users.xml", 8, "duplicate_key"): 1,
        ("Users.xml", 8, "truncated"): 1,
        ("Posts.xml", 9, "unknown_parent"): 1,
        ("Votes.xml", 8, "unknown_parent"): 1,
        ("Votes.xml", 9, "missing_field"): 1,
    }


async def test_a_broken_row_among_the_posts_is_counted_once_though_they_are_read_twice(dump: Path) -> None:
    posts = table("posts", POSTS).replace("</posts>", "  <row Id=9 />\n</posts>")
    (dump / "Posts.xml").write_text(posts, encoding="utf-8")
    async with serving(Region()) as target:
        balance = await run_import(dump, target)
    assert balance.faults() == []
    assert [refusal.line for refusal in balance.refusals if refusal.code == "malformed_xml"] == [10]


async def test_files_that_are_not_there_are_no_fault(dump: Path) -> None:
    for file in ("Comments.xml", "Votes.xml", "Badges.xml"):
        (dump / file).unlink()
    async with serving(Region()) as target:
        balance = await run_import(dump, target)
    assert set(balance.tallies) == {"users", "questions", "answers", "other posts"}
    assert balance.faults() == []


async def test_an_author_s_records_go_out_one_after_another_and_others_beside_them(tmp_path: Path) -> None:
    users = [{"Id": str(number), "DisplayName": f"User {number}"} for number in range(9)]
    posts = [{**POSTS[1], "Id": str(number), "OwnerUserId": str(number % 3)} for number in range(60)]
    region = Region(together=8)
    async with serving(region) as target:
        await run_import(write_dump(tmp_path / "ale", users=users, posts=posts), target, concurrency=8)
    assert region.overtaken == []
    assert region.in_flight_max == 8
