"""Facts about what people of the load write, and what they note of it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from random import Random
from typing import Any

import orjson
import pytest

from chaos import actions, admitting, hiding, moderation, recognising
from chaos.board import Board, Circle
from chaos.client import Client, Outcome, Write
from chaos.findings import Kind
from chaos.journal import Journal, open_journal
from chaos.people import WEIGHTS, write_something
from chaos.rules import expect
from chaos.writer import Writer


class Region(Client):
    """Acknowledges every write at once, or refuses all of them with one code."""

    def __init__(self, code: str = "", *, shown: bool = True) -> None:
        self._code = code
        self._shown = shown
        self.writes: list[tuple[Write, str]] = []

    async def write(self, write: Write, key: str) -> Outcome:
        self.writes.append((write, key))
        thing = {"id": f"stockholm_{len(self.writes)}"}
        payload: Mapping[str, Any] = dict.fromkeys(("post", "comment", "group", "badge", "recognition"), thing)
        return Outcome({} if self._code else payload, self._code, attempts=1, shown=self._shown)


def writer(region: Region, journal: Journal, board: Board | None = None, *, handle: str = "anna") -> Writer:
    return Writer(
        region="stockholm",
        handle=handle,
        person_id=f"stockholm_{handle}",
        client=region,
        journal=journal,
        board=board or Board(),
        chance=Random(1),
        clock=lambda: 1.0,
    )


async def test_every_acknowledged_write_is_in_the_journal_before_the_next_one(tmp_path: Path) -> None:
    region = Region()
    with open_journal(tmp_path / "journal") as journal:
        anna = writer(region, journal)
        for number in range(1, 200):
            before = len(region.writes)
            await write_something(anna)
            lines = (tmp_path / "journal").read_bytes().splitlines()
            assert len(lines) == len(journal) == len(region.writes) == anna.acknowledged
            assert len(region.writes) == before + 1, number
            assert orjson.loads(lines[-1])["field"] == region.writes[-1][0].field
    keys = [key for _, key in region.writes]
    assert len(set(keys)) == len(keys)


async def test_whatever_is_written_the_model_has_a_rule_for_it(tmp_path: Path) -> None:
    with open_journal(tmp_path / "journal") as journal:
        board, region = Board(), Region()
        anna, bengt = (writer(region, journal, board, handle=handle) for handle in ("anna", "bengt"))
        board.people = [anna.id, bengt.id]
        anna.own.moderates.append((await moderation.create_group(anna)).group)
        anna.own.defines = True
        await recognising.define_badge(anna)
        await admitting.create_circle(anna)
        for action in WEIGHTS:
            for _ in range(5):
                await action(anna)
                await action(bengt)

    expected = expect(journal.entries)
    assert {entry.field for entry in journal.entries} >= {
        "hideContent",
        "restoreContent",
        "leaveGroup",
        "unfollowPerson",
        "acceptAnswer",
        "unmarkHelpful",
        "requestMembership",
        "approveMembership",
        "giveThanks",
        "awardBadge",
        "withdrawRecognition",
    }
    assert expected.posts
    assert expected.gifts.given
    assert expected.groups


async def test_what_is_refused_leaves_no_trace_and_is_a_fault_unless_something_is_not_there(tmp_path: Path) -> None:
    with open_journal(tmp_path / "journal") as journal:
        missing, odd = writer(Region("post_not_found"), journal), writer(Region("not_author"), journal)
        for somebody in (missing, odd):
            await actions.create_post(somebody)

        assert len(journal) == 0
        assert not missing.own.posts
        assert missing.findings == []
        assert [finding.kind for finding in odd.findings] == [Kind.ANSWER]


async def test_awards_that_come_at_once_have_keys_of_their_own_and_what_a_rule_refuses_is_noted(tmp_path: Path) -> None:
    region = Region("allowance_spent")
    with open_journal(tmp_path / "journal") as journal:
        anna = writer(region, journal)
        anna.board.people = [anna.id, "tokyo_kenji"]
        anna.board.badges.append("stockholm_B")
        await recognising.award(anna)

    assert len({key for _, key in region.writes}) == recognising.AWARDS_AT_ONCE
    assert [refusal.code for refusal in journal.refusals] == ["allowance_spent"] * recognising.AWARDS_AT_ONCE
    lines = (tmp_path / "journal").read_bytes().splitlines()
    assert [orjson.loads(line)["code"] for line in lines] == ["allowance_spent"] * recognising.AWARDS_AT_ONCE
    assert anna.findings == []
    assert anna.own.gifts == []


async def test_a_text_that_is_local_says_so_also_when_it_is_corrected_or_an_answer(tmp_path: Path) -> None:
    region = Region()
    with open_journal(tmp_path / "journal") as journal:
        anna = writer(region, journal)
        await actions.create_local_post(anna)
        await actions.edit_post(anna)
        await actions.add_comment(anna)
        await moderation.create_group(anna, local=True)
        await moderation.post_into_group(anna)

    mark = Board().mark_of("stockholm")
    said = [write.input.get("body") or write.input["name"] for write, _ in region.writes]
    assert len(said) == 5
    assert all(mark in text for text in said)


async def test_nobody_of_another_region_is_sent_to_what_is_local(tmp_path: Path) -> None:
    with open_journal(tmp_path / "journal") as journal:
        anna = writer(Region(), journal)
        await actions.create_local_post(anna)
        await moderation.create_group(anna, local=True)

    assert anna.board.some_post("tokyo", Random(1)) is None
    assert anna.board.groups_for("tokyo") == []
    assert anna.board.some_post("stockholm", Random(1)) is not None


async def test_nobody_is_acted_on_by_two_at_once_nor_asks_again_after_the_groups_word(tmp_path: Path) -> None:
    region, board = Region(), Board()
    with open_journal(tmp_path / "journal") as journal:
        anna, bengt = (writer(region, journal, board, handle=handle) for handle in ("anna", "bengt"))
        circle = await admitting.create_circle(anna)
        with circle.busy(bengt.id):
            assert not await admitting.ask_in(bengt)
        assert await admitting.ask_in(bengt)
        await admitting.approve(anna, circle, bengt.id)
        await admitting.send_away(anna, circle, bengt.id, "banMember")

        assert not await admitting.ask_in(bengt)
        assert not await admitting.leave_circle(bengt)
        assert not await admitting.dismiss(anna)

    assert [entry.field for entry in journal.entries][1:] == ["requestMembership", "approveMembership", "banMember"]
    assert expect(journal.entries).groups[circle.group].members == {anna.id}


async def test_who_is_not_known_to_have_asked_yet_stays_where_they_are(tmp_path: Path) -> None:
    with open_journal(tmp_path / "journal") as journal:
        anna = writer(Region("member_not_found"), journal)
        circle = Circle("stockholm_C", anna.id, anna.id, {anna.id, "tokyo_A"}, asking={"tokyo_B"})
        assert not await admitting.approve(anna, circle, "tokyo_B")
        await admitting.send_away(anna, circle, "tokyo_B", "removeMember")
        await admitting.send_away(anna, circle, "tokyo_A", "removeMember")

    assert (circle.asking, circle.inside, circle.away) == ({"tokyo_B"}, {anna.id, "tokyo_A"}, set())


async def test_what_is_private_stands_on_no_board_that_others_write_from(tmp_path: Path) -> None:
    with open_journal(tmp_path / "journal") as journal:
        anna = writer(Region(), journal)
        circle = await admitting.create_circle(anna)
        await admitting.post_inside(anna)

    assert len(circle.posts) == 1
    assert not anna.board.posts
    anna.board.forget(circle.posts[0])
    assert not circle.posts


async def test_whoever_moderates_a_private_group_hides_what_stands_there_and_shows_it_again(tmp_path: Path) -> None:
    region, board = Region(), Board()
    with open_journal(tmp_path / "journal") as journal:
        anna, bengt = (writer(region, journal, board, handle=handle) for handle in ("anna", "bengt"))
        circle = await admitting.create_circle(anna)
        circle.inside.add(bengt.id)
        assert not await hiding.hide_inside(anna)
        await admitting.post_inside(bengt)
        await admitting.comment_inside(bengt)

        assert not await hiding.hide_inside(bengt)
        while len(set(anna.own.hidden)) < 2:
            assert await hiding.hide_inside(anna)
        assert [each.hidden for each in expect(journal.entries).written.values()] == [True, True]
        while anna.own.hidden:
            assert await hiding.restore(anna)

    assert [each.hidden for each in expect(journal.entries).written.values()] == [False, False]


async def test_a_comment_that_is_hidden_at_once_is_noted_without_an_id(tmp_path: Path) -> None:
    with open_journal(tmp_path / "journal") as journal:
        board = Board()
        await actions.create_post(writer(Region(), journal, board))
        bengt = writer(Region(shown=False), journal, board, handle="bengt")
        await actions.add_comment(bengt)

    assert journal.entries[-1].made == ""
    assert bengt.own.comments == []
    assert len(expect(journal.entries).comments) == 1


async def test_who_may_not_create_a_group_ends_the_run(tmp_path: Path) -> None:
    with open_journal(tmp_path / "journal") as journal, pytest.raises(Exception, match="may not create a group"):
        await moderation.create_group(writer(Region("forbidden"), journal))
