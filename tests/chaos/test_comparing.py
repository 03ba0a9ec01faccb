"""Facts about the comparison of what a region shows with the journal: each planted mistake is found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from chaos.comparing import check_overruled, compare
from chaos.findings import Kind
from chaos.journal import Refused
from chaos.reading import Shown, ShownComment, ShownGroup, ShownPost
from chaos.rules import apply, expect
from tests.chaos.content import ANNA, JOURNAL, KENJI, PEOPLE, expected, noted, shown

Plant = Callable[[Shown], None]


def lose_a_post(region: Shown) -> None:
    region.posts.pop()


def lose_a_comment(region: Shown) -> None:
    region.comments.pop()


def lose_a_person(region: Shown) -> None:
    region.people.pop()


def lose_an_edit(region: Shown) -> None:
    region.posts[0] = replace(region.posts[0], body="first")


def lose_a_reaction(region: Shown) -> None:
    region.posts[0] = replace(region.posts[0], reactions={})


def lose_a_follow(region: Shown) -> None:
    region.people = [replace(person, followers=0) for person in region.people]


def lose_a_title(region: Shown) -> None:
    region.people = [replace(person, title="") for person in region.people]


def count_a_reaction_twice(region: Shown) -> None:
    region.posts[0] = replace(region.posts[0], reactions={"👍": 2})


def count_a_deleted_comment(region: Shown) -> None:
    region.posts[0] = replace(region.posts[0], comment_count=2)


def show_a_post_twice(region: Shown) -> None:
    region.posts.append(region.posts[0])


def show_a_comment_twice(region: Shown) -> None:
    region.comments.append(region.comments[0])


def make_a_post_of_a_repeat(region: Shown) -> None:
    region.posts.append(replace(region.posts[0], post="stockholm_P9"))


def show_a_deleted_post(region: Shown) -> None:
    region.posts.append(ShownPost("stockholm_P3", ANNA, "third", 0, {}))


def take_back_an_unreaction(region: Shown) -> None:
    region.posts[1] = replace(region.posts[1], reactions={"🎉": 1})


def give_a_comment_to_another(region: Shown) -> None:
    region.comments[0] = replace(region.comments[0], author=ANNA)


def lose_a_member(region: Shown) -> None:
    region.groups[0] = replace(region.groups[0], members=1)


def lose_a_group(region: Shown) -> None:
    region.groups.clear()


def show_a_hidden_post(region: Shown) -> None:
    region.posts.append(ShownPost("tokyo_P5", KENJI, "an advertisement", 0, {}))


def keep_a_restored_post_hidden(region: Shown) -> None:
    region.posts = [post for post in region.posts if post.post != "tokyo_P4"]


def show_a_local_post(region: Shown) -> None:
    region.posts.append(ShownPost("stockholm_P6", ANNA, "for us", 0, {}))


def show_a_local_group(region: Shown) -> None:
    region.groups.append(ShownGroup("stockholm_H", "at home", 1))


def change(region: Shown, name: str, **changes: Any) -> None:
    region.posts = [replace(post, **changes) if post.post == name else post for post in region.posts]


def accept_what_who_asked_chose_against_the_group(region: Shown) -> None:
    change(region, "stockholm_Q1", accepted="tokyo_A1")


def accept_what_is_accepted_no_more(region: Shown) -> None:
    change(region, "stockholm_Q2", accepted="tokyo_A3")


def lose_an_answer_among_comments(region: Shown) -> None:
    change(region, "stockholm_Q1", answers=1)


def lose_a_vote(region: Shown) -> None:
    change(region, "stockholm_Q1", helpful=0)


def count_a_vote_that_was_taken_back(region: Shown) -> None:
    region.comments = [replace(each, helpful=2) if each.comment == "tokyo_A1" else each for each in region.comments]


def make_a_comment_of_an_answer(region: Shown) -> None:
    region.comments = [replace(each, answer=False) if each.comment == "tokyo_A3" else each for each in region.comments]


def make_a_note_of_a_question(region: Shown) -> None:
    change(region, "stockholm_Q3", title="")


def list_an_answered_question_as_unanswered(region: Shown) -> None:
    region.questions["UNANSWERED"].append("stockholm_Q2")


def leave_a_question_out_of_the_list(region: Shown) -> None:
    region.questions[None].pop()


def praise_what_nobody_gave(region: Shown) -> None:
    region.posts.append(ShownPost("stockholm_P9", ANNA, "thanks", 0, {}, gift="stockholm_T9"))


def test_a_region_that_shows_everything_is_right() -> None:
    assert list(compare(shown(), expected(), PEOPLE)) == []


@pytest.mark.parametrize(
    ("plant", "kind"),
    [
        (lose_a_post, Kind.LOST),
        (lose_a_comment, Kind.LOST),
        (lose_a_person, Kind.LOST),
        (lose_an_edit, Kind.CHANGED),
        (lose_a_reaction, Kind.CHANGED),
        (lose_a_follow, Kind.CHANGED),
        (lose_a_title, Kind.CHANGED),
        (count_a_reaction_twice, Kind.CHANGED),
        (count_a_deleted_comment, Kind.CHANGED),
        (show_a_post_twice, Kind.TWICE),
        (show_a_comment_twice, Kind.TWICE),
        (make_a_post_of_a_repeat, Kind.SURPLUS),
        (show_a_deleted_post, Kind.SURPLUS),
        (take_back_an_unreaction, Kind.CHANGED),
        (give_a_comment_to_another, Kind.CHANGED),
        (lose_a_member, Kind.CHANGED),
        (lose_a_group, Kind.LOST),
        (show_a_hidden_post, Kind.SURPLUS),
        (keep_a_restored_post_hidden, Kind.LOST),
        (show_a_local_post, Kind.SURPLUS),
        (show_a_local_group, Kind.SURPLUS),
        (accept_what_who_asked_chose_against_the_group, Kind.CHANGED),
        (accept_what_is_accepted_no_more, Kind.CHANGED),
        (lose_an_answer_among_comments, Kind.CHANGED),
        (lose_a_vote, Kind.CHANGED),
        (count_a_vote_that_was_taken_back, Kind.CHANGED),
        (make_a_comment_of_an_answer, Kind.CHANGED),
        (make_a_note_of_a_question, Kind.CHANGED),
        (list_an_answered_question_as_unanswered, Kind.SURPLUS),
        (leave_a_question_out_of_the_list, Kind.LOST),
        (praise_what_nobody_gave, Kind.SURPLUS),
    ],
)
def test_a_planted_mistake_is_found(plant: Plant, kind: Kind) -> None:
    region = shown()
    plant(region)

    (finding,) = compare(region, expected(), PEOPLE)

    assert (finding.kind, finding.region) == (kind, "tokyo")


def test_who_asked_is_believed_to_be_overruled_only_where_their_group_has_ruled() -> None:
    def overruled(question: str) -> list[Kind]:
        told = Refused("stockholm", ANNA, "unacceptAnswer", {"postId": question}, "ruled_by_group", 0.0)
        return [finding.kind for finding in check_overruled(expect(JOURNAL, [told]))]

    assert overruled("stockholm_Q1") == []
    assert overruled("stockholm_Q2") == [Kind.ANSWER]


def test_a_comment_of_which_nobody_was_told_the_id_is_known_by_its_text_and_must_be_there_once() -> None:
    held = expected()
    apply(held, noted(KENJI, "addComment", postId="stockholm_P2", body="hidden as I wrote"))
    region = shown()
    region.posts[1] = replace(region.posts[1], comment_count=1)
    comment = ShownComment("tokyo_C7", "stockholm_P2", KENJI, "hidden as I wrote")

    assert [finding.kind for finding in compare(region, held, PEOPLE)] == [Kind.LOST]
    region.comments.append(comment)
    assert list(compare(region, held, PEOPLE)) == []
    region.comments.append(replace(comment, comment="tokyo_C8"))
    assert [finding.kind for finding in compare(region, held, PEOPLE)] == [Kind.TWICE]
