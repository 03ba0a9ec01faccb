"""Facts about the model that the regions are held against."""

from __future__ import annotations

from chaos.rules import expect
from tests.chaos.content import ANNA, JOURNAL, KENJI, expected, noted


def test_what_is_left_of_the_journal_is_what_its_authors_left() -> None:
    held = expected()
    posts = held.posts_of("tokyo")

    assert {name: post.body for name, post in posts.items()} == {
        "stockholm_P1": "first, corrected",
        "stockholm_P2": "second",
        "tokyo_P4": "on Thursday",
        **dict.fromkeys(("stockholm_Q1", "stockholm_Q2", "stockholm_Q3"), "q"),
    }
    assert list(held.comments_on(posts)) == ["tokyo_C1", "tokyo_A1", "tokyo_A2", "tokyo_A3"]
    assert held.reactions == {("stockholm_P1", "👍", KENJI)}
    assert held.follows == {(KENJI, ANNA)}
    assert {name: group.members for name, group in held.groups_of("tokyo").items()} == {"stockholm_G": {ANNA, KENJI}}
    assert held.titles == {ANNA: "Engineer"}


def test_a_local_post_and_what_hangs_on_it_is_for_its_own_region() -> None:
    held = expect(
        [
            noted(ANNA, "createPost", "stockholm_L", body="here only", reach="LOCAL"),
            noted(ANNA, "addComment", "stockholm_C", postId="stockholm_L", body="and here"),
        ]
    )

    assert held.posts_of("tokyo") == {}
    assert held.comments_on(held.posts_of("tokyo")) == {}
    assert list(held.posts_of("stockholm")) == ["stockholm_L"]
    assert list(held.comments_on(held.posts_of("stockholm"))) == ["stockholm_C"]


def test_what_is_local_is_known_by_its_ids() -> None:
    held = expect([*JOURNAL, noted(ANNA, "addComment", "stockholm_C6", postId="stockholm_P6", body="yes")])

    assert held.local_ids() == {"stockholm": {"stockholm_H", "stockholm_P6", "stockholm_C6"}}


def test_a_groups_ruling_stands_above_who_asked_as_long_as_what_it_accepts_is_shown() -> None:
    held = expected()
    comments = held.comments_on(held.posts_of("tokyo"))
    question = held.posts["stockholm_Q1"]

    assert held.accepted_of(question, comments) == "tokyo_A2"
    assert held.accepted_of(question, {"tokyo_A1": comments["tokyo_A1"]}) == ""
    question.ruled = ""
    assert held.accepted_of(question, comments) == ""
    assert held.questions_of("tokyo") == {
        None: ["stockholm_Q1", "stockholm_Q2", "stockholm_Q3"],
        "UNANSWERED": ["stockholm_Q3"],
        "UNACCEPTED": ["stockholm_Q1", "stockholm_Q2", "stockholm_Q3"],
    }


def test_what_is_taken_back_again_is_as_if_it_had_not_been() -> None:
    again = [
        *JOURNAL,
        noted(KENJI, "unreact", targetId="stockholm_P1", emoji="👍"),
        noted(KENJI, "unfollowPerson", personId=ANNA),
    ]

    assert expect(again).reactions == set()
    assert expect(again).follows == set()
