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
COMMANDS = 23
"""What the small dump leads to: 4 people, 2 former, 3 voters; 2 questions, 3 answers, 3 comments, 4 votes, 2 acceptances."""


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


async def test_a_question_is_asked_by_its_owner_at_its_time(dump: Path) -> None:
    region = Region()
    async with serving(region) as target:
        await run_import(dump, target)
    _, question = region.question_by("What is a citra hop?")
    assert region.people[question.author][1] == "7"
    assert question.at_ms == AT_MS
    assert question.body == "Is it *bitter*?\n\n#hops #dry-hopping"


async def test_an_answer_that_stands_before_its_question_answers_it(dump: Path) -> None:
    region = Region()
    async with serving(region) as target:
        await run_import(dump, target)
    post_id, _ = region.question_by("What is a citra hop?")
    _, early = region.comment_by("An early answer.")
    assert (early.post_id, early.answer) == (post_id, True)


async def test_who_asked_accepts_the_answer_when_the_votes_say_or_else_at_the_latest(dump: Path) -> None:
    region = Region()
    async with serving(region) as target:
        await run_import(dump, target)
    citra, _ = region.question_by("What is a citra hop?")
    foam, _ = region.question_by("Why foam?")
    assert region.accepted == {
        citra: (region.comment_by("An early answer.")[0], 1_390_348_800_000),  # 2014-01-22
        foam: (region.comment_by("Protein.")[0], AT_MS),
    }


@pytest.mark.parametrize("accepted", ["1", "4"])
async def test_what_does_not_answer_a_question_is_not_accepted(dump: Path, accepted: str) -> None:
    posts = [{**post, "AcceptedAnswerId": accepted} if post["Id"] == "1" else post for post in POSTS]
    region = Region()
    async with serving(region) as target:
        balance = await run_import(write_dump(dump, posts=posts), target)
    assert ("acceptances", "1", "not_an_answer") in {(each.kind, each.key, each.code) for each in balance.refusals}
    assert list(region.accepted) == [region.question_by("Why foam?")[0]]


async def test_what_is_too_long_goes_on_in_comments_and_a_broken_run_goes_on_there(tmp_path: Path) -> None:
    parts = ["x" * 19_900, "y" * 7_900, "z" * 7_000]
    body = "".join(f"<p>{part}</p>" for part in parts)
    asked = {**POSTS[1], "Body": body, "AcceptedAnswerId": "2"}
    answered = {**POSTS[0], "Body": body}
    dump = write_dump(tmp_path / "ale", posts=[asked, answered], comments=[], votes=[])
    region = Region(fault_at=lambda number: Fault.LOST if number == 5 else None)
    async with serving(region) as target:
        with pytest.raises(ExceptionGroup):
            await run_import(dump, target)
        balance = await run_import(dump, target)
    assert balance.faults() == []
    assert balance.refusals == []
    [question] = region.questions.values()
    assert question.body == f"{parts[0]}\n\n#hops #dry-hopping"
    written = sorted((comment.answer, comment.body) for comment in region.comments.values())
    assert written == [*((False, part) for part in parts[1:] for _ in range(2)), (True, parts[0])]
    assert {comment.at_ms for comment in region.comments.values()} == {AT_MS}


async def test_a_comment_on_an_answer_goes_to_the_question_s_post(dump: Path) -> None:
    region = Region()
    async with serving(region) as target:
        await run_import(dump, target)
    post_id, _ = region.question_by("Why foam?")
    _, comment = region.comment_by("Indeed.")
    assert (comment.post_id, comment.answer) == (post_id, False)


async def test_what_an_owner_who_left_wrote_has_one_author_for_each_name(dump: Path) -> None:
    region = Region()
    async with serving(region) as target:
        balance = await run_import(dump, target)
    [gone] = person(region, "Gone")
    [former] = person(region, "Former member")
    assert region.question_by("Why foam?")[1].author == gone
    assert region.comment_by("Hm.")[1].author == gone
    assert region.comment_by("From nobody known.")[1].author == former
    assert balance.made == {"former_members": 2, "voters": 3}


async def test_votes_are_cast_by_one_voter_after_another(dump: Path) -> None:
    region = Region()
    async with serving(region) as target:
        await run_import(dump, target)
    post_id, _ = region.question_by("What is a citra hop?")
    answer_id, _ = region.comment_by("Protein.")
    helped = {(region.people[who][3], target_id) for who, target_id in region.helpful}
    assert helped == {("Voter 1", post_id), ("Voter 2", post_id), ("Voter 1", answer_id)}
    down = {(region.people[who][3], target_id, emoji) for who, target_id, emoji in region.reactions}
    assert down == {("Voter 3", post_id, "👎")}


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
        "acceptances": (2, 2, {}, 0),
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
            await asyncio.wait_for(reached.wait(), 60)
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
    assert len(region.questions) == 1


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
    assert set(balance.tallies) == {"users", "questions", "answers", "other posts", "acceptances"}
    assert balance.faults() == []


async def test_an_author_s_records_go_out_one_after_another_and_others_beside_them(tmp_path: Path) -> None:
    users = [{"Id": str(number), "DisplayName": f"User {number}"} for number in range(9)]
    posts = [{**POSTS[1], "Id": str(number), "OwnerUserId": str(number % 3)} for number in range(60)]
    region = Region(together=8)
    async with serving(region) as target:
        await run_import(write_dump(tmp_path / "ale", users=users, posts=posts), target, concurrency=8)
    assert region.overtaken == []
    assert region.in_flight_max == 8
